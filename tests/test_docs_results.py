"""The pages on results are true: their commands work, their lines print what stands below them."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from commands import regretta_here

from harness.experiments.opening import open_experiment
from harness.reproduction.registry import REPRODUCTIONS
from harness.running.runner import run_experiment

ROOT = Path(__file__).parents[1]
PAGES = ("guides/figures.md", "reference/measures.md", "guides/reproducing.md")
PAGE = "\n".join((ROOT / "docs" / name).read_text() for name in PAGES)
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
EXAMPLES = [(block, below) for (name, block), (_, below) in pairwise(BLOCKS) if name == "python"]
COMMANDS = [line for name, block in BLOCKS if name == "" for line in block.splitlines()]


def race(folder, *changes):
    experiment = open_experiment("quickstart", *changes)
    assert not run_experiment(experiment, folder / "runs" / "quickstart", jobs=1).missing


def printed(capsys):
    """Return the output of the examples, one after another."""
    namespace, texts = {}, []
    for source, _ in EXAMPLES:
        exec(compile(source, "docs/guides/figures.md", "exec"), namespace)
        texts.append(capsys.readouterr().out.rstrip())
    return texts


def first_words(text):
    """The first line without its numbers."""
    return re.sub(r"[\d\s]+", " ", text.splitlines()[0])


@pytest.mark.slow
def test_the_commands_and_examples_work_on_fewer_trials(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    race(tmp_path, "8", ["budget.evaluations=30", 'benchmarks=["nasbench201-cifar10"]'])
    assert len(EXAMPLES) > 5
    for (_, shown), text in zip(EXAMPLES, printed(capsys), strict=True):
        assert first_words(text) == first_words(shown)
    for command in COMMANDS:
        if command.startswith(("regretta summary", "regretta plot", "regretta table")) and "--kind all" not in command:
            done = regretta_here(*shlex.split(command, comments=True)[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    assert (tmp_path / "figures/ecdf-column.pdf").exists()


@pytest.mark.slow
def test_the_examples_print_exactly_what_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    race(tmp_path)
    assert printed(capsys) == [shown.rstrip() for _, shown in EXAMPLES]


def test_every_study_that_can_be_reproduced_is_shown():
    shown = [shlex.split(command)[2] for command in COMMANDS if command.startswith("regretta reproduce")]
    assert shown == list(REPRODUCTIONS)


def test_every_function_that_a_measure_is_said_to_be_exists():
    rows = [row.rsplit("|", 2)[1] for row in PAGE.split("| measure |")[1].split("\n\n")[0].splitlines()[2:]]
    places = [place for row in rows for place in re.findall(r"`([\w.]+)`", row)]
    assert len(places) > 10
    sources = {path.stem: path.read_text() for path in (ROOT / "results").rglob("*.py")}
    for place in places:
        name = place.rpartition(".")[2]
        assert name in sources or any(f"def {name}(" in source for source in sources.values()), place
