"""Progress of a run: the time left is shown soon after the beginning, by the trials that have ended."""

from __future__ import annotations

import io
import re
import time

import pytest
from commands import drill, regretta_here
from rich.console import Console

from harness.experiments.opening import open_experiment
from harness.running import progress as progress_module
from harness.running.progress import Progress
from harness.running.runner import Outcome, run_experiment
from harness.running.time_left import Taken, time_left

LABELS = {"a1": "a", "a2": "a", "b1": "b"}


@pytest.mark.parametrize(
    ("planned", "taken", "said"),
    [
        ({"a1": 10}, {"a1": Taken(4, 8.0)}, "about 12 s left"),
        ({"a1": 10, "a2": 10}, {"a1": Taken(4, 8.0)}, "about 32 s left"),
        ({"a1": 10, "b1": 10}, {"a1": Taken(4, 8.0)}, "about 12 s left, without 1 algorithm not begun"),
        ({"a1": 10, "b1": 10}, {"a1": Taken(10, 8.0)}, "at least 80 s left"),
        ({"a1": 10}, {"a1": Taken(10, 8.0)}, ""),
        ({"a1": 10}, {"a1": Taken(12, 8.0)}, ""),
        ({"a1": 10, "b1": 5}, {}, "at least 150 s left".replace("150 s", "2 min")),
        ({}, {}, ""),
    ],
)
def test_the_time_left_follows_from_the_trials_that_ended(planned, taken, said):
    assert time_left(planned, taken, LABELS, 8.0, 1) == said


def test_several_processes_share_the_time():
    assert time_left({"a1": 10}, {"a1": Taken(4, 8.0)}, LABELS, 8.0, 2) == "about 6 s left"
    assert time_left({"a1": 5}, {}, LABELS, 8.0, 2) == "at least 24 s left"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(progress_module, "FIRST_LINE", 0.1)
    monkeypatch.setattr(progress_module, "PRINT_EVERY", 0.1)
    monkeypatch.setattr(progress_module, "UPDATE_EVERY", 0.05)


@pytest.mark.slow
def test_a_run_says_how_long_it_takes_before_its_first_task_ends(quick, tmp_path, monkeypatch):
    drill(tmp_path, 8)
    monkeypatch.chdir(tmp_path)
    done = regretta_here("run", "drill.toml", "-j", 1, "--set", "algorithms.slow.pause=0.01", cwd=tmp_path)
    assert done.returncode == 0
    lines = re.findall(r"^\d+ of 16 trials; .*$", done.stdout, flags=re.MULTILINE)
    assert lines
    assert all(re.search(r"(about|at least) \d+ (s|min|h) left", line) for line in lines)


def test_the_bar_of_a_terminal_has_the_time_left(quick, tmp_path):
    experiment = open_experiment(str(drill(tmp_path, 6)))
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    with Progress(console, experiment, 1) as progress:
        run_experiment(experiment, tmp_path / "out", 1, progress.observe, progress.begin, ticked=progress.trial)
    assert " left" in screen.getvalue()
    assert progress.done == 12


def test_a_trial_that_is_run_again_counts_once(tmp_path):
    experiment = open_experiment(str(drill(tmp_path, 1)))
    progress = Progress(Console(file=io.StringIO()), experiment, 1, "title")
    with progress:
        progress.begin(Outcome(wanted=2, present=0, planned={cell.id: 1 for cell in experiment.cells}))
        for _ in range(5):
            progress.trial(experiment.cells[0], 0.1)
        assert progress.done == 2


def test_the_watcher_ends_with_the_run(quick, tmp_path):
    experiment = open_experiment(str(drill(tmp_path, 1)))
    progress = Progress(Console(file=io.StringIO()), experiment, 1)
    with progress:
        progress.begin(Outcome(wanted=2))
        time.sleep(0.15)
    assert not progress._watcher.is_alive()
    with Progress(Console(file=io.StringIO()), experiment, 1):
        pass  # a run that fails before it begins
