"""The checks of an algorithm, as a user sees them on the command line."""

from __future__ import annotations

import json
import re
import sys

import pytest
from commands import regretta, regretta_here

CHECKED = 9

BAD = """
import random
from dataclasses import dataclass
from algorithms import Algorithm, Query

@dataclass
class GloballyRandom(Algorithm):
    reference = "none"
    def ask(self):
        return Query(tuple(random.randrange(c) for c in self.space.cardinalities), self.fidelities[-1])
    def tell(self, query, observed_error): pass

@dataclass
class HashSeeded(Algorithm):
    reference = "none"
    def ask(self):
        names = {"".join("abcdefgh"[self.rng.integers(8)] for _ in range(4)) for _ in range(3)}
        value = sum(map(ord, next(iter(names))))
        return Query(tuple(value % c for c in self.space.cardinalities), self.fidelities[-1])
    def tell(self, query, observed_error): pass
"""


OWN = """
from dataclasses import dataclass
from algorithms.random_search import RandomSearch

@dataclass
class Mine(RandomSearch):
    pass
"""

RAISING = """
from dataclasses import dataclass
from algorithms import Query
from algorithms.random_search import RandomSearch

@dataclass
class InTell(RandomSearch):
    def tell(self, query, observed_error):
        {}["seven"]

@dataclass
class InAsk(RandomSearch):
    def begin(self):
        super().begin()
        self.asked, self.told = 0, []

    def ask(self):
        self.asked += 1
        return super().ask() if self.asked == 1 else self.next(self.told[-1])

    def next(self, last):
        return super().ask()

    def tell(self, query, observed_error):
        self.told.append(query)

@dataclass
class ById(RandomSearch):
    def tell(self, query, observed_error):
        {}[id(query), -observed_error, object()]

@dataclass
class Continuing(RandomSearch):
    def ask(self):
        return Query(self.space.sample(self.rng), self.fidelities[-1], 0)
"""


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        (["regularized_evolution", "--set", "preset=nasbench201"], CHECKED),
        pytest.param(["hyperband"], CHECKED - 1, marks=pytest.mark.slow),
        pytest.param(
            [f"program:{sys.executable} climb.py", "--benchmark", "synthetic"], CHECKED - 1, marks=pytest.mark.slow
        ),
        pytest.param(["own.search:Mine", "--benchmark", "synthetic"], CHECKED - 1, marks=pytest.mark.slow),
    ],
)
def test_every_check_that_passes_is_a_line_and_the_exit_code_is_0(words, passed, tmp_path, examples):
    (tmp_path / "climb.py").write_text((examples / "program.py").read_text())
    for package in ("algorithms", "benchmarks", "own"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "own" / "search.py").write_text(OWN)
    command = regretta if "own" in words[0] else regretta_here
    done = command("test", "algorithm", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed  ") == passed
    assert "All checks passed." in done.stdout


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        pytest.param(
            "GloballyRandom",
            ["the same seed gives another trace", "Python's global random state was touched"],
            marks=pytest.mark.slow,
        ),
        ("HashSeeded", ["another process gives another trace"]),
    ],
)
def test_a_failed_check_comes_with_a_hint_and_exit_code_1(name, failed, tmp_path):
    (tmp_path / "bad.py").write_text(BAD)
    done = regretta_here("test", "algorithm", f"bad.py:{name}", "--benchmark", "nasbench201-cifar10", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for reason in failed:
        assert reason in done.stdout
    n = done.stdout.count("failed  ")
    assert done.stdout.count("hint: ") == n
    assert ("1 check failed." if n == 1 else f"{n} checks failed.") in done.stdout


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("InTell", r"workers = 1: KeyError: 'seven' \(in tell, raising\.py:9\)"),
        ("ById", r"workers = 1: KeyError: \(\d+, -0\.\d+, <object object at 0x\w+>\) \(in tell, raising\.py:30\)"),
        ("Continuing", r"workers = 1: AlgorithmError: ask\(\): cannot continue network 0; networks begun so far: 0"),
    ],
)
def test_an_error_of_the_class_is_told_once_with_its_line_and_no_check_passes_by_it(name, error, tmp_path):
    (tmp_path / "raising.py").write_text(RAISING)
    done = regretta_here("test", "algorithm", f"raising.py:{name}", "--benchmark", "synthetic", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    text = " ".join(done.stdout.split())
    assert len(re.findall(error, text)) == 1
    assert text.count("(the same error)") == CHECKED - 2
    assert "hint" not in text
    assert "passed" not in text
    assert "skipped It learns only from what it is told" in text
    assert "on synthetic, workers = 1: it needs a table of at least 11,000 architectures" in text


def test_an_ask_that_fails_before_the_first_result_is_told_with_several_workers_only(tmp_path):
    (tmp_path / "raising.py").write_text(RAISING)
    done = regretta_here("test", "algorithm", "raising.py:InAsk", "--benchmark", "synthetic", "--json", cwd=tmp_path)
    first = json.loads(done.stdout)[0]
    assert first["error"] == "IndexError: list index out of range (in ask, raising.py:19)"
    assert first["failure"] == f"on synthetic, workers = 4: {first['error']}"
    assert first["hint"].startswith("ask() is called again before earlier results are told; return Pause.WAIT")


@pytest.mark.parametrize(
    ("source", "reason"),
    [("sleep 60", "gave no answer within 0.5 s"), ("exit 3", "ended early (exit code 3)")],
)
def test_a_program_that_does_not_answer_gets_one_line_with_its_own_hint(source, reason, tmp_path):
    (tmp_path / "dead.sh").write_text(source)
    done = regretta_here("test", "algorithm", "program:sh dead.sh", "--set", "time_limit=0.5", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count("passed  ") == 0
    assert done.stdout.count("failed  ") == done.stdout.count("hint: try it by hand") == 1
    assert reason in done.stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.search:Mine"], "it is neither installed nor in"),
        (["raises.py:Mine"], "RuntimeError: too bad (in line 2)"),
        (["raises_not.py:Mine"], "Known: Theirs"),
        (["random_serch"], "did you mean 'random_search'?"),
        (
            ["bohb", "--benchmark", "nasbench201-cifar10"],
            "bohb on nasbench201-cifar10: expected at least 2 fidelities, got 1",
        ),
        (["random_search", "--benchmark", "sinthetic"], "did you mean 'synthetic'?"),
        (["random_search", "--set", "replacement=3"], "input should be a valid boolean; got 3"),
        (["random_search", "--set", "replacement"], "expected NAME=VALUE"),
    ],
)
def test_wrong_usage_is_reported(words, message, tmp_path):
    (tmp_path / "raises.py").write_text("\nraise RuntimeError('too bad')")
    (tmp_path / "raises_not.py").write_text(OWN.replace("Mine", "Theirs"))
    done = regretta_here("test", "algorithm", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
