"""What every benchmark promises, as checks that raise PromiseBroken with the reason."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from benchmarks import Benchmark, Facts, SearchSpace, Target, TargetFacts, load_benchmark
from benchmarks.spaces.base import Genotypes
from benchmarks.table import TableBenchmark
from harness.conformance.algorithm_checks import demand
from harness.conformance.other_process import elsewhere
from harness.conformance.space_checks import SURE, tuples

MANY = 500
T = TypeVar("T")


def recorded(benchmark: Benchmark) -> Genotypes:
    """All architectures of a table; of a model, many of its space, ``(n, positions)``."""
    if isinstance(benchmark, TableBenchmark):
        return benchmark.recorded()
    rng = np.random.default_rng(2)
    return np.array([benchmark.space.sample(rng) for _ in range(MANY)], dtype=np.int16)


def chosen(benchmark: Benchmark) -> Genotypes:
    """40 of them, or all where there are fewer, the first and the last among them; read-only."""
    everything = recorded(benchmark)
    rows = np.random.default_rng(1).choice(len(everything), min(40, len(everything)), replace=False)
    rows[:2] = (0, len(everything) - 1)[: len(rows)]
    genotypes = everything[np.unique(rows)]
    genotypes.flags.writeable = False
    return genotypes


def few(things: Sequence[T]) -> list[T]:
    """The first and the last of many, and three between."""
    if len(things) <= 5:
        return list(things)
    return [things[i] for i in np.linspace(0, len(things) - 1, 5).astype(int)]


def check_batches(benchmark: Benchmark) -> None:
    """Batch queries equal single ones; the true error is the mean of the repeats, each as likely to be drawn."""
    some = chosen(benchmark)
    for fidelity in few(benchmark.facts.fidelities):
        errors, seconds = benchmark.errors(some, fidelity), benchmark.seconds(some, fidelity)
        true = benchmark.true_errors(some, str(Target("validation", fidelity)))
        for i, architecture in enumerate(tuples(some)):
            place = f"{architecture} at {fidelity:g}"
            repeats = np.flatnonzero(np.isfinite(errors[i]))
            seen = [benchmark.observe(architecture, fidelity, draw) for draw in range(len(repeats))]
            demand({o.repeat for o in seen} == set(repeats.tolist()), f"{place}: some repeat is never drawn")
            demand(all(o.error == errors[i, o.repeat] for o in seen), f"{place}: a drawn error is not the recorded one")
            demand(np.isclose(np.mean(errors[i, repeats]), true[i], rtol=1e-12), f"{place}: the true error is no mean")
            times = np.mean([o.seconds for o in seen])
            demand(np.isclose(times, seconds[i], rtol=1e-12, equal_nan=True), f"{place}: seconds() is no mean")
            mean = benchmark.observe(architecture, fidelity, None)
            demand((mean.error, mean.repeat) == (true[i], -1), f"{place}: without a draw, it is not the true error")
            same = np.array_equal(mean.seconds, seconds[i], equal_nan=True)
            demand(same, f"{place}: without a draw, it does not take the mean time")
    fidelity = benchmark.facts.fidelities[-1]
    draws = np.random.default_rng(5).integers(0, 2**64, 3_000, dtype=np.uint64).tolist()
    for architecture in tuples(some[:5]):
        counts = np.bincount([benchmark.observe(architecture, fidelity, draw).repeat for draw in draws])
        fair = len(counts) == 1 or bool(stats.chisquare(counts).pvalue > SURE)
        demand(fair, f"{architecture}: the repeats are drawn {counts.tolist()} times")


def check_answers(benchmark: Benchmark) -> None:
    """Answers are plain numbers, do not depend on what was asked before, and change nothing where they are changed."""
    some, fidelity = chosen(benchmark), benchmark.facts.fidelities[-1]
    architecture = tuples(some)[0]
    first = benchmark.observe(architecture, fidelity, 1)
    demand([type(value) for value in first] == [float, float, int], f"observe() answers {first!r}")
    for other in tuples(some):
        benchmark.observe(other, benchmark.facts.fidelities[0], 0)
    again = benchmark.observe(architecture, fidelity, 1)
    demand((again.error, again.repeat) == (first.error, first.repeat), "an answer changes with what was asked before")
    queries: dict[str, Callable[[ArrayLike], np.ndarray]] = {
        "errors()": lambda genotypes: benchmark.errors(genotypes, fidelity),
        "seconds()": lambda genotypes: benchmark.seconds(genotypes, fidelity),
        "true_errors()": lambda genotypes: benchmark.true_errors(genotypes, next(iter(benchmark.facts.targets))),
    }
    for name, query in queries.items():
        answer = query(some)  # read-only: writing would raise
        kept = answer.copy()
        answer[:] = -1.0
        demand(np.array_equal(query(some), kept, equal_nan=True), f"{name} hands out its own array, or changes")
        demand(np.array_equal(query(some.tolist()), kept, equal_nan=True), f"{name} of a list is not that of an array")
        demand(query(some[:0]).shape == (0, *kept.shape[1:]), f"{name} of nothing is not empty")
    known = next(iter(benchmark.facts.targets))
    try:
        benchmark.true_errors(some[:1], f"{known}000")
    except ValueError as error:
        demand(known in str(error), f"an unknown target is refused without the known ones: {error}")
    else:
        demand(False, "true_errors() takes an unknown target")


def check_architectures(benchmark: Benchmark) -> None:
    """Every row is of another architecture of the space."""
    everything = recorded(benchmark)
    demand(len(np.unique(everything, axis=0)) == len(everything), "an architecture has two rows")
    demand(all(map(benchmark.space.is_valid, tuples(chosen(benchmark)))), "a row is of no architecture of the space")


def check_errors(benchmark: Benchmark) -> None:
    """All errors lie in the range that the facts state, and every architecture has one at every fidelity."""
    everything = recorded(benchmark)
    low, high = benchmark.facts.valid_range
    for fidelity in few(benchmark.facts.fidelities):
        errors = benchmark.errors(everything, fidelity)
        demand(bool(np.isfinite(errors).any(axis=1).all()), f"an architecture has no error at {fidelity:g}")
        least, most = float(np.nanmin(errors)), float(np.nanmax(errors))
        demand(low <= least <= most <= high, f"errors at {fidelity:g} from {least} to {most}, not in {low} to {high}")
    for target in few(list(benchmark.facts.targets)):
        values = benchmark.true_errors(everything, target)
        within = low <= values.min() <= values.max() <= high
        demand(within, f"{target} from {values.min()} to {values.max()}, not in {low} to {high}")


def check_seconds(benchmark: Benchmark) -> None:
    """Seconds are above 0 and never fall with the fidelity, or NaN where none are known; validation costs its share."""
    everything = recorded(benchmark)
    before = np.zeros(len(everything))
    for fidelity in few(benchmark.facts.fidelities):
        seconds = benchmark.seconds(everything, fidelity)
        if not benchmark.facts.has_seconds:
            demand(bool(np.isnan(seconds).all()), "has_seconds is false, and there are seconds")
            continue
        demand(bool(np.all(seconds > 0)), f"seconds at {fidelity:g} are not all above 0")
        demand(bool(np.all(seconds >= before)), f"seconds fall before {fidelity:g}")
        before = seconds
    architecture, fidelity = tuples(everything[:1])[0], benchmark.facts.fidelities[0]
    try:
        passed = benchmark.validation_seconds(architecture, fidelity)
    except ValueError:
        demand(benchmark.facts.validation_share is None, "validation_share is stated, and validation_seconds() refuses")
        return
    epoch = float(benchmark.seconds([architecture], fidelity)[0]) / fidelity
    share = np.nan if benchmark.facts.validation_share is None else benchmark.facts.validation_share
    demand(bool(np.isclose(passed, share * epoch)), "a validation pass does not take validation_share of an epoch")


def check_targets(benchmark: Benchmark) -> None:
    """The optimum, the median and the noise floor of every target, and the number of repeats, are those of the data."""
    facts, everything = benchmark.facts, recorded(benchmark)
    missing = {str(Target("validation", fidelity)) for fidelity in facts.fidelities} - facts.targets.keys()
    demand(not missing, f"there is no target {', '.join(sorted(missing))}")
    for target, known in few(list(facts.targets.items())):
        values = benchmark.true_errors(everything, target)
        demand(0 < known.floor < known.median - known.optimum, f"{target}: the floor is {known.floor}")
        median = float(np.median(values))
        if isinstance(benchmark, TableBenchmark):
            demand(known.optimum == values.min(), f"{target}: the optimum is {known.optimum}, not {values.min()}")
            demand(
                bool(np.isclose(known.median, median, 1e-12)), f"{target}: the median is {known.median}, not {median}"
            )
        else:  # a frozen reference, and a sample here
            demand(
                known.optimum <= values.min(), f"{target}: the reference {known.optimum} is worse than {values.min()}"
            )
            low, high = np.quantile(values, (0.4, 0.6))
            demand(bool(low < known.median < high), f"{target}: the median is {known.median}, not about {median}")
    counts = np.isfinite(benchmark.errors(everything, facts.fidelities[-1])).sum(axis=1)
    counted = (int(counts.min()), int(counts.max()))
    demand(facts.repeats == counted, f"the repeats are stated as {facts.repeats}, and are {counted}")


def check_facts(benchmark: Benchmark) -> None:
    """The facts are complete, plain JSON, and fit the space."""
    facts = benchmark.facts
    demand(facts.space == benchmark.space.name, f"the facts name the space {facts.space!r}")
    demand(list(facts.fidelities) == sorted(set(facts.fidelities)), f"the fidelities are {facts.fidelities}")
    demand(facts.fidelities[0] > 0, f"the fidelities are {facts.fidelities}")
    demand(facts.provenance in ("recorded", "surrogate", "synthetic"), f"the provenance is {facts.provenance!r}")
    for name in ("title", "dataset", "metric", "unit", "licence", "citation", "source"):
        demand(bool(getattr(facts, name).strip()), f"the {name} is empty")
    demand(len(facts.data_hash) == 64, f"the data hash is {facts.data_hash!r}")
    demand(facts.name not in facts.sisters, "it is its own sister")
    record = facts.to_json()
    demand(json.loads(json.dumps(record, allow_nan=False)) == record, "the facts are no plain JSON")
    wanted = {field.name for field in dataclasses.fields(facts) if field.name != "reference" or facts.reference}
    demand(record.keys() == wanted, "the record of the facts lacks some")


def check_nothing_changes(benchmark: Benchmark) -> None:
    """Nothing of the space or the facts can be changed: all trials of a process share them."""
    architecture = tuples(chosen(benchmark))[0]
    for query in (benchmark.space.canonical, benchmark.space.neighbours, benchmark.space.to_string):
        query(architecture)  # what it remembers counts
    for what, thing in (("space", benchmark.space), ("facts", benchmark.facts)):
        for name in (*(name for name in dir(thing) if not name.startswith("__")), "memory"):
            for change in (partial(setattr, thing, name, getattr(thing, name, None)), partial(delattr, thing, name)):
                try:
                    change()
                except AttributeError:
                    continue
                demand(False, f"{name} of its {what} can be set or deleted")
        held = {type(found).__name__ for found in changeable(thing)}
        demand(not held, f"its {what} holds what can be changed: {', '.join(sorted(held))}")


def changeable(thing: object) -> list[object]:
    """Whatever can be changed among the things that one holds, directly or not."""
    if isinstance(thing, np.ndarray):
        return [thing] if thing.flags.writeable else []
    if isinstance(thing, Mapping):
        held = [*thing.keys(), *thing.values()]
        return [*([] if isinstance(thing, MappingProxyType) else [thing]), *_changeable(held)]
    if isinstance(thing, (tuple, frozenset)):
        return _changeable(thing)
    if isinstance(thing, (TargetFacts, Facts, SearchSpace)):
        return _changeable(vars(thing).values())
    return [] if isinstance(thing, (str, int, float, bytes, type(None))) else [thing]


def _changeable(things: Iterable[object]) -> list[object]:
    return [found for thing in things for found in changeable(thing)]


def fingerprint(benchmark: Benchmark) -> dict[str, str]:
    """Hashes of the data, of the facts, and of what the queries answer for some architectures."""
    some, facts = chosen(benchmark), benchmark.facts
    answers = [query(some, f) for f in few(facts.fidelities) for query in (benchmark.errors, benchmark.seconds)]
    answers += [benchmark.true_errors(some, target) for target in few(list(facts.targets))]
    return {
        "data": facts.data_hash,
        "facts": hashlib.sha256(json.dumps(facts.to_json()).encode()).hexdigest(),
        "answers": hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in answers)).hexdigest(),
        "strings": hashlib.sha256("".join(map(benchmark.space.to_string, tuples(some))).encode()).hexdigest(),
    }


def check_elsewhere(benchmark: Benchmark) -> None:
    """A pickled copy, and another process with another hash seed, give the same."""
    here = fingerprint(benchmark)
    demand(fingerprint(pickle.loads(pickle.dumps(benchmark))) == here, "a pickled copy gives other answers")
    demand(fingerprints_elsewhere(benchmark.facts.name) == [here], "another process gives other answers")


def fingerprints_elsewhere(*names: str) -> list[dict[str, str]]:
    """Fingerprints of benchmarks as another process, with another hash seed, finds them.

    Raises
    ------
    PromiseBroken
        If one cannot be loaded there.
    """
    answers: list[dict[str, str]] = elsewhere(__name__, *names)
    return answers


def _answer() -> None:
    """Print the fingerprints of the benchmarks that the command line names."""
    print(json.dumps([fingerprint(load_benchmark(name)) for name in sys.argv[1:]]))


BENCHMARK_CHECKS: tuple[Callable[[Benchmark], None], ...] = (
    check_batches,
    check_answers,
    check_architectures,
    check_errors,
    check_seconds,
    check_targets,
    check_facts,
    check_nothing_changes,
    check_elsewhere,
)
