"""The gate refuses to compare or freeze results of other code, and leaves the reason for the pull request."""

from __future__ import annotations

import shutil

import pytest
from commands import regretta_here
from custom_class import MINE

from harness.running.provenance import environment
from results.gate.snapshots import read_baseline, write_baseline

TINY = """schema = 1
name = "tiny"
trials = 9
benchmarks = ["synthetic"]
budget = { evaluations = 3 }
[algorithms.mine]
use = "mine.py:Mine"
"""
UPDATE = ("baseline", "update", "b.json", "--from", "runs/tiny", "--reason", "new")
CHECK = ("--baseline", "b.json", "--markdown", "gate.md")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A folder with an experiment of a user's class, its results and their baseline."""
    folder = tmp_path_factory.mktemp("frozen")
    (folder / "tiny.toml").write_text(TINY)
    (folder / "mine.py").write_text(MINE)
    assert regretta_here("run", "tiny.toml", "-j", 1, cwd=folder).returncode == 0
    assert regretta_here(*UPDATE, cwd=folder).returncode == 0
    return folder


def test_a_baseline_shows_which_version_of_regretta_froze_it(frozen):
    (entry,) = read_baseline(frozen / "b.json").reasons
    assert entry.version == environment()["packages"]["regretta"]
    shown = " ".join(regretta_here("baseline", "show", "b.json", cwd=frozen).stdout.split())
    commit = f", commit {entry.commit}" if entry.commit else ""
    assert f"{entry.date} (Regretta {entry.version}{commit}): new" in shown
    older = read_baseline(frozen / "b.json").model_copy(
        update={"reasons": (entry.model_copy(update={"version": None, "commit": None}),)}
    )
    write_baseline(frozen / "older.json", older)
    shown = " ".join(regretta_here("baseline", "show", "older.json", cwd=frozen).stdout.split())
    assert f"{entry.date} (Regretta, version not recorded): new" in shown


@pytest.fixture
def edited(frozen):
    """The same after an edit of the class, which is undone at the end."""
    (frozen / "mine.py").write_text(MINE + "# edited\n")
    yield frozen
    (frozen / "mine.py").write_text(MINE)
    (frozen / "gate.md").unlink(missing_ok=True)


def test_results_of_a_class_that_changed_since_are_not_frozen_until_the_same_command_ran_again(edited, tmp_path):
    before = (edited / "b.json").read_bytes()
    done = regretta_here(*UPDATE, cwd=edited)
    assert done.returncode == 4, done.stderr
    printed = " ".join(done.stdout.split())
    assert printed == (
        "mine on synthetic: mine.py changed after the trials were made: run again, `regretta run EXPERIMENT`"
    )
    assert (edited / "b.json").read_bytes() == before
    copy = shutil.copytree(edited, tmp_path / "copy")
    again = regretta_here("run", "tiny.toml", "-j", 1, cwd=copy)
    assert (again.returncode, "(9 new)" in again.stdout) == (0, True)
    assert regretta_here(*UPDATE, cwd=copy).returncode == 0


def test_after_an_edit_of_a_file_beside_a_module_the_same_command_runs_its_trials_again(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY.replace("mine.py:", "mine_module:"))
    (tmp_path / "mine_module.py").write_text("import mine_helper\n" + MINE)
    (tmp_path / "mine_helper.py").touch()
    assert regretta_here("run", "tiny.toml", "-j", 1, cwd=tmp_path).returncode == 0
    (tmp_path / "mine_helper.py").write_text("ONE = 1\n")
    refused = regretta_here(*UPDATE, cwd=tmp_path)
    assert refused.returncode == 4
    assert " ".join(refused.stdout.split()).endswith("run again, `regretta run EXPERIMENT`")
    again = regretta_here("run", "tiny.toml", "-j", 1, cwd=tmp_path)
    assert (again.returncode, "(9 new)" in again.stdout) == (0, True)
    assert regretta_here(*UPDATE, cwd=tmp_path).returncode == 0


def test_the_reason_why_nothing_was_compared_is_in_the_markdown(edited):
    assert regretta_here("check", "runs/tiny", *CHECK, cwd=edited).returncode == 4
    text = (edited / "gate.md").read_text()
    assert text.startswith("### Regretta gate: nothing was compared\n")
    assert "mine.py changed after the trials were made: run again, `regretta check EXPERIMENT`" in text


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [("mine.py", MINE + "def\n", "mine.py"), ("tiny.toml", TINY.replace("synthetic", "absent"), "unknown benchmark")],
)
def test_an_error_is_in_the_markdown(edited, file, content, words):
    before = (edited / file).read_text()
    (edited / file).write_text(content)
    done = regretta_here("check", "tiny.toml", *CHECK, cwd=edited)
    (edited / file).write_text(before)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    text = (edited / "gate.md").read_text()
    assert text.startswith("### Regretta gate: nothing was compared\n")
    assert words in text
