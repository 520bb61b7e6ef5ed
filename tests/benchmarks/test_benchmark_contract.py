"""What every registered benchmark promises, whatever its name."""

from __future__ import annotations

import dataclasses
import json
import pickle
import timeit
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import fingerprints
import numpy as np
import pytest
from scipy import stats

from benchmarks import (
    BENCHMARKS,
    Benchmark,
    Facts,
    SearchSpace,
    TargetFacts,
    load_benchmark,
    target_name,
)
from benchmarks.folder import imported_names, open_table
from benchmarks.registry import SPACES, load_space

DRAWS = 20_000
SURE = 1e-4  # seeds are fixed: a p-value below it is a bias, not bad luck


@pytest.fixture(scope="module", params=BENCHMARKS)
def benchmark(request: pytest.FixtureRequest, any_benchmark: Callable[[str], Benchmark]) -> Benchmark:
    return any_benchmark(request.param)


@pytest.fixture(scope="module")
def everything(benchmark):
    """One architecture of every row of the table."""
    return benchmark.recorded()


@pytest.fixture(scope="module")
def some(everything):
    """40 architectures, the first and the last among them; read-only."""
    rows = np.random.default_rng(1).choice(len(everything), 40, replace=False)
    rows[:2] = 0, len(everything) - 1
    genotypes = everything[rows]
    genotypes.flags.writeable = False
    return genotypes


@pytest.fixture(scope="session")
def elsewhere(any_benchmark, imported_folder):
    """Fingerprints of all benchmarks that are here, from a process with another PYTHONHASHSEED."""
    here = []
    for name in BENCHMARKS:
        try:
            here.append(any_benchmark(name).facts.name)
        except pytest.skip.Exception:
            continue
    return fingerprints.in_another_process(Path(fingerprints.__file__), *here, data=imported_folder)


def tuples(genotypes):
    return list(map(tuple, genotypes.tolist()))


def chi_square(counts, probabilities=None):
    """p-value of counts that should be in proportion to the probabilities, or equal."""
    counts = np.asarray(counts)
    expected = np.full(len(counts), 1 / len(counts)) if probabilities is None else np.asarray(probabilities)
    return stats.chisquare(counts, expected * counts.sum()).pvalue


class TestQueries:
    def test_batch_queries_equal_scalar_ones(self, benchmark, some):
        for fidelity in benchmark.facts.fidelities:
            errors = benchmark.errors(some, fidelity)
            seconds = benchmark.seconds(some, fidelity)
            true = benchmark.true_errors(some, target_name("validation", fidelity))
            assert errors.shape[0] == seconds.shape[0] == true.shape[0] == len(some)
            for i, architecture in enumerate(tuples(some)):
                recorded = np.flatnonzero(np.isfinite(errors[i]))
                seen = [benchmark.observe(architecture, fidelity, draw) for draw in range(len(recorded))]
                assert {o.repeat for o in seen} == set(recorded.tolist())
                assert all(o.error == errors[i, o.repeat] for o in seen)
                assert np.mean([o.error for o in seen]) == pytest.approx(true[i], rel=1e-12)
                assert np.mean([o.seconds for o in seen]) == pytest.approx(seconds[i], rel=1e-12, nan_ok=True)
                mean = benchmark.observe(architecture, fidelity, None)
                assert (mean.error, mean.repeat) == (true[i], -1)
                assert mean.seconds == pytest.approx(seconds[i], rel=0, abs=0, nan_ok=True)

    def test_every_recorded_repeat_is_drawn_equally_often(self, benchmark, some):
        fidelity = benchmark.facts.fidelities[-1]
        draws = np.random.default_rng(5).integers(0, 2**64, 3_000, dtype=np.uint64).tolist()
        for architecture in tuples(some[:5]):
            recorded = np.isfinite(benchmark.errors([architecture], fidelity)).sum()
            counts = np.bincount([benchmark.observe(architecture, fidelity, d).repeat for d in draws])
            assert len(counts) == recorded
            assert recorded == 1 or chi_square(counts) > SURE

    def test_answers_are_plain_numbers_that_do_not_depend_on_what_was_asked_before(self, benchmark, some):
        fidelity, architecture = benchmark.facts.fidelities[-1], tuples(some)[4]
        first = benchmark.observe(architecture, fidelity, 1)
        assert [type(value) for value in first] == [float, float, int]
        for other in tuples(some):
            benchmark.observe(other, benchmark.facts.fidelities[0], 0)
        again = benchmark.observe(architecture, fidelity, 1)
        assert again.error == first.error
        assert again.repeat == first.repeat

    def test_arguments_stay_as_they_are_and_answers_are_copies(self, benchmark, some):
        fidelity, target = benchmark.facts.fidelities[-1], next(iter(benchmark.facts.targets))
        before = some.tobytes()
        queries = [
            lambda g: benchmark.errors(g, fidelity),
            lambda g: benchmark.seconds(g, fidelity),
            lambda g: benchmark.true_errors(g, target),
            *(lambda g, e=encoding: benchmark.space.encode(g, e) for encoding in benchmark.space.encodings),
        ]
        for query in queries:
            answer = query(some)  # read-only: writing would raise
            kept = answer.copy()
            assert np.array_equal(query(some.tolist()), kept, equal_nan=True)
            answer[:] = -1.0
            assert np.array_equal(query(some), kept, equal_nan=True)
        assert some.tobytes() == before

    def test_no_architectures_give_empty_answers(self, benchmark):
        nothing = np.empty((0, len(benchmark.space.cardinalities)), dtype=np.int16)
        assert benchmark.errors(nothing, benchmark.facts.fidelities[0]).shape[0] == 0
        assert benchmark.seconds(nothing, benchmark.facts.fidelities[0]).shape == (0,)
        assert benchmark.true_errors(nothing, next(iter(benchmark.facts.targets))).shape == (0,)

    def test_an_unknown_target_names_the_known_ones(self, benchmark):
        known = next(iter(benchmark.facts.targets))
        with pytest.raises(ValueError, match=known):
            benchmark.true_errors(benchmark.recorded()[:1], known + "0")


class TestFacts:
    def test_every_row_is_of_another_architecture_of_the_space(self, benchmark, everything, some):
        assert len(np.unique(everything, axis=0)) == len(everything)
        assert all(map(benchmark.space.is_valid, tuples(some)))
        if benchmark.facts.space in SPACES:
            known = load_space(benchmark.facts.space)
            assert type(known) is type(benchmark.space)
            assert known.cardinalities == benchmark.space.cardinalities

    def test_errors_lie_in_the_valid_range(self, benchmark, everything):
        low, high = benchmark.facts.valid_range
        for fidelity in benchmark.facts.fidelities:
            errors = benchmark.errors(everything, fidelity)
            assert np.isfinite(errors).any(axis=1).all()
            assert np.nanmin(errors) >= low
            assert np.nanmax(errors) <= high
        for target in benchmark.facts.targets:
            values = benchmark.true_errors(everything, target)
            assert values.min() >= low
            assert values.max() <= high

    def test_seconds_are_positive_and_never_fall_with_the_fidelity(self, benchmark, everything):
        before = np.zeros(len(everything))
        for fidelity in benchmark.facts.fidelities:
            seconds = benchmark.seconds(everything, fidelity)
            if not benchmark.facts.has_seconds:
                assert np.isnan(seconds).all()
                continue
            assert np.all(seconds > 0)
            assert np.all(seconds >= before)
            before = seconds

    def test_validation_passes_cost_a_share_of_training(self, benchmark, some):
        share, fidelity = benchmark.facts.validation_share, benchmark.facts.fidelities[0]
        architecture = tuples(some)[0]
        if share is None:
            with pytest.raises(ValueError, match="not known"):
                benchmark.validation_seconds(architecture, fidelity)
        else:
            epoch = benchmark.seconds([architecture], fidelity)[0] / fidelity
            assert benchmark.validation_seconds(architecture, fidelity) == pytest.approx(share * epoch)

    def test_targets_state_the_optimum_median_and_floor(self, benchmark, everything):
        facts = benchmark.facts
        assert {target_name("validation", fidelity) for fidelity in facts.fidelities} <= facts.targets.keys()
        for target, known in facts.targets.items():
            values = np.sort(benchmark.true_errors(everything, target))
            n = len(values)
            assert known.optimum == values[0]
            assert known.median == pytest.approx((values[(n - 1) // 2] + values[n // 2]) / 2, rel=1e-12)
            assert 0 < known.floor < known.median - known.optimum

    def test_repeats_are_counted_at_the_highest_fidelity(self, benchmark, everything):
        counts = np.isfinite(benchmark.errors(everything, benchmark.facts.fidelities[-1])).sum(axis=1)
        assert benchmark.facts.repeats == (counts.min(), counts.max())

    def test_the_record_is_complete(self, benchmark):
        facts = benchmark.facts
        assert BENCHMARKS[facts.name]
        assert facts.space == benchmark.space.name
        assert list(facts.fidelities) == sorted(set(facts.fidelities))
        assert facts.fidelities[0] > 0
        assert facts.provenance in ("recorded", "surrogate", "synthetic")
        for text in (facts.title, facts.dataset, facts.metric, facts.unit, facts.licence, facts.citation, facts.source):
            assert text.strip()
            assert text != "not stated"
        assert len(facts.data_hash) == 64
        assert int(facts.data_hash, 16)
        assert facts.name not in facts.sisters
        assert set(facts.sisters) <= BENCHMARKS.keys()

    def test_sisters_are_mutual_and_of_the_same_space(self, benchmark, any_benchmark):
        for name in benchmark.facts.sisters:
            sister = any_benchmark(name)
            assert benchmark.facts.name in sister.facts.sisters
            assert sister.space.name == benchmark.space.name
            assert sister.space.cardinalities == benchmark.space.cardinalities

    def test_facts_are_plain_json(self, benchmark):
        record = benchmark.facts.to_json()
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert record.keys() == {field.name for field in dataclasses.fields(benchmark.facts)}


def changeable(thing):
    """Whatever can be changed among the things that one holds, directly or not."""
    if isinstance(thing, np.ndarray):
        return [thing] if thing.flags.writeable else []
    if isinstance(thing, (tuple, frozenset)):
        return [found for part in thing for found in changeable(part)]
    if isinstance(thing, MappingProxyType):
        return [found for part in (*thing.keys(), *thing.values()) for found in changeable(part)]
    if isinstance(thing, (TargetFacts, Facts, SearchSpace)):
        return [found for part in vars(thing).values() for found in changeable(part)]
    return [] if isinstance(thing, (str, int, float, bytes, type(None))) else [thing]


class TestUnchangeable:
    """Trials of one process share a benchmark: what one could change would reach the others."""

    def test_no_attribute_of_the_space_can_be_set_or_deleted(self, benchmark):
        space = benchmark.space
        names = {name for name in dir(space) if not name.startswith("__")} | {*vars(space), "memory"}
        assert {"name", "cardinalities", "size", "encodings", "sample", "mutate"} <= names
        before = repr(vars(space))
        for name in names:
            with pytest.raises(AttributeError, match=f"'{name}' cannot be set: space .* is shared by all trials"):
                setattr(space, name, getattr(space, name, None))
            with pytest.raises(AttributeError, match=f"'{name}' cannot be deleted: space .* is shared by all trials"):
                delattr(space, name)
        assert repr(vars(space)) == before

    def test_nothing_that_the_space_or_the_facts_hold_can_be_changed(self, benchmark, some):
        space = benchmark.space
        for query in (space.canonical, space.neighbours, space.to_string, space.index):
            query(tuples(some)[0])
        assert vars(space)
        assert changeable(space) == []
        assert changeable(benchmark.facts) == []

    def test_no_fact_can_be_set(self, benchmark):
        facts = benchmark.facts
        for name in (*vars(facts), "memory"):
            with pytest.raises(AttributeError):
                setattr(facts, name, None)
        target = next(iter(facts.targets))
        with pytest.raises(TypeError, match="does not support item assignment"):
            facts.targets[target] = None
        with pytest.raises(AttributeError):
            facts.targets[target].optimum = 0.0

    def test_no_array_can_be_written_to(self, benchmark):
        arrays = [
            array
            for group in vars(benchmark).values()
            if isinstance(group, dict)
            for array in group.values()
            if isinstance(array, np.ndarray)
        ]
        assert len(arrays) >= 3
        assert not any(array.flags.writeable for array in arrays)
        for group in benchmark.arrays().values():
            for array in group.values():
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 0.0


class TestSpeed:
    def test_single_queries_take_less_than_20_microseconds_once_memoised(self, benchmark, some):
        architecture, fidelity = tuples(some)[3], benchmark.facts.fidelities[-1]
        benchmark.observe(architecture, fidelity, 0)
        best = min(timeit.repeat(lambda: benchmark.observe(architecture, fidelity, 1), number=500, repeat=7)) / 500
        assert best < 20e-6

    def test_an_imported_table_opens_in_50_ms_and_50_mb(self, benchmark, imported_folder, monkeypatch):
        monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
        name = benchmark.facts.name
        if name not in imported_names():
            pytest.skip(f"{name} is not imported")
        before, opened = anonymous_memory(), []
        best = min(timeit.repeat(lambda: opened.append(open_table(name)), number=1, repeat=7))
        assert best < 0.05
        assert (anonymous_memory() - before) / len(opened) < 50e6


def anonymous_memory():
    """Bytes of memory that this process shares with no file; 0 where the system does not say."""
    status = Path("/proc/self/smaps_rollup")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


class TestElsewhere:
    def test_another_process_loads_the_same(self, benchmark, elsewhere):
        assert elsewhere[benchmark.facts.name] == fingerprints.fingerprint(benchmark)

    def test_a_pickled_benchmark_is_the_same_benchmark(self, benchmark):
        copy = pickle.loads(pickle.dumps(benchmark))
        assert copy.facts == benchmark.facts
        assert fingerprints.fingerprint(copy) == fingerprints.fingerprint(benchmark)


def test_a_benchmark_is_loaded_once_a_process_and_an_unknown_name_gets_the_nearest():
    assert load_benchmark("synthetic") is load_benchmark("synthetic")
    with pytest.raises(ValueError, match="did you mean 'synthetic'"):
        load_benchmark("syntetic")
