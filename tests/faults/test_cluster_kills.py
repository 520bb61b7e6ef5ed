"""Kills of schedulers, workers and planning processes: nothing that was stored is lost, and nothing is stored twice."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest
from clusters import Cluster
from commands import drill, regretta_here, start, traces

from harness.running.verification import verify_results

pytestmark = [
    pytest.mark.slow,
    pytest.mark.library("distributed"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds worker processes under /proc"),
]
KILLS = 24
TRIALS = 60
LONGEST = 6.0
"""Largest time between the start of a run and the kill [s]: about that of the whole grid."""


def stored(folder):
    return traces(folder / "out") if (folder / "out" / "experiment.json").exists() else {}


def fresh(folder):
    cluster = Cluster(folder)
    for name in ("a", "b"):
        cluster.add_worker(name)
    return cluster


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    drill(folder, TRIALS)
    assert regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=folder).returncode == 0
    return stored(folder)


def test_kills_lose_nothing_and_store_nothing_twice(tmp_path, injected, reference):
    rng, kills, grids = np.random.default_rng(21), 0, 0
    cluster, number = fresh(tmp_path / "cluster-0"), 0
    try:
        while kills < KILLS:
            folder, before, code = tmp_path / f"grid-{grids}", {}, None
            folder.mkdir()
            drill(folder, TRIALS)
            while code != 0:
                words = ("--backend", "dask", "--scheduler", cluster.file)
                process = start("run", "drill.toml", "--out", "out", *words, cwd=folder)
                time.sleep(rng.uniform(1.0, LONGEST))
                victim = ("planner", "scheduler", "worker")[rng.integers(3)]
                if process.poll() is None:
                    kills += 1
                    if victim == "planner":
                        process.kill()
                    elif victim == "scheduler":
                        cluster.kill("scheduler")
                    else:
                        name = sorted(cluster.workers)[0]
                        cluster.kill(name)
                        number += 1
                        cluster.add_worker(f"new-{number}")
                output, _ = process.communicate(timeout=180)
                code = process.returncode
                assert code in {"planner": (0, -9), "scheduler": (0, 2, 3), "worker": (0,)}[victim], output
                assert "Traceback" not in output
                after = stored(folder)
                assert all(after[cell].items() >= trials.items() for cell, trials in before.items())
                assert all(trials.items() <= reference[cell].items() for cell, trials in after.items())
                before = after
                if cluster.scheduler.poll() is not None:
                    cluster.close()
                    number += 1
                    cluster = fresh(tmp_path / f"cluster-{number}")
            assert before == reference
            report = verify_results(folder / "out")
            assert (report.problems, report.missing, report.trials) == ([], 0, 2 * TRIALS)
            grids += 1
    finally:
        cluster.close()
    injected("kills of schedulers, workers and planning processes of a cluster", kills)
