"""The checks of a benchmark's facts, and of whether a trial could change them or the space."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from benchmarks import Benchmark, Facts, SearchSpace, TargetFacts
from benchmarks.benchmark import LATER_FACTS
from benchmarks.table import TableBenchmark
from harness.conformance.checks import demand
from harness.conformance.samples import chosen, few, recorded, tuples


def check_targets(benchmark: Benchmark) -> None:
    """Compare the facts about targets and repeats with the data."""
    facts, everything = benchmark.facts, recorded(benchmark)
    missing = {facts.target(fidelity) for fidelity in facts.fidelities} - facts.targets.keys()
    demand(not missing, f"missing targets: {', '.join(sorted(missing))}")
    for target, known in few(list(facts.targets.items())):
        values = benchmark.true_errors(everything, target)
        demand(
            0 < known.floor < known.median - known.optimum,
            f"{target}: the floor is {known.floor}; expected it between 0 and the median minus the optimum",
        )
        median = float(np.median(values))
        if isinstance(benchmark, TableBenchmark):
            demand(known.optimum == values.min(), f"{target}: the optimum is {known.optimum}, not {values.min()}")
            demand(
                bool(np.isclose(known.median, median, 1e-12)), f"{target}: the median is {known.median}, not {median}"
            )
        else:  # the facts hold a frozen reference value, and these values are a sample
            demand(
                known.optimum <= values.min(),
                f"{target}: the optimum is {known.optimum}, but an architecture has {values.min()}",
            )
            low, high = np.quantile(values, (0.4, 0.6))
            demand(bool(low < known.median < high), f"{target}: the median is {known.median}, not about {median}")
    counts = np.isfinite(benchmark.errors(everything, facts.fidelities[-1])).sum(axis=1)
    counted = (int(counts.min()), int(counts.max()))
    demand(facts.repeats == counted, f"the repeats are stated as {facts.repeats}, but are {counted}")


def check_facts(benchmark: Benchmark) -> None:
    """Check that the facts are complete, and that they convert to JSON and back."""
    facts = benchmark.facts
    demand(
        facts.space == benchmark.space.name,
        f"the facts name the space {facts.space!r}; expected {benchmark.space.name!r}",
    )
    demand(
        list(facts.fidelities) == sorted(set(facts.fidelities)),
        f"the fidelities are {facts.fidelities}; expected them ascending",
    )
    demand(facts.fidelities[0] > 0, f"the fidelities are {facts.fidelities}; expected them above 0")
    demand(facts.provenance in ("recorded", "surrogate", "synthetic"), f"the provenance is {facts.provenance!r}")
    for name in ("title", "dataset", "metric", "unit", "licence", "citation", "source"):
        demand(bool(getattr(facts, name).strip()), f"the {name} is empty")
    demand(len(facts.data_hash) == 64, f"the data hash is {facts.data_hash!r}; expected 64 hexadecimal digits")
    demand(facts.name not in facts.sisters, "the benchmark lists itself among its sibling data sets")
    record = facts.to_json()
    demand(json.loads(json.dumps(record, allow_nan=False)) == record, "the facts do not survive a conversion to JSON")
    expected = {field.name for field in dataclasses.fields(facts)}
    absent = expected - record.keys() - {name for name in LATER_FACTS if not getattr(facts, name) or name == "signal"}
    demand(record.keys() <= expected and not absent, "the JSON of the facts is not complete")


def check_nothing_changes(benchmark: Benchmark) -> None:
    """Try to set and delete every attribute of the space and the facts, and look for mutable values."""
    architecture = tuples(chosen(benchmark))[0]
    for query in (benchmark.space.canonical, benchmark.space.neighbours, benchmark.space.to_string):
        query(architecture)  # fills caches, which must be immutable too
    for what, thing in (("space", benchmark.space), ("facts", benchmark.facts)):
        for name in (*(name for name in dir(thing) if not name.startswith("__")), "memory"):
            for change in (partial(setattr, thing, name, getattr(thing, name, None)), partial(delattr, thing, name)):
                try:
                    change()
                except AttributeError:
                    continue
                demand(False, f"the attribute {name} of the {what} can be set or deleted")
        held = {type(found).__name__ for found in changeable(thing)}
        demand(not held, f"the {what} holds mutable values: {', '.join(sorted(held))}")


def changeable(thing: object) -> list[object]:
    """Return all mutable objects that an object holds, directly or not."""
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
