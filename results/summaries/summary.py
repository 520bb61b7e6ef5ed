"""The summary of a study: end regret, area under log regret, ranks and pairwise tests, per benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from results.anytime.comparisons import Comparison, cells_by_benchmark, comparisons, left_out
from results.anytime.curves import Axis, default_axis, resolve_horizon
from results.anytime.regret import area_under_log_regret, end_regret, regret_curves, regret_floor
from results.statistics.bootstrap import Estimate, Statistic, bootstrap_band, seeded_counts
from results.statistics.ranks import average_ranks
from results.storage.study import INCUMBENT, Cell, Study
from results.summaries.decisions import decide_pairs, stopping_summary
from results.summaries.measure_table import busy_share, duplicate_share
from results.summaries.pairs import compare_pairs
from results.summaries.recorded_words import recorded_words
from results.summaries.resolution import benchmark_resolution
from results.summaries.types import AlgorithmSummary, BenchmarkSummary, Summary
from results.words import counted


def summarize(
    study: Study,
    target: str | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    known: Summary | None = None,
) -> Summary:
    """Summarize a study, complete or not.

    Parameters
    ----------
    study : Study
    target : str, optional
        As for `results.anytime.comparisons.comparisons`. Benchmarks that do not report it are named in the summary.
    axis : {"evaluations", "seconds"}, optional
        The axis of the area. Default: the unit of the budget. Benchmarks without recorded times are named in the
        summary.
    horizon : float, optional
        The end of the axis.
    known : Summary, optional
        The summary of the same study without a target. Benchmarks that it has by the same target, axis and horizon are
        taken from it, to save their computation.

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`.
    """
    found = comparisons(study, target, axis, horizon)
    reused = _reused(found, known)
    computed = [comparison for comparison in found if comparison.benchmark not in reused]
    values = {c.benchmark: {cell.label: cell_values(cell, study, c) for cell in c.cells} for c in computed}
    panels = reused | {c.benchmark: _benchmark(study, c, values[c.benchmark]) for c in computed}
    benchmarks = [panels[comparison.benchmark] for comparison in found]
    silent = left_out(study, target, axis)
    missing: list[str] = []
    for benchmark, cells in cells_by_benchmark(study).items():
        if reason := silent.get(benchmark):
            missing.append(f"{benchmark}: {reason}")
        elif benchmark in reused:
            missing += [text for text in known.missing if text.startswith(f"{benchmark}: ")] if known else []
        else:
            for cell in cells:
                missing += _missing(cell, values[benchmark][cell.label].completed)
    recorded = recorded_words(study, [comparison.cells for comparison in found])
    summary = Summary(study.name, benchmarks, missing, silent, list(study.notes), recorded)
    if summary.empty:
        missing.insert(0, f"{study.name!r} has no completed trials yet: run the experiment first")
    return summary


def _reused(found: Sequence[Comparison], known: Summary | None) -> dict[str, BenchmarkSummary]:
    """Return the benchmarks of a known summary that agree with the comparisons in target, axis and horizon."""
    asked = {(one.benchmark, one.target, one.axis, one.horizon) for one in found}
    panels = known.benchmarks if known else []
    return {one.benchmark: one for one in panels if (one.benchmark, one.target, one.axis, one.horizon) in asked}


def display_statistic(unit: str) -> Literal["mean", "median"]:
    """Return the statistic to show: the mean of fractions, the median of unbounded errors with outliers."""
    return "mean" if unit == "fraction" else "median"


def _floor_reason(facts: Mapping[str, Any], *, assumed: bool) -> str:
    """Return why the noise floor of a benchmark is assumed, or an empty text if it was measured."""
    if assumed or max(facts.get("repeats") or (2,)) < 2:
        return "no architecture was trained twice"
    return "few of the best architectures were trained twice" if facts.get("floor_assumed") else ""


@dataclass(frozen=True)
class CellValues:
    """The part of the evaluations of a cell that a summary needs.

    Attributes
    ----------
    area, end_regret : Series
        By trial.
    clipped : int
        Number of trials that end below the reference of a surrogate.
    duplicates : float
        Share of the evaluations that repeat an architecture and fidelity; NaN without evaluations.
    busy : float
        See `results.summaries.measure_table.busy_share`.
    completed : int
        Number of trials that completed an evaluation.
    """

    area: pd.Series[float]
    end_regret: pd.Series[float]
    clipped: int
    duplicates: float
    busy: float
    completed: int


def cell_values(cell: Cell, study: Study, comparison: Comparison) -> CellValues:
    """Return what a summary needs of the evaluations of a cell, which are in memory only meanwhile."""
    target, axis = comparison.target, default_axis(cell.protocol)
    starts = ["start"] if cell.protocol.get("workers", 1) > 1 else []
    cell = cell.loaded([*starts, "end", "duplicate", "status", INCUMBENT + target])
    _, clipped = regret_curves(cell, study, target, axis, [resolve_horizon(cell.protocol, axis)])
    done = (cell.evaluations["status"] == "completed").to_numpy()
    return CellValues(
        area_under_log_regret(cell, study, target, comparison.axis, comparison.horizon),
        end_regret(cell, study, target),
        clipped,
        duplicate_share(cell),
        busy_share(cell, timed=bool(study.benchmarks[cell.benchmark]["has_seconds"])),
        cell.evaluations.loc[done, "trial"].nunique(),
    )


def _benchmark(study: Study, comparison: Comparison, values: Mapping[str, CellValues]) -> BenchmarkSummary:
    facts, cells, target = study.benchmarks[comparison.benchmark], comparison.cells, comparison.target
    axis, horizon = comparison.axis, comparison.horizon
    areas = {cell.label: values[cell.label].area for cell in cells}
    recorded = {cell.label for cell in cells if cell.recorded}
    ranks, rank_trials = average_ranks(pd.DataFrame({k: area for k, area in areas.items() if k not in recorded}))
    floor, assumed = regret_floor(comparison.facts)
    reason = _floor_reason(facts, assumed=assumed)
    idle = {label for label, found in values.items() if len(found.area) and not found.completed}
    pairs = compare_pairs(areas, recorded, idle) if study.stopping is None else decide_pairs(study, comparison)
    return BenchmarkSummary(
        benchmark=comparison.benchmark,
        title=facts["title"],
        provenance=facts["provenance"],
        unit=facts["unit"],
        target=target,
        axis=axis,
        horizon=horizon,
        optimum=float(comparison.facts["optimum"]),
        floor=floor,
        floor_assumed=bool(reason),
        floor_reason=reason,
        reference=facts.get("reference"),
        median=float(comparison.facts["median"]),
        statistic=display_statistic(facts["unit"]),
        rank_trials=rank_trials,
        algorithms=[_algorithm(cell, values[cell.label], _number(ranks.get(cell.label, np.nan))) for cell in cells],
        pairs=pairs,
        resolution=benchmark_resolution(pairs),
        stopping=stopping_summary(study.stopping) if study.stopping else None,
    )


def _algorithm(cell: Cell, values: CellValues, rank: float | None) -> AlgorithmSummary:
    mean_end_regret, mean_area = _estimates("mean", values.end_regret, values.area)
    return AlgorithmSummary(
        label=cell.label,
        trials=len(cell.trials),
        wanted=len(cell.wanted),
        missing=list(cell.missing),
        failed=list(cell.failed),
        mean_end_regret=mean_end_regret,
        median_end_regret=_estimates("median", values.end_regret)[0],
        area=mean_area,
        rank=rank,
        duplicates=None if cell.recorded else _number(values.duplicates),
        busy=None if cell.recorded else _number(values.busy),
        clipped=values.clipped,
    )


def _estimates(statistic: Statistic, *values: pd.Series[float]) -> list[Estimate]:
    band = bootstrap_band(np.column_stack(values), statistic, seeded_counts)
    return [Estimate(*(_number(float(number)) for number in column)) for column in zip(*band, strict=True)]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _missing(cell: Cell, completed: int) -> list[str]:
    sentences, where = [], f"{cell.benchmark}: {cell.label}"
    if cell.missing:
        failed = f", {len(cell.failed)} of them failed" if cell.failed else ""
        have = f"{len(cell.trials)} of {len(cell.wanted)} trials"
        sentences.append(f"{where} has {have} ({len(cell.missing)} missing{failed})")
    stalled = int((cell.trials["ended"] == "stalled").sum())
    if stalled:
        sentences.append(f"{where} stalled in {counted(stalled, 'trial')}, before the budget was spent")
    silent = len(cell.trials) - completed
    if silent:
        sentences.append(f"{where} completed no evaluation in {counted(silent, 'trial')}")
    return sentences
