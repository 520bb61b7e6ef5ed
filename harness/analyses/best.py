"""The best architectures that the trials of a results folder ended with, and who found them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.benchmark import Benchmark, Target
from benchmarks.loading import load_benchmark
from benchmarks.spaces.base import Architecture
from benchmarks.table import TableBenchmark
from harness.scoring.choices import benchmark_of
from harness.simulation.trial import true_errors
from results.storage.loading import load
from results.storage.records import ResultsError, completion_order
from results.storage.study import Cell, Study

COLUMNS = ("end", "status", "architecture", "fidelity_to", "observed_error", "incumbent")
"""The columns that are read."""


@dataclass(frozen=True)
class FoundArchitecture:
    """An architecture that some trial ended with.

    Attributes
    ----------
    architecture : str
        In the literature's notation.
    errors : dict
        Its true errors by reported target, in the benchmark's unit.
    regret : float
        Its first error minus the optimum, in the benchmark's unit.
    rank : int or None
        1 + the number of recorded architectures with a lower first error. None if there is no list of architectures.
    observed_error : float
        The lowest error with which a trial observed it, in the benchmark's unit.
    found_by : dict
        By label, the number of trials that ended with it.
    """

    architecture: str
    errors: dict[str, float]
    regret: float
    rank: int | None
    observed_error: float
    found_by: dict[str, int]


@dataclass(frozen=True)
class BestOfBenchmark:
    """The best architectures of a benchmark.

    Attributes
    ----------
    benchmark, title : str
    unit : str
        Of all errors.
    provenance : str
    size : int or None
        Number of recorded architectures, among which they are ranked.
    targets : tuple of str
        The reported errors. Architectures are sorted by the first.
    trials, different : int
        Number of trials with an incumbent, and of different architectures that they ended with.
    architectures : tuple of FoundArchitecture
        The best first.
    """

    benchmark: str
    title: str
    unit: str
    provenance: str
    size: int | None
    targets: tuple[str, ...]
    trials: int
    different: int
    architectures: tuple[FoundArchitecture, ...]


@dataclass
class _Candidate:
    observed: float = float("inf")
    found_by: Counter[str] = field(default_factory=Counter)


def best_architectures(
    study: Study, target: str | None = None, most: int = 10, benchmarks: Collection[str] = ()
) -> list[BestOfBenchmark]:
    """Return the best architectures that trials ended with, by benchmark.

    An optimizer hands over its incumbent, which it chose by observed errors. So the incumbents at the end of the trials
    are ranked by their true error. An architecture that was evaluated and not chosen does not count.

    Parameters
    ----------
    study : Study
        Its folder is read again, with the architectures.
    target : str, optional
        The true error to sort by. Default: the first one that the protocol reports.
    most : int
        Number of architectures per benchmark, at most.
    benchmarks : collection of str
        Those to look at. Default: all.

    Raises
    ------
    ResultsError
        If the target is not reported, or the data of a benchmark is not that of the results.
    """
    names = dict.fromkeys(cell.benchmark for cell in study.cells if len(cell.trials))
    found = [_of_benchmark(study, name, target, most) for name in names if not benchmarks or name in benchmarks]
    return [one for one in found if one.trials]


def _of_benchmark(study: Study, name: str, target: str | None, most: int) -> BestOfBenchmark:
    cells = [cell for cell in study.cells if cell.benchmark == name and len(cell.trials)]
    benchmark = benchmark_of(study, name)
    targets = _targets(cells, target)
    candidates: dict[Architecture, _Candidate] = {}
    for cell in cells:
        for architecture, observed in _incumbents(load(study.directory, COLUMNS, cells=[cell.id]).cells[0]):
            candidate = candidates.setdefault(architecture, _Candidate())
            candidate.observed = min(candidate.observed, observed)
            candidate.found_by[cell.label] += 1
    facts = study.benchmarks[name]
    genotypes = np.array(list(candidates), dtype=np.int16).reshape(len(candidates), -1)
    errors = {one: true_errors(benchmark, genotypes, one) for one in targets} if candidates else {}
    everything = _all_errors(benchmark, targets[0])
    order = np.argsort(errors[targets[0]], kind="stable")[:most].tolist() if candidates else []
    known, optimum = list(candidates.items()), float(study.target_facts(name, targets[0])["optimum"])
    return BestOfBenchmark(
        benchmark=name,
        title=facts["title"],
        unit=facts["unit"],
        provenance=facts["provenance"],
        size=None if everything is None else int(np.isfinite(everything).sum()),
        targets=targets,
        trials=sum(candidate.found_by.total() for candidate in candidates.values()),
        different=len(candidates),
        architectures=tuple(
            FoundArchitecture(
                architecture=benchmark.space.to_string(known[row][0]),
                errors={one: float(values[row]) for one, values in errors.items()},
                regret=max(0.0, float(errors[targets[0]][row]) - optimum),
                rank=None if everything is None else 1 + int((everything < errors[targets[0]][row]).sum()),
                observed_error=known[row][1].observed,
                found_by=dict(known[row][1].found_by.most_common()),
            )
            for row in order
        ),
    )


def _targets(cells: list[Cell], target: str | None) -> tuple[str, ...]:
    """Return the errors that all cells report, the one to sort by first."""
    shared = [name for name in cells[0].protocol["report"] if all(name in cell.protocol["report"] for cell in cells)]
    first = cells[0].reported(target)
    if first is None or first not in shared:
        wanted = cells[0].protocol["report"][0] if target is None else target
        raise ResultsError(
            f"expected a target that all algorithms report on {cells[0].benchmark}, one of"
            f" {', '.join(shared) or 'none'}, got {wanted!r}"
        )
    return (first, *(name for name in shared if name != first))


def _incumbents(cell: Cell) -> Iterator[tuple[Architecture, float]]:
    """Yield the last incumbent of every trial, and its observed error."""
    for _, rows in cell.evaluations.groupby("trial"):
        order = completion_order(rows["end"].to_numpy(), rows["status"].to_numpy())
        if not len(order):
            continue
        chosen = rows.iloc[int(rows["incumbent"].iloc[order[-1]])]
        yield tuple(int(value) for value in chosen["architecture"]), float(chosen["observed_error"])


def _all_errors(benchmark: Benchmark, target: str) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """Return the true errors of all recorded architectures of the target's table. None for a model."""
    owner = Target.parse(target).benchmark
    table = load_benchmark(owner) if owner else benchmark
    if not isinstance(table, TableBenchmark):
        return None
    errors: np.ndarray[tuple[int], np.dtype[np.float64]] = table.true_errors(
        table.recorded(), Target.parse(target).name
    )
    return errors
