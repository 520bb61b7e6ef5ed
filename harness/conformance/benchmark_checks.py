"""The contract of a benchmark, as checks."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks import Benchmark, load_benchmark
from harness.conformance.checks import Check, demand
from harness.conformance.fact_checks import check_facts, check_nothing_changes, check_targets
from harness.conformance.other_process import elsewhere
from harness.conformance.samples import chosen, few, recorded, tuples
from harness.conformance.space_checks import SURE, chi_square


def check_batches(benchmark: Benchmark) -> None:
    """Compare batch queries with single ones, and count how often each repeat is drawn."""
    some = chosen(benchmark)
    for fidelity in few(benchmark.facts.fidelities):
        errors, seconds = benchmark.errors(some, fidelity), benchmark.seconds(some, fidelity)
        true = benchmark.true_errors(some, benchmark.facts.target(fidelity))
        for i, architecture in enumerate(tuples(some)):
            place = f"{architecture} at {fidelity:g}"
            recorded_here = np.flatnonzero(np.isfinite(errors[i]))
            repeats = _drawable(benchmark, some[i], recorded_here)
            seen = [benchmark.observe(architecture, fidelity, draw) for draw in range(len(repeats))]
            demand({o.repeat for o in seen} == set(repeats.tolist()), f"{place}: a repeat is never drawn")
            demand(all(o.error == errors[i, o.repeat] for o in seen), f"{place}: a drawn error is not the recorded one")
            demand(
                np.isclose(np.mean(errors[i, recorded_here]), true[i], rtol=1e-12),
                f"{place}: the true error is not the mean of the repeats",
            )
            times = np.mean([o.seconds for o in seen])
            demand(
                len(repeats) < len(recorded_here) or np.isclose(times, seconds[i], rtol=1e-12, equal_nan=True),
                f"{place}: seconds() is not the mean of the repeats",
            )
            mean = benchmark.observe(architecture, fidelity, None)
            demand(
                (mean.error, mean.repeat) == (true[i], -1),
                f"{place}: observe() without a draw does not return the true error",
            )
            same = np.array_equal(mean.seconds, seconds[i], equal_nan=True)
            demand(same, f"{place}: observe() without a draw does not return the mean time")
    fidelity = benchmark.facts.fidelities[-1]
    draws = np.random.default_rng(5).integers(0, 2**64, 3_000, dtype=np.uint64).tolist()
    for architecture in tuples(some[:5]):
        counts = np.bincount([benchmark.observe(architecture, fidelity, draw).repeat for draw in draws])
        demand(
            chi_square(counts) > SURE,
            f"{architecture}: the repeats are not drawn equally often: {counts.tolist()} times",
        )


def _drawable(benchmark: Benchmark, genotype: NDArray[np.int16], recorded_here: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the repeats that may be drawn: all that were recorded, or those recorded at every fidelity."""
    if not benchmark.facts.matched_runs:
        return recorded_here
    everywhere = [np.isfinite(benchmark.errors([genotype], fidelity)[0]) for fidelity in benchmark.facts.fidelities]
    return np.flatnonzero(np.logical_and.reduce(everywhere))


def check_runs(benchmark: Benchmark) -> None:
    """Compare the repeats that a draw selects at all fidelities."""
    facts = benchmark.facts
    if not (facts.matched_runs or facts.continuable):
        return
    for architecture in tuples(chosen(benchmark)):
        for draw in range(6):
            run = [benchmark.observe(architecture, fidelity, draw) for fidelity in facts.fidelities]
            seen, times = {one.repeat for one in run}, np.array([one.seconds for one in run])
            demand(
                len(seen) == 1,
                f"{architecture}: draw {draw} selects the repeats {sorted(seen)} at different fidelities",
            )
            demand(
                not facts.has_seconds or bool(np.all(np.diff(times) >= 0)),
                f"{architecture}: the time of repeat {min(seen)} falls with the fidelity: {times.tolist()} s",
            )


def check_answers(benchmark: Benchmark) -> None:
    """Repeat queries after others, change their answers, and query an unknown target."""
    some, fidelity = chosen(benchmark), benchmark.facts.fidelities[-1]
    architecture = tuples(some)[0]
    first = benchmark.observe(architecture, fidelity, 1)
    demand(
        [type(value) for value in first] == [float, float, int],
        f"observe() returns {first!r}; expected float, float and int",
    )
    for other in tuples(some):
        benchmark.observe(other, benchmark.facts.fidelities[0], 0)
    again = benchmark.observe(architecture, fidelity, 1)
    demand((again.error, again.repeat) == (first.error, first.repeat), "an answer depends on earlier queries")
    queries: dict[str, Callable[[ArrayLike], np.ndarray]] = {
        "errors()": lambda genotypes: benchmark.errors(genotypes, fidelity),
        "seconds()": lambda genotypes: benchmark.seconds(genotypes, fidelity),
        "true_errors()": lambda genotypes: benchmark.true_errors(genotypes, next(iter(benchmark.facts.targets))),
    }
    for name, query in queries.items():
        answer = query(some)  # read-only: writing would raise
        kept = answer.copy()
        answer[:] = -1.0
        demand(
            np.array_equal(query(some), kept, equal_nan=True), f"{name} returns its own array, or its answers change"
        )
        demand(
            np.array_equal(query(some.tolist()), kept, equal_nan=True),
            f"{name} gives another answer for a list than for an array",
        )
        demand(query(some[:0]).shape == (0, *kept.shape[1:]), f"{name} of no architectures has the wrong shape")
    known = next(iter(benchmark.facts.targets))
    try:
        benchmark.true_errors(some[:1], f"{known}000")
    except ValueError as error:
        demand(known in str(error), f"the error for an unknown target does not list the known ones: {error}")
    else:
        demand(False, "true_errors() accepts an unknown target")


def check_architectures(benchmark: Benchmark) -> None:
    """Look for duplicate and invalid architectures."""
    everything = recorded(benchmark)
    demand(len(np.unique(everything, axis=0)) == len(everything), "an architecture has two rows")
    demand(
        all(map(benchmark.space.is_valid, tuples(chosen(benchmark)))),
        "a row does not hold an architecture of the space",
    )


def check_errors(benchmark: Benchmark) -> None:
    """Compare the errors at some fidelities, and the true errors of some targets, with the stated range."""
    everything = recorded(benchmark)
    low, high = benchmark.facts.valid_range
    for fidelity in few(benchmark.facts.fidelities):
        errors = benchmark.errors(everything, fidelity)
        demand(bool(np.isfinite(errors).any(axis=1).all()), f"an architecture has no error at {fidelity:g}")
        least, most = float(np.nanmin(errors)), float(np.nanmax(errors))
        demand(
            low <= least <= most <= high,
            f"errors at {fidelity:g} range from {least} to {most}, which is not in {low} to {high}",
        )
    for target in few(list(benchmark.facts.targets)):
        values = benchmark.true_errors(everything, target)
        within = low <= values.min() <= values.max() <= high
        demand(within, f"{target} ranges from {values.min()} to {values.max()}, which is not in {low} to {high}")


def check_seconds(benchmark: Benchmark) -> None:
    """Check the training times at some fidelities, and the time of a validation pass."""
    everything = recorded(benchmark)
    before = np.zeros(len(everything))
    for fidelity in few(benchmark.facts.fidelities):
        seconds = benchmark.seconds(everything, fidelity)
        if not benchmark.facts.has_seconds:
            demand(bool(np.isnan(seconds).all()), "has_seconds is false, but seconds() returns times")
            continue
        demand(bool(np.all(seconds > 0)), f"seconds at {fidelity:g} are not all above 0")
        demand(bool(np.all(seconds >= before)), f"seconds at {fidelity:g} are less than at a lower fidelity")
        before = seconds
    architecture, fidelity = tuples(everything[:1])[0], benchmark.facts.fidelities[0]
    try:
        passed = benchmark.validation_seconds(architecture, fidelity)
    except ValueError:
        demand(
            benchmark.facts.validation_share is None,
            "validation_share is stated, but validation_seconds() raises an error",
        )
        return
    epoch = float(benchmark.seconds([architecture], fidelity)[0]) / fidelity
    share = np.nan if benchmark.facts.validation_share is None else benchmark.facts.validation_share
    demand(
        bool(np.isclose(passed, share * epoch)), "a validation pass does not take validation_share of an epoch's time"
    )


def fingerprint(benchmark: Benchmark) -> dict[str, str]:
    """Return hashes of the data, of the facts, and of the answers to some queries."""
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
    """Compare the answers with those of a pickled copy, and of another process with another hash seed."""
    here = fingerprint(benchmark)
    demand(fingerprint(pickle.loads(pickle.dumps(benchmark))) == here, "a pickled copy gives other answers")
    demand(fingerprints_elsewhere(benchmark.facts.name) == [here], "another process gives other answers")


def fingerprints_elsewhere(*names: str) -> list[dict[str, str]]:
    """Return the fingerprints of benchmarks, computed in another process with another hash seed."""
    return elsewhere(_fingerprints, names)


def _fingerprints(names: Sequence[str]) -> list[dict[str, str]]:
    return [fingerprint(load_benchmark(name)) for name in names]


BENCHMARK_CHECKS: tuple[Check[Benchmark], ...] = (
    Check(
        "Batch and single queries agree; the true error is the mean of the repeats, which are drawn equally often.",
        "derive all queries from one array of repeats, and let draw % n_repeats choose the repeat",
        check_batches,
    ),
    Check(
        "A draw selects the same training run at every fidelity of a run that can be continued.",
        "number the repeats of an architecture once for all fidelities, and draw among the runs that lack none",
        check_runs,
    ),
    Check(
        "Answers are plain numbers, do not depend on earlier queries, and can be changed without effect.",
        "return copies of arrays; keep no state between queries; raise BenchmarkError for an unknown target",
        check_answers,
    ),
    Check(
        "Every row holds a different architecture of the space.",
        "merge the rows of an architecture into its repeats, and leave out rows of other spaces",
        check_architectures,
    ),
    Check(
        "All errors lie in the range that the facts state, and every architecture has one at every fidelity.",
        "correct valid_range, or leave out incomplete architectures",
        check_errors,
    ),
    Check(
        "Times are above 0 and do not fall with the fidelity, or are NaN; validation takes its share of an epoch.",
        "seconds() must return cumulative training times in seconds; set has_seconds and validation_share accordingly",
        check_seconds,
    ),
    Check(
        "The optimum, the median and the noise floor of every target, and the number of repeats, match the data.",
        "let benchmarks.table.build_table compute these facts",
        check_targets,
    ),
    Check(
        "The facts are complete, can be written as JSON, and fit the space.",
        "state every text of benchmarks.Facts; list the fidelities in ascending order",
        check_facts,
    ),
    Check(
        "Nothing of the space or the facts can be changed, since all trials of a process share them.",
        "hold tuples, frozen sets and read-only arrays; keep the classes immutable as in benchmarks.SearchSpace",
        check_nothing_changes,
    ),
    Check(
        "A pickled copy, and another process with another hash seed, give the same answers.",
        "do not depend on the order of sets, on hash() or on state of the process",
        check_elsewhere,
    ),
)
"""The checks of a benchmark."""
