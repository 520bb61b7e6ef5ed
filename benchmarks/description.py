"""The facts of a benchmark in words, for `regretta data show` and for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark, Facts
from benchmarks.drawings.html import facts_table
from benchmarks.spaces.description import described_space

MOST_TARGETS = 12
"""The largest number of targets that are shown: those of the highest fidelities."""
MOST_TIMES = 5
"""The largest number of fidelities whose mean time is shown: the highest ones."""


def benchmark_html(benchmark: Benchmark) -> str:
    """Write the facts of a benchmark as a table for a notebook."""
    return facts_table([(label, content) for label, content in described_facts(benchmark) if content])


def described_facts(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    """Yield the labels and facts of a benchmark."""
    facts, space = benchmark.facts, benchmark.space
    yield "name", facts.name
    yield "title", facts.title
    yield "provenance", facts.provenance
    unit = "as fractions, which figures show in percentage points" if facts.unit == "fraction" else f"in {facts.unit}"
    yield "metric", f"{facts.metric}; errors {unit}"
    yield "space", described_space(space)
    epochs = ", ".join(f"{fidelity:g}" for fidelity in facts.fidelities[:20])
    yield "fidelities", f"{epochs}{' ...' if len(facts.fidelities) > 20 else ''} epochs{_relation(facts)}"
    yield "repeats", " to ".join(dict.fromkeys(map(str, facts.repeats))) + " per architecture at the highest fidelity"
    yield "times", _times(benchmark)
    targets = list(facts.targets.items())[-MOST_TARGETS:]
    for number, (target, known) in enumerate(targets):
        floor = f"floor {known.floor:.3g}{' (assumed)' if facts.floor_assumed or facts.repeats[1] < 2 else ''}"
        numbers = f"optimum {known.optimum:.6g}, median {known.median:.6g}, {floor}"
        yield "" if number else "errors", f"{target}: {numbers}"
    yield from _information(benchmark)
    for number, note in enumerate(facts.notes):
        yield "" if number else "notes", note
    yield "sibling data sets", ", ".join(facts.sisters)
    yield "licence", facts.licence
    yield "citation", facts.citation
    yield "source", facts.source
    if facts.command:
        yield "imported by", f"regretta data import FILE {facts.command}"
    yield "data hash", facts.data_hash


def _relation(facts: Facts) -> str:
    if len(facts.fidelities) == 1:
        return ""
    return ", prefixes of one training run" if facts.continuable else ", separate trainings"


def _times(benchmark: Benchmark) -> str:
    """Return the mean seconds to each fidelity, recorded or modelled, from which a budget in seconds can be chosen."""
    if not benchmark.facts.has_seconds:
        return "not recorded: budgets are in evaluations"
    times = mean_times(benchmark, benchmark.facts.fidelities[-MOST_TIMES:])
    means = [f"{seconds:.4g} s to {fidelity:g}" for fidelity, seconds in times.items()]
    if not means:
        return "known: budgets are in evaluations or seconds"
    return f"training from scratch takes on average {', '.join(means)} epochs"


def mean_times(benchmark: Benchmark, fidelities: Sequence[float]) -> dict[float, float]:
    """Return the mean time of training from scratch to each of some fidelities [s], where it is known."""
    arrays = benchmark.arrays() if hasattr(benchmark, "arrays") else {}  # only stored ones have any
    stored: Mapping[str, NDArray[np.float64]] = arrays.get("seconds", {})
    known = {fidelity: stored[key] for fidelity in fidelities if (key := f"{fidelity:g}") in stored}
    return {fidelity: float(np.nanmean(values)) for fidelity, values in known.items() if np.isfinite(values).any()}


def _information(benchmark: Benchmark) -> Iterator[tuple[str, str]]:
    information = getattr(benchmark, "information", {})  # only tables have any
    for number, (name, values) in enumerate(information.items()):
        known = np.isfinite(values)
        low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (np.nan, np.nan)
        absent = "" if known.all() else f", not recorded for {int((~known).sum()):,}"
        yield "" if number else "information", f"{name}: {low:.6g} to {high:.6g}{absent}"
