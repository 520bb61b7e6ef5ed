"""What is compared with what: the cells of one benchmark, by which true error, on which axis, how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from results.anytime.curves import Axis, default_axis, shared_horizon
from results.storage.records import ResultsError
from results.storage.study import Cell, Study


@dataclass(frozen=True)
class Comparison:
    """The cells of one benchmark, in the order of the experiment; every measure is of one of these.

    Attributes
    ----------
    benchmark : str
    cells : tuple of Cell
        All of the grid, also those that have no trials yet.
    target : str
        The true error that counts, as the cells report it.
    axis : {"evaluations", "seconds"}
    horizon : float
        Where the axis ends: a count, or [s].
    facts : mapping
        ``optimum``, ``floor`` and ``median`` of the target, in `unit`.
    unit : str
    """

    benchmark: str
    cells: tuple[Cell, ...]
    target: str
    axis: Axis
    horizon: float
    facts: Mapping[str, Any]
    unit: str

    @property
    def present(self) -> tuple[Cell, ...]:
        """The cells that have trials."""
        return tuple(cell for cell in self.cells if len(cell.trials))


def comparisons(
    study: Study, target: str | None = None, axis: Axis | None = None, horizon: float | None = None
) -> list[Comparison]:
    """Divide a study, complete or not, by benchmark.

    Parameters
    ----------
    study : Study
    target : str, optional
        The true error that counts; the first reported one of each benchmark if not given. Benchmarks that do not
        report it are left out. ``sister/target`` is on the sister itself its own ``target``.
    axis : {"evaluations", "seconds"}, optional
        The budget's kind if not given. Of ``seconds`` benchmarks that record no times are left out.
    horizon : float, optional
        Where the axis ends, a count or [s]; if not given as `results.anytime.curves.shared_horizon` says.

    Raises
    ------
    ResultsError
        If no benchmark reports the target or, of ``seconds``, records times; if the axis needs a horizon; if the cells
        of a benchmark differ in budget or share a label.
    """
    found = []
    silent = left_out(study, target, axis)
    for benchmark, cells in cells_by_benchmark(study).items():
        chosen = cells[0].reported(target)
        if benchmark in silent or chosen is None:
            continue
        on = axis or default_axis(cells[0].protocol)
        end = shared_horizon(cells, on, horizon)
        facts = study.target_facts(benchmark, chosen)
        found.append(Comparison(benchmark, tuple(cells), chosen, on, end, facts, study.benchmarks[benchmark]["unit"]))
    if study.cells and not found:
        raise ResultsError(_nothing_found(study, target))
    return found


def left_out(study: Study, target: str | None = None, axis: Axis | None = None) -> dict[str, str]:
    """Say by benchmark why it has no part in the comparisons by a target and over an axis."""
    reasons = {}
    for benchmark, cells in cells_by_benchmark(study).items():
        if cells[0].reported(target) is None:
            reasons[benchmark] = f"does not report {target!r}"
        elif axis == "seconds" and not study.benchmarks[benchmark]["has_seconds"]:
            reasons[benchmark] = "no recorded times"
    return reasons


def _nothing_found(study: Study, target: str | None) -> str:
    if any(cell.reported(target) for cell in study.cells):
        of = f"{study.name!r}" + (f" that reports {target!r}" if target else "")
        return (
            f"there are no recorded times on any benchmark of {of}, so nothing can be shown over simulated seconds;"
            " use the axis 'evaluations' (--axis evaluations)"
        )
    reported = ", ".join(sorted({name for cell in study.cells for name in cell.protocol["report"]}))
    return f"no benchmark of {study.name!r} reports the target {target!r}; reported are {reported}"


def cells_by_benchmark(study: Study) -> dict[str, list[Cell]]:
    """Group a study's cells by benchmark, both in the order of the experiment.

    Raises
    ------
    ResultsError
        If the cells of one benchmark differ in budget, or share a label.
    """
    groups: dict[str, list[Cell]] = {}
    for cell in study.cells:
        groups.setdefault(cell.benchmark, []).append(cell)
    for benchmark, cells in groups.items():
        if any(cell.protocol["budget"] != cells[0].protocol["budget"] for cell in cells):
            raise ResultsError(f"{benchmark}: the cells differ in budget and cannot be compared")
        if len({cell.label for cell in cells}) < len(cells):
            raise ResultsError(f"{benchmark}: two cells have the same label")
    return groups
