"""BOHB and TPE against the libraries that people use, in end regret; slow, and only where those are installed."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from algorithms import Algorithm, Query
from algorithms.bohb import BOHB
from algorithms.halving import SynchronousHalving
from algorithms.tpe import TPE
from benchmarks import load_benchmark
from harness.protocols import Budget, Protocol
from harness.trial import run_trial
from results.records import INCUMBENT

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
    """The 90 % interval of the paired difference lies within the margin: two one-sided tests at 0.05."""
    difference = ours - theirs
    interval = stats.t.interval(0.9, TRIALS - 1, difference.mean(), stats.sem(difference))
    print(f"ours - theirs {difference.mean():+.3f} dex, 90 % interval [{interval[0]:+.3f}, {interval[1]:+.3f}]")
    assert -MARGIN < interval[0] <= interval[1] < MARGIN


def test_bohb_ends_where_hpbandsters_generator_does():
    pytest.importorskip("hpbandster", reason="pip install hpbandster")
    import ConfigSpace
    from hpbandster.optimizers.config_generators.bohb import BOHB as Generator

    logging.getLogger("hpbandster").setLevel(logging.CRITICAL)

    @dataclass
    class HpBandSter(SynchronousHalving):
        reference = "hpbandster 0.7.4"

        def begin(self):
            super().begin()
            np.random.seed(int(self.rng.integers(2**31)))  # noqa: NPY002 - their generator has no other
            space = ConfigSpace.ConfigurationSpace(seed=int(self.rng.integers(2**31)))
            for position, cardinality in enumerate(self.space.cardinalities):
                space.add(ConfigSpace.CategoricalHyperparameter(f"x{position}", list(range(cardinality))))
            self.generator = Generator(space)
            self.configurations = {}

        def propose(self):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                configuration, _ = self.generator.get_config(self._bracket._rungs[0][1])
            architecture = tuple(int(configuration[f"x{i}"]) for i in range(len(self.space.cardinalities)))
            self.configurations[architecture] = configuration
            return architecture

        def tell(self, query, observed_error):
            super().tell(query, observed_error)
            kwargs = {"budget": query.fidelity, "config": self.configurations[query.architecture]}
            job = SimpleNamespace(result={"loss": observed_error}, kwargs=kwargs, exception=None, timestamps={})
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.generator.new_result(job)

    benchmark = load_benchmark("nasbench201-cifar10-curves")
    protocol = Protocol(budget=Budget(seconds=40_000.0), fidelities=(12.0, 200.0), report=(TARGET,))
    ours = log_end_regrets(lambda: BOHB(bandwidth="hpbandster"), "bohb", benchmark, protocol)
    theirs = log_end_regrets(HpBandSter, "hpbandster", benchmark, protocol)
    assert_equivalent(ours, theirs)


def test_tpe_ends_where_optunas_does():
    optuna = pytest.importorskip("optuna", reason="pip install optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    @dataclass
    class Optuna(Algorithm):
        reference = "optuna"

        def begin(self):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sampler = optuna.samplers.TPESampler(seed=int(self.rng.integers(2**31)), multivariate=True)
            self.study = optuna.create_study(sampler=sampler)
            self.running = {}

        def ask(self):
            trial = self.study.ask()
            choices = enumerate(self.space.cardinalities)
            architecture = tuple(trial.suggest_categorical(f"x{i}", list(range(c))) for i, c in choices)
            query = Query(architecture, self.fidelities[-1])
            self.running[id(query)] = trial
            return query

        def tell(self, query, observed_error):
            self.study.tell(self.running.pop(id(query)), observed_error)

    benchmark = load_benchmark("nasbench201-cifar10")
    protocol = Protocol(budget=Budget(evaluations=100), fidelities=(200.0,), report=(TARGET,))
    ours = log_end_regrets(TPE, "tpe", benchmark, protocol)
    theirs = log_end_regrets(Optuna, "optuna", benchmark, protocol)
    assert_equivalent(ours, theirs)
