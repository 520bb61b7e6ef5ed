"""Runs on a real scheduler with real worker processes: the same results as here, also when some of them are killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from clusters import ROOT, children, cluster, dask_process
from commands import drill, has_results, regretta, regretta_here, start, traces, until

from harness.running.verification import verify_results
from results.storage.chunks import METADATA, open_chunk
from results.storage.experiment_record import read_experiment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.library("distributed"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds worker processes under /proc"),
]
TRIALS = 40
TRAVELLED = """
import helper
from pathlib import Path
from slow import Slow

class Travelled(Slow):
    def ask(self):
        assert Path(__file__).parent.parent.name == "code", __file__
        return super().ask()
"""
ASSASSIN = '''
import os, signal
from pathlib import Path
from slow import Slow

class Assassin(Slow):
    """Kills the worker that it runs on."""

    def ask(self):
        template = os.getppid()
        worker = int(Path(f"/proc/{template}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(worker, signal.SIGKILL)
'''


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    drill(folder, TRIALS)
    assert regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=folder).returncode == 0
    return traces(folder / "out")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    drill(tmp_path / "home", TRIALS)
    return tmp_path / "home"


def words(place, *more):
    return ("run", "drill.toml", "--out", "out", "--backend", "dask", "--scheduler", place, *more)


def is_complete(folder, reference):
    found = verify_results(folder / "out")
    assert (found.problems, found.missing, found.trials) == ([], 0, 2 * TRIALS)
    assert traces(folder / "out") == reference


def continue_here(home, reference):
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=home)
    assert done.returncode == 0, done.stdout
    is_complete(home, reference)


def test_workers_give_the_results_of_this_machine_and_say_who_made_them(tmp_path, home, reference):
    (home / "travelled.py").write_text(TRAVELLED)
    (home / "helper.py").write_text("")
    toml = (home / "drill.toml").read_text()
    (home / "drill.toml").write_text(toml + '[algorithms.travelled]\nuse = "travelled.py:Travelled"\n')
    with cluster(tmp_path / "cluster", "a", "b") as workers:
        done = regretta(*words(workers.file), cwd=home)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        assert not list((tmp_path / "cluster" / "local").rglob("regretta-*"))
        until(lambda: not children_of_sessions(workers))
        again = regretta(*words(workers.address), cwd=home)
        assert (again.returncode, "(0 new)" in again.stdout) == (0, True)
    found = traces(home / "out")
    assert {cell: trials for cell, trials in found.items() if cell[0] != "travelled"} == reference
    assert len(found["travelled", "synthetic"]) == TRIALS
    assert verify_results(home / "out", sample=5).problems == []
    provenances = [provenance(file) for file in (home / "out").glob("trials/*/*.parquet")]
    assert {its["worker"] for its in provenances} == {"a", "b"}
    assert all("--backend" in its["command"] for its in provenances)


def children_of_sessions(workers):
    found = [child for process in workers.workers.values() for child in children(process.pid)]
    return [child for child in found if b"harness.entries" in Path(f"/proc/{child}/cmdline").read_bytes()]


def provenance(file):
    import json

    import pyarrow.parquet as pq

    assert open_chunk(file).record.code
    return json.loads(pq.read_metadata(file).metadata[METADATA])["provenance"]


def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_stored_twice(tmp_path, home, reference):
    mark = tmp_path / "pid"
    with cluster(tmp_path / "cluster", "a", "b", DRILL_HANGS=str(mark)) as workers:
        process = start(*words(workers.file), cwd=home)
        until(lambda: mark.exists() and mark.read_text().endswith("."))
        hanging = int(mark.read_text().removesuffix("."))
        victim = next(name for name, its in workers.workers.items() if hanging in children(its.pid))
        workers.kill(victim)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        assert "Traceback" not in output
    is_complete(home, reference)
    until(lambda: not os.path.exists(f"/proc/{hanging}"))


def test_the_death_of_a_trial_process_is_charged_to_the_trial_as_on_one_machine(tmp_path, home, reference):
    mark = tmp_path / "pid"
    with cluster(tmp_path / "cluster", "a", "b", DRILL_HANGS=str(mark)) as workers:
        process = start(*words(workers.file), cwd=home)
        until(lambda: mark.exists() and mark.read_text().endswith("."))
        os.kill(int(mark.read_text().removesuffix(".")), signal.SIGKILL)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 3, output
    assert "its process was killed by SIGKILL" in output
    assert len(list((home / "out").glob("trials/*/*.error.json"))) == 1
    continue_here(home, reference)


def test_code_that_kills_its_workers_fails_alone(tmp_path, home, reference):
    (home / "assassin.py").write_text(ASSASSIN)
    toml = (home / "drill.toml").read_text()
    (home / "drill.toml").write_text(toml + '[algorithms.assassin]\nuse = "assassin.py:Assassin"\n')
    few = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # instead of 3, since a worker takes seconds to start
    with cluster(tmp_path / "cluster", "a", "b", **few) as workers:
        process = start(*words(workers.file, "--trials", "1"), cwd=home)
        output, _ = process.communicate(timeout=300)
    assert process.returncode == 3, output
    assert output.count("failed: assassin on synthetic, ") >= 1
    assert "several workers died" in output or "all workers that might run it ended" in output
    assert "Traceback" not in output
    found = traces(home / "out")
    assert all(found[cell] == {0: trials[0]} for cell, trials in reference.items())


def test_a_lost_scheduler_keeps_what_is_finished_and_another_goes_on(tmp_path, home, reference):
    with cluster(tmp_path / "one", "a", "b") as workers:
        process = start(*words(workers.file), cwd=home)
        until(lambda: has_results(home / "out"))
        workers.kill("scheduler")
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 3, output
    assert "the connection to the scheduler" in output
    assert "run the same command again, here or elsewhere" in output.replace("\n", "")
    assert "Traceback" not in output
    before = traces(home / "out")
    assert 0 < sum(map(len, before.values())) < 2 * TRIALS
    with cluster(tmp_path / "two", "a") as workers:
        done = regretta(*words(workers.file, "--trials", str(TRIALS - 10)), cwd=home)
        assert done.returncode == 0, done.stdout + done.stderr
    after = traces(home / "out")
    assert all(
        {t: h for t, h in trials.items() if t < TRIALS - 10}.items() <= after[cell].items()
        for cell, trials in before.items()
    )
    continue_here(home, reference)


@pytest.mark.parametrize("place", ["cluster", "local:2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_keeps_the_trials_in_flight(tmp_path, home, reference, place, number):
    with cluster(tmp_path / "cluster", "a", "b") as workers:
        process = start(*words(workers.file if place == "cluster" else place), cwd=home)
        until(lambda: has_results(home / "out"))
        os.killpg(process.pid, number)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Interrupted. The same command continues from here." in output
    assert "Traceback" not in output
    assert 0 < sum(map(len, traces(home / "out").values())) < 2 * TRIALS
    continue_here(home, reference)


@pytest.mark.parametrize("place", ["cluster", "local:2"])
def test_kill_9_of_the_planning_process_leaves_no_process_and_the_same_command_continues(
    tmp_path, home, reference, place
):
    with cluster(tmp_path / "cluster", "a", "b") as workers:
        process = start(*words(workers.file if place == "cluster" else place), cwd=home)
        until(lambda: has_results(home / "out"))
        own = children(process.pid)
        process.kill()
        process.communicate()
        until(lambda: not any(os.path.exists(f"/proc/{child}") for child in own))
        assert sum(map(len, traces(home / "out").values())) < 2 * TRIALS
        done = regretta(*words(workers.file), cwd=home)
        assert done.returncode == 0, done.stdout + done.stderr
    is_complete(home, reference)


def test_workers_with_other_code_or_without_regretta_are_refused_by_name(tmp_path, home, reference):
    other, none = tmp_path / "other", tmp_path / "none"
    for package in ("algorithms", "benchmarks", "harness", "results", "plots"):
        shutil.copytree(ROOT / package, other / package, ignore=shutil.ignore_patterns("__pycache__"))
    changed = other / "algorithms" / "regularized_evolution.py"
    changed.write_text(changed.read_text() + "\nCHANGED = True\n")
    (none / "harness").mkdir(parents=True)
    (none / "harness" / "__init__.py").write_text("")
    with cluster(tmp_path / "cluster") as workers:
        workers.add_worker("old", path=other)
        workers.add_worker("bare", path=none)
        alone = regretta(*words(workers.file), cwd=home) if wait_for(workers, 2) else None
        assert alone.returncode == 2, alone.stdout + alone.stderr
        assert "every worker was refused" in alone.stderr, workers.log("bare")
        assert "worker old at tcp://127.0.0.1:" in alone.stderr
        assert "the code of regularized_evolution: expected" in alone.stderr
        assert "Regretta cannot be imported there: ModuleNotFoundError" in alone.stderr, workers.log("bare")
        workers.add_worker("good")
        done = regretta(*words(workers.file), cwd=home) if wait_for(workers, 3) else None
        assert done.returncode == 0, done.stdout + done.stderr
        assert "refused: worker old at" in done.stdout
    is_complete(home, reference)
    assert {provenance(file)["worker"] for file in (home / "out").glob("trials/*/*.parquet")} == {"good"}


def wait_for(workers, number):
    """Wait until the scheduler knows this number of workers."""
    from distributed import Client

    with Client(scheduler_file=str(workers.file), set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)
    return True


def test_a_restarted_worker_proves_again_and_a_late_one_takes_part(tmp_path, home, reference):
    with cluster(tmp_path / "cluster") as workers:
        process = start(*words(workers.file), cwd=home)
        time.sleep(2)
        workers.add_worker("a")
        until(lambda: has_results(home / "out"))
        os.kill(dask_process(workers.workers["a"].pid), signal.SIGKILL)  # its nanny starts it again
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "the scheduler has no workers now: waiting for them" in output
    is_complete(home, reference)


def test_other_linear_algebra_of_workers_is_recorded(tmp_path, home):
    with cluster(tmp_path / "cluster", "a", OPENBLAS_CORETYPE="Haswell") as workers:
        assert regretta(*words(workers.file, "--trials", "1"), cwd=home).returncode == 0
    blas = read_experiment(home / "out")["environment"]["fingerprint"]["blas"]
    if "Haswell" not in blas:
        pytest.skip(f"this machine's linear algebra has no other kernel: {blas}")
    assert "Haswell" in blas


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--backend", "dask"), "--backend dask: needs --scheduler"),
        (("--scheduler", "local:2"), "--scheduler: has an effect with --backend dask only"),
        (("--backend", "dask", "--scheduler", "local:2", "-j", "2"), "--jobs: has no effect"),
        (("--backend", "dask", "--scheduler", "nowhere.json"), "'nowhere.json' does not exist"),
        (("--backend", "dask", "--scheduler", "nonsense://x:1"), "local:N with N from 1 to 9999, got 'nonsense://x:1'"),
        (("--backend", "dask", "--scheduler", "local:0"), "local:N with N from 1 to 9999, got 'local:0'"),
        (("--backend", "dask", "--scheduler", "127.0.0.1:9"), "no scheduler answers at '127.0.0.1:9'"),
    ],
)
def test_options_that_do_not_fit_are_refused(home, options, why):
    done = regretta("run", "drill.toml", "--out", "out", *options, cwd=home)
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not list((home / "out").glob("trials/*"))
