"""The gain of predictor-based search over random search, by the pool of architectures that the predictor ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks import load_benchmark
from benchmarks.benchmark import Benchmark
from benchmarks.spaces.base import LISTABLE
from harness.experiments.files import experiment_file, read_experiment_file
from harness.reproduction.races import Races
from harness.reproduction.rows import Reproduction
from harness.simulation.random_streams import stream
from results.anytime.sample_efficiency import error_of_rank, gain_ratio, sample_efficiency
from results.statistics.bootstrap import Estimate
from results.storage.study import Cell, Study

TRIALS = 100
RANKS = (4, 16)
"""Ranks of the architectures whose true error has to be reached, among `SIZE` architectures."""
SIZE = 15_625
"""Number of architectures of NAS-Bench-201. On other spaces, the ranks are those of the same shares."""
DRAWN = 100_000
"""Number of random architectures that stand for a space that is too large to list."""

LESS, MORE = "less", "more"
FULL, SUBSET = "full", "random 100 redrawn"
PUBLISHED = {
    **{f"random {size} {how}": (LESS, FULL) for how in ("redrawn", "fixed") for size in (100, 300, 1000)},
    "mutants of the best": (MORE, SUBSET),
    "evolved": (MORE, SUBSET),
}
"""By pool, whether its published gain is less or more, and than that of which pool."""

VERDICTS = {
    "agrees": ("agrees with the publication", "agree with the publication"),
    "reverses": ("contradicts it", "contradict it"),
    "open": ("is inconclusive", "are inconclusive"),
}
"""Words for one verdict, and for another number of them."""


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
        dataset = self.dataset.removeprefix("nasbench201-").removeprefix("nasbench101-")
        return dataset, str(self.rank), _shown(self.gain, digits), self.published, _shown(self.ratio, 2), self.verdict


def _shown(estimate: Estimate, digits: int) -> str:
    """Write an estimate with its interval."""
    numbers = (estimate.value, estimate.low, estimate.high)
    value, low, high = ("–" if number is None else f"{number:.{digits}f}" for number in numbers)
    return f"{value} [{low}, {high}]"


def experiment(name: str = "predictor-sampling") -> dict[str, Any]:
    """Return a shipped experiment, without its name and its number of trials."""
    raw = read_experiment_file(experiment_file(name))
    return {key: value for key, value in raw.items() if key not in ("schema", "name", "trials")}


def reproduce(races: Races) -> Reproduction:
    """Run predictors on pools of NAS-Bench-201, and compare their gains as the publication does."""
    name = "predictor-sampling"
    return _reproduction(name, races.run(name, TRIALS, experiment()), "The data set differs too. ")


def reproduce_nasbench101(races: Races) -> Reproduction:
    """Run predictors on pools of NAS-Bench-101, the data set of the publication."""
    name = "predictor-sampling-nasbench101"
    study = races.run(name, TRIALS, experiment(name))
    note = (
        f"On the surrogate, random search draws genotypes, of which a cell has many. Its evaluations are those of"
        f" {DRAWN:,} random genotypes, and there is no full pool. "
    )
    drawn = any(cell.benchmark == "nasbench101-surrogate" for cell in study.cells)
    return _reproduction(name, study, note if drawn else "")


def _reproduction(name: str, study: Study, note: str) -> Reproduction:
    errors = {
        benchmark: all_errors(load_benchmark(benchmark), study.cells[0].protocol["report"][0])
        for benchmark in dict.fromkeys(cell.benchmark for cell in study.cells)
    }
    rows = gains(study, errors)
    return Reproduction(
        name,
        "The gain of predictor-based search over random search, by pool",
        "expected evaluations of random search, divided by those of the algorithm",
        "Mauch et al. 2020, arXiv 2011.12043, on NAS-Bench-101: the gain collapses with a random subset and is"
        " regained with a well-chosen one",
        rows,
        _notes(rows, note),
        digits=1,
    )


def all_errors(benchmark: Benchmark, target: str) -> NDArray[np.float64]:
    """Return the true errors of all architectures, or of `DRAWN` random ones if the space is too large to list."""
    space = benchmark.space
    if space.size is not None and space.size <= LISTABLE:
        return benchmark.true_errors(space.enumerate(), target)
    rng = stream("random architectures", benchmark.facts.name)
    drawn = np.array([space.sample(rng) for _ in range(DRAWN)], dtype=np.int16)
    return benchmark.true_errors(drawn, target)


def gains(study: Study, errors: Mapping[str, ArrayLike]) -> list[GainRow]:
    """Compare the gain of each pool with that of the pool that the publication compares it with.

    Parameters
    ----------
    study : Study
        The study. Its labels have the form ``predictor target, pool``.
    errors : mapping
        True errors of all architectures by benchmark, ``(n_architectures,)``.

    Returns
    -------
    list of GainRow
        Without the pools whose opponent did not run on the benchmark.
    """
    cells = {(cell.benchmark, cell.label): cell for cell in study.cells}
    rows = []
    for rank in RANKS:
        ranks = {name: ranked(rank, len(np.asarray(values))) for name, values in errors.items()}
        for cell in study.cells:
            predictor, _, pool = cell.label.partition(", ")
            other = cells.get((cell.benchmark, f"{predictor}, {PUBLISHED.get(pool, ('', ''))[1]}"))
            if pool in PUBLISHED and other is not None:
                own = ranks[cell.benchmark]
                (found,) = sample_efficiency(replace(study, cells=[cell]), errors, own)
                ratio = gain_ratio(cell, other, error_of_rank(errors[cell.benchmark], own))
                rows.append(_row(cell, predictor, pool, own, found.gain, ratio))
    return rows


def ranked(rank: int, size: int) -> int:
    """Return the rank of the same share of another number of architectures. Small spaces keep the rank."""
    return max(rank, round(rank * size / SIZE))


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


def _notes(rows: list[GainRow], note: str) -> list[str]:
    return [
        f"Random subsets are compared with the full pool: {_counts(rows, LESS)}.",
        f"Pools chosen with the predictor are compared with {SUBSET!r}: {_counts(rows, MORE)}.",
        f"The published formula of the gain could not be read, so ours may differ from it. {note}The intervals are not"
        " adjusted for multiple comparisons.",
    ]


def _counts(rows: list[GainRow], published: str) -> str:
    verdicts = Counter(row.verdict for row in rows if row.published == published)
    return ", ".join(f"{verdicts[verdict]} {words[verdicts[verdict] != 1]}" for verdict, words in VERDICTS.items())
