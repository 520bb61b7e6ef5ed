"""`regretta show` and `list`: everything that has a name is described, from the code that it describes."""

from __future__ import annotations

import json
import tomllib
from typing import Literal, get_args, get_origin

import pytest
from commands import drill, regretta_here

from algorithms import ALGORITHMS, algorithm_class
from benchmarks import load_benchmark
from harness.commands.show.algorithms import show_algorithm
from harness.commands.show.benchmarks import show_benchmark
from harness.commands.show.command import SHOWN
from harness.commands.show.names import KINDS, PLURALS, names_of
from harness.commands.show.protocols import CHOICES, NUMBERS, show_protocol
from harness.entries.description import describe
from harness.entries.hyperparameters import hyperparameters
from harness.simulation.protocols import PRESETS, Protocol


def shown(*words, cwd, width=100):
    done = regretta_here("show", *words, cwd=cwd, COLUMNS=str(width))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_algorithm_is_described_from_its_class(name):
    cls = algorithm_class(name)
    described = describe(cls, name)
    defaults = hyperparameters(cls, {}, name)
    assert {one.name: one.default for one in described.hyperparameters} == defaults
    assert described.summary.endswith(".")
    assert "Parameters" not in " ".join(described.text)
    undocumented = {"minimum_bandwidth", "pool_size", "predictor"}
    assert [one.name for one in described.hyperparameters if not one.description] <= sorted(undocumented) or all(
        one.name in undocumented for one in described.hyperparameters if not one.description
    )


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_table_of_an_algorithm_can_be_pasted(name):
    (table,) = tomllib.loads(show_algorithm(name).toml)["algorithms"].values()
    defaults = hyperparameters(algorithm_class(name), {}, name)
    assert table == {key: value for key, value in defaults.items() if value is not None}


def test_bounds_are_in_words():
    kinds = {one.name: one for one in describe(algorithm_class("tpe"), "tpe").hyperparameters}
    assert kinds["random_fraction"].bounds == "at least 0 and at most 1"
    assert kinds["initial"].bounds == "at least 0"
    assert kinds["bandwidth"].choices == ("clipped", "hpbandster", "counts")
    (initial,) = (
        one for one in describe(algorithm_class("regularized_evolution"), "x").hyperparameters if one.name == "initial"
    )
    assert (initial.type, initial.bounds, initial.default) == ("integer or none", "at least 1", None)


def test_an_algorithm_shows_what_a_user_needs(tmp_path):
    text = shown("regularized_evolution", cwd=tmp_path)
    for part in (
        "arXiv 1802.01548",
        "integer, at least 1",
        "naszilla",
        "Differences from the paper",
        "population = 100",
    ):
        assert part in text
    assert "one fidelity; uses the highest only" in text
    assert "2 or more fidelities" in shown("hyperband", cwd=tmp_path)


def test_a_custom_class_is_described(tmp_path):
    drill(tmp_path, 1)
    text = shown("slow.py:Slow", cwd=tmp_path)
    assert "Random search that takes its time." in text
    assert 'use = "slow.py:Slow"' in text
    assert "1 or more fidelities" in text
    missing = regretta_here("show", "slow.py:Slw", cwd=tmp_path)
    assert (missing.returncode, "Traceback" in missing.stderr) == (2, False)


def test_every_rule_of_a_protocol_has_a_sentence():
    fields = Protocol.model_fields
    choices = {
        name: set(get_args(field.annotation))
        for name, field in fields.items()
        if get_origin(field.annotation) is Literal
    }
    assert {name: set(sentences) for name, sentences in CHOICES.items()} == choices
    for name in PRESETS:
        rules = show_protocol(name).rules
        assert {rule.field for rule in rules} == set(fields)
        assert all(rule.meaning.endswith(".") for rule in rules)
    assert NUMBERS["workers"](1) != NUMBERS["workers"](4)


def test_a_protocol_can_be_pasted():
    for name in PRESETS:
        content = tomllib.loads(show_protocol(name).toml)
        assert content["protocol"] == {"preset": name}
        assert ("budget" in content) == (not PRESETS[name].budgets)


def test_a_benchmark_shows_its_best_architecture(tmp_path):
    best = show_benchmark("nasbench201-cifar10").best
    benchmark = load_benchmark("nasbench201-cifar10")
    architecture = benchmark.space.from_string(best.architecture)
    optimum = benchmark.facts.targets["validation@200"].optimum
    assert best.errors["validation@200"] == pytest.approx(optimum)
    assert benchmark.true_errors([architecture], "validation@200")[0] == pytest.approx(optimum)
    assert dict(best.positions)["0>3"] == "skip_connect"
    text = shown("nasbench201-cifar10", cwd=tmp_path)
    assert best.architecture in text
    assert "15,625 architectures" in text


def test_missing_data_is_described_with_the_way_to_it(tmp_path):
    text = " ".join(shown("nasbench101-pool", cwd=tmp_path).split())
    assert "Its data is missing." in text
    assert "regretta data import nasbench101-pool PATH/TO/" in text


def test_experiments_figures_and_studies_are_shown(tmp_path):
    assert "regretta run smoke" in shown("smoke", cwd=tmp_path)
    assert "final_trials" in shown("tune-evolution", cwd=tmp_path)
    both = shown("fidelity", cwd=tmp_path)
    assert "regretta analyze fidelity BENCHMARK..." in both
    assert "regretta plot DIR --kind fidelity" in both
    assert "regretta analyze" not in shown("fidelity", "--kind", "figure", cwd=tmp_path)
    drill(tmp_path, 2)
    assert "drill: 2 trials per cell, 2 cells" in shown("drill.toml", cwd=tmp_path)


def test_an_experiment_that_cannot_be_run_says_why(tmp_path):
    (tmp_path / "bad.toml").write_text('schema = 1\nname = "bad"\ntrials = 1\nbenchmarks = ["sinthetic"]\n')
    text = " ".join(shown("bad.toml", cwd=tmp_path).split())
    assert "It cannot be run now: benchmarks: unknown benchmark 'sinthetic'" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "unknown name ''; `regretta list` shows what has a name"),
        ("hyperbnd", "unknown name 'hyperbnd'; did you mean 'hyperband'?"),
        ("done", "done is a results folder: `regretta status`"),
        ("program:ls", "a program alone knows its hyperparameters"),
        ("trajectory:x", "is not an algorithm"),
        ("nowhere.toml", "does not exist"),
        ("nowhere.py:X", "cannot be loaded"),
    ],
)
def test_what_cannot_be_shown_is_reported_in_one_line(name, message, tmp_path):
    (tmp_path / "done").mkdir()
    (tmp_path / "done/experiment.json").touch()
    done = regretta_here("show", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_kind_can_be_shown_and_listed(tmp_path):
    assert SHOWN.keys() == KINDS.keys() == PLURALS.keys()
    kinds = json.loads(regretta_here("list", "--json", cwd=tmp_path).stdout)
    assert [row["kind"] for row in kinds] == list(PLURALS.values())
    assert all(int(row["number"]) == len(names_of(kind)) > 0 for row, kind in zip(kinds, KINDS, strict=True))
    for plural in ("figures", "models", "reproductions", "studies"):
        assert regretta_here("list", plural, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("width", [80, 120])
def test_the_list_of_data_has_a_row_per_family_at_any_width(width, tmp_path, few_benchmarks):
    listed = regretta_here("data", "list", cwd=tmp_path, COLUMNS=str(width)).stdout.splitlines()
    rows = listed[1 : listed.index("")]
    families = [row.split()[0] for row in rows if row[:1].strip()]
    assert families[0] == "nasbench101"
    assert {"nasbench201", "natsbench", "synthetic"} <= set(families)
    assert len(families) == len(set(families)) < 14
    assert max(map(len, listed)) <= width
