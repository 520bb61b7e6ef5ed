"""Whole runs that are interrupted, killed, repeated or extended give the same results."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from time import sleep

import pandas as pd
import pytest
from commands import drill, has_results, regretta, regretta_here, start, traces, until, workers_of
from rich.console import Console

import harness.entries.sources
from harness.commands.run import print_outcome
from harness.experiments.resolution import resolve_experiment
from harness.running.driver import Report, Task
from harness.running.locking import locked
from harness.running.runner import Outcome, _note, run_experiment
from results.storage.experiment_record import read_experiment
from results.storage.loading import load
from results.storage.records import REAL_TIME, ResultsError

TRIALS = 40
"""Trials of the drill for each of two algorithms: enough for an interrupt or a kill to come before the end."""

needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds worker processes under /proc")


def small(folder=Path(), **changes):
    raw = {
        "schema": 1,
        "name": "small",
        "seed": 3,
        "trials": 4,
        "benchmarks": ["synthetic"],
        "budget": {"evaluations": 12},
        "algorithms": {"random_search": {}, "local_search": {"initial": 3}},
    }
    return resolve_experiment(raw | changes, folder)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Run the drill without interruption, in this process."""
    folder = tmp_path_factory.mktemp("reference")
    drill(folder, TRIALS)
    continue_run(folder)
    return folder / "out"


def continue_run(folder, jobs=1):
    """Run the missing trials of the drill in this process, and return what is printed."""
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", jobs, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows_without_real_time(folder) -> pd.DataFrame:
    frames = [cell.evaluations.drop(columns=list(REAL_TIME)).assign(cell=cell.label) for cell in load(folder).cells]
    return pd.concat(frames, ignore_index=True).astype({"status": str})


def assert_equal(folder, reference):
    assert traces(folder) == traces(reference)
    pd.testing.assert_frame_equal(rows_without_real_time(folder), rows_without_real_time(reference))


def test_processes_hash_seed_and_number_of_workers_do_not_matter(tmp_path, reference):
    drill(tmp_path, TRIALS)
    done = regretta("run", "drill.toml", "--out", "out", "-j", 2, cwd=tmp_path, PYTHONHASHSEED="12345")
    assert done.returncode == 0, done.stdout + done.stderr
    assert_equal(tmp_path / "out", reference)


@needs_proc
def test_kill_9_of_the_parent_then_the_same_command_gives_the_uninterrupted_results(tmp_path, reference):
    drill(tmp_path, TRIALS)
    process = start("run", "drill.toml", "--out", "out", "-j", 2, cwd=tmp_path)
    until(lambda: has_results(tmp_path / "out"))
    workers = workers_of(process.pid)
    process.kill()
    process.communicate()
    assert workers
    assert sum(map(len, traces(tmp_path / "out").values())) < 2 * TRIALS
    continue_run(tmp_path)
    assert_equal(tmp_path / "out", reference)
    until(lambda: not any(os.path.exists(f"/proc/{worker}") for worker in workers))
    assert_equal(tmp_path / "out", reference)


@needs_proc
@pytest.mark.slow
def test_kill_9_of_a_worker_fails_the_trial_that_it_ran_and_the_same_command_continues(tmp_path, reference):
    drill(tmp_path, TRIALS)
    mark = tmp_path / "pid"
    process = start("run", "drill.toml", "--out", "out", "-j", 2, cwd=tmp_path, DRILL_HANGS=str(mark))
    until(lambda: mark.exists() and mark.read_text().endswith("."))
    os.kill(int(mark.read_text().removesuffix(".")), signal.SIGKILL)
    output, _ = process.communicate()
    assert process.returncode == 3, output
    assert "its process was killed by SIGKILL" in output
    assert "Traceback" not in output
    assert sum(map(len, traces(tmp_path / "out").values())) == 2 * TRIALS - 1
    continue_run(tmp_path)
    assert_equal(tmp_path / "out", reference)


@pytest.mark.parametrize(
    ("jobs", "number"), [pytest.param(1, signal.SIGINT, marks=pytest.mark.slow), (2, signal.SIGTERM)]
)
def test_one_interrupt_keeps_the_trials_in_flight_and_the_same_command_continues(tmp_path, reference, jobs, number):
    drill(tmp_path, TRIALS)
    process = start("run", "drill.toml", "--out", "out", "-j", jobs, cwd=tmp_path)
    until(lambda: has_results(tmp_path / "out"))
    os.killpg(process.pid, number)
    output, _ = process.communicate()
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert "Interrupted. The same command continues from here." in output
    here = sum(map(len, traces(tmp_path / "out").values()))
    assert 0 < here < 2 * TRIALS
    assert f"{here} of {2 * TRIALS} trials" in output
    assert f"{2 * TRIALS - here} new" in continue_run(tmp_path)
    assert_equal(tmp_path / "out", reference)


@pytest.mark.slow
def test_two_interrupts_stop_at_once(tmp_path):
    drill(tmp_path, TRIALS)
    experiment = tmp_path / "drill.toml"
    experiment.write_text(experiment.read_text().replace('"slow.py:Slow"', '"slow.py:Slow"\npause = 0.5'))
    mark = tmp_path / "asked"
    process = start("run", "drill.toml", "--out", "out", "-j", 2, cwd=tmp_path, DRILL_MARK=str(mark))
    until(mark.exists)
    os.killpg(process.pid, signal.SIGINT)
    sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=8)  # a trial takes 10 s
    assert process.returncode == 130, output
    assert "Traceback" not in output


@pytest.mark.slow
def test_a_run_continues_when_its_reader_closes_the_pipe(tmp_path):
    drill(tmp_path, 4)
    reader, writer = os.pipe()
    os.close(reader)
    done = regretta("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert sum(map(len, traces(tmp_path / "out").values())) == 8


def test_a_second_run_on_the_folder_is_refused_and_loses_nothing(tmp_path):
    drill(tmp_path, 2)
    continue_run(tmp_path)
    before = traces(tmp_path / "out")
    drill(tmp_path, 4)
    with locked(tmp_path / "out"):
        second = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path)
        assert second.returncode == 2
        assert f"another run (process {os.getpid()} on {os.uname().nodename}) is using" in second.stderr
        assert "use another --out" in second.stderr
        assert traces(tmp_path / "out") == before
    assert "8 of 8 trials are in out (4 new)" in continue_run(tmp_path)
    after = traces(tmp_path / "out")
    assert {cell: {t: hashes for t, hashes in after[cell].items() if t < 2} for cell in after} == before


def test_adding_an_algorithm_a_benchmark_or_trials_runs_only_what_is_missing(tmp_path):
    first = run_experiment(small(), tmp_path, jobs=1)
    before = traces(tmp_path)
    assert (first.wanted, first.done) == (8, 8)
    again = run_experiment(small(), tmp_path, jobs=1)
    assert (again.present, again.done) == (8, 0)
    entries = {"random_search": {}, "renamed": {"use": "local_search", "initial": 3}, "regularized_evolution": {}}
    third = run_experiment(small(algorithms=entries), tmp_path, jobs=1)
    assert (third.wanted, third.done) == (12, 4)
    after = traces(tmp_path)
    assert after["random_search", "synthetic"] == before["random_search", "synthetic"]
    assert after["renamed", "synthetic"] == before["local_search", "synthetic"]
    more = run_experiment(small(trials=[2, 6], benchmarks=["synthetic", "nasbench201-cifar10"]), tmp_path, jobs=1)
    assert (more.wanted, more.present, more.done) == (16, 4, 12)
    run_experiment(small(trials=6), tmp_path, jobs=1)
    longer = traces(tmp_path)
    assert {t: h for t, h in longer["random_search", "synthetic"].items() if t < 4} == before[
        "random_search", "synthetic"
    ]
    assert len(read_experiment(tmp_path)["history"]) == 3


def test_the_order_of_cells_changes_nothing(tmp_path):
    run_experiment(small(), tmp_path / "a", jobs=1)
    shuffled = {"local_search": {"initial": 3}, "random_search": {}}
    run_experiment(small(algorithms=shuffled), tmp_path / "b", jobs=1)
    assert traces(tmp_path / "a") == traces(tmp_path / "b")


def test_a_truncated_file_is_set_aside_and_its_trials_run_again(tmp_path):
    run_experiment(small(), tmp_path, jobs=1)
    before = traces(tmp_path)
    victim = sorted(tmp_path.glob("trials/*/*.parquet"))[0]
    victim.write_bytes(victim.read_bytes()[:-100])
    study = load(tmp_path)
    assert sum(len(cell.missing) for cell in study.cells) == 4
    assert any("damaged" in note for note in study.notes)
    outcome = run_experiment(small(), tmp_path, jobs=1)
    assert (outcome.done, len(outcome.damaged)) == (4, 1)
    assert traces(tmp_path) == before


def test_folders_of_other_versions_are_one_note_with_what_to_do(tmp_path):
    run_experiment(small(), tmp_path, jobs=1)
    (tmp_path / "trials" / "old--synthetic--0123456789abcdef").mkdir()
    (note,) = load(tmp_path).notes
    assert note.startswith("trials/old--synthetic--0123456789abcdef is on disk but not in the grid: it is from an")
    assert note.endswith("not used here; delete the folder to silence this")
    for number in (1, 2):
        (tmp_path / "trials" / f"old--synthetic--fedcba987654321{number}").mkdir()
    (note,) = load(tmp_path).notes
    assert note.startswith("trials/old--synthetic--0123456789abcdef and 2 more are on disk but not in the grid: they")
    assert "delete the folders, which `regretta status` names" in note


def test_a_flipped_byte_is_detected_when_it_is_read(tmp_path):
    run_experiment(small(), tmp_path, jobs=1)
    victim = sorted(tmp_path.glob("trials/*/*.parquet"))[0]
    content = bytearray(victim.read_bytes())
    content[40] ^= 0xFF
    victim.write_bytes(bytes(content))
    study = load(tmp_path)
    assert [note for note in study.notes if str(victim) in note and "does not match its checksum" in note]
    assert sum(len(cell.missing) for cell in study.cells) == 4


def test_a_trial_that_raises_leaves_its_traceback_and_the_others_are_run(tmp_path):
    drill(tmp_path, 3)
    algorithms = {"broken": {"use": "slow.py:Broken"}, "random_search": {}}
    outcome = run_experiment(small(algorithms=algorithms, folder=tmp_path), tmp_path / "out", jobs=1)
    assert (outcome.done, outcome.missing) == (4, 4)
    (reason,) = set(outcome.failed.values())
    assert re.fullmatch(r"ZeroDivisionError: one bad day \(in tell, slow\.py:\d+\)", reason)
    files = list((tmp_path / "out").glob("trials/*/*.error.json"))
    assert len(files) == 4
    assert "one bad day" in files[0].read_text()
    assert outcome.error_file in files
    assert load(tmp_path / "out").cells[0].failed == (0, 1, 2, 3)


def test_the_first_failed_trial_is_named_in_whatever_order_they_failed(tmp_path, capsys):
    outcome, cell = Outcome(wanted=4), small().cells[0]
    for trial in (3, 1, 2):
        _note(Report(Task(cell, (trial,), tmp_path, {}), failed={trial: "KeyError: 'seven'"}), outcome)
    assert print_outcome(outcome, tmp_path, Console(width=500)) == 3
    printed = capsys.readouterr().out
    assert "3 trials (the first is 1): KeyError: 'seven'" in printed
    assert f"The traceback of a failed trial is in {tmp_path / '00001.error.json'}." in printed


def test_a_folder_belongs_to_one_experiment(tmp_path):
    run_experiment(small(), tmp_path, jobs=1)
    with pytest.raises(ResultsError, match="belongs to the experiment 'small', not 'other'"):
        run_experiment(small(name="other"), tmp_path, jobs=1)
    assert read_experiment(tmp_path)["name"] == "small"


CUSTOM = """
import sys
from dataclasses import dataclass, field
from algorithms import Algorithm, Query

@dataclass
class Remembers(Algorithm):
    reference = "none"
    seen: list = field(default_factory=list)

    def ask(self):
        self.seen.append(1)
        return Query(self.space.sample(self.rng) if len(self.seen) <= 12 else (0, 0, 0, 0, 0), self.fidelities[-1])

    def tell(self, query, observed_error):
        pass

class Exits(Remembers):
    def ask(self):
        sys.exit(0)

class Unspeakable(Remembers):
    def ask(self):
        class Silent(Exception):
            def __str__(self):
                raise ValueError
        raise Silent
"""


def test_state_in_a_mutable_hyperparameter_does_not_reach_the_next_trial(tmp_path):
    (tmp_path / "custom.py").write_text(CUSTOM)
    grid = {"algorithms": {"r": {"use": "custom.py:Remembers"}}, "folder": tmp_path}
    run_experiment(small(**grid), tmp_path / "once", jobs=1)
    for trials in ([0, 1], [1, 2], [2, 4]):
        run_experiment(small(**grid, trials=trials), tmp_path / "parts", jobs=1)
    run_experiment(small(**grid), tmp_path / "parts", jobs=1)
    assert traces(tmp_path / "once") == traces(tmp_path / "parts")


@pytest.mark.parametrize(
    ("name", "why"), [("Exits", "SystemExit: 0"), ("Unspeakable", "Silent, whose message cannot be shown")]
)
def test_a_class_that_exits_fails_its_own_trials_only(tmp_path, name, why):
    (tmp_path / "custom.py").write_text(CUSTOM)
    algorithms = {"bad": {"use": f"custom.py:{name}"}, "random_search": {}}
    outcome = run_experiment(small(algorithms=algorithms, folder=tmp_path), tmp_path / "out", jobs=1)
    assert (outcome.done, len(outcome.failed)) == (4, 4)
    assert all(text.startswith(why) for text in outcome.failed.values())


def test_a_class_that_is_edited_during_the_run_is_refused(tmp_path):
    (tmp_path / "custom.py").write_text(CUSTOM + "# first\n")
    experiment = small(algorithms={"r": {"use": "custom.py:Remembers"}}, folder=tmp_path)
    harness.entries.sources._IMPORTED_FILES.clear()  # as in a worker that has not imported it yet
    (tmp_path / "custom.py").write_text(CUSTOM + "# second\n")
    outcome = run_experiment(experiment, tmp_path / "out", jobs=1)
    assert outcome.done == 0
    assert all("has changed since the run began" in text for text in outcome.failed.values())
