"""Tuning chooses on the train benchmarks alone, finds what is there to find, and can be continued."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import tomllib
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import regretta_here, start, until
from planted import BEST

import harness.experiments.resolution
import harness.tuning
from algorithms import ALGORITHMS
from harness.commands.tune import gains_table
from harness.errors import ConfigurationError
from harness.experiments.files import TUNING, read_experiment_file, shipped_experiments
from harness.experiments.resolution import resolve_experiment
from harness.tuning.choice import CHOICE, read_choice, seal_choice
from harness.tuning.settings import Range, open_tuning
from harness.tuning.tuned_file import tuned_experiment
from harness.tuning.tuning import tune
from results.storage.records import ResultsError

FILE = """
schema = 1
name = "planted"
seed = 3
budget = {{ evaluations = 20 }}
[tuning]
train = ["synthetic", "fcnet-naval"]
test = ["fcnet-protein"]
trials = {trials}
final_trials = 30
{more}
[algorithms.random_search]
[algorithms.planted]
search = {{ quality = [0, 3, 6, 9], idle = [0, 1] }}
"""


@pytest.fixture(autouse=True)
def planted(monkeypatch):
    monkeypatch.setitem(ALGORITHMS, "planted", "planted:Planted")


@contextlib.contextmanager
def watch(experiment, directory):
    yield {}


def opened(folder, trials=8, more=""):
    file = folder / "planted.toml"
    file.write_text(FILE.format(trials=trials, more=more))
    return open_tuning(str(file))


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ALGORITHMS, "planted", "planted:Planted")
        yield tune(opened(folder, more="transfer = true"), folder / "out", 1, watch)


def test_the_planted_optimum_is_found_and_invalid_settings_are_counted(tuned):
    one = tuned.algorithms["planted"]
    assert one.train.winner.values["quality"] == one.test.winner.values["quality"] == BEST
    assert len(one.choices.valid) == 6
    assert not one.choices.complete
    assert sum(one.choices.invalid.values()) == 2
    assert "quality 9 fits no space" in next(iter(one.choices.invalid))
    assert {setting.values["quality"] for setting in one.alone.values()} == {BEST}


def test_all_configurations_meet_the_same_trials_and_half_of_them_go_on(tuned):
    counts = [frame.notna().sum().sort_values().tolist() for frame in tuned.algorithms["planted"].train.areas.values()]
    assert counts == [[8] * 3 + [16] + [32] * 2] * 2
    assert tuned.algorithms["planted"].train.trials == 2 * (6 * 8 + 3 * 8 + 2 * 16)


def test_the_final_trials_are_fresh(tuned):
    record = json.loads((tuned.final / "experiment.json").read_text())
    assert record["trials"] == [32, 62]
    assert [cell["label"] for cell in record["cells"]] == ["random_search", "planted (default)", "planted (tuned)"]
    (gain,) = tuned.gains().to_dict("records")
    assert gain["low"] > 0.02
    assert gain["p_holm"] < 1e-3
    assert gain["share"] == pytest.approx(1.0, abs=0.2)


def test_the_hyperparameter_that_matters_has_the_variance(tuned):
    shares = tuned.importance("planted").set_index("effect")["share"]
    assert shares["quality"] > 0.7
    assert shares["idle"] < 0.1


def test_settings_transfer(tuned):
    matrix = tuned.transfer("planted")
    assert len(matrix) == 9
    assert (matrix.loc[matrix.tuned_on == matrix.raced_on, "behind"] == 0).all()


def test_no_test_benchmark_is_opened_before_the_choice_is_sealed(tmp_path, monkeypatch):
    file = opened(tmp_path, trials=4)
    folders, opened_after = [tmp_path / "out"], []

    def guarded(load, name):
        if name in file.section.test:
            assert (folders[-1] / CHOICE).exists(), f"{name} was opened before the choice was sealed"
            opened_after.append(name)
        return load(name)

    for module, load in ((harness.experiments.resolution, "load_outline"), (harness.running.worker, "load_benchmark")):
        monkeypatch.setattr(module, load, partial(guarded, getattr(module, load)))
    tune(file, folders[-1], 1, watch)
    assert opened_after
    folders.append(tmp_path / "other")
    monkeypatch.setattr("harness.tuning.tuning.seal_choice", lambda *given: "not written")
    with pytest.raises(AssertionError, match="fcnet-protein was opened before the choice was sealed"):
        tune(file, folders[-1], 1, watch)  # shows that the guard would see it


def test_another_choice_in_the_folder_is_refused(tmp_path):
    file, out = opened(tmp_path, trials=4), tmp_path / "out"
    tune(file, out, 1, watch)
    sealed = read_choice(out)
    assert sealed["algorithms"]["planted"]["chosen"]["quality"] in range(9)
    (out / CHOICE).write_text((out / CHOICE).read_text().replace('"seed": 3', '"seed": 4'))
    with pytest.raises(ResultsError, match="was changed after it was written"):
        tune(file, out, 1, watch)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": []}, "tuning.train: list should have at least 1 item"),
        (
            {"train": ["nasbench201-cifar10"], "test": ["nasbench201-cifar10-curves"]},
            "nasbench201-cifar10-curves: the same data as nasbench201-cifar10 in train",
        ),
        (
            {"test": ["synthetic"]},
            "tuning: synthetic: in train and in test; a test benchmark must not guide the choice",
        ),
        ({"test": ["fcnet-prtein"]}, "tuning.test: unknown benchmark 'fcnet-prtein'; did you mean 'fcnet-protein'"),
        ({"trails": 3}, "tuning: unknown key 'trails'; did you mean 'trials'"),
        ({"search": {}}, "algorithms.planted.search: expected hyperparameters with their values, got {}"),
        ({"search": {"quality": [1]}}, "search.quality: expected at least two different values, got [1]"),
        ({"search": {"quality": {"low": 3, "high": 1}}}, "search.quality: expected low below high, got 3 and 1"),
        ({"search": {"quality": {"low": 0, "high": 5, "log": True}}}, "expected low above 0 with log = true, got 0"),
        ({"exclude": {"benchmark": "fcnet-naval"}}, "exclude: in a tuning file, [tuning] names all benchmarks"),
        ({"seed": -1}, "seed: input should be greater than or equal to 0; got -1"),
        ({"budgets": {"fcnet-slice": {"evaluations": 9}}}, "budgets: unknown benchmark of this tuning 'fcnet-slice'"),
        ({"algorithms": {"planted (tuned)": {"use": "local_search"}}}, "gives this label to a setting of planted"),
        ({"search": {"speed": [1, 2]}}, "expected at least two valid configurations, got 0: unknown hyperparameter"),
    ],
)
def test_mistakes_are_told(tmp_path, changes, message):
    file = tmp_path / "wrong.toml"
    content = tomllib.loads(FILE.format(trials=4, more=""))
    if "search" in changes:
        content["algorithms"]["planted"]["search"] = changes.pop("search")
    if "exclude" in changes:
        content["exclude"] = [changes.pop("exclude")]
    content["algorithms"] |= changes.pop("algorithms", {})
    content |= {key: changes.pop(key) for key in ("seed", "budgets") if key in changes}
    content["tuning"] |= changes
    file.write_text(as_toml(content))
    with pytest.raises(ConfigurationError) as caught:
        tune(open_tuning(str(file)), tmp_path / "out", 1, watch)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ({"later": {"use": "local_search", "search": {"speed": [1, 2]}}}, "unknown hyperparameter 'speed'"),
        ({"later": {"use": "local_search", "speed": 1}}, "unknown hyperparameter 'speed'"),
        ({"RE": {"use": "regularized_evolution", "grid": {"population": [5, 10]}}}, "two entries have the label 'RE'"),
    ],
)
def test_mistakes_of_later_algorithms_are_told_before_the_first_trial(tmp_path, added, message):
    content = tomllib.loads(FILE.format(trials=4, more=""))
    content["algorithms"] |= added
    (tmp_path / "wrong.toml").write_text(as_toml(content))
    with pytest.raises(ConfigurationError) as caught:
        tune(open_tuning(str(tmp_path / "wrong.toml")), tmp_path / "out", 1, watch)
    assert message in str(caught.value)
    assert not list((tmp_path / "out").iterdir())


def test_an_entry_that_is_not_tuned_keeps_its_grid_and_template(tmp_path):
    content = tomllib.loads(FILE.format(trials=2, more="oracle = false"))
    content["tuning"] |= {"train": ["synthetic"], "final_trials": 2}
    content["algorithms"] |= {"RE {population}": {"use": "regularized_evolution", "grid": {"population": [5, 10]}}}
    (tmp_path / "grid.toml").write_text(as_toml(content))
    tuning = tune(open_tuning(str(tmp_path / "grid.toml")), tmp_path / "out", 1, watch)
    labels = [cell["label"] for cell in json.loads((tuning.final / "experiment.json").read_text())["cells"]]
    assert labels == ["random_search", "planted (default)", "planted (tuned)", "RE 5", "RE 10"]


def test_settings_that_change_after_the_seal_are_refused(tmp_path):
    first = {"chosen": {"a": 1}}
    section, budget = {"test": ["a"], "trials": 4}, {"evaluations": 9}
    seal = seal_choice(tmp_path, first, {"tuning": section, "budget": budget})
    assert seal == hashlib.sha256(b'{"chosen":{"a":1}}').hexdigest()  # that of the choice alone, whatever the settings
    changed = {"tuning": section | {"test": ["b"]}, "budget": budget | {"seconds": 2}}
    with pytest.raises(ResultsError, match=r'test: sealed \["a"\], now \["b"\]; budget.seconds: sealed none, now 2'):
        seal_choice(tmp_path, first, changed)
    content = json.loads((tmp_path / CHOICE).read_text())
    content["settings"]["tuning"]["trials"] = 5
    (tmp_path / CHOICE).write_text(json.dumps(content))
    with pytest.raises(ResultsError, match="was changed after it was written"):
        read_choice(tmp_path)


def test_a_changed_file_is_refused_after_a_tuning(tmp_path, tuned):
    with pytest.raises(ResultsError, match="transfer: sealed true, now false"):
        tune(opened(tmp_path, more="transfer = false"), tuned.directory, 1, watch)


def test_test_benchmarks_on_the_data_of_a_train_benchmark_are_told(tmp_path, tuned, monkeypatch):
    assert tuned.shared_data() == []
    read = harness.tuning.tuning.read_experiment

    def renamed(folder):
        facts = read(folder)["benchmarks"]
        return {"benchmarks": {name: one | {"dataset": "protein"} for name, one in facts.items()}}

    monkeypatch.setattr("harness.tuning.tuning.read_experiment", renamed)
    assert tuned.shared_data() == [("fcnet-naval", "fcnet-protein")]


@pytest.mark.parametrize("content", ["[]", "{}", "3", "{"])
def test_a_damaged_choice_is_told(tmp_path, content):
    (tmp_path / CHOICE).write_text(content)
    with pytest.raises(ResultsError, match="is damaged"):
        read_choice(tmp_path)


def as_toml(content):
    """Write a parsed experiment as inline tables."""

    def value(one):
        if isinstance(one, dict):
            return "{ " + ", ".join(f"{json.dumps(key)} = {value(each)}" for key, each in one.items()) + " }"
        if isinstance(one, list):
            return f"[{', '.join(map(value, one))}]"
        return json.dumps(one)

    return "\n".join(f"{key} = {value(one)}" for key, one in content.items())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if "all" in name else ())
        for name, file in shipped_experiments().items()
        if TUNING in read_experiment_file(file)
    ],
)
def test_shipped_tunings_can_be_read_and_resolve(name):
    file = open_tuning(name)
    assert len(file.raw["description"]) > 20
    assert not file.raw["description"].startswith("long:")  # `regretta list` writes it
    for benchmarks in (file.section.train, file.section.test):
        raw = file.raw | {"benchmarks": benchmarks, "trials": 1}
        assert resolve_experiment(raw, file.folder).cells


def test_the_example_of_the_documentation_can_be_read(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "guides" / "tuning.md").read_text()
    (tmp_path / "mine.toml").write_text(page.split("```toml\n")[1].split("```")[0])
    file = open_tuning(str(tmp_path / "mine.toml"))
    assert len(file.section.train) == 12
    assert file.search["regularized_evolution"]["sample"] == Range(low=1, high=64, log=True)


def test_the_python_interface(tmp_path):
    (tmp_path / "small.toml").write_text(COMMAND)
    tuning = harness.tuning.tune(tmp_path / "small.toml", tmp_path / "out", jobs=1)
    assert set(tuning.gains()["benchmark"]) == {"fcnet-naval"}
    assert tuning.transfer("evolution {a}") is None


GUEST = """
from dataclasses import dataclass
from algorithms.random_search import RandomSearch

@dataclass
class Guest(RandomSearch):
    reference = "none"
    idle: int = 0
"""


def test_the_experiment_of_the_settings_finds_a_custom_class_and_races_the_fresh_trials(tmp_path):
    entries = {"G (tuned)": {"use": "guests/guest.py:Guest", "idle": 1}, "random_search": {}}
    (tmp_path / "guests").mkdir()
    (tmp_path / "guests" / "guest.py").write_text(GUEST)
    out = tmp_path / "runs" / "it"
    out.mkdir(parents=True)
    (tmp_path / "small.toml").write_text(COMMAND)
    file = open_tuning(str(tmp_path / "small.toml"))
    raw = tomllib.loads(tuned_experiment(file, entries, range(8, 18), out, "hash", "1"))
    assert raw["algorithms"]["G (tuned)"]["use"] == "../../guests/guest.py:Guest"
    experiment = resolve_experiment(raw, out)
    assert experiment.trials == range(8, 18)
    assert experiment.cells[0].source.use == "guest.py:Guest"
    text = tuned_experiment(file, entries | {"P": {"use": "program:./p"}}, range(8, 18), out, "hash", "1")
    assert f"are sought from {tmp_path}: move this file there" in text
    assert tomllib.loads(text)["algorithms"]["G (tuned)"]["use"] == f"{tmp_path}/guests/guest.py:Guest"


def test_a_lead_of_the_oracle_that_may_be_none_is_not_divided_by(tuned, monkeypatch):
    areas = pd.DataFrame({"planted (default)": np.tile([1.0, -0.9], 15)}).assign(**{"planted (tuned)": 0.0})
    monkeypatch.setattr("harness.tuning.tuning.trial_areas", lambda folder: {"it": areas})
    (gain,) = tuned.gains().to_dict("records")
    assert gain["oracle_gain"] > 0 > gain["low"]
    assert math.isnan(gain["share"])
    monkeypatch.setattr("harness.tuning.tuning.trial_areas", lambda folder: {"it": areas + np.array([1.0, 0.0])})
    (gain,) = tuned.gains().to_dict("records")
    assert gain["share"] == 1.0


def test_few_trials_have_no_interval(tuned, monkeypatch):
    areas = pd.DataFrame({"planted (default)": [1.0, 2.0], "planted (tuned)": 0.0})
    monkeypatch.setattr("harness.tuning.tuning.trial_areas", lambda folder: {"it": areas})
    (row,) = gains_table(tuned.gains(), 2).rows
    assert row[4] == "+1.500 [8 trials are needed]"


def test_help_names_the_section(tmp_path):
    assert "[tuning]" in regretta_here("tune", "--help", cwd=tmp_path).stdout


COMMAND = """
schema = 1
name = "small"
budget = { evaluations = 15 }
[tuning]
train = ["synthetic"]
test = ["fcnet-naval"]
configurations = 6
trials = 4
final_trials = 10
[algorithms."evolution {a}"]
use = "regularized_evolution"
search = { population = { low = 4, high = 40, log = true }, sample = [2, 4, 50] }
"""


@pytest.mark.slow
def test_the_command_prints_draws_and_leaves_an_experiment(tmp_path):
    (tmp_path / "small.toml").write_text(COMMAND)
    done = regretta_here("tune", "small.toml", "-j", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "evolution {a}: tuned to population=" in done.stdout
    assert ", of 6 configurations (a sample)" in done.stdout
    assert list(tmp_path.glob("runs/small/figures/tuning.*"))
    shown = regretta_here("tune", "small.toml", "-j", 1, "--json", cwd=tmp_path)
    content = json.loads(shown.stdout)
    chosen = content["algorithms"]["evolution {a}"]["tuned"]
    raw = tomllib.loads((tmp_path / "runs/small/tuned.toml").read_text())
    assert raw["algorithms"]["evolution {{a}} (tuned)"] == {"use": "regularized_evolution", **chosen}
    experiment = resolve_experiment(raw, tmp_path)
    assert [experiment.trials.start, experiment.trials.stop] == json.loads(
        (tmp_path / "runs/small/final/experiment.json").read_text()
    )["trials"]
    assert {cell.benchmark for cell in experiment.cells} == {"fcnet-naval"}
    final = json.loads((tmp_path / "runs/small/final/experiment.json").read_text())
    assert {cell.id for cell in experiment.cells} == {cell["id"] for cell in final["cells"]}


@pytest.mark.slow
def test_a_killed_tuning_goes_on_and_ends_the_same(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
        (folder / "small.toml").write_text(COMMAND)
    assert regretta_here("tune", "small.toml", "-j", 1, cwd=whole).returncode == 0
    process = start("tune", "small.toml", "-j", 2, cwd=cut)
    until(lambda: any(cut.glob("runs/small/train/*/step-2/trials/*/*.parquet")) or process.poll() is not None)
    process.kill()
    process.communicate()
    assert regretta_here("tune", "small.toml", "-j", 1, cwd=cut).returncode == 0
    same = [json.loads((folder / "runs/small" / CHOICE).read_text()) for folder in (whole, cut)]
    assert same[0] == same[1]
    assert (whole / "runs/small/tuned.toml").read_text() == (cut / "runs/small/tuned.toml").read_text()
