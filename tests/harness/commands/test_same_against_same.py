"""One algorithm against itself: disjoint ranges of its trials are called different at most at the nominal rate."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.anytime.regret import area_under_log_regret
from results.storage.loading import load
from results.summaries.pairs import compare_pairs
from results.summaries.significance import no_worse

TRIALS = 10
"""Number of trials in each range."""


def areas(folder, repetitions, ranges, **algorithms):
    """Yield the areas of each algorithm, cut into ``ranges`` disjoint ranges per repetition with the same numbers."""
    raw = {
        "schema": 1, "name": "same", "seed": 11, "trials": repetitions * ranges * TRIALS, "benchmarks": ["synthetic"],
        "budget": {"evaluations": 30}, "algorithms": algorithms,
    }  # fmt: skip
    run_experiment(resolve_experiment(raw, Path()), folder, jobs=1)
    study = load(folder)
    for cell in study.cells:
        area = area_under_log_regret(cell, study, cell.protocol["report"][0], "evaluations")
        cuts = [area.iloc[first : first + TRIALS].reset_index(drop=True) for first in range(0, len(area), TRIALS)]
        yield [{str(i): cuts[repetition * ranges + i] for i in range(ranges)} for repetition in range(repetitions)]


def lower_bound(claims, repetitions):
    """Return the one-sided 95 % lower bound of the rate of claims (Clopper and Pearson)."""
    return stats.binomtest(claims, repetitions, alternative="greater").proportion_ci(0.95).low


@pytest.mark.slow
@pytest.mark.parametrize(
    ("repetitions", "ranges"), [(60, 2), (40, 3), pytest.param(1000, 2, marks=pytest.mark.slow)]
)  # fmt: skip
def test_an_algorithm_beats_itself_at_the_nominal_rate(tmp_path, repetitions, ranges):
    (family,) = areas(tmp_path, repetitions, ranges, regularized_evolution={"population": 10, "sample": 3})
    claimed = sum(any(pair.winner for pair in compare_pairs(members)) for members in family)
    assert lower_bound(claimed, repetitions) <= 0.05


@pytest.mark.slow
def test_the_same_tests_tell_different_algorithms_apart(tmp_path):
    random_search, local_search = areas(tmp_path, 20, 1, random_search={}, local_search={})
    pairs = [
        compare_pairs({"random": one["0"], "local": other["0"]})[0]
        for one, other in zip(random_search, local_search, strict=True)
    ]
    assert sum(pair.winner == "local" for pair in pairs) >= 10
    assert not any(pair.winner == "random" for pair in pairs)
    assert not any(no_worse(one["0"], other["0"]).holds for one, other in zip(random_search, local_search, strict=True))
