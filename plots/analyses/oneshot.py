"""The figures of the study ``oneshot``: the course of recorded searches, their settings, and correlations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from plots.drawing.frame import Caption, Panel, panel_figure
from plots.drawing.style import TICK_LABEL_SIZE, literal
from results.words import counted

MOST_LINES = 8
"""With more settings than this, they are averaged by the value of the last field of their files."""

MOST_BANDS = 4
"""With more lines than this, no intervals are drawn."""
BLUE, ORANGE = "#0173b2", "#de8f05"
DARK = 0.55
"""Numbers in darker squares of a heat map are white."""


def oneshot_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Draw the tables of the study, see `harness.scoring.oneshot.oneshot`."""
    skipped = _skipped(tables["settings"])
    figures = {"trajectories": _trajectories_figure(tables["trajectories"], tables["settings"])}
    fields = _fields(tables["settings"])
    if len(fields) == 2:
        figures["settings"] = _settings_figure(tables["settings"], fields)
    if len(tables["correlation"]):
        figures["correlation"] = _correlation_figure(tables["correlation"], tables["within"], skipped)
    return figures


def _skipped(settings: pd.DataFrame) -> str:
    """Say how much was left out of the recorded searches; empty if nothing was."""
    number = int(settings["skipped"].sum())
    return f" Left out of the recorded searches: {counted(number, 'invalid part')} of their files." if number else ""


def _error_unit(settings: pd.DataFrame) -> tuple[float, str, str]:
    """Return the factor of errors, their unit, and the unit of their differences."""
    unit = str(settings["unit"].iloc[0])
    return (100.0, "%", "points") if unit == "fraction" else (1.0, unit, unit)


def _fields(settings: pd.DataFrame) -> list[str]:
    """Return the columns of the fields that tell the settings apart."""
    columns = list(settings.columns[: list(settings.columns).index("label")])
    return [name for name in columns if settings[name].nunique() > 1]


def _lines(trajectories: pd.DataFrame, settings: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the lines to draw, with their name in ``line``, and what a line is."""
    fields = _fields(settings)
    if len(settings) <= MOST_LINES or not fields:
        return trajectories.assign(line=trajectories["label"]), "setting"
    last = settings.set_index("label")[fields[-1]]
    grouped = trajectories.assign(line=[f"{fields[-1]} = {last[label]}" for label in trajectories["label"]])
    means = grouped.groupby(["line", "choice"], sort=False)[["error", "skips", "free"]].mean().reset_index()
    return means, f"mean over all settings with this {fields[-1]}"


def _trajectories_figure(trajectories: pd.DataFrame, settings: pd.DataFrame) -> Figure:
    lines, what = _lines(trajectories, settings)
    banded = lines["line"].nunique() <= MOST_BANDS and "error_low" in lines
    names = list(dict.fromkeys(lines["line"]))
    colours = dict(zip(names, map(to_hex, mpl.colormaps["viridis"](np.linspace(0, 0.92, len(names)))), strict=True))
    scale, unit, points = _error_unit(settings)
    factors = {"error": scale}
    quantities = {"error": ("True error of the choice", f"error [{unit}]")}
    if lines["skips"].notna().any():
        quantities["skips"] = ("Skip connections", "number in the cell")
        quantities["free"] = ("Parameter-free operations", "share of the cell")
    panels = [
        Panel(title, "choice", axis, partial(_draw_lines, lines, name, colours, banded, factors.get(name, 1.0)))
        for name, (title, axis) in quantities.items()
    ]
    legend: dict[str, Callable[[], Artist]] = {name: partial(_line, colour) for name, colour in colours.items()}
    bands = ", with 95 % t-intervals over runs" if banded else ""
    if not banded and (widths := trajectories["error_high"] - trajectories["error_low"]).notna().any():
        half = f"±{scale * widths.median() / 2:.2g} {points}"
        bands = f". The 95 % t-intervals of a setting's error over its runs, not drawn, are {half} in the median"
    cells = " Operations are those of the normal cell, or of the only one." if len(quantities) > 1 else ""
    text = (
        f"Recorded searches: mean of each choice, one per epoch where epochs are recorded{bands}. A line is a"
        f" {what}.{cells}{_skipped(settings)}"
    )
    return panel_figure(panels, legend, Caption(text, text))


def _line(colour: str) -> Line2D:
    return Line2D([], [], color=colour, linewidth=1.4)


def _draw_lines(
    lines: pd.DataFrame, name: str, colours: Mapping[str, str], banded: bool, factor: float, axes: Axes
) -> None:
    for line, part in lines.groupby("line", sort=False):
        colour = colours[str(line)]
        axes.plot(part["choice"], factor * part[name], color=colour, linewidth=1.2)
        if banded:
            low, high = (factor * part[f"{name}_{end}"] for end in ("low", "high"))
            axes.fill_between(part["choice"], low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set_xlim(1, max(2, lines["choice"].max()))
    _limits(axes, factor * lines[name])


def _limits(axes: Axes, values: pd.Series[float]) -> None:
    """Fit the y axis to the means: intervals over few runs can be much wider than all of them."""
    low, high = float(values.min()), float(values.max())
    room = 0.15 * (high - low) or 0.1
    axes.set_ylim(low - room, high + room)


def _settings_figure(settings: pd.DataFrame, fields: Sequence[str]) -> Figure:
    scale, unit, points = _error_unit(settings)
    form = ".2f" if unit == "%" else ".3g"
    maps = {
        "last": (f"True error at the end [{unit}]", scale, form),
        "rise": (f"Rise since the best choice [{points}]", scale, form),
        "skips_last": ("Skip connections at the end", 1.0, ".1f"),
    }
    shown = {name: found for name, found in maps.items() if settings[name].notna().any()}
    panels = [
        Panel(
            title, fields[1], fields[0] if place == 0 else "", partial(_draw_map, settings, fields, name, factor, form)
        )
        for place, (name, (title, factor, form)) in enumerate(shown.items())
    ]
    runs = settings["runs"]
    each = f"{runs.min()}" if runs.min() == runs.max() else f"{runs.min()} to {runs.max()}"
    widths = scale * (settings["last_high"] - settings["last_low"]) / 2
    half = (
        f" The 95 % t-interval of an error has a half-width of {widths.median():.2g} {points} in the median and"
        f" {widths.max():.2g} at most."
        if widths.notna().any()
        else ""
    )
    text = (
        f"Means over {each} runs of each setting. The best choice is the one with the lowest mean error of its setting;"
        f" it was picked by the same runs.{half}{_skipped(settings)}"
    )
    return panel_figure(panels, {}, Caption(text, text), panel_height=2.0)


def _draw_map(settings: pd.DataFrame, fields: Sequence[str], name: str, factor: float, form: str, axes: Axes) -> None:
    rows, columns = (list(dict.fromkeys(settings[field])) for field in fields)
    table = settings.pivot_table(name, fields[0], fields[1], sort=False).reindex(index=rows, columns=columns)
    values = factor * table.to_numpy(np.float64)
    low, high = np.nanmin(values), np.nanmax(values)
    axes.imshow(np.ma.masked_invalid(values), cmap="viridis_r", aspect="auto", vmin=low, vmax=high)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = high > low and (value - low) / (high - low) > DARK
            axes.text(
                column, row, f"{value:{form}}", ha="center", va="center", size=5.5, color="white" if dark else "0.1"
            )
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    literal([*axes.get_xticklabels(), *axes.get_yticklabels()])
    axes.tick_params(length=0, labelsize=TICK_LABEL_SIZE)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _correlation_figure(course: pd.DataFrame, within: pd.DataFrame, skipped: str) -> Figure:
    panels = [Panel("Over runs, at each choice", "choice", "rank correlation", partial(_draw_course, course))]
    if len(within):
        panels.append(
            Panel("Over the choices of a run", "settings, in order", "rank correlation", partial(_draw_within, within))
        )
    legend: dict[str, Callable[[], Artist]] = {"all runs": lambda: Line2D([], [], color=BLUE, linewidth=1.4)}
    if course["within"].notna().any():
        legend["without the means of the settings"] = lambda: Line2D([], [], color=ORANGE, linewidth=1.4)
    text = (
        "Spearman's rank correlation between the error of the shared weights and the true error of the choice; 1 would"
        f" be a perfect order. Left: over {course['runs'].max()} runs, with 95 % bootstrap intervals over whole"
        " settings. Settings that change both errors, such as regularisation, cause a correlation by themselves."
    )
    right = (
        " Right: over the choices of a run, mean over the runs of a setting with 95 % t-intervals."
        if len(within)
        else ""
    )
    text += right + skipped
    return panel_figure(panels, legend, Caption(text, text))


def _draw_course(course: pd.DataFrame, axes: Axes) -> None:
    axes.axhline(0, color="0.6", linewidth=0.6)
    for name, low, high, colour in (
        ("spearman", "low", "high", BLUE),
        ("within", "within_low", "within_high", ORANGE),
    ):
        axes.plot(course["choice"], course[name], color=colour, linewidth=1.2)
        axes.fill_between(course["choice"], course[low], course[high], color=colour, alpha=0.18, linewidth=0)
    axes.set_ylim(-1, 1)


def _draw_within(within: pd.DataFrame, axes: Axes) -> None:
    ordered = within.sort_values("spearman", kind="stable").reset_index(drop=True)
    axes.axhline(0, color="0.6", linewidth=0.6)
    below, above = ordered["spearman"] - ordered["low"], ordered["high"] - ordered["spearman"]
    axes.errorbar(
        ordered.index,
        ordered["spearman"],
        np.nan_to_num([below, above]),
        fmt="o",
        color=BLUE,
        markersize=2.5,
        elinewidth=0.6,
    )
    axes.set_xticks([])
    axes.set_ylim(-1, 1)
