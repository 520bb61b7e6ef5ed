"""BOHB and TPE, compared with widely used libraries by final regret. Slow; skipped if a library is missing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from algorithms.adapters.hpbandster import HpBandSterBOHB
from algorithms.adapters.optuna import OptunaTPE
from algorithms.bohb import BOHB
from algorithms.tpe import TPE
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial
from results.storage.records import INCUMBENT

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TRIALS, MARGIN, TARGET = 200, 0.1, "validation@200"


def log_end_regrets(make, name, benchmark, protocol):
    facts = benchmark.facts.targets[TARGET]
    ends = []
    for trial in range(TRIALS):
        columns = run_trial(make(), name, benchmark, protocol, 11, trial).columns
        done = columns["status"] == "completed"
        last = columns[INCUMBENT + TARGET][done][np.argmax(columns["end"][done])]
        ends.append(np.log10(max(last - facts.optimum, facts.floor)))
    return np.array(ends)


def assert_equivalent(ours, theirs):
    """Assert that the 90 % interval of the paired difference lies in the margin (two one-sided tests at 0.05)."""
    difference = ours - theirs
    interval = stats.t.interval(0.9, TRIALS - 1, difference.mean(), stats.sem(difference))
    print(f"ours - theirs {difference.mean():+.3f} dex, 90 % interval [{interval[0]:+.3f}, {interval[1]:+.3f}]")
    assert -MARGIN < interval[0] <= interval[1] < MARGIN


@pytest.mark.library("hpbandster")
def test_bohb_ends_where_hpbandsters_generator_does():
    benchmark = load_benchmark("nasbench201-cifar10-curves")
    protocol = Protocol(budget=Budget(seconds=40_000.0), fidelities=(12.0, 200.0), report=(TARGET,))
    ours = log_end_regrets(lambda: BOHB(bandwidth="hpbandster"), "bohb", benchmark, protocol)
    theirs = log_end_regrets(HpBandSterBOHB, "hpbandster", benchmark, protocol)
    assert_equivalent(ours, theirs)


@pytest.mark.library("optuna")
def test_tpe_ends_where_optunas_does():
    benchmark = load_benchmark("nasbench201-cifar10")
    protocol = Protocol(budget=Budget(evaluations=100), fidelities=(200.0,), report=(TARGET,))
    ours = log_end_regrets(TPE, "tpe", benchmark, protocol)
    theirs = log_end_regrets(OptunaTPE, "optuna", benchmark, protocol)
    assert_equivalent(ours, theirs)
