"""The place of an error is the last line of the algorithm's own code."""

from __future__ import annotations

import sys

import pytest

from algorithms.random_search import RandomSearch
from benchmarks import load_benchmark
from harness.entries.places import place
from harness.entries.sources import find_source
from harness.simulation.protocols import Budget, resolve_protocol
from harness.simulation.trial import run_trial

RAISER = """
import json
from dataclasses import dataclass
from algorithms import Query
from algorithms.random_search import RandomSearch
from helper import check

@dataclass
class Own(RandomSearch):
    def tell(self, query, observed_error):
        {}["seven"]

class InAHelper(Own):
    def tell(self, query, observed_error):
        check(observed_error)

class InALibrary(Own):
    def tell(self, query, observed_error):
        json.loads("{")

class AsksForNothing(Own):
    def ask(self):
        return Query((0,), 27.0)
"""
HELPER = "def check(value):\n    raise ValueError('bad')\n"


def raised(source):
    benchmark = load_benchmark("synthetic")
    protocol = resolve_protocol("standard", {}, Budget(evaluations=5), benchmark.facts)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the algorithm raises
        run_trial(source.load()(), source.use, benchmark, protocol, seed=1, trial=0)
    return place(caught.value, source)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Own", " (in tell, raiser.py:11)"),
        ("InAHelper", " (in check, helper.py:2)"),
        ("InALibrary", " (in tell, raiser.py:19)"),
        ("AsksForNothing", ""),
    ],
)
def test_a_class_in_a_file(tmp_path, name, expected):
    (tmp_path / "raiser.py").write_text(RAISER)
    (tmp_path / "helper.py").write_text(HELPER)
    assert raised(find_source(f"raiser.py:{name}", tmp_path)) == expected


def test_a_class_in_a_package(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "raising_package").mkdir()
    (tmp_path / "raising_package/__init__.py").touch()
    (tmp_path / "raising_package/helper.py").write_text(HELPER)
    (tmp_path / "raising_package/search.py").write_text(RAISER.replace("from helper", "from .helper"))
    assert raised(find_source("raising_package.search:InAHelper", tmp_path)) == " (in check, helper.py:2)"


def test_libraries_below_the_folder_of_the_file_are_not_named(tmp_path, monkeypatch):
    (tmp_path / "raiser.py").write_text(RAISER)
    (tmp_path / "helper.py").write_text(HELPER)
    monkeypatch.setattr("harness.entries.places._FOREIGN", (tmp_path / "helper.py",))
    assert raised(find_source("raiser.py:InAHelper", tmp_path)) == " (in tell, raiser.py:15)"


def test_a_registered_algorithm_and_a_program(tmp_path, monkeypatch):
    monkeypatch.setattr(RandomSearch, "begin", lambda self: 1 / 0)
    assert raised(find_source("random_search", tmp_path)) == ""
    monkeypatch.undo()
    monkeypatch.setattr(type(load_benchmark("synthetic").space), "sample", lambda self, rng: 1 / 0)
    assert "random_search.py:" in raised(find_source("random_search", tmp_path))
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(3)\n")
    assert raised(find_source(f"program:{sys.executable} ends.py", tmp_path)) == ""
