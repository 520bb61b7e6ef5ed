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
    "critical-difference": "plots.figures.critical_difference:critical_difference",
    "across": "plots.figures.across:across",
    "fidelity": "plots.figures.fidelity:fidelity",
    "errors": "plots.figures.errors:errors",
    "pairs": "plots.figures.pairs:pairs",
    "architectures": "plots.figures.architectures:architectures",
    "trajectories": "plots.figures.trajectories:trajectories",
}
"""By name: the module with ``<stem>_data`` and ``<stem>_figure``, and that stem."""

OF_COMMON_TRIALS = {"rank", "critical-difference", "across", "fidelity", "errors"}
"""Figures of trials that algorithms have in common, or of single trainings. They leave recorded entries out."""


def draw(
    kind: str, study: Study, *, ax: Axes | Iterable[Axes] | None = None, **options: Any
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
    **options
        Parameters of the figure's function. None leaves a parameter at its default.

    Returns
    -------
    figure : Figure
        With the full caption as its label. With `ax`, the figure of the axes, which gets no caption.
    data : DataFrame

    Raises
    ------
    ResultsError
        If there is no such figure, if it does not have one of the options, or if it cannot be drawn from these results.
    """
    from results.storage.records import ResultsError

    if kind not in FIGURES:
        raise ResultsError(f"unknown figure {kind!r}. Known: {', '.join(sorted(FIGURES))}")
    given = {name: value for name, value in options.items() if value is not None}
    if unknown := sorted(given.keys() - figure_options(kind)):
        allowed = ", ".join(sorted(figure_options(kind)))
        raise ResultsError(f"the figure {kind!r} does not depend on {', '.join(unknown)}; its options are {allowed}")
    if kind in OF_COMMON_TRIALS:
        if study.cells and not study.simulated.cells:
            raise ResultsError(f"the figure {kind!r} shows no recorded searches, and {study.name!r} has nothing else")
        study = study.simulated
    data_function, figure_function = _functions(kind)
    needed = inspect.signature(data_function).parameters
    data: pd.DataFrame = data_function(study, **{name: value for name, value in given.items() if name in needed})
    figure: Figure = figure_function(study, data=data, **given)
    return (figure if ax is None else _drawn_into(ax, figure)), data


def _drawn_into(ax: Axes | Iterable[Axes], figure: Figure) -> Figure:
    """Draw the panels of a figure into axes, and return the figure of these axes."""
    import numpy as np
    from matplotlib.axes import Axes

    from plots.drawing.frame import draw_into
    from results.storage.records import ResultsError

    axes = list(np.ravel(np.array(ax, dtype=object)))
    if not axes or not all(isinstance(one, Axes) for one in axes):
        raise ResultsError(f"expected ax to be matplotlib Axes, or several of them, got {ax!r}")
    draw_into(axes, figure)
    drawn: Figure = axes[0].get_figure(root=True)
    return drawn


def figure_options(kind: str) -> set[str]:
    """Return the names of a figure's options."""
    return set(inspect.signature(_functions(kind)[1]).parameters) - {"study", "data"}


def _functions(kind: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    module, _, stem = FIGURES[kind].partition(":")
    return getattr(import_module(module), f"{stem}_data"), getattr(import_module(module), f"{stem}_figure")
