"""The planning side, with workers that misbehave: every trial is stored once, whatever happens to its tasks."""

from __future__ import annotations

import pickle
import shutil
import threading
from types import SimpleNamespace

import pytest
import searches
from commands import traces
from grids import resolve
from searches import recorded, rows, write_csv

from harness.errors import ConfigurationError, SchedulerLostError
from harness.experiments.resolution import resolve_experiment
from harness.running.clusters import crew as crew_module
from harness.running.clusters import worker_side
from harness.running.clusters import workers as workers_module
from harness.running.clusters.crew import Crew
from harness.running.clusters.orders import make_order
from harness.running.clusters.worker_side import Delivery, NotOpen, close_session
from harness.running.clusters.workers import Workers
from harness.running.driver import Drivers
from harness.running.runner import Outcome, _Grid, experiment_record, run_experiment
from results.storage.chunks import read_chunk
from results.storage.experiment_record import write_experiment

GRID = {"algorithms": {"random_search": {}, "local_search": {"initial": 3}}, "trials": 12}


class Future:
    def __init__(self, key):
        self.key, self.status, self._answer = key, "pending", None
        self._callbacks = []

    def done(self):
        return self.status != "pending"

    def result(self, timeout=None):
        if isinstance(self._answer, TimeoutError):
            raise self._answer
        return self._answer

    def exception(self):
        return self._answer

    def end(self, status, answer=None):
        self.status, self._answer = status, answer
        for callback in self._callbacks:
            callback(self)

    def add_done_callback(self, callback):
        self._callbacks.append(callback)
        if self.done():
            callback(self)


class Client:
    """A cluster in this process. `mishap` may end a task of trials otherwise than by running it."""

    def __init__(self, patch, names=("tcp://a:1", "tcp://b:1"), mishap=lambda client, future, trials: False):
        self.status = "running"
        self.names = dict.fromkeys(names, 1)
        self.mishap = mishap
        self.ran = []
        self.cancelled = []
        self.place = None
        patch.setattr(worker_side, "_this_worker", lambda: (self.place, self.place, None))

    def nthreads(self):
        if self.status != "running":
            raise OSError("no answer")
        return dict(self.names)

    def submit(self, function, *arguments, key, workers=None, **_):
        future = Future(key)
        self.place = (workers or sorted(self.names))[0]
        if function is worker_side.run_trials:
            if self.mishap(self, future, arguments[2]):
                return future
            self.ran.append(arguments[2])
        try:
            future.end("finished", function(*arguments))
        except Exception as error:
            future.end("error", error)
        return future

    def cancel(self, futures):
        self.cancelled += [future.key for future in futures]

    def run(self, function, token, **_):
        function(token)


def in_this_process(stopped, *, isolated, write_after):
    return Drivers(stopped, isolated=False, write_after=write_after)


@pytest.fixture
def turns(monkeypatch):
    """Look at the workers at every turn."""
    monkeypatch.setattr(workers_module, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(crew_module, "WAIT", 0.01)
    return monkeypatch


@pytest.fixture
def quick(turns):
    """Run trials and proofs in this process."""
    turns.setattr(worker_side, "Drivers", in_this_process)
    turns.setattr(worker_side.Session, "lacks", lambda self, required: tuple(required.differences()))
    return turns


@pytest.fixture
def reference(tmp_path):
    run_experiment(resolve(**GRID), tmp_path / "local", jobs=1)
    return traces(tmp_path / "local")


def race(client, folder, stopped=None, said=None, observed=None):
    experiment = resolve(**GRID)
    folder.mkdir()
    run_experiment(resolve(**GRID | {"trials": 1}), folder, jobs=1)
    write_experiment(folder, experiment_record(experiment))
    tasks = _Grid(folder, 1).plan(experiment, Outcome(wanted=0))
    said = [] if said is None else said
    workers = Workers(client, "run", make_order(tasks).encode(), said.append, (observed or []).append)
    try:
        yield from Crew(client, "run", workers, tasks, stopped or threading.Event()).reports()
    finally:
        close_session("run")


def done(reports):
    return [trial for report in reports for trial in report.done]


@pytest.mark.slow
def test_a_cluster_gives_the_results_of_this_machine(tmp_path, turns, reference):
    client = Client(turns)
    reports = list(race(client, tmp_path / "out"))
    assert len(done(reports)) == 22
    assert traces(tmp_path / "out") == reference
    assert len(client.ran) > 4


def test_restarted_workers_prove_again_and_errors_of_the_cluster_are_tried_again(tmp_path, quick, reference):
    mishaps = iter(["restart", "timeout", "error", "wrong", "error"])

    def mishap(client, future, trials):
        kind = next(mishaps, None)
        if kind == "restart":
            close_session("run")
        elif kind == "timeout":
            future.end("finished", TimeoutError())
        elif kind == "error":
            future.end("error", MemoryError("no room"))
        elif kind == "wrong":
            future.end("finished", NotOpen("tcp://b:1"))
        return kind in ("timeout", "error", "wrong")

    reports = list(race(Client(quick, mishap=mishap), tmp_path / "out"))
    assert len(done(reports)) == len(set(done(reports))) * 2 == 22
    assert not any(report.failed for report in reports)
    assert traces(tmp_path / "out") == reference


def test_a_trial_that_the_cluster_cannot_run_fails_and_the_others_finish(tmp_path, quick, reference):
    def mishap(client, future, trials):
        if 5 in trials:
            future.end("error", MemoryError("no room"))
        return 5 in trials

    reports = list(race(Client(quick, mishap=mishap), tmp_path / "out"))
    failed = {trial: why for report in reports for trial, why in report.failed.items()}
    assert 5 in failed
    assert failed[5] == "the cluster could not run it: MemoryError: no room"
    assert len(done(reports)) + sum(len(report.failed) for report in reports) == 22
    assert list((tmp_path / "out").glob("trials/*/00005.error.json"))


def test_results_that_are_damaged_or_of_other_trials_are_not_stored(tmp_path, quick, reference):
    said = []

    def mishap(client, future, trials):
        if client.place != "tcp://a:1" or trials[0] > 6:
            return False
        delivery = worker_side.run_trials("run", next(iter(worker_side._sessions["run"].cells)), (0, 11), 9.0)
        (content,) = delivery.chunks
        flipped = content[:200] + bytes([content[200] ^ 1]) + content[201:]
        chunks = (flipped,) if trials[0] % 2 else (content,)
        future.end("finished", Delivery("tcp://a:1", chunks, {}, 1.0))
        return True

    reports = list(race(Client(quick, mishap=mishap), tmp_path / "out", said=said))
    assert traces(tmp_path / "out") == reference
    assert len(done(reports)) == 22
    assert len(said) == 1
    assert "tcp://a:1: sent results that are not sound" in said[0]


def test_tasks_of_workers_that_have_all_gone_are_taken_back(tmp_path, quick, reference):
    lost = []

    def mishap(client, future, trials):
        if lost:
            return False
        lost.append(trials)  # it stays pending
        client.names = {"tcp://c:1": 1}
        return True

    client = Client(quick, mishap=mishap)
    reports = list(race(client, tmp_path / "out"))
    assert lost
    assert client.cancelled
    assert len(done(reports)) == 22
    assert traces(tmp_path / "out") == reference


def test_a_cluster_that_starts_workers_for_waiting_tasks_gets_some_to_wait_for(tmp_path, quick, reference):
    client, said = Client(quick, names=()), []
    real = client.submit

    def submit(function, *arguments, **more):
        client.names = {"tcp://a:1": 1}
        return real(function, *arguments, **more)

    client.submit = submit
    assert len(done(race(client, tmp_path / "out", said=said))) == 22
    assert traces(tmp_path / "out") == reference
    assert len(said) == 1
    assert "no workers now" in said[0]


@pytest.mark.parametrize("status", ["cancelled", "lost"])
def test_a_lost_scheduler_ends_the_run_and_keeps_what_is_finished(tmp_path, quick, reference, status):
    def mishap(client, future, trials):
        if len(client.ran) == 3:
            client.status = "closed"
            future.end(status)
        return len(client.ran) == 3

    reports = []
    with pytest.raises(SchedulerLostError):
        reports.extend(race(Client(quick, mishap=mishap), tmp_path / "out"))
    stored = traces(tmp_path / "out")
    assert 2 < sum(map(len, stored.values())) < 24
    assert all(stored[cell].items() <= reference[cell].items() for cell in stored)


def test_stopping_gives_out_no_further_trial(tmp_path, quick):
    stopped = threading.Event()
    client = Client(quick)
    reports = race(client, tmp_path / "out", stopped)
    first = next(reports)
    stopped.set()
    rest = list(reports)
    assert first.done
    assert len(client.ran) <= 4
    assert len(done([first, *rest])) == sum(map(len, traces(tmp_path / "out").values())) - 2


def test_workers_with_other_code_are_refused_by_name_and_the_others_go_on(tmp_path, quick, reference):
    said = []
    client = Client(quick, names=("tcp://b:1", "tcp://a:1"))
    wrong = ("the code of random_search: expected 1, got 2",)
    quick.setattr(worker_side, "_sessions", by_place := {})
    real = worker_side.Session.lacks
    quick.setattr(
        worker_side.Session, "lacks", lambda self, own: wrong if client.place == "tcp://b:1" else real(self, own)
    )
    opened = worker_side.open_session

    def open_session(token, order):
        """Open a session although the other worker, which is in the same process, has one."""
        kept = dict(by_place)
        by_place.clear()
        answer = opened(token, order)
        by_place.update(kept | by_place)
        return answer

    quick.setattr(worker_side, "open_session", open_session)
    reports = list(race(client, tmp_path / "out", said=said))
    assert said == ["refused: worker at tcp://b:1: the code of random_search: expected 1, got 2"]
    assert len(done(reports)) == 22
    assert traces(tmp_path / "out") == reference
    quick.setattr(worker_side.Session, "lacks", lambda self, required: ("numpy: expected version 2, got 1",))
    with pytest.raises(ConfigurationError, match=r"every worker was refused: worker at tcp.*numpy: expected version 2"):
        list(race(client, tmp_path / "other"))


def test_what_a_machine_lacks_is_said(tmp_path):
    from dataclasses import replace

    from harness.running.clusters.requirements import failing_source, requirements

    cells = resolve(**GRID).cells
    here = requirements(cells)
    assert here.differences() == []
    other = replace(here, versions=here.versions | {"python": "3.9", "smac": "9.9"})
    assert len(other.differences()) == 2
    assert other.differences()[1] == "smac: expected version 9.9, got none"
    assert (
        replace(here, code={"random_search": "0" * 32})
        .differences()[0]
        .startswith("the code of random_search: expected 000000000000, got ")
    )
    assert "synthetic: expected 0000" in replace(here, data={"synthetic": "0" * 64}).differences()[0]
    assert "unknown" in replace(here, data={"nothing": "0"}).differences()[0]
    gone = SimpleNamespace(use="x.py:X", load=lambda: (_ for _ in ()).throw(SystemExit("bye")))
    assert failing_source(gone, 1.0) == "use = 'x.py:X' cannot be loaded: SystemExit: bye"


def test_recorded_runs_need_no_file_on_the_worker(tmp_path, quick):
    home = tmp_path / "home"
    home.mkdir()
    for seed in (1, 2):
        write_csv(home / f"a_{seed}.csv", rows(5, seed=seed))
    experiment = resolve_experiment(searches.experiment({"S {setting}": recorded("{setting}_{trial}.csv")}), home)
    tasks = [task for task in _Grid(tmp_path / "out", 1).plan(experiment, Outcome(wanted=0)) if task.cell.recorded]
    order = make_order(tasks)
    (key,) = (task.cell.id for task in tasks)
    shutil.rmtree(home)
    (tmp_path / "worker").mkdir()
    session = worker_side.Session(pickle.loads(pickle.dumps(order)), tmp_path / "worker", "a")
    assert session.lacks(order.requirements) == ()
    (content,), failures = session.run(key, (1, 2), 9.0)
    chunk = read_chunk(tasks[0].folder / "delivered", content)
    assert (set(chunk.trials), failures) == ({1, 2}, {})
    session.close()
