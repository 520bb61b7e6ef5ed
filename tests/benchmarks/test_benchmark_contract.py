"""Contract checks of every registered benchmark."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from available import ALIKE, QUICK, SOURCES, TESTED, per_benchmark

from benchmarks import BENCHMARKS, Benchmark, load_benchmark
from benchmarks.registry import SPACES, load_space
from benchmarks.storage.tables import imported_names, open_table
from benchmarks.surrogate import SurrogateBenchmark
from harness.conformance.benchmark_checks import (
    BENCHMARK_CHECKS,
    check_elsewhere,
    fingerprint,
    fingerprints_elsewhere,
)
from harness.conformance.samples import chosen, tuples


@pytest.fixture(scope="module", params=per_benchmark(TESTED))
def benchmark(request: pytest.FixtureRequest, any_benchmark: Callable[[str], Benchmark]) -> Benchmark:
    return any_benchmark(request.param)


@pytest.mark.parametrize(
    "check",
    [check for check in BENCHMARK_CHECKS if check.run is not check_elsewhere],
    ids=lambda check: check.run.__name__.removeprefix("check_"),
)
def test_a_benchmark_passes_the_contract_checks(benchmark, check):
    check.run(benchmark)


@pytest.mark.parametrize("names", [QUICK, pytest.param(ALIKE, marks=pytest.mark.slow)], ids=["quick", "alike"])
def test_another_process_loads_the_same(names, any_benchmark, imported_folder, monkeypatch):
    """One process with another PYTHONHASHSEED loads all available benchmarks."""
    here = {name: fingerprint(any_benchmark(name)) for name in names}
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    assert dict(zip(names, fingerprints_elsewhere(*names), strict=True)) == here


class TestRegistered:
    """Further checks of registered benchmarks."""

    def test_the_space_is_the_registered_one(self, benchmark):
        if benchmark.facts.space in SPACES:
            known = load_space(benchmark.facts.space)
            assert type(known) is type(benchmark.space)
            assert known.cardinalities == benchmark.space.cardinalities

    def test_everything_is_stated(self, benchmark):
        facts = benchmark.facts
        assert BENCHMARKS[facts.name]
        for text in (facts.title, facts.dataset, facts.metric, facts.unit, facts.licence, facts.citation, facts.source):
            assert text != "not stated"
        assert int(facts.data_hash, 16)
        assert set(facts.sisters) <= BENCHMARKS.keys()

    def test_siblings_are_mutual_and_on_the_same_space(self, benchmark, any_benchmark):
        for name in benchmark.facts.sisters:
            if name in ALIKE and benchmark.facts.name not in ALIKE:
                continue  # its own test, which is slow, compares the two
            sister = any_benchmark(name)
            assert benchmark.facts.name in sister.facts.sisters
            assert sister.space.name == benchmark.space.name
            assert sister.space.cardinalities == benchmark.space.cardinalities

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

    def test_no_target_can_be_set(self, benchmark):
        facts = benchmark.facts
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
        assert len(arrays) >= 3 or isinstance(benchmark, SurrogateBenchmark)
        assert not any(array.flags.writeable for array in arrays)
        for group in benchmark.arrays().values():
            for array in group.values():
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 0.0


class TestSpeed:
    def test_single_queries_take_less_than_20_microseconds_once_memoised(self, benchmark):
        architecture, fidelity = tuples(chosen(benchmark))[3], benchmark.facts.fidelities[-1]
        benchmark.observe(architecture, fidelity, 0)
        best = min(timeit.repeat(lambda: benchmark.observe(architecture, fidelity, 1), number=500, repeat=7)) / 500
        assert best < 20e-6

    @pytest.mark.parametrize("name", per_benchmark(name for name in TESTED if name in SOURCES))
    def test_an_imported_table_opens_in_50_ms_and_50_mb(self, name, any_benchmark, imported_folder, monkeypatch):
        any_benchmark(name)
        monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
        assert name in imported_names()
        before, opened = anonymous_memory(), []
        best = min(timeit.repeat(lambda: opened.append(open_table(name)), number=1, repeat=7))
        assert best < 0.05
        assert (anonymous_memory() - before) / len(opened) < 50e6


def anonymous_memory():
    """Return the bytes of this process's memory that no file backs, or 0 if the system does not report them."""
    status = Path("/proc/self/smaps_rollup")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def test_a_benchmark_is_loaded_once_per_process_and_an_unknown_name_gets_a_suggestion():
    assert load_benchmark("synthetic") is load_benchmark("synthetic")
    with pytest.raises(ValueError, match="did you mean 'synthetic'"):
        load_benchmark("syntetic")
