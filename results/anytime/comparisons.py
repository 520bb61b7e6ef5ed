"""The cells of a study that are compared with each other: by benchmark, target, axis and horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from results.anytime.curves import Axis, default_axis, shared_horizon
from results.storage.records import ResultsError
from results.storage.study import Cell, Study


@dataclass(frozen=True)
class Comparison:
    """The cells of one benchmark, in the order of the experiment. Every measure refers to one comparison.

    Attributes
    ----------
    benchmark : str
    cells : tuple of Cell
        All cells of the benchmark, including those without trials.
    target : str
        The true error that is compared, as the cells report it.
    axis : {"evaluations", "seconds"}
    horizon : float
        The end of the axis: a count, or [s].
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
    """Group the cells of a study, complete or not, by benchmark.

    Beside algorithms, recorded entries are left out on the axis ``evaluations``, unless the budget counts it: an epoch
    of a search with shared weights is not an evaluation of one architecture.

    Parameters
    ----------
    study : Study
    target : str, optional
        The true error that is compared. Default: the first reported target of each benchmark. Benchmarks that do not
        report it are left out. On the benchmark itself, ``benchmark/target`` is its own ``target``.
    axis : {"evaluations", "seconds"}, optional
        Default: the unit of the budget. On the axis ``seconds``, benchmarks without recorded times are left out.
    horizon : float, optional
        The end of the axis, a count or [s]. Default: see `results.anytime.curves.shared_horizon`.

    Raises
    ------
    ResultsError
        If no benchmark reports the target, or none has recorded times on the axis ``seconds``; if the axis needs a
        horizon; if the cells of a benchmark differ in budget or share a label.
    """
    found = []
    silent = left_out(study, target, axis)
    for benchmark, cells in cells_by_benchmark(study).items():
        chosen = cells[0].reported(target)
        if benchmark in silent or chosen is None:
            continue
        on = axis or default_axis(cells[0].protocol)
        if on == "evaluations" and on != default_axis(cells[0].protocol):
            cells = [cell for cell in cells if not cell.recorded] or cells  # a recorded choice is not a training
        end = shared_horizon(cells, on, horizon)
        facts = study.target_facts(benchmark, chosen)
        found.append(Comparison(benchmark, tuple(cells), chosen, on, end, facts, study.benchmarks[benchmark]["unit"]))
    if study.cells and not found:
        raise ResultsError(_nothing_found(study, target))
    return found


def left_out(study: Study, target: str | None = None, axis: Axis | None = None) -> dict[str, str]:
    """Return the benchmarks that the comparisons leave out for a target and an axis, with the reason."""
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
            f"found no recorded times on any benchmark of {of}, so the axis 'seconds' cannot be shown;"
            " use the axis 'evaluations' (--axis evaluations)"
        )
    reported = ", ".join(sorted({name for cell in study.cells for name in cell.protocol["report"]}))
    return f"no benchmark of {study.name!r} reports the target {target!r}; the reported targets are {reported}"


def cells_by_benchmark(study: Study) -> dict[str, list[Cell]]:
    """Group the cells of a study by benchmark, both in the order of the experiment.

    Raises
    ------
    ResultsError
        If the cells of a benchmark differ in budget or share a label.
    """
    groups: dict[str, list[Cell]] = {}
    for cell in study.cells:
        groups.setdefault(cell.benchmark, []).append(cell)
    for benchmark, cells in groups.items():
        if any(cell.protocol["budget"] != cells[0].protocol["budget"] for cell in cells):
            raise ResultsError(f"{benchmark}: the cells differ in budget, so they cannot be compared")
        if len({cell.label for cell in cells}) < len(cells):
            raise ResultsError(f"{benchmark}: two cells have the same label")
    return groups
