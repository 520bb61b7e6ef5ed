"""The figures by name. Importing this module imports nothing heavy: the command line lists the names in its help."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from results.storage.study import Study

FIGURES = {
    "regret": "plots.figures.regret:regret",
    "rank": "plots.figures.rank:rank",
    "ecdf": "plots.figures.ecdf:ecdf",
    "end-regret": "plots.figures.end_regret:end_regret",
    "target": "plots.figures.target:target",
    "ranks": "plots.figures.ranks:ranks",
    "critical-difference": "plots.figures.critical_difference:critical_difference",
    "across": "plots.figures.across:across",
    "fidelity": "plots.figures.fidelity:fidelity",
    "errors": "plots.figures.errors:errors",
    "pairs": "plots.figures.pairs:pairs",
    "architectures": "plots.figures.architectures:architectures",
    "trajectories": "plots.figures.trajectories:trajectories",
}
"""By name: the module with ``<stem>_data`` and ``<stem>_figure``, and that stem."""

RELATIVE = {"rank", "ranks", "critical-difference", "across", "pairs"}
"""Figures that compare algorithms with each other."""

OF_COMMON_TRIALS = {"rank", "ranks", "critical-difference", "across", "fidelity", "errors"}
"""Figures of trials that algorithms have in common, or of single trainings. They leave recorded entries out."""


SELECTION = ("algorithms", "benchmarks", "order", "highlight")
"""Options of `draw` that select what is shown: the fields of `plots.drawing.selection.Selection`."""


def draw(
    kind: str, study: Study, *, ax: Axes | Iterable[Axes] | None = None, caption: bool = True, **options: Any
) -> tuple[Figure, pd.DataFrame]:
    """Draw a figure, and return it with the numbers behind it.

    Parameters
    ----------
    kind : str
        A key of `FIGURES`.
    study : Study
    ax : Axes or iterable of Axes, optional
        Draw the panels into these axes, one each, instead of into a figure with a caption. Several axes can be an array
        of them, as `matplotlib.pyplot.subplots` returns it.
    caption : bool
        Whether the picture has a short caption. The full caption is the label in any case.
    **options
        Parameters of the figure's function, and ``algorithms, benchmarks, order, highlight``, see
        `plots.drawing.selection.Selection`. None leaves a parameter at its default.

    Returns
    -------
    figure : Figure
        With the full caption as its label. With `ax`, the figure of the axes, which gets no caption.
    data : DataFrame
        The numbers that are drawn, in the units of the figure, which the column ``unit`` names.

    Raises
    ------
    ResultsError
        If there is no such figure, if it does not have one of the options, or if it cannot be drawn from these results.
    """
    from results.storage.records import ResultsError

    if kind not in FIGURES:
        raise ResultsError(f"unknown figure {kind!r}. Known: {', '.join(sorted(FIGURES))}")
    given = {name: value for name, value in options.items() if value is not None}
    chosen = {name: given.pop(name) for name in SELECTION if name in given}
    if unknown := sorted(given.keys() - figure_options(kind)):
        allowed = ", ".join(sorted({*figure_options(kind), *SELECTION}))
        raise ResultsError(f"the figure {kind!r} does not depend on {', '.join(unknown)}; its options are {allowed}")
    labels = tuple(dict.fromkeys(cell.label for cell in study.cells))
    if kind in OF_COMMON_TRIALS:
        if study.cells and not study.simulated.cells:
            raise ResultsError(f"the figure {kind!r} shows no recorded searches, and {study.name!r} has nothing else")
        study = study.simulated
    from plots.drawing.frame import captioned

    data_function, figure_function = _functions(kind)
    if chosen:
        from plots.drawing.selection import Selection, of_benchmarks

        study = of_benchmarks(study, chosen.get("benchmarks", ()))
        given["selection"] = Selection(**chosen, experiment=labels)
    needed = inspect.signature(data_function).parameters
    data: pd.DataFrame = data_function(study, **{name: value for name, value in given.items() if name in needed})
    with captioned(caption):
        figure: Figure = figure_function(study, data=data, **given)
    shown = getattr(figure, "data", None)
    return figure if ax is None else _drawn_into(ax, figure), data if shown is None else shown


def _drawn_into(ax: Axes | Iterable[Axes], figure: Figure) -> Figure:
    """Draw the panels of a figure into axes, and return the figure of these axes."""
    import numpy as np
    from matplotlib.axes import Axes

    from plots.drawing.given_axes import draw_into
    from results.storage.records import ResultsError

    axes = list(np.ravel(np.array(ax, dtype=object)))
    if not axes or not all(isinstance(one, Axes) for one in axes):
        raise ResultsError(f"expected ax to be matplotlib Axes, or several of them, got {ax!r}")
    draw_into(axes, figure)
    drawn: Figure = axes[0].get_figure(root=True)
    return drawn


def figure_options(kind: str) -> set[str]:
    """Return the names of a figure's options."""
    return set(inspect.signature(_functions(kind)[1]).parameters) - {"study", "data", "selection"}


def _functions(kind: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    module, _, stem = FIGURES[kind].partition(":")
    return getattr(import_module(module), f"{stem}_data"), getattr(import_module(module), f"{stem}_figure")


def idle(kind: str, study: Study) -> str:
    """Return why a figure would show nothing of interest of a study; empty if there is no reason."""
    from results.summaries.significance import MINIMUM_BLOCKS
    from results.words import counted

    labels = {cell.label for cell in study.cells}
    spaces = {study.benchmarks[cell.benchmark]["space"] for cell in study.cells}
    if kind in RELATIVE and len(labels) < 2:
        return "there is a single algorithm"
    if kind == "across" and len(spaces) < 2:
        return "all benchmarks have the same search space"
    if kind == "critical-difference" and len(spaces) < MINIMUM_BLOCKS:
        return f"{counted(len(spaces), 'search space')}, {MINIMUM_BLOCKS} are needed; see ranks"
    if kind == "fidelity":
        fidelities: dict[str, set[float]] = {}
        for cell in study.cells:
            fidelities.setdefault(cell.benchmark, set()).update(map(float, cell.evaluations["fidelity_to"].unique()))
        if fidelities and all(len(used) <= 1 for used in fidelities.values()):
            return "all evaluations on a benchmark are at one fidelity"
    return ""
