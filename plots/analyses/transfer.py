"""The figure of the study ``transfer``: heat maps of what one benchmark says about another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.style import TICK_LABEL_SIZE, literal, wrap

NAMES_WIDTH = 1.3
"""Width of the benchmarks' names beside the first panel [in]."""
ROW_HEIGHT = 0.19
"""Height of a benchmark's row [in]."""
MOST_WRITTEN = 12
"""With more benchmarks than this on a space, the numbers are not written."""
MAPS = {
    "kendall": ("Kendall's tau, all", "Blues", 1.35),
    "kendall_top_10": ("Kendall's tau, best 10 %", "Blues", 1.35),
    "relative_regret": ("Regret of the best", "Oranges", 0.8),
}
"""By measure: title of its panel, colours, and the number at the end of the colours."""
DARK = 0.62
"""Numbers on colours beyond this share of the colours are white."""


def transfer_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the table of the study, see `benchmarks.analyses.transfer.transfer`."""
    table = tables["transfer"]
    panels, most = [], 2
    for space, rows in table.groupby("space", sort=False):
        names = list(dict.fromkeys(rows["searched"]))
        most = max(most, len(names))
        for number, (measure, (title, colours, end)) in enumerate(MAPS.items()):
            matrix = rows.pivot(index="searched", columns="judged", values=measure).reindex(index=names, columns=names)
            draw = partial(_draw, matrix, colours, end, named=number == 0)
            panels.append(Panel(f"{space}: {title}" if number == 0 else title, "", "", draw))
    short = (
        "Rows are the benchmarks that are searched, and columns those that are judged, by their numbers. Left and"
        " middle: rank correlation of the two errors over all architectures, and over the best 10 % of the searched"
        " benchmark; on the diagonal, of one run with the mean of the other runs. Right: regret on the judged benchmark"
        " of the best architecture of the searched one, as a share of the way from the optimum to the median."
    )
    height = 0.45 + ROW_HEIGHT * most
    return {"transfer": panel_figure(panels, {}, Caption(short, short), panel_height=height, tick_width=NAMES_WIDTH)}


def short_names(names: Sequence[str]) -> list[str]:
    """Return the names without the words that all of them begin with."""
    words = [name.split("-") for name in names]
    common = 0
    while len(names) > 1 and len({tuple(one[: common + 1]) for one in words}) == 1 < min(map(len, words)) - common:
        common += 1
    return ["-".join(one[common:]) for one in words]


def _draw(matrix: pd.DataFrame, colours: str, end: float, axes: Axes, *, named: bool) -> None:
    values = matrix.to_numpy(np.float64)
    axes.imshow(np.ma.masked_invalid(values), cmap=colours, vmin=0, vmax=end, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value) and len(matrix) <= MOST_WRITTEN:
            colour = "white" if value > DARK * end else "0.1"
            axes.text(column, row, number(value), ha="center", va="center", size=5.5, color=colour)
    axes.set_xticks(range(len(matrix)), [str(place) for place in range(1, len(matrix) + 1)])
    lines = [
        wrap(f"{name} ({place})", TICK_LABEL_SIZE, NAMES_WIDTH)
        for place, name in enumerate(short_names(list(matrix.index)), 1)
    ]
    axes.set_yticks(range(len(matrix)), ["\n".join(one) for one in lines] if named else [""] * len(matrix))
    literal(axes.get_yticklabels())
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def number(value: float) -> str:
    """Write a number with two digits and without the digit before the point, such as ``.80``, ``-.25`` or ``1``."""
    text = f"{round(value, 2) + 0.0:.2f}"
    return text.replace("0.", ".") if abs(float(text)) < 1 else text.removesuffix(".00")
