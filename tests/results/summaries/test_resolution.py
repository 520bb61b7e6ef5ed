from __future__ import annotations

import dataclasses
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from results.statistics.power import smallest_difference
from results.summaries.pairs import compare_pairs
from results.summaries.resolution import NO_TESTS, benchmark_resolution, resolution_words
from results.summaries.summary import summarize
from results.summaries.types import PairSummary


def areas(n: int, **spreads: float) -> dict[str, pd.Series[float]]:
    rng = np.random.default_rng(0)
    return {label: pd.Series(rng.normal(-2, spread, n)) for label, spread in spreads.items()}


def by_pair(pairs: list[PairSummary]) -> dict[str, float | None]:
    return {pair.a + pair.b: pair.resolution for pair in pairs}


def test_the_resolution_of_a_pair_follows_from_its_differences() -> None:
    values = areas(20, a=0.1, b=0.2, c=0.3)
    pairs = compare_pairs(values)
    for pair in pairs:
        spread = (values[pair.a] - values[pair.b]).std(ddof=1)
        assert_allclose(pair.resolution, smallest_difference(spread, 20, 0.05 / 3))
    found = benchmark_resolution(pairs)
    assert found.difference == max(pair.resolution or 0 for pair in pairs)
    assert found.factor == 10 ** (found.difference or 0)
    assert (found.pairs, found.refusal) == (3, None)
    assert resolution_words(found, 3) == f"{found.difference:#.2g} dex (a factor of {found.factor:.3g})"


def test_a_planted_shift_changes_no_resolution() -> None:
    values = areas(12, a=0.1, b=0.2)
    (before,), (after,) = compare_pairs(values), compare_pairs(values | {"b": values["b"] + 1})
    assert after.winner == "a"
    assert_allclose(before.resolution, after.resolution)


def test_an_unknown_resolution_says_why() -> None:
    few = compare_pairs(areas(7, a=0.1, b=0.1))
    assert benchmark_resolution(few).refusal == NO_TESTS
    assert benchmark_resolution([]).refusal == NO_TESTS
    one = areas(9, a=0.1)["a"]
    equal = benchmark_resolution(compare_pairs({"a": one, "b": one, "c": one}))
    assert resolution_words(equal, 3) == "unknown (the differences do not vary)"
    many = compare_pairs(areas(8, **dict.fromkeys("abcdefghi", 0.1)))
    assert set(by_pair(many).values()) == {None}
    assert benchmark_resolution(many).refusal == "36 tests need 11 common trials each"


def test_pairs_without_a_resolution_are_counted() -> None:
    values = areas(20, a=0.1, b=0.2)
    pairs = compare_pairs(values | {"like a": values["a"]})
    assert by_pair(pairs)["alike a"] is None
    assert resolution_words(benchmark_resolution(pairs), 3).endswith(", for 2 of 3 pairs)")


def test_a_summary_of_a_partial_grid_has_it(studies: ModuleType) -> None:
    study = studies.realistic(labels=("a", "b", "c"), benchmarks=("x",), trials=12, evaluations=30)
    partial = dataclasses.replace(study, cells=[*study.cells[:2], studies.first_trials(study.cells[2], 5)])
    (panel,) = summarize(partial).benchmarks
    assert panel.resolution.pairs == 1
    assert panel.resolution.difference == panel.pairs[0].resolution
    single = dataclasses.replace(study, cells=[studies.first_trials(cell, 1) for cell in study.cells])
    assert summarize(single).benchmarks[0].resolution.refusal == NO_TESTS
