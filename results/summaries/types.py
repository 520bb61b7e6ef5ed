"""The records of a summary. ``dataclasses.asdict`` turns them into JSON."""

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
        The number of trials with a result, and the number requested.
    missing, failed : list of int
        Trials without a result, and those of them that raised an error.
    mean_end_regret, median_end_regret : Estimate
        Regret of the final incumbent, in the benchmark's unit.
    area : Estimate
        Mean area under log regret, log10 of the unit.
    rank : float or None
        Average rank by area over the trials that all algorithms with trials have. None if it was recorded outside.
    duplicates : float or None
        Share of the evaluations that repeat an architecture and fidelity within a trial. None if it was recorded
        outside.
    busy : float or None
        Share of the simulated time of several workers in which they trained. None with one worker, or without times.
    clipped : int
        Trials whose final incumbent is below the reference optimum of a surrogate.
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
    busy: float | None
    clipped: int


@dataclass(frozen=True)
class PairDecision:
    """The decision of a run until decided on a pair, see `results.statistics.sequential`.

    Attributes
    ----------
    outcome : {"decided", "equivalent", "open"}
    trials : int
        The number of common trials at the look that decided, or at the last one.
    mean_difference : float or None
        Mean of area(a) - area(b) over these trials [dex]. None before the first look.
    low, high : float or None
        Its interval in the confidence sequence. None as long as nothing is excluded.
    forecast : int or None
        If open, the number of trials that it will probably take in all. None if that is unknown or beyond
        `results.statistics.sequential.LONGEST_FORECAST`.
    reason : str or None
        If open, why: the trials do not suffice yet, or a trial has no result.
    """

    outcome: Literal["decided", "equivalent", "open"]
    trials: int
    mean_difference: float | None
    low: float | None
    high: float | None
    forecast: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class PairSummary:
    """A pairwise test on one benchmark, by the area of the common trials.

    Attributes
    ----------
    a, b : str
        Labels, in the order of the experiment.
    trials : int
        The number of common trials; of an unpaired test, the smaller number of trials.
    median_difference : float or None
        Median of area(a) - area(b) [dex], negative if a is better.
    low, high : float or None
        Its 95 % interval, `results.statistics.paired.median_interval`. None if not tested.
    p_holm : float or None
        Two-sided Wilcoxon test, paired or not, Holm-adjusted over the benchmark's tested pairs. None if not tested.
    winner, loser : str or None
        Labels, if ``p_holm < 0.05``.
    a_no_worse, b_no_worse : bool or None
        Whether a is no worse than b by more than 0.1 dex, and b than a (`results.summaries.significance.no_worse`).
        None if not tested.
    refusal : str or None
        Why the pair was not tested. None if it was.
    verdict : str
        "A beats B", "no significant difference" or "refused: REASON". After a run until decided, "A beats B",
        "equivalent within MARGIN dex" or "open".
    resolution : float or None
        The smallest mean difference in area that this test shows four times in five [dex], see
        `results.summaries.resolution.pair_resolution`. None if it is unknown, as for unpaired tests.
    decision : PairDecision or None
        After a run until decided. Then there are no fixed-sample tests, and `median_difference`, its interval, `p_holm`
        and what is said about "no worse" are None.
    paired : bool
        Whether the test is over common trials. Entries that were recorded outside have none:
        `results.statistics.unpaired.rank_sum`.
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
    resolution: float | None
    decision: PairDecision | None = None
    paired: bool = True


@dataclass(frozen=True)
class StoppingSummary:
    """How a run until decided chose the numbers of its trials.

    Attributes
    ----------
    rule : {"symmetric", "bounded"}
    margin : float
        Of equivalence [dex].
    block, max_trials : int
        Number of trials between two looks, and at most.
    alpha : float
        The level of all pairs of a benchmark together.
    """

    rule: str
    margin: float
    block: int
    max_trials: int
    alpha: float


@dataclass(frozen=True)
class Resolution:
    """The smallest difference in area that the tests of a benchmark show four times in five.

    Attributes
    ----------
    difference : float or None
        The largest resolution of the pairs [dex]. None if it is unknown.
    factor : float or None
        The same as a ratio of regrets: ``10 ** difference``.
    pairs : int
        The number of pairs whose resolution is known.
    refusal : str or None
        Why it is unknown. None if it is known.
    """

    difference: float | None
    factor: float | None
    pairs: int
    refusal: str | None


@dataclass(frozen=True)
class BenchmarkSummary:
    """One benchmark: its facts, its algorithms in the order of the experiment, and all their pairs.

    Attributes
    ----------
    statistic : {"mean", "median"}
        The statistic to show: the mean of fractions, the median of unbounded errors.
    horizon : float
        The end of the axis: a count, or [s].
    optimum, floor, median : float
        Facts of the target, in `unit`.
    floor_assumed : bool
        Whether the floor is assumed, because the noise is unknown.
    floor_reason : str
        Why it is. Empty if it is measured.
    reference : int or None
        If the optimum is unknown, the version of the reference value used instead.
    rank_trials : int
        The number of trials that all algorithms with trials have.
    stopping : StoppingSummary or None
        None if the number of trials was fixed beforehand.
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
    floor_reason: str
    reference: int | None
    median: float
    statistic: Literal["mean", "median"]
    rank_trials: int
    algorithms: list[AlgorithmSummary]
    pairs: list[PairSummary]
    resolution: Resolution
    stopping: StoppingSummary | None = None


@dataclass(frozen=True)
class Summary:
    """The numbers of a study. ``dataclasses.asdict`` gives plain JSON, with null for undefined values.

    Attributes
    ----------
    name : str
    benchmarks : list of BenchmarkSummary
    missing : list of str
        What is missing, one sentence each. For an empty study, the first says that it is empty.
    left_out : dict
        By benchmark that was left out: the reason, which is also in `missing`.
    warnings : list of str
        Files that are damaged or that no checksum covers, and folders that are not in the grid, one sentence each.
    recorded : list of str
        What a reader has to know of recorded entries, one sentence each; empty without them.
    """

    name: str
    benchmarks: list[BenchmarkSummary]
    missing: list[str]
    left_out: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether no trial has completed yet."""
        return not any(algorithm.trials for benchmark in self.benchmarks for algorithm in benchmark.algorithms)

    def _repr_html_(self) -> str:
        from results.summaries.summary_html import summary_html

        return summary_html(self)
