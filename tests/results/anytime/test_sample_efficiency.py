"""The sample efficiency gain, on studies whose numbers are worked out by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from results.anytime.sample_efficiency import (
    error_of_rank,
    evaluations_to_error,
    gain_ratio,
    random_search_evaluations,
    sample_efficiency,
)
from results.storage.records import ResultsError

TARGET = "validation@200"
BUDGET = {"evaluations": 5}
ERRORS = np.linspace(0.10, 0.20, 100)
"""True errors of all architectures: the best is 0.10, that of rank 2 is a 0.001 and a bit above it."""


def hits(studies: ModuleType, first: list[int | None], **fields: Any) -> Any:
    """Trials of five evaluations, each with the best architecture from an evaluation on, or never."""
    at = np.repeat([6 if n is None else n for n in first], 5)
    number = np.tile(np.arange(1, 6), len(first))
    frame = pd.DataFrame(
        {
            "trial": np.repeat(np.arange(len(first)), 5),
            "number": number,
            "end": number.astype(float),
            "status": "completed",
            "duplicate": False,
            "incumbent_error:" + TARGET: np.where(number >= at, 0.10, 0.15),
        }
    )
    return studies.from_frame(frame, range(len(first)), BUDGET, **({"signal": "mean"} | fields))


def test_the_error_of_a_rank() -> None:
    assert error_of_rank([0.3, 0.1, 0.2], 1) == 0.1
    assert error_of_rank([0.3, 0.1, 0.2], 3) == 0.3
    for rank in (0, 4):
        with pytest.raises(ResultsError, match=f"between 1 and 3, .*, got {rank}$"):
            error_of_rank([0.3, 0.1, 0.2], rank)


def test_random_search_needs_the_mean_of_a_geometric_distribution() -> None:
    assert random_search_evaluations(ERRORS, error_of_rank(ERRORS, 4)) == 25
    assert random_search_evaluations([0.1, 0.1, 0.2, 0.3], 0.1) == 2  # ties count
    rng = np.random.default_rng(0)
    needed = [int(np.argmax(rng.integers(100, size=3_000) < 4)) + 1 for _ in range(4_000)]
    assert_allclose(np.mean(needed), 25, rtol=0.05)
    with pytest.raises(ResultsError, match=r"at most 0\.05; the lowest is 0\.1"):
        random_search_evaluations(ERRORS, 0.05)


def test_evaluations_until_the_error_or_all_that_were_spent(studies: ModuleType) -> None:
    found = evaluations_to_error(hits(studies, [3, None, 1, 5]), TARGET, 0.1)
    assert found["evaluations"].tolist() == [3, 5, 1, 5]
    assert found["reached"].tolist() == [True, False, True, True]


def test_the_first_time_counts_though_the_true_error_of_an_incumbent_may_rise(studies: ModuleType) -> None:
    cell = studies.cell({7: [(1, 0.2), (2, 0.1), (3, 0.15)]}, BUDGET)
    assert evaluations_to_error(cell, TARGET, 0.1).to_dict("index") == {7: {"evaluations": 2, "reached": True}}


def test_the_gain_by_hand(studies: ModuleType) -> None:
    cell = hits(studies, [3, None, 1, 5], label="search")
    (found,) = sample_efficiency(studies.study(cell), {"bench": ERRORS}, rank=1)
    assert (found.benchmark, found.label, found.rank, found.error) == ("bench", "search", 1, 0.10)
    assert (found.trials, found.reached) == (4, 3)
    assert_allclose(found.evaluations, (3 + 5 + 1 + 5) / 3)
    assert_allclose(found.gain.value or 0, 100 * 3 / 14)
    assert found.gain.low is not None
    assert found.gain.high is not None
    assert 0 <= found.gain.low < 100 * 3 / 14 < found.gain.high <= 100


@pytest.mark.slow
def test_the_interval_holds_the_true_gain_as_often_as_it_says(studies: ModuleType) -> None:
    """Random search itself gains 1; its censored trials must not bias that."""
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(100):
        first = rng.geometric(0.25, size=60)
        cell = hits(studies, [int(n) if n <= 5 else None for n in first])
        (found,) = sample_efficiency(studies.study(cell), {"bench": np.r_[0.1, 0.2, 0.2, 0.2]}, rank=1)
        assert found.gain.low is not None
        assert found.gain.high is not None
        covered.append(found.gain.low <= 1 <= found.gain.high)
    assert np.mean(covered) >= 0.87


def test_who_never_reaches_it_gains_nothing(studies: ModuleType) -> None:
    study = studies.study(hits(studies, [None, None]), hits(studies, [], label="nobody"))
    never, nobody = sample_efficiency(study, {"bench": ERRORS}, rank=1)
    assert (never.reached, never.evaluations, never.gain.value, never.gain.high) == (0, np.inf, 0, 0)
    assert (nobody.trials, nobody.gain.value, nobody.gain.low) == (0, None, None)


def test_no_algorithm_changes_the_gain_of_another(studies: ModuleType) -> None:
    alone = hits(studies, [3, None, 1, 5])
    both = studies.study(hits(studies, [1, 1, 1, 1], label="first"), alone)
    assert (
        sample_efficiency(both, {"bench": ERRORS}, 1)[1]
        == sample_efficiency(studies.study(alone), {"bench": ERRORS}, 1)[0]
    )


def test_the_ratio_of_two_gains_over_common_trials(studies: ModuleType) -> None:
    fast, slow = hits(studies, [1, 2, 1, 2] * 5, label="fast"), hits(studies, [4, None, 5, 4] * 5, label="slow")
    ratio = gain_ratio(fast, slow, 0.1)
    assert_allclose(ratio.value or 0, (4 / 6) / (3 / 18))
    assert ratio.low is not None
    assert ratio.high is not None
    assert 1 < ratio.low < (ratio.value or 0) < ratio.high
    same = gain_ratio(slow, slow, 0.1)
    assert (same.value, same.low, same.high) == (1, 1, 1)  # trials are paired
    never = gain_ratio(fast, hits(studies, [None] * 20), 0.1)
    assert (never.value, never.low, never.high) == (None, None, None)
    with pytest.raises(ResultsError, match="no common trial"):
        gain_ratio(fast, hits(studies, []), 0.1)


@pytest.mark.parametrize("rule", [{"signal": "repeat"}, {"duplicates": "cached"}])
def test_protocols_without_a_known_random_search_are_refused(studies: ModuleType, rule: dict[str, str]) -> None:
    cell = hits(studies, [1], **rule)
    with pytest.raises(ResultsError, match="the gain needs signal = 'mean' and duplicates that count"):
        sample_efficiency(studies.study(cell), {"bench": ERRORS}, 1)
    with pytest.raises(ResultsError, match="the gain needs"):
        gain_ratio(cell, cell, 0.1)
