"""The gain of predictor-based search over random search, by the pool of architectures that the predictor ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import ArrayLike

from benchmarks import load_benchmark
from harness.experiments.files import experiment_file, read_experiment_file
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction
from results.anytime.sample_efficiency import error_of_rank, gain_ratio, sample_efficiency
from results.statistics.bootstrap import Estimate
from results.storage.study import Cell, Study

TRIALS = 100
RANKS = (4, 16)

LESS, MORE = "less", "more"
FULL, SUBSET = "full", "random 100 redrawn"
PUBLISHED = {
    **{f"random {size} {how}": (LESS, FULL) for how in ("redrawn", "fixed") for size in (100, 300, 1000)},
    "mutants of the best": (MORE, SUBSET),
    "evolved": (MORE, SUBSET),
}
"""By pool, whether its published gain is less or more, and than that of which pool."""

VERDICTS = {"agrees": "agree with the publication", "reverses": "contradict it", "open": "are inconclusive"}
"""Words for a number of verdicts."""


@dataclass(frozen=True)
class GainRow:
    """The gain of a pool, and whether it differs from that of another pool as published.

    Attributes
    ----------
    algorithm, label : str
        Registered name of the algorithm, and label of the cell.
    dataset, predictor, pool : str
        The predictor is written with the transform of the errors that it learns.
    rank : int
        Rank of the architecture whose true error has to be reached.
    published, against : str
        "less" or "more", and than the gain of which pool.
    gain : Estimate
        Expected evaluations of random search, divided by those of the algorithm.
    ratio : Estimate
        The gain divided by that of the other pool, over their common trials.
    verdict : str
        "agrees" or "reverses" if the 95 % interval of the ratio lies on one side of 1, else "open". Also "open" if
        one of the two pools never reached the error, because a bootstrap without a success has no spread.
    """

    algorithm: str
    label: str
    dataset: str
    predictor: str
    pool: str
    rank: int
    published: str
    against: str
    gain: Estimate
    ratio: Estimate
    verdict: str

    HEADINGS: ClassVar[tuple[str, ...]] = ("data set", "rank", "gain [95 %]", "published", "ratio [95 %]", "verdict")

    def cells(self, digits: int) -> tuple[str, ...]:
        """Return the texts below the headings, right of the label."""
        dataset = self.dataset.removeprefix("nasbench201-")
        return dataset, str(self.rank), _shown(self.gain, digits), self.published, _shown(self.ratio, 2), self.verdict


def _shown(estimate: Estimate, digits: int) -> str:
    """Write an estimate with its interval."""
    numbers = (estimate.value, estimate.low, estimate.high)
    value, low, high = ("–" if number is None else f"{number:.{digits}f}" for number in numbers)
    return f"{value} [{low}, {high}]"


def experiment() -> dict[str, Any]:
    """Return the shipped experiment, without its name and its number of trials."""
    raw = read_experiment_file(experiment_file("predictor-sampling"))
    return {key: value for key, value in raw.items() if key not in ("schema", "name", "trials")}


def reproduce(races: Races) -> Reproduction:
    """Run predictors on pools, and compare their gains as the publication does."""
    study = races.run("predictor-sampling", TRIALS, experiment())
    errors = {}
    for name in {cell.benchmark for cell in study.cells}:
        benchmark = load_benchmark(name)
        errors[name] = benchmark.true_errors(benchmark.space.enumerate(), study.cells[0].protocol["report"][0])
    rows = gains(study, errors)
    return Reproduction(
        "predictor-sampling",
        "The gain of predictor-based search over random search, by pool",
        "expected evaluations of random search, divided by those of the algorithm",
        "Mauch et al. 2020, arXiv 2011.12043, on NAS-Bench-101: the gain collapses with a random subset and is"
        " regained with a well-chosen one",
        rows,
        _notes(rows),
        digits=1,
    )


def gains(study: Study, errors: Mapping[str, ArrayLike]) -> list[GainRow]:
    """Compare the gain of each pool with that of the pool that the publication compares it with.

    Parameters
    ----------
    study : Study
        The study. Its labels have the form ``predictor target, pool``.
    errors : mapping
        True errors of all architectures by benchmark, ``(n_architectures,)``.
    """
    cells = {(cell.benchmark, cell.label): cell for cell in study.cells}
    rows = []
    for rank in RANKS:
        for cell, found in zip(study.cells, sample_efficiency(study, errors, rank), strict=True):
            predictor, _, pool = cell.label.partition(", ")
            if pool in PUBLISHED:
                other = cells[cell.benchmark, f"{predictor}, {PUBLISHED[pool][1]}"]
                ratio = gain_ratio(cell, other, error_of_rank(errors[cell.benchmark], rank))
                rows.append(_row(cell, predictor, pool, rank, found.gain, ratio))
    return rows


def _row(cell: Cell, predictor: str, pool: str, rank: int, gain: Estimate, ratio: Estimate) -> GainRow:
    published, against = PUBLISHED[pool]
    return GainRow(
        algorithm=cell.algorithm,
        label=cell.label,
        dataset=cell.benchmark,
        predictor=predictor,
        pool=pool,
        rank=rank,
        published=published,
        against=against,
        gain=gain,
        ratio=ratio,
        verdict=_verdict(published, ratio),
    )


def _verdict(published: str, ratio: Estimate) -> str:
    """Compare the interval of a ratio with the published direction."""
    if not ratio.value:
        return "open"
    if ratio.high is not None and ratio.high < 1:
        found = LESS
    elif ratio.low is not None and ratio.low > 1:
        found = MORE
    else:
        return "open"
    return "agrees" if found == published else "reverses"


def _notes(rows: list[GainRow]) -> list[str]:
    return [
        f"Random subsets are compared with the full pool: {_counts(rows, LESS)}.",
        f"Pools chosen with the predictor are compared with {SUBSET!r}: {_counts(rows, MORE)}.",
        "The published formula of the gain could not be read, so ours may differ from it. The data set differs too. The"
        " intervals are not adjusted for multiple comparisons.",
    ]


def _counts(rows: list[GainRow], published: str) -> str:
    verdicts = Counter(row.verdict for row in rows if row.published == published)
    return ", ".join(f"{verdicts[verdict]} {words}" for verdict, words in VERDICTS.items())
