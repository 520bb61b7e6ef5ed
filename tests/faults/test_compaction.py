"""Kills and failing file operations during compaction: nothing stored is lost, and nothing is there twice."""

from __future__ import annotations

import os
import shutil
import time

import numpy as np
import pytest
from commands import start, traces
from faults import ERRORS, OPERATIONS, everything, failing

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from harness.running.verification import verify_results
from results.storage.compaction import compact_cell

pytestmark = pytest.mark.slow

KILLS = 30
RAW = {
    "schema": 1,
    "name": "compaction",
    "seed": 3,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 200},
    "algorithms": {"random_search": {}, "local_search": {"initial": 2}},
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Make a folder of two cells with fifty files each."""
    folder = tmp_path_factory.mktemp("original") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.running.runner.CHUNK", 1)
        patch.setattr("harness.running.joining.TARGET", 0.0)
        run_experiment(resolve_experiment(RAW | {"trials": 50}, folder), folder, jobs=1)
    assert len(list(folder.glob("trials/*/*.parquet"))) == 100
    return folder


def check(folder, expected):
    """Check that a folder has all trials, each once."""
    assert traces(folder) == expected
    found = verify_results(folder)
    assert (found.problems, found.missing, found.trials) == ([], 0, 100)


@pytest.mark.parametrize("code", ERRORS, ids=os.strerror)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_failed_operation_loses_nothing(tmp_path, injected, original, operation, code):
    expected, failures = traces(original), 0
    for call in range(3):
        folder = tmp_path / f"{call}"
        shutil.copytree(original, folder)
        cell = sorted(folder.glob("trials/*"))[0]
        raised = []
        with failing(operation, code, call) as fault:
            try:
                compact_cell(cell)
            except OSError as error:
                raised.append(error.errno)
        assert raised == ([code] if fault.calls > call else [])
        failures += len(raised)
        check(folder, expected)
        assert compact_cell(cell).after == 1
        check(folder, expected)
        assert not [name for name in everything(cell) if name.startswith(".")]
    injected("file operations of a compaction that failed", failures)
    assert failures


def test_kills_of_compactions_lose_nothing(tmp_path, injected, original):
    expected, rng, kills, finished = traces(original), np.random.default_rng(21), 0, 0
    folder = tmp_path / "out"
    shutil.copytree(original, folder)
    began = time.monotonic()
    process = start("compact", "out", cwd=tmp_path)
    process.communicate()
    assert process.returncode == 0
    longest = time.monotonic() - began
    shutil.rmtree(folder)
    shutil.copytree(original, folder)
    while kills < KILLS:
        process = start("compact", "out", cwd=tmp_path)
        time.sleep(rng.uniform(0.6, 1.1) * longest)
        if process.poll() is None:
            process.kill()
            kills += 1
        output, _ = process.communicate()
        assert "Traceback" not in output
        check(folder, expected)
        if process.returncode == 0:
            assert len(list(folder.glob("trials/*/*.parquet"))) == 2
            finished += 1
            shutil.rmtree(folder)
            shutil.copytree(original, folder)
    injected("kills of compactions", kills)
    injected("compactions completed after kills", finished)
    assert finished
