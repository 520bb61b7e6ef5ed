"""What predictor-based search gains over random search, by the pool of architectures that the predictor ranks."""

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
"""By pool, whether it was published to gain less or more, and than which pool."""

VERDICTS = {"agrees": "agree with what was published", "reverses": "reverse it", "open": "leave it open"}


@dataclass(frozen=True)
class GainRow:
    """A pool's gain, and whether it lies on the published side of another pool's.

    Attributes
    ----------
    algorithm, label : str
        Registered name, and the cell of the experiment.
    dataset, predictor, pool : str
        The predictor with the transform of what it learns.
    rank : int
        Of the architecture whose true error is to be reached.
    published, against : str
        "less" or "more", and than which pool.
    gain : Estimate
        Expected evaluations of random search over the algorithm's.
    ratio : Estimate
        The gain over that of the other pool, over their common trials.
    verdict : str
        "agrees" or "reverses" where the ratio's 95 % interval lies on one side of 1, else "open"; also where one of the
        two never reached the error, for a bootstrap of no success knows no spread.
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
        """Write what stands right of the label, under the headings."""
        dataset = self.dataset.removeprefix("nasbench201-")
        return dataset, str(self.rank), _shown(self.gain, digits), self.published, _shown(self.ratio, 2), self.verdict


def _shown(estimate: Estimate, digits: int) -> str:
    numbers = (estimate.value, estimate.low, estimate.high)
    value, low, high = ("–" if number is None else f"{number:.{digits}f}" for number in numbers)
    return f"{value} [{low}, {high}]"


def experiment() -> dict[str, Any]:
    """Return the shipped experiment, but for its name and its number of trials."""
    raw = read_experiment_file(experiment_file("predictor-sampling"))
    return {key: value for key, value in raw.items() if key not in ("schema", "name", "trials")}


def reproduce(races: Races) -> Reproduction:
    """Race predictors over pools, and hold their gains against what was published of them."""
    study = races.run("predictor-sampling", TRIALS, experiment())
    errors = {}
    for name in {cell.benchmark for cell in study.cells}:
        benchmark = load_benchmark(name)
        errors[name] = benchmark.true_errors(benchmark.space.enumerate(), study.cells[0].protocol["report"][0])
    rows = gains(study, errors)
    return Reproduction(
        "predictor-sampling",
        "The gain of predictor-based search over random search, by pool",
        "expected evaluations of random search over the algorithm's",
        "Mauch et al. 2020, arXiv 2011.12043, on NAS-Bench-101: with a random subset the gain collapses, with one that"
        " is chosen well it is regained",
        rows,
        _notes(rows),
        digits=1,
    )


def gains(study: Study, errors: Mapping[str, ArrayLike]) -> list[GainRow]:
    """Compare every pool with the one that it was published to gain less or more than.

    Parameters
    ----------
    study : Study
        Its labels are ``predictor target, pool``.
    errors : mapping
        By benchmark, the true errors of all architectures, ``(n_architectures,)``.
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
        f"Pools that are chosen with the predictor are compared with {SUBSET!r}: {_counts(rows, MORE)}.",
        "The published formula of the gain could not be read, so ours is not surely the same, and the data set is"
        " another. The intervals are not adjusted for their number.",
    ]


def _counts(rows: list[GainRow], published: str) -> str:
    verdicts = Counter(row.verdict for row in rows if row.published == published)
    return ", ".join(f"{verdicts[verdict]} {words}" for verdict, words in VERDICTS.items())
