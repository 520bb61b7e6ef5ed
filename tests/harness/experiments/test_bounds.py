"""Experiment files that are too large to be meant, and text that a terminal or a spreadsheet would obey."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from commands import regretta_here

from harness.errors import ConfigurationError
from harness.experiments.files import read_experiment_file
from harness.experiments.resolution import resolve_experiment
from plots.drawing.export import spreadsheet_safe

RAW = {
    "schema": 1,
    "name": "bounds",
    "trials": 1,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 4},
    "algorithms": {"random_search": {}},
}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\n" * 200_000, "expected at most 1,048,576 bytes"),
        (".".join("a" * 20_000) + " = 1", "a key has more than 64 parts"),
        ("x = " + "[" * 50_000 + "]" * 50_000, "is not TOML"),
    ],
    ids=["large", "long key", "deep"],
)
def test_a_file_that_takes_long_to_read_is_rejected(tmp_path, text, message):
    (tmp_path / "x.toml").write_text(text)
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match=message):
        read_experiment_file(tmp_path / "x.toml")
    assert time.monotonic() - began < 5


def test_a_byte_order_mark_is_accepted(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfschema = 1\n")
    assert read_experiment_file(tmp_path / "x.toml") == {"schema": 1}


def test_a_huge_integer_and_deep_tables_are_one_line(tmp_path):
    (tmp_path / "x.toml").write_text("seed = 0x" + "f" * 200_000)
    with pytest.raises(ConfigurationError, match="an integer has 800,000 bits; expected at most 4,096"):
        resolve_experiment(RAW | read_experiment_file(tmp_path / "x.toml"), Path())
    deep: dict = {}
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(ConfigurationError, match="expected at most 32 levels"):
        resolve_experiment(RAW | {"protocol": deep}, Path())


def test_a_grid_is_counted_before_it_is_expanded():
    grid = {name: list(range(1000)) for name in "abcd"}
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match="expected at most 100,000 combinations, got 1,000,000,000,000"):
        resolve_experiment(RAW | {"algorithms": {"{a}": {"use": "random_search", "grid": grid}}}, Path())
    assert time.monotonic() - began < 5


def test_cells_are_counted(monkeypatch):
    monkeypatch.setattr("harness.experiments.resolution.MOST_ENTRIES", 3)
    algorithms = {f"a{i}": {"use": "random_search"} for i in range(4)}
    with pytest.raises(ConfigurationError, match="expected at most 3 cells, got 4: 4 algorithms on 1 benchmarks"):
        resolve_experiment(RAW | {"algorithms": algorithms}, Path())


@pytest.mark.parametrize("label", ["a\u202eb", "a\u2066b", "a\x1b[31mb", "a\tb", "a\nb"])
def test_a_label_that_shows_other_text_is_rejected(label):
    with pytest.raises(ConfigurationError, match="label"):
        resolve_experiment(RAW | {"algorithms": {label: {"use": "random_search"}}}, Path())


def test_a_spreadsheet_runs_nothing_and_numbers_stay_numbers():
    data = pd.DataFrame({"label": ["=1+1", "@x", "-y", "plain", None], "value": [-1.0, 2.0, 3.0, 4.0, 5.0]})
    safe = spreadsheet_safe(data)
    assert safe["label"].tolist()[:4] == ["'=1+1", "'@x", "'-y", "plain"]
    assert safe["value"].equals(data["value"])
    assert safe.to_csv(index=False).splitlines()[1] == "'=1+1,-1.0"


def test_debug_runs_one_trial_here_and_stores_nothing(tmp_path):
    done = regretta_here("run", "smoke", "--debug", cwd=tmp_path)
    assert done.returncode == 0
    assert "random_search on synthetic, trial 0, in this process" in done.stdout
    assert "after 60 evaluations. Nothing was stored" in " ".join(done.stdout.split())
    assert not (tmp_path / "runs").exists()
