"""A trial by hand is the trial of a run."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms import ALGORITHMS, Query, algorithm_class, missing_library
from algorithms.random_search import RandomSearch
from benchmarks import load_benchmark
from harness import Race
from harness.errors import ConfigurationError
from harness.simulation.accounting import AlgorithmError
from harness.simulation.protocols import Budget, resolve_protocol
from harness.simulation.trial import run_trial

CHEAP = [name for name in ALGORITHMS if name not in ("bananas", "predictor_sampler", "bohb", "tpe")]
RULES = [{}, {"continuation": "resume", "overshoot": "keep"}, {"duplicates": "cached"}]


def simulated(name, rules, budget):
    benchmark = load_benchmark("synthetic")
    protocol = resolve_protocol("standard", rules, Budget.model_validate(budget), benchmark.facts)
    return run_trial(algorithm_class(name)(), name, benchmark, protocol, seed=3, trial=2)


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("name", CHEAP)
def test_it_is_the_trial_of_a_run(name, rules):
    if missing_library(algorithm_class(name)):
        return
    race = Race("synthetic", budget={"seconds": 900.0}, protocol=rules, seed=3, trial=2)
    algorithm = race.algorithm(name)
    while race.step(algorithm):
        pass
    columns = simulated(name, rules, {"seconds": 900.0}).columns
    assert [one.observed_error for one in race.evaluations] == columns["observed_error"].tolist()
    assert [one.end for one in race.evaluations] == columns["end"].tolist()
    assert [one.status for one in race.evaluations] == columns["status"].tolist()
    completed = columns["status"] == "completed"
    last = np.flatnonzero(completed)[np.argmax(columns["end"][completed])]
    assert race.true_error() == columns["incumbent_error:validation@27"][last]
    assert race.incumbent.number == columns["incumbent"][last]


def test_architectures_of_ones_own():
    race = Race("nasbench201-cifar10", budget={"evaluations": 3}, seed=1)
    assert race.incumbent is None
    assert np.isnan(race.true_error())
    while race.open:
        result = race.evaluate(race.space.sample(race.design_rng))
        assert result.end == race.clock
    assert len(race.evaluations) == 3
    assert race.true_error() >= race.benchmark.facts.targets["validation@200"].optimum
    assert race.space.from_string(race.frame()["architecture"][0]) == race.evaluations[0].architecture
    with pytest.raises(RuntimeError, match=r"the budget of 3 evaluations is spent; check race\.open"):
        race.evaluate(race.space.sample(race.design_rng))


def test_a_class_of_the_notebook_takes_part():
    class Mine(RandomSearch):
        pass

    race = Race("synthetic", budget={"evaluations": 5})
    algorithm = race.algorithm(Mine, replacement=False)
    steps = [race.step(algorithm) for _ in range(6)]
    assert [step is None for step in steps] == [False] * 5 + [True]


def test_mistakes_are_told():
    with pytest.raises(ConfigurationError, match=r"(?s)preset.*budget.*workers") as error:
        Race("synthetic", budget={"evaluations": 0}, protocol={"preset": "standart", "workers": 4})
    assert len(error.value.problems) == 3
    with pytest.raises(ConfigurationError, match=r'budget: expected a mapping such as {"evaluations": 100}, got 5'):
        Race("synthetic", budget=5)
    with pytest.raises(ConfigurationError, match="no budget for synthetic"):
        Race("synthetic")
    race = Race("synthetic", budget={"evaluations": 5})
    with pytest.raises(ConfigurationError, match="did you mean 'random_search'"):
        race.algorithm("random_serch")
    with pytest.raises(ConfigurationError, match="unknown hyperparameter"):
        race.algorithm("random_search", replace=True)
    with pytest.raises(AlgorithmError, match="expected one of the fidelities"):
        race.evaluate(race.space.sample(race.design_rng), fidelity=7)
    with pytest.raises(AlgorithmError, match="expected an architecture"):
        race.evaluate("conv")


def test_only_an_algorithm_that_is_ready_takes_a_step():
    race = Race("synthetic", budget={"evaluations": 5})
    for wrong in (RandomSearch, RandomSearch()):
        with pytest.raises(TypeError, match=r"step\(\): .*; make it with race\.algorithm\(RandomSearch\)"):
            race.step(wrong)
    with pytest.raises(TypeError, match=r"expected a name or a class.*race\.algorithm\(RandomSearch, "):
        race.algorithm(RandomSearch())


def test_a_mistake_in_evaluate_is_one_of_evaluate_and_in_a_step_one_of_ask(monkeypatch):
    race = Race("synthetic", budget={"evaluations": 5})
    architecture = race.space.sample(race.design_rng)
    with pytest.raises(AlgorithmError, match=r"^evaluate\(\): expected one of the fidelities 1, 3, 9, 27, got 2"):
        race.evaluate(architecture, 2)
    with pytest.raises(AlgorithmError, match=r"^evaluate\(\): cannot continue network 4"):
        race.evaluate(Query(architecture, 27.0, 4))
    search = race.algorithm("random_search")
    monkeypatch.setattr(search, "ask", lambda: Query(architecture, 2.0))
    with pytest.raises(AlgorithmError, match=r"^ask\(\): expected one of the fidelities"):
        race.step(search)
