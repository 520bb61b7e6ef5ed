"""Adapters of other libraries: the message if one is missing, and that it is driven as its authors intend."""

from __future__ import annotations

import random
import sys
import tempfile
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from driving import begun, drive, rugged

from algorithms import ALGORITHMS, Pause, algorithm_class, missing_library
from algorithms.adapters import base, hpbandster
from algorithms.adapters.base import PROPOSALS, Adapter, Choices
from algorithms.adapters.isolation import Isolation, import_apart
from benchmarks import ChoiceSpace, UnknownNameError
from harness.cli.app import main
from harness.entries.sources import find_source
from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment

ADAPTERS = {name: cls for name in ALGORITHMS if (cls := algorithm_class(name)).library}
LIGHT = {"smac": {"initial": 6, "challengers": 50}}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.library(cls.library)) for name, cls in ADAPTERS.items()])
def adapter(request):
    """Return a function that makes a registered adapter."""
    return lambda: ADAPTERS[request.param](**LIGHT.get(request.param, {}))


class Half(ChoiceSpace):
    """A space in which only combinations of an even sum are architectures."""

    def is_valid(self, architecture):
        return super().is_valid(architecture) and sum(architecture) % 2 == 0


class Nothing(ChoiceSpace):
    def is_valid(self, architecture):
        return False


def run(algorithm, space, n, error):
    """Return up to ``n`` architectures that the algorithm asks for, each told at once, at any fidelity."""
    begun(algorithm, space)
    asked = []
    for _ in range(n):
        query = algorithm.ask()
        if query is Pause.DONE:
            break
        asked.append(query.architecture)
        algorithm.tell(query, error(query.architecture))
    return asked


def choices(*cardinalities, kind=ChoiceSpace):
    return kind("toy", {f"p{i}": range(count) for i, count in enumerate(cardinalities)})


class TestWithoutTheLibrary:
    @pytest.fixture(params=ADAPTERS)
    def name(self, request, monkeypatch):
        monkeypatch.setitem(sys.modules, ADAPTERS[request.param].library, None)
        return request.param

    def test_an_experiment_names_the_extra_and_every_other_mistake(self, name):
        raw = {"schema": 1, "name": "x", "seed": 1, "trials": 1, "benchmarks": ["synthetic"]}
        raw |= {"budget": {"evaluations": 5}, "algorithms": {"theirs": {"use": name}, "random_serch": {}}}
        with pytest.raises(ConfigurationError) as raised:
            resolve_experiment(raw, None)
        hint = f"pip install 'regretta[{ADAPTERS[name].library}]'"
        assert any(problem.startswith("algorithms.theirs: ") and hint in problem for problem in raised.value.problems)
        assert any("did you mean 'random_search'" in problem for problem in raised.value.problems)

    def test_the_command_line_reports_it_without_a_traceback(self, name, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["regretta", "test", "algorithm", name])
        with pytest.raises(SystemExit) as left:
            main()
        assert left.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith(f"regretta: use = '{name}' cannot run here: ")
        assert said.endswith(f"pip install 'regretta[{ADAPTERS[name].library}]'\n")

    def test_the_list_of_algorithms_says_it_beside_the_name(self, name, monkeypatch, capsys):
        monkeypatch.setenv("COLUMNS", "400")
        monkeypatch.setattr(sys, "argv", ["regretta", "list", "algorithms"])
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
        (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{name} ")]
        assert f"pip install 'regretta[{ADAPTERS[name].library}]'" in row

    def test_a_custom_class_built_on_it_gets_the_hint_too(self, name, tmp_path):
        module, _, attribute = ALGORITHMS[name].partition(":")
        (tmp_path / "mine.py").write_text(f"from {module} import {attribute}\n\nclass Mine({attribute}):\n    pass\n")
        with pytest.raises(ConfigurationError, match="pip install"):
            find_source("mine.py:Mine", tmp_path)


def test_algorithms_without_a_library_are_complete():
    assert not [name for name in ALGORITHMS if name not in ADAPTERS and missing_library(algorithm_class(name))]


@dataclass
class Listed(Adapter):
    """Proposes the items of a list, and remembers the results."""

    library = "numpy"
    reference = "none"

    def start(self):
        self.proposals, self.told, self.rejected = [], [], []

    def propose(self):
        return {"x0": np.int64(self.proposals.pop(0))} if self.proposals else None

    def values(self, token):
        return token

    def learn(self, token, observed_error):
        self.told.append((token, observed_error))

    def reject(self, token):
        self.rejected.append(token)


class TestAdapter:
    def test_the_library_gets_its_own_objects_back_whatever_the_order(self):
        algorithm = begun(Listed(), choices(4))
        algorithm.proposals = [2, 2]
        first, second = algorithm.ask(), algorithm.ask()
        assert first == second
        tokens = [algorithm._running[id(query)] for query in (first, second)]
        algorithm.tell(second, 0.2)
        algorithm.tell(first, 0.1)
        assert [token is told for token, (told, _) in zip(reversed(tokens), algorithm.told, strict=True)] == [True] * 2
        assert [error for _, error in algorithm.told] == [0.2, 0.1]

    def test_without_a_proposal_it_waits_for_what_runs_and_then_is_done(self):
        algorithm = begun(Listed(), choices(4))
        algorithm.proposals = [3]
        query = algorithm.ask()
        assert algorithm.ask() is Pause.WAIT
        algorithm.tell(query, 0.5)
        assert algorithm.ask() is Pause.DONE

    def test_an_invalid_combination_is_rejected_and_the_next_is_asked_for(self):
        algorithm = begun(Listed(), choices(4, kind=Half))
        algorithm.proposals = [1, 3, 2]
        assert algorithm.ask().architecture == (2,)
        assert algorithm.rejected == [{"x0": 1}, {"x0": 3}]

    def test_too_many_in_a_row_end_the_trial_with_the_reason(self):
        algorithm = begun(Listed(), choices(4, kind=Nothing))
        algorithm.proposals = [1] * (PROPOSALS + 1)
        with pytest.raises(RuntimeError, match=r"200 combinations in a row .* space 'toy'.*regularized_evolution"):
            algorithm.ask()
        assert len(algorithm.rejected) == PROPOSALS

    def test_positions_without_a_choice_are_left_out(self):
        found = Choices(choices(1, 3, 1, 2))
        assert found.counts == {"x1": 3, "x3": 2}
        assert found.architecture({"x3": np.int64(1), "x1": 2}) == (0, 2, 0, 1)
        assert all(type(value) is int for value in found.architecture({"x3": np.int64(1), "x1": 2}))

    def test_a_space_of_one_architecture_is_refused(self):
        with pytest.raises(
            ValueError, match="numpy: expected a space with at least two architectures, got 'toy' with one"
        ):
            Listed().check_fits(choices(1, 1), (1.0,), (0.0, 1.0))

    def test_a_large_pool_is_refused(self):
        Listed().check_fits(choices(1, 1_000), (1.0,), (0.0, 1.0))
        with pytest.raises(
            ValueError, match=r"numpy: expected at most 1,000 choices at a position, got 1,001 in space 'toy'"
        ):
            Listed().check_fits(choices(1, 1_001), (1.0,), (0.0, 1.0))


class TestIsolation:
    def draws(self, isolation):
        with isolation.inside():
            return random.random(), np.random.random()  # noqa: NPY002

    def test_its_random_states_continue_between_calls(self):
        one, other, third = Isolation(5), Isolation(5), Isolation(6)
        first = self.draws(one)
        random.random()
        np.random.random()  # noqa: NPY002
        second = self.draws(one)
        assert first != second
        assert [self.draws(other), self.draws(other)] == [first, second]
        assert self.draws(third) != first

    def test_the_callers_states_are_restored_even_after_an_error(self):
        python, numpy = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
        with pytest.raises(ZeroDivisionError), Isolation(1).inside():
            print(random.random() / 0)
        assert random.getstate() == python
        assert np.array_equal(np.random.get_state()[1], numpy)  # noqa: NPY002
        assert self.draws(Isolation(1)) != (random.random(), np.random.random())  # noqa: NPY002

    def test_warnings_are_silenced_inside_only(self):
        with Isolation(1).inside():
            warnings.warn("of a library", stacklevel=1)
        with pytest.warns(UserWarning, match="of ours"):
            warnings.warn("of ours", stacklevel=1)

    def test_an_import_draws_the_same_everywhere_and_leaves_nothing(self, tmp_path, monkeypatch):
        monkeypatch.syspath_prepend(tmp_path)
        python = random.getstate()
        for name in ("draws_once", "draws_again"):
            (tmp_path / f"{name}.py").write_text("import random\ndrawn = random.random()\n")
            import_apart(name)
        assert sys.modules["draws_once"].drawn == sys.modules["draws_again"].drawn
        assert random.getstate() == python


class TestEveryLibrary:
    def test_it_improves_and_prints_nothing(self, adapter, capfd):
        asked = run(adapter(), choices(3, 2, 4), 40, lambda a: float(sum(a)) / 10)
        assert min(map(sum, asked[10:])) <= 1
        assert capfd.readouterr() == ("", "")

    def test_a_space_of_half_the_combinations_is_searched(self, adapter):
        space = choices(3, 3, 2, kind=Half)
        asked = run(adapter(), space, 25, lambda a: float(sum(a)) / 10)
        assert all(map(space.is_valid, asked))
        assert len(set(asked)) > 3

    def test_a_space_without_architectures_is_refused(self, adapter, monkeypatch):
        for module in (base, hpbandster):
            monkeypatch.setattr(module, "PROPOSALS", 20)
        algorithm = begun(adapter(), choices(9, 9, 9, 9, kind=Nothing))
        with pytest.raises(RuntimeError, match="20 combinations in a row"):
            algorithm.ask()


@pytest.mark.library("optuna")
def test_optunas_tpe_decides_as_a_separate_study_does():
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space, error = rugged((5, 1, 4, 3), 2)
    rng = np.random.default_rng([0, 0])
    rng.integers(2**31)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=int(rng.integers(2**31))))
    alone = []
    for _ in range(40):
        trial = study.ask()
        a, b, c = (trial.suggest_categorical(f"x{i}", range(n)) for i, n in ((0, 5), (2, 4), (3, 3)))
        alone.append((a, 0, b, c))
        study.tell(trial, error(alone[-1]))
    assert drive(begun(ADAPTERS["optuna_tpe"](), space), error, 40) == alone


@pytest.mark.library("optuna")
def test_optuna_knows_what_is_running():
    algorithm = begun(ADAPTERS["optuna_tpe"](), choices(4, 4))
    queries = [algorithm.ask() for _ in range(3)]
    algorithm.tell(queries[1], 0.5)
    assert [trial.state.name for trial in algorithm._study.trials] == ["RUNNING", "COMPLETE", "RUNNING"]


@pytest.mark.library("smac")
class TestSMAC:
    @pytest.fixture
    def smac(self):
        return lambda **parameters: ADAPTERS["smac"](**LIGHT["smac"] | parameters)

    def test_it_leaves_no_files(self, smac, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        run(smac(), choices(4, 4), 15, lambda a: float(sum(a)))
        assert list(tmp_path.iterdir()) == []

    def test_deterministic_asks_nothing_twice_and_ends_with_the_space(self, smac):
        space, error = rugged((3, 2), 3)
        asked = drive(begun(smac(deterministic=True), space), error, 50)
        assert len(asked) == len(set(asked)) < 50

    def test_otherwise_good_ones_are_evaluated_again(self, smac):
        space, error = rugged((4, 4), 3)
        asked = drive(begun(smac(repeats=3), space), error, 20)
        best = min(asked, key=error)
        assert 1 < asked.count(best) <= 3


@pytest.mark.library("hpbandster")
class TestHpBandSter:
    @pytest.fixture
    def algorithm(self):
        return ADAPTERS["hpbandster_bohb"]()

    def test_its_model_learns_every_result_at_its_fidelity(self, algorithm):
        run(algorithm, choices(3, 4), 60, lambda a: float(sum(a)))
        counts = {fidelity: len(losses) for fidelity, losses in algorithm._generator.losses.items()}
        assert set(counts) == {1.0, 9.0}
        assert set(algorithm._generator.kde_models)

    def test_an_internal_error_ends_the_trial_instead_of_continuing_at_random(self, algorithm):
        begun(algorithm, choices(3, 4))
        algorithm._generator.random_fraction = 0.0
        algorithm._generator.kde_models = {9.0: {}}
        with pytest.raises(RuntimeError, match="HpBandSter failed: Sampling based optimization"):
            algorithm.ask()


@pytest.mark.library("nevergrad")
def test_nevergrads_optimizers_are_named():
    with pytest.raises(UnknownNameError, match="did you mean 'NGOpt'"):
        begun(ADAPTERS["nevergrad"](optimizer="NGOtp"), choices(3, 3))
    run(ADAPTERS["nevergrad"](optimizer="TwoPointsDE"), choices(3, 3), 40, lambda a: float(sum(a)))
