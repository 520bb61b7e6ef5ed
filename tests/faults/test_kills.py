"""Kills at random moments: no trial that was stored is lost, and the grid completes with the uninterrupted results."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

import numpy as np
import pytest
from commands import drill, regretta_here, start, traces, until, workers_of

from harness.running.verification import verify_results

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds worker processes under /proc"),
]
KILLS = 200
TRIALS = 60
LONGEST = 1.6
"""Largest time between the start of a run and the kill [s]: about that of the whole grid."""


def grid(folder):
    folder.mkdir()
    drill(folder, TRIALS)
    return folder


def begin(folder):
    return start("run", "drill.toml", "--out", "out", "-j", 2, cwd=folder)


def stored(folder):
    return traces(folder / "out") if (folder / "out" / "experiment.json").exists() else {}


def exists(process):
    return os.path.exists(f"/proc/{process}")


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = grid(tmp_path_factory.mktemp("reference") / "grid")
    assert regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=folder).returncode == 0
    return stored(folder)


def test_kills_of_parents_and_workers_lose_nothing(tmp_path, injected, reference):
    rng = np.random.default_rng(16)
    kills = grids = 0
    while kills < KILLS:
        folder, before, code = grid(tmp_path / f"{grids}"), {}, None
        while code != 0:
            process = begin(folder)
            time.sleep(rng.uniform(0, LONGEST))
            workers = workers_of(process.pid)
            if workers and rng.random() < 0.5:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(workers[rng.integers(len(workers))], signal.SIGKILL)
                    kills += 1
            elif process.poll() is None:
                process.kill()
                kills += 1
            output, _ = process.communicate()
            code = process.returncode
            starting = code == 2 and ("the process that imports" in output or "ended before they began" in output)
            assert starting or code in (0, 3, -signal.SIGKILL), output
            assert "Traceback" not in output
            after = stored(folder)
            assert all(after[cell].items() >= trials.items() for cell, trials in before.items())
            assert all(trials.items() <= reference[cell].items() for cell, trials in after.items())
            before = after
            until(lambda workers=workers: not any(map(exists, workers)))
        assert before == reference
        report = verify_results(folder / "out")
        assert (report.problems, report.missing, report.trials) == ([], 0, 2 * TRIALS)
        grids += 1
    injected("kills of parents and workers", kills)
    injected("grids completed after kills", grids)
    assert grids > 3


def test_orphans_beside_a_new_run_change_nothing(tmp_path, reference):
    folder = grid(tmp_path / "grid")
    process = begin(folder)
    until(lambda: stored(folder))
    workers = workers_of(process.pid)
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    process.kill()
    process.wait()
    process.stdout.close()  # the stopped workers hold it open
    second = begin(folder)
    output, _ = second.communicate()
    assert second.returncode == 0, output
    assert all(map(exists, workers))
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
    until(lambda: not any(map(exists, workers)))
    assert stored(folder) == reference
    assert verify_results(folder / "out").problems == []


def test_two_runs_at_once_on_a_folder(tmp_path, reference):
    for number in range(5):
        folder = grid(tmp_path / f"{number}")
        both = [begin(folder), begin(folder)]
        outputs = [process.communicate()[0] for process in both]
        assert sorted(process.returncode for process in both) == [0, 2], outputs
        assert sum("is using" in output for output in outputs) == 1
        assert stored(folder) == reference
        assert verify_results(folder / "out").problems == []
