"""What `--json` prints: nothing but JSON on stdout, as its schema says; and `--quiet`, which prints nothing."""

from __future__ import annotations

import json

import pytest
from commands import regretta_here
from schemas import problems

from harness.commands.schemas import OUTPUTS, SHOWN, schema_of


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    done = regretta_here("run", "smoke", "--trials", 8, "-j", 1, cwd=folder)
    assert done.returncode == 0, done.stderr
    frozen = regretta_here("baseline", "update", "b.json", "--from", "runs/smoke", "--reason", "new", cwd=folder)
    assert frozen.returncode == 0, frozen.stderr
    return folder


VERBS = {
    "list": ["list", "algorithms"],
    "show": ["show", "synthetic"],
    "status": ["status", "runs/smoke"],
    "summary": ["summary", "runs/smoke"],
    "summary --across": ["summary", "runs/smoke", "--across"],
    "power": ["power", "runs/smoke"],
    "best": ["best", "runs/smoke"],
    "verify": ["verify", "runs/smoke"],
    "check": ["check", "runs/smoke", "--baseline", "b.json"],
    "compare": ["compare", "b.json", "runs/smoke"],
    "baseline show": ["baseline", "show", "b.json"],
    "exact": ["exact", "synthetic", "--algorithm", "random_search", "--evaluations", "20", "--simulate", "10"],
    "data list": ["data", "list"],
    "data show": ["data", "show", "synthetic"],
    "data verify": ["data", "verify", "synthetic"],
    "test benchmark": ["test", "benchmark", "synthetic"],
}
"""A quick command by verb."""
SLOW = {
    "test algorithm": ["test", "algorithm", "random_search", "--benchmark", "synthetic"],
    "analyze": ["analyze", "saturation", "runs/smoke", "--out", "saturation"],
    "tune": ["tune", "tuning.toml", "-j", "1"],
    "score": ["score", "search.csv", "--benchmark", "nasbench201-cifar10", "--out", "scored"],
    "reproduce": ["reproduce", "random-search-theory", "--trials", "50", "-j", "1"],
    "surrogate fit": ["surrogate", "fit", "nasbench201-cifar10", "--model", "ridge", "--train", "100", "--name", "x"],
    "surrogate evaluate": [
        "surrogate", "evaluate", "nasbench201-cifar10", "--model", "ridge", "--train", "100", "--trials", "2",
        "--evaluations", "20",
    ],
    "test statistics": ["test", "statistics", "synthetic", "--trials", "8", "--races", "4", "--evaluations", "20"],
}  # fmt: skip
TUNING = """
schema = 1
name = "tuning"
seed = 1
budget = { evaluations = 12 }
[tuning]
train = ["synthetic"]
test = ["nasbench201-cifar10"]
trials = 5
final_trials = 8
[algorithms.regularized_evolution]
search = { population = [4, 8], sample = [2, 3] }
"""


def refused(constant):
    raise AssertionError(f"{constant} is not JSON")


def test_every_verb_with_json_has_a_schema_and_a_command_here():
    assert OUTPUTS.keys() == VERBS.keys() | SLOW.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_the_json_of_a_verb_is_as_its_schema_says(verb, smoke, few_benchmarks):
    plain = regretta_here(*VERBS[verb], "--json", cwd=smoke)
    assert plain.returncode in (0, 4), plain.stderr
    content = json.loads(plain.stdout, parse_constant=refused)
    assert problems(content, schema_of(OUTPUTS[verb])) == []
    assert content


@pytest.mark.slow
@pytest.mark.parametrize("verb", SLOW)
def test_the_json_of_a_slow_verb_is_as_its_schema_says(verb, tmp_path):
    (tmp_path / "tuning.toml").write_text(TUNING)
    architecture = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    (tmp_path / "search.csv").write_text(f"epoch,architecture\n0,{architecture}\n1,{architecture}\n")
    if verb == "analyze":
        assert regretta_here("run", "smoke", "--trials", 8, "-j", 1, cwd=tmp_path).returncode == 0
    done = regretta_here(*SLOW[verb], "--json", cwd=tmp_path, REGRETTA_DATA=str(tmp_path / "data"))
    assert done.returncode in (0, 1), done.stderr
    content = json.loads(done.stdout, parse_constant=refused)
    assert problems(content, schema_of(OUTPUTS[verb])) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("algorithm", "bananas"),
        ("benchmark", "nasbench101"),
        ("protocol", "naszilla"),
        ("experiment", "smoke"),
        ("figure", "regret"),
        ("study", "saturation"),
        ("model", "ridge"),
        ("reproduction", "random-search-theory"),
    ],
)
def test_the_json_of_each_kind_of_name_is_as_its_schema_says(kind, name, tmp_path):
    (shown,) = json.loads(regretta_here("show", name, "--kind", kind, "--json", cwd=tmp_path).stdout)
    assert (shown["kind"], shown["name"]) == (kind, name)
    assert problems(shown["description"], schema_of(SHOWN[kind])) == []


def test_a_schema_rejects_what_is_not_in_it():
    schema = schema_of(OUTPUTS["status"])
    assert problems({"name": 3}, schema)
    verdicts = schema_of(OUTPUTS["test benchmark"])
    right = {"statement": "a", "passed": True, "failure": "", "hint": ""}
    assert problems([right], verdicts) == []
    for wrong in ({**right, "passed": 1}, {**right, "more": 1}, {"statement": "a"}):
        assert problems([wrong], verdicts)


@pytest.mark.parametrize("verb", ["status", "verify", "check", "compare", "best"])
def test_quiet_prints_nothing_and_gives_the_same_exit_code(verb, smoke):
    loud, quiet = (regretta_here(*VERBS[verb], *more, cwd=smoke) for more in ((), ("--quiet",)))
    assert (quiet.stdout, quiet.returncode) == ("", loud.returncode)
    assert loud.stdout


def test_quiet_shows_errors(tmp_path):
    done = regretta_here("status", "nowhere", "-q", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a results folder" in done.stderr


def test_quiet_lists_print_names_alone(tmp_path, few_benchmarks):
    names = regretta_here("list", "protocols", "--quiet", cwd=tmp_path).stdout.split("\n")
    assert names[0] == "standard"
    assert "synthetic" in regretta_here("data", "list", "-q", cwd=tmp_path).stdout.splitlines()
