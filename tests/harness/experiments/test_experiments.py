"""The grammar of experiments: its expansion, and the report of all mistakes at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from grids import problems, resolve

from algorithms import algorithm_class
from benchmarks import load_benchmark
from benchmarks.storage.official_files import known_imports
from harness.errors import ConfigurationError
from harness.experiments.files import TUNING, read_experiment_file, shipped_experiments
from harness.experiments.resolution import resolve_experiment


def test_only_grid_multiplies_and_zip_does_not():
    experiment = resolve(
        algorithms={
            "RE {population}/{sample}": {
                "use": "regularized_evolution",
                "zip": {"population": [100, 10], "sample": [10, 3]},
            },
            "LS {initial} full={query_full_neighbourhood}": {
                "use": "local_search",
                "grid": {"query_full_neighbourhood": [False, True], "initial": [5, 6]},
            },
            "random_search": {},
        },
        benchmarks=["synthetic", "nasbench201-cifar10"],
    )
    labels = [cell.label for cell in experiment.cells if cell.benchmark == "synthetic"]
    evolution, climbers = ["RE 100/10", "RE 10/3"], [f"LS {i} full={full}" for full in (False, True) for i in (5, 6)]
    assert labels == [*evolution, *climbers, "random_search"]
    assert len({cell.id for cell in experiment.cells}) == 14


def test_a_given_hyperparameter_overrides_the_preset():
    given = {"regularized_evolution": {"preset": "nasbench201", "sample": 5}}
    (cell,) = resolve(benchmarks=["nasbench201-cifar10"], algorithms=given).cells
    assert cell.parameters == {"population": 10, "sample": 5, "initial": None, "mutation": "node_then_edge"}
    (plain,) = resolve(algorithms={"regularized_evolution": {"initial": None, "mutation": "one_edit"}}).cells
    (default,) = resolve(algorithms={"regularized_evolution": {}}).cells
    assert plain.id == default.id


def test_a_preset_whose_operator_the_space_lacks_is_rejected_before_the_start():
    with pytest.raises(ConfigurationError, match=r"unknown mutation of space 'fcnet.*' 'node_then_edge'"):
        resolve(benchmarks=["fcnet-naval"], algorithms={"regularized_evolution": {"preset": "nasbench201"}})


def test_the_label_and_the_defaults_do_not_decide_the_cell():
    (plain,) = resolve().cells
    (named,) = resolve(algorithms={"mine": {"use": "random_search", "replacement": True}}).cells
    (other,) = resolve(algorithms={"random_search": {"replacement": False}}).cells
    assert plain.id == named.id != other.id
    changes = [
        {"seed": 4},
        {"budget": {"evaluations": 11}},
        {"protocol": {"workers": 2}},
        {"protocol": {"signal": "mean"}},
    ]
    assert len({plain.id, *(resolve(**change).cells[0].id for change in changes)}) == 5


def test_budgets_by_benchmark_and_exclusions():
    experiment = resolve(
        benchmarks=["synthetic", "nasbench201-cifar10"],
        budgets={"nasbench201-cifar10": {"seconds": 5000.0}},
        algorithms={"random_search": {}, "local_search": {}},
        exclude=[{"algorithm": "local_search", "benchmark": "synthetic"}],
    )
    pairs = {(cell.label, cell.benchmark): cell.protocol.budget.to_json() for cell in experiment.cells}
    assert pairs == {
        ("random_search", "synthetic"): {"evaluations": 10},
        ("random_search", "nasbench201-cifar10"): {"seconds": 5000.0},
        ("local_search", "nasbench201-cifar10"): {"seconds": 5000.0},
    }


def test_every_mistake_is_reported_at_once_with_place_nearest_name_and_allowed_values():
    found = "\n".join(
        problems(
            foo=1,
            trials="many",
            benchmarks=["sinthetic", "synthetic"],
            budget={"evaluations": 0},
            protocol={"workrs": 2, "signal": "loud"},
            algorithms={
                "random_serch": {},
                "random_search": {"replcement": True},
                "local_search": {"initial": "ten"},
                "regularized_evolution": {"population": 0},
            },
            exclude=[{"algorithm": "nobody"}],
        )
    )
    for part in [
        "unknown key 'foo'",
        "trials: ",
        "got 'many'",
        "unknown benchmark 'sinthetic'; did you mean 'synthetic'?",
        "budget.evaluations: input should be greater than or equal to 1; got 0",
        "unknown key 'workrs'; did you mean 'workers'?",
        "protocol.signal: input should be 'repeat' or 'mean'; got 'loud'",
        "unknown algorithm 'random_serch'; did you mean 'random_search'?",
        "unknown hyperparameter 'replcement'; did you mean 'replacement'?",
        "local_search.initial: input should be a valid integer; got 'ten'",
        "regularized_evolution.population: input should be greater than or equal to 1; got 0",
        "unknown label 'nobody'",
    ]:
        assert part in found


LABEL = "expected a label of one line, not blank and without control characters; got"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"budget": None}, "add budget = { evaluations = 300 }"),
        ({"budget": {"evaluations": 1, "seconds": 1.0}}, "give exactly one of evaluations and seconds"),
        ({"budget": {}}, "give exactly one of evaluations and seconds"),
        ({"budget": {"seconds": -1.0}}, "greater than 0"),
        ({"budget": {"seconds": float("inf")}}, "finite number"),
        ({"budget": {"hours": 3}}, "budget"),
        ({"schema": 2}, "schema: input should be 1; got 2"),
        ({"schema": None}, "schema: is required and missing"),
        ({"name": "../etc"}, "name: "),
        ({"trials": 0}, "trials: "),
        ({"trials": [5, 5]}, "trials: expected a number of at least 1, or [first, end]"),
        ({"trials": True}, "trials: "),
        ({"benchmarks": []}, "benchmarks: "),
        ({"benchmarks": ["synthetic", "synthetic"]}, "'synthetic' is listed twice"),
        ({"algorithms": {}}, "algorithms: "),
        ({"algorithms": {"x": {"use": 3}}}, "use: expected a name"),
        ({"algorithms": {"x": {"use": "random_search"}, "y": 3}}, "algorithms.y: "),
        (
            {"algorithms": {"x": {"use": "random_search", "grid": {"replacement": [True, False]}}}},
            "two entries have the label 'x'",
        ),
        ({"algorithms": {"x {nope}": {"use": "random_search"}}}, "unknown hyperparameter in the label 'nope'"),
        ({"algorithms": {"x {": {"use": "random_search"}}}, "the label is not a valid template"),
        ({"algorithms": {"x {replacement:>99999}": {"use": "random_search"}}}, "is not a short format"),
        ({"algorithms": {" ": {"use": "random_search"}}}, f"{LABEL} ' '"),
        ({"algorithms": {"": {"use": "random_search"}}}, f"{LABEL} ''"),
        ({"algorithms": {"a\nb": {"use": "random_search"}}}, rf"algorithms.'a\nb': {LABEL} 'a\nb'"),
        ({"algorithms": {"a\u2028b": {"use": "random_search"}}}, LABEL),
        ({"algorithms": {"a\x1b[2Jb": {"use": "random_search"}}}, rf"{LABEL} 'a\x1b[2Jb'"),
        ({"algorithms": {"x": {"use": "random_search", "grid": 3}}}, "expected a table of lists"),
        ({"algorithms": {"x": {"use": "random_search", "grid": {"replacement": []}}}}, "expected a table of lists"),
        (
            {"algorithms": {"regularized_evolution": {"zip": {"population": [1], "sample": [1, 2]}}}},
            "expected lists of equal length",
        ),
        ({"algorithms": {"regularized_evolution": {"preset": "real2018"}}}, "did you mean 'real2019'?"),
        ({"protocol": {"preset": "standart"}}, "unknown protocol 'standart'; did you mean 'standard'?"),
        ({"protocol": {"fidelities": [2.0]}}, "expected fidelities of 1, 3, 9, 27 epochs, got 2"),
        ({"protocol": {"fidelities": []}}, "expected fidelities of 1, 3, 9, 27 epochs, got none"),
        ({"protocol": {"report": ["test@27"]}}, "unknown target of synthetic 'test@27'"),
        ({"protocol": {"report": []}}, "expected at least one target in report"),
        ({"protocol": {"report": ["sisters/validation@27"]}}, "expected at least one target in report"),
        ({"protocol": {"budget": {"evaluations": 3}}}, "the budget belongs to the top level"),
        ({"trials": 10**30}, "trials"),
        ({"algorithms": {"regularized_evolution": {"preset": [1]}}}, "unknown preset '[1]'"),
        ({"algorithms": {"a {population:{foo}}": {"use": "regularized_evolution"}}}, "not a valid template"),
        ({"algorithms": {"x": {"use": "\0.py:A"}}}, "cannot be loaded"),
        ({"protocol": {"workers": 0}}, "greater than or equal to 1"),
        ({"protocol": {"workers": "2"}}, "protocol.workers: input should be a valid integer; got '2'"),
        (
            {"protocol": {"continuation": "resume"}, "benchmarks": ["nasbench201-cifar10"]},
            "got 'resume'; the lower fidelities are not prefixes",
        ),
        ({"protocol": {"preset": "nasbench201-2020"}, "benchmarks": ["nasbench201-cifar10"]}, "12-200"),
        ({"protocol": {"evaluation_time": "once"}, "benchmarks": ["fcnet-slice"]}, "validation pass is unknown"),
        ({"budgets": {"sinthetic": {"evaluations": 3}}}, "did you mean 'synthetic'?"),
        ({"exclude": [{}]}, "would exclude all"),
        ({"exclude": [{"benchmark": "synthetic"}]}, "the grid is empty"),
        ({"benchmarks": ["nasbench201-cifar10-12-200"]}, "regretta data import nasbench201-cifar10-12-200"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_remedy(changes, message, tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
    assert any(message in problem for problem in problems(**changes)), problems(**changes)


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        (
            {"algorithms": 3, "trials": [5, 2], "benchmarks": ["sinthetic"]},
            ["algorithms: ", "trials: expected", "did you mean 'synthetic'?"],
        ),
        (
            {"protocol": {"workers": 0, "report": ["nope"]}},
            ["workers: input should be greater", "unknown target of synthetic 'nope'"],
        ),
        (
            {"algorithms": {"x": {"use": "random_serch", "grid": {"a": []}, "zip": {"b": [1, 2], "c": [1]}}}},
            [
                "x.grid: expected a table of lists",
                "x.zip: expected lists of equal length",
                "did you mean 'random_search'?",
            ],
        ),
        (
            {"algorithms": {"regularized_evolution": {"preset": "rael2019", "nope": 3, "sample": 0}}},
            ["did you mean 'real2019'?", "unknown hyperparameter 'nope'", "sample: input should be greater"],
        ),
        (
            {"exclude": [{"algoritm": "x"}, {"algorithm": "nobody"}, {"benchmark": "nothing"}]},
            ["exclude.0: unknown key 'algoritm'; did you mean 'algorithm'?", "'nobody'", "'nothing'"],
        ),
        ({"protocol": "nasbench201-2020", "budget": None}, ["as in protocol = { preset = 'nasbench201-2020' }"]),
        (
            {"protocol": {"preset": "nope", "report": ["x"]}, "budget": None},
            ["unknown protocol 'nope'", "unknown target of synthetic 'x'"],
        ),
        (
            {"budgets": {"synthetic": {"evaluations": "3"}, "sinthetic": {"evaluations": 3}}, "budget": None},
            ["budgets.synthetic.evaluations", "unknown benchmark of this experiment 'sinthetic'"],
        ),
        (
            {"algorithms": {"x": 3, "random_serch": {}}, "exclude": [{"algorithm": "x"}]},
            ["algorithms.x: ", "did you mean 'random_search'?"],
        ),
        (
            {"benchmarks": [3, [], "sinthetic"]},
            ["benchmarks.0: expected a name", "benchmarks.1: expected a name", "did you mean 'synthetic'?"],
        ),
    ],
)
def test_no_mistake_hides_or_causes_another(changes, messages):
    found = problems(**changes)
    assert len(found) == len(messages)
    for message in messages:
        assert any(message in problem for problem in found), found


CUSTOM = """
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
import numpy as np
from algorithms import Algorithm, Query
class Colour(Enum):
    RED = 1
class Base(Algorithm):
    reference = "none"
    def ask(self): return Query(self.space.sample(self.rng), self.fidelities[-1])
    def tell(self, query, observed_error): pass
@dataclass
class DefaultIsEnum(Base):
    x: Colour = Colour.RED
@dataclass
class DefaultIsFunction(Base):
    x: Any = print
@dataclass
class DefaultRaises(Base):
    x: Any = field(default_factory=lambda: 1 / 0)
@dataclass
class HintIsArray(Base):
    x: np.ndarray = None
@dataclass
class HintIsNowhere(Base):
    x: "Nowhere" = 3
@dataclass
class Lists(Base):
    numbers: list[int] = field(default_factory=list)
    pairs: tuple[tuple[int, float], ...] = ()
    table: Any = None
"""


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"use": "custom.py:DefaultIsEnum"},
            "x: expected a type hint, a default and a value that JSON can hold: a number, text",
        ),
        (
            {"use": "custom.py:DefaultIsFunction", "x": 1},
            "x: expected a type hint, a default and a value that JSON can hold: a number, text",
        ),
        ({"use": "custom.py:DefaultRaises", "x": 1}, "ZeroDivisionError"),
        (
            {"use": "custom.py:HintIsArray", "x": 1},
            "x: expected a type hint, a default and a value that JSON can hold: a number, text",
        ),
        ({"use": "custom.py:HintIsNowhere"}, "the type hints of HintIsNowhere cannot be read"),
        (
            {"use": "custom.py:Lists", "table": date(2026, 1, 1)},
            "table: expected a type hint, a default and a value that JSON can hold: a number, text",
        ),
        ({"use": "custom.py:Lists", "numbers": [1.5]}, "numbers.0: input should be a valid integer"),
        ({"use": "custom.py:Lists", "pairs": [[1, 2, 3]]}, "pairs.0: "),
    ],
)
def test_hyperparameters_of_custom_classes_are_checked(table, message, tmp_path):
    (tmp_path / "custom.py").write_text(CUSTOM)
    (found,) = problems(tmp_path, algorithms={"custom": table})
    assert message in found


def test_hyperparameters_may_be_lists_tuples_and_tables(tmp_path):
    (tmp_path / "custom.py").write_text(CUSTOM)
    given = {"numbers": [1, 2], "pairs": [[1, 2], [3, 0.5]], "table": {"a": [1]}}
    (cell,) = resolve(tmp_path, algorithms={"custom": {"use": "custom.py:Lists"} | given}).cells
    assert cell.parameters == {"numbers": [1, 2], "pairs": ((1, 2.0), (3, 0.5)), "table": {"a": [1]}}


def test_a_custom_class_from_a_file_or_a_module(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from algorithms import Algorithm, Query\n"
        "@dataclass\n"
        "class Mine(Algorithm):\n"
        "    reference = 'none'\n"
        "    temperature: float = 0.5\n"
        "    def ask(self): return Query(self.space.sample(self.rng), self.fidelities[-1])\n"
        "    def tell(self, query, observed_error): pass\n"
        "class Lazy(Algorithm): pass\n"
        "class Stranger: pass\n"
    )
    (cell,) = resolve(tmp_path, algorithms={"m": {"use": "mine.py:Mine", "temperature": 1}}).cells
    assert cell.changed == {"temperature": 1.0}
    (same,) = resolve(algorithms={"m": {"use": f"{tmp_path}/mine.py:Mine", "temperature": 1.0}}).cells
    assert same.id == cell.id
    (module,) = resolve(algorithms={"m": {"use": "algorithms.random_search:RandomSearch"}}).cells
    assert module.source.revision
    with (tmp_path / "mine.py").open("a") as stream:
        stream.write("# changed\n")
    (changed,) = resolve(tmp_path, algorithms={"m": {"use": "mine.py:Mine", "temperature": 1}}).cells
    assert changed.id != cell.id
    for use, message in [
        ("mine.py:Nobody", "unknown class of mine.py 'Nobody'"),
        ("absent.py:Mine", "FileNotFoundError"),
        ("mine.py:Lazy", "does not define ask, tell"),
        ("mine.py:Stranger", "is not a subclass"),
        ("no.such.module:X", "ModuleNotFoundError"),
    ]:
        assert message in problems(tmp_path, algorithms={"m": {"use": use}})[0]
    assert (
        "unknown hyperparameter 'temprature'; did you mean 'temperature'?"
        in problems(tmp_path, algorithms={"m": {"use": "mine.py:Mine", "temprature": 1}})[0]
    )


def shipped():
    """Return the parameters of a test per shipped experiment, each marked with the data and libraries that it needs."""
    parameters = []
    for name, file in shipped_experiments().items():
        content = read_experiment_file(file)
        if TUNING in content:
            continue
        used = [algorithm_class(table.get("use", label)) for label, table in content["algorithms"].items()]
        marks = [pytest.mark.library(*(cls.library for cls in used if cls.library)), pytest.mark.data(*named(content))]
        if "*" in content["benchmarks"] and "exclude" in content:  # it loads every benchmark
            marks.append(pytest.mark.slow)
        parameters.append(pytest.param(name, marks=marks))
    return parameters


def named(content):
    """Return the benchmarks that an experiment names and that have to be imported."""
    return [name for name in content["benchmarks"] if isinstance(name, str) and name in known_imports()]


@pytest.mark.parametrize("name", shipped())
def test_shipped_experiments_resolve_and_say_what_they_do(name, any_benchmark, imported_folder, monkeypatch, request):
    content = read_experiment_file(shipped_experiments()[name])
    if "*" in content["benchmarks"] and "exclude" not in content:
        request.getfixturevalue("few_benchmarks")
    imported = named(content)
    for benchmark in imported:
        any_benchmark(benchmark)
    with monkeypatch.context() as patch:
        if imported:
            patch.setenv("REGRETTA_DATA", str(imported_folder))
            load_benchmark.cache_clear()
        experiment = resolve_experiment(content, Path())
    if imported:
        load_benchmark.cache_clear()
    assert experiment.name == name
    assert len(experiment.description) > 20


def test_an_experiment_for_another_command_is_reported():
    with pytest.raises(ConfigurationError, match=r"has a section \[tuning\]: `regretta tune` runs it"):
        resolve_experiment(read_experiment_file(shipped_experiments()["tune-evolution"]), Path())


def test_an_unreadable_file_is_reported(tmp_path):
    for content, message in [(b"\xff\xfe", "cannot be read"), (b"a = ", "is not TOML")]:
        (tmp_path / "x.toml").write_bytes(content)
        with pytest.raises(ConfigurationError, match=message):
            read_experiment_file(tmp_path / "x.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_experiment_file(tmp_path)


def test_the_first_available_alternative_is_used(own_data_folder):
    experiment = resolve(benchmarks=[["nasbench201-cifar10-12-200", "nasbench201-cifar10-curves"], "synthetic"])
    assert [cell.benchmark for cell in experiment.cells] == ["nasbench201-cifar10-curves", "synthetic"]
    found = problems(
        benchmarks=[["nasbench201-cifar10-12-200", "nasbench201-cifar100-12-200"], ["synthetik", "synthetic"]]
    )
    assert "regretta data import nasbench201-cifar100-12-200" in found[0]
    assert "did you mean 'synthetic'?" in found[1]
