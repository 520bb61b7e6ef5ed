"""The guide to multi-fidelity optimizers is true: its class, its experiment and its notebook cell work as written."""

from __future__ import annotations

import inspect
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
from commands import regretta_here

from algorithms import Algorithm
from benchmarks import SearchSpace

PAGE = (Path(__file__).parents[1] / "docs" / "guides" / "multi-fidelity.md").read_text()


BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def blocks(language):
    return [text for its, text in BLOCKS if its == language]


@pytest.mark.slow
def test_the_class_races_beside_the_others(tmp_path):
    (tmp_path / "halving.py").write_text(blocks("python")[0])
    (tmp_path / "race.toml").write_text(blocks("toml")[0])
    outputs = {}
    for command in blocks("")[0].splitlines():
        done = regretta_here(*shlex.split(command)[1:], cwd=tmp_path, LOKY_MAX_CPU_COUNT="1")
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        outputs[command.split()[1]] = done.stdout
    assert "All checks passed." in outputs["test"]
    assert re.search(r"^ *thirds +\S", outputs["summary"], flags=re.MULTILINE)
    assert list(tmp_path.glob("runs/multi-fidelity-race/figures/fidelity*.png"))


def test_the_cell_of_the_notebook_ends_within_the_budget(capsys, monkeypatch):
    notebook = ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", notebook)
    for number, source in enumerate(blocks("python")):
        exec(compile(source, f"multi-fidelity.md, block {number}", "exec"), vars(notebook))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 20
    assert "to epoch 27" in "".join(lines)
    assert lines[-1].startswith("true error of the incumbent: 0.")


def test_the_tables_name_what_exists():
    assert len(re.findall(r"`space\.(\w+)", PAGE)) > 8
    for name in re.findall(r"`space\.(\w+)", PAGE):
        assert hasattr(SearchSpace, name) or name in inspect.get_annotations(SearchSpace), name
    for name in re.findall(r"^\| `(\w+)(?:\([\w, ]*\))?`", PAGE.split("## The interface")[1], flags=re.MULTILINE):
        assert hasattr(Algorithm, name) or name in inspect.get_annotations(Algorithm), name


def test_the_pages_that_lead_to_an_optimizer_lead_to_this_guide():
    docs = Path(__file__).parents[1] / "docs"
    assert "](multi-fidelity.md)" in (docs / "guides/my-optimizer.md").read_text()
    assert "](guides/multi-fidelity.md)" in (docs / "start.md").read_text()
    assert "autoclass:: harness.Race\n   :members:" in (docs / "reference/python.md").read_text()
