"""The structure of a summary: plain frozen records, of which `dataclasses.asdict` makes JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from results.anytime.curves import Axis
from results.statistics.bootstrap import Estimate


@dataclass(frozen=True)
class AlgorithmSummary:
    """One algorithm on one benchmark.

    Attributes
    ----------
    label : str
    trials, wanted : int
        Trials with a result, and asked for.
    missing, failed : list of int
        Trials without a result, and those of them that raised.
    mean_end_regret, median_end_regret : Estimate
        Regret of the final incumbent, in the benchmark's unit.
    area : Estimate
        Mean area under log regret, log10 of the unit.
    rank : float or None
        Average rank by area over the trials common to all algorithms that have any.
    duplicates : float or None
        Share of the evaluations that asked for an architecture and fidelity again in the same trial.
    clipped : int
        Trials whose final incumbent lies below the reference optimum of a surrogate.
    """

    label: str
    trials: int
    wanted: int
    missing: list[int]
    failed: list[int]
    mean_end_regret: Estimate
    median_end_regret: Estimate
    area: Estimate
    rank: float | None
    duplicates: float | None
    clipped: int


@dataclass(frozen=True)
class PairSummary:
    """Two algorithms on one benchmark, by area over their common trials.

    Attributes
    ----------
    a, b : str
        Labels, in the order of the experiment.
    trials : int
        Common trials.
    median_difference : float or None
        Median of area(a) - area(b) [dex], negative if a is better.
    low, high : float or None
        Its 95 % interval, `results.statistics.paired.median_interval`; None if refused.
    p_holm : float or None
        Two-sided paired Wilcoxon, Holm-adjusted over the benchmark's tested pairs; None if refused.
    winner, loser : str or None
        Labels where ``p_holm < 0.05``.
    a_no_worse, b_no_worse : bool or None
        Whether a is no worse than b by 0.1 dex, and b than a (`results.summaries.significance.no_worse`); None if
        refused.
    refusal : str or None
        Why the pair was not tested. None if it was.
    verdict : str
        "A beats B", "no significant difference" or "refused: REASON".
    """

    a: str
    b: str
    trials: int
    median_difference: float | None
    low: float | None
    high: float | None
    p_holm: float | None
    winner: str | None
    loser: str | None
    a_no_worse: bool | None
    b_no_worse: bool | None
    refusal: str | None
    verdict: str


@dataclass(frozen=True)
class BenchmarkSummary:
    """One benchmark: its facts, its algorithms in the order of the experiment, all their pairs.

    Attributes
    ----------
    statistic : {"mean", "median"}
        What to show: the mean of fractions, the median of errors without an upper bound.
    horizon : float
        Where the axis ends: a count, or [s].
    optimum, floor, median : float
        Facts of the target, in `unit`.
    floor_assumed : bool
        Whether the noise is unknown, for nothing was trained twice, and the floor a stand-in.
    reference : int or None
        Where nobody knows the optimum, the version of the reference value that stands for it.
    rank_trials : int
        Trials common to all algorithms that have any.
    """

    benchmark: str
    title: str
    provenance: str
    unit: str
    target: str
    axis: Axis
    horizon: float
    optimum: float
    floor: float
    floor_assumed: bool
    reference: int | None
    median: float
    statistic: Literal["mean", "median"]
    rank_trials: int
    algorithms: list[AlgorithmSummary]
    pairs: list[PairSummary]


@dataclass(frozen=True)
class Summary:
    """A study in numbers: ``dataclasses.asdict`` of it is plain JSON, with null for what is undefined.

    Attributes
    ----------
    name : str
    benchmarks : list of BenchmarkSummary
    missing : list of str
        What is not there, one sentence each; for an empty study, that it is empty.
    left_out : dict
        By benchmark that has no part in it, why: also named in `missing`.
    """

    name: str
    benchmarks: list[BenchmarkSummary]
    missing: list[str]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no trial has completed yet."""
        return not any(algorithm.trials for benchmark in self.benchmarks for algorithm in benchmark.algorithms)
