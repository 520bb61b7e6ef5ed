"""The side of the planning process: it sends tasks to the workers, and stores what they return, each trial once."""

from __future__ import annotations

import contextlib
import logging
import queue
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from harness.entries.isolated import describe
from harness.errors import SchedulerLostError
from harness.running.clusters.connection import connected
from harness.running.clusters.orders import make_order
from harness.running.clusters.sizing import LONGEST, TaskSizes
from harness.running.clusters.worker_side import Delivery, NotOpen, close_session, run_trials, stop_session
from harness.running.clusters.workers import Workers, watched
from harness.running.driver import Report, Task
from results.storage.chunks import Chunk, read_chunk
from results.storage.records import ResultsError
from results.storage.store import write_encoded, write_error

AHEAD = 2
"""Tasks per thread that are with the scheduler at a time, so that no worker waits for this process."""
WAIT = 0.25
"""Time between two looks at what has changed, if no task ends [s]."""
GATHER_WITHIN = 120.0
"""Time to fetch a result from the worker that has it [s]. After it, the trials run again."""
ERRORS = 3
"""Errors of tasks with a trial, after which the trial has failed."""
STRANDED = 4
"""How often all workers that may run a task have to go, before its trials are suspected to be the reason."""

logger = logging.getLogger("regretta")


@dataclass
class Waiting:
    """The trials of a cell that no task has.

    Attributes
    ----------
    task : Task
        With the cell, its folder and the metadata of its chunks.
    trials : deque of int
    alone : set of int
        Trials that get a task of their own, because workers died with a task that they were in.
    errors : dict
        By trial, how many tasks with it ended in an error.
    stranded : dict
        By trial, how often all workers that might run it have gone.
    """

    task: Task
    trials: deque[int] = field(default_factory=deque)
    alone: set[int] = field(default_factory=set)
    errors: Counter[int] = field(default_factory=Counter)
    stranded: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Sent:
    """A task that is with the scheduler: its future, its trials, and the workers that may run it."""

    future: Any
    cell_id: str
    trials: tuple[int, ...]
    workers: frozenset[str]


@contextlib.contextmanager
def crew_of(
    scheduler: str,
    stopped: Event,
    say: Callable[[str], None],
    observe: Callable[[dict[str, str | None]], None],
) -> Iterator[Callable[[Sequence[Task]], Iterator[Report]]]:
    """Give a function that runs tasks on the workers of a scheduler, and yields reports as they finish.

    Parameters
    ----------
    scheduler : str
        See `harness.running.clusters.connection.connected`.
    stopped : threading.Event
        When it is set, workers begin no further trial, and return what is finished.
    say : callable
        Called with a sentence about the cluster that the user should read now.
    observe : callable
        Called with the linear algebra of every worker before its first trial.

    Raises
    ------
    ConfigurationError
        If nothing answers, or every worker was refused.
    SchedulerLostError
        If the connection is lost. What was reported is stored.
    """
    with connected(scheduler) as client:
        yield lambda tasks: _run(client, tasks, stopped, say, observe)


def _run(
    client: Any,
    tasks: Sequence[Task],
    stopped: Event,
    say: Callable[[str], None],
    observe: Callable[[dict[str, str | None]], None],
) -> Iterator[Report]:
    if not tasks:
        return
    token = uuid.uuid4().hex
    workers = Workers(client, token, make_order(tasks).encode(), say, observe)
    try:
        yield from Crew(client, token, workers, tasks, stopped).reports()
    finally:
        workers.call(close_session)


class Crew:
    """Tasks that wait, tasks that are with the scheduler, and what comes back.

    A task may be run more than once, if a worker dies or does not answer. Its result is taken once: a trial is either
    waiting, or part of one task that was sent, or finished.

    Parameters
    ----------
    client : distributed.Client
    token : str
        Names the run.
    workers : Workers
    tasks : sequence of Task
    stopped : threading.Event
    """

    def __init__(self, client: Any, token: str, workers: Workers, tasks: Sequence[Task], stopped: Event) -> None:
        self._client = client
        self._token = token
        self._workers = workers
        self._stopped = stopped
        self._waiting: dict[str, Waiting] = {}
        for task in tasks:
            self._waiting.setdefault(task.cell.id, Waiting(task)).trials.extend(task.trials)
        self._left = sum(len(task.trials) for task in tasks)
        self._sent: dict[str, Sent] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._sizes = TaskSizes()
        self._stopping = False

    def reports(self) -> Iterator[Report]:
        """Run all tasks, and yield a report whenever one has ended."""
        while self._left or self._sent:
            self._workers.look()
            if self._stopped.is_set():
                self._stop()
                if not self._workers.alive:
                    return
            yield from self._recall_stranded()
            self._send()
            for key in self._ended_keys():
                report = self._receive(key)
                if report is not None:
                    yield report

    def _stop(self) -> None:
        """Give no further trial to anybody, and ask the workers to return what is finished."""
        for waiting in self._waiting.values():
            waiting.trials.clear()
        self._left = 0
        if not self._stopping:
            self._stopping = True
            self._workers.call(stop_session)

    def _recall_stranded(self) -> Iterator[Report]:
        """Take back the tasks whose workers have all gone, and report those that this happens to again and again."""
        alive = self._workers.alive.keys()
        for key in [key for key, sent in self._sent.items() if sent.workers.isdisjoint(alive)]:
            sent = self._sent.pop(key)
            with watched(self._client):
                self._client.cancel([sent.future])
            stranded = self._waiting[sent.cell_id].stranded
            stranded.update(sent.trials)
            if max(stranded[trial] for trial in sent.trials) < STRANDED:
                self._give_back(sent.cell_id, sent.trials)
            elif report := self._suspect(sent, f"all workers that might run it ended, {STRANDED} times"):
                yield report

    def _send(self) -> None:
        """Send tasks until every thread has one to run and one to follow."""
        proven = self._workers.proven
        while self._left and len(self._sent) < AHEAD * self._workers.threads:
            cell_id, trials = self._next()
            key = f"regretta-trials-{self._token}-{cell_id[:8]}-{trials[0]}-{uuid.uuid4().hex[:8]}"
            with watched(self._client):
                future = self._client.submit(
                    run_trials, self._token, cell_id, trials, LONGEST, key=key, pure=False, workers=sorted(proven)
                )
            self._sent[key] = Sent(future, cell_id, trials, proven)
            future.add_done_callback(lambda done: self._ended.put(done.key))

    def _next(self) -> tuple[str, tuple[int, ...]]:
        """Take the next trials from those that wait."""
        cell_id, waiting = next((key, waiting) for key, waiting in self._waiting.items() if waiting.trials)
        size = self._sizes.trials(cell_id, self._left, self._workers.threads)
        if waiting.trials[0] in waiting.alone:
            size = 1
        trials = tuple(waiting.trials.popleft() for _ in range(min(size, len(waiting.trials))))
        self._left -= len(trials)
        return cell_id, trials

    def _give_back(self, cell_id: str, trials: Sequence[int]) -> None:
        """Let trials wait again, unless the run is being stopped."""
        if not self._stopping:
            self._waiting[cell_id].trials.extendleft(reversed(trials))
            self._left += len(trials)

    def _ended_keys(self) -> Iterator[str]:
        """Yield the keys of tasks that have ended, after waiting for the first a little."""
        with contextlib.suppress(queue.Empty):
            yield self._ended.get(timeout=WAIT)
            while True:
                yield self._ended.get_nowait()

    def _receive(self, key: str) -> Report | None:
        """Take the result of a task, unless it was taken back."""
        sent = self._sent.pop(key, None)
        if sent is None:
            return None
        if sent.future.status == "error":
            return self._explain(sent, sent.future.exception())
        if sent.future.status != "finished":
            raise SchedulerLostError("the scheduler went away")
        with watched(self._client):
            try:
                answer: Delivery | NotOpen = sent.future.result(timeout=GATHER_WITHIN)
            except TimeoutError:  # the worker that has it does not answer
                self._give_back(sent.cell_id, sent.trials)
                return None
        if isinstance(answer, NotOpen):
            self._workers.forget(answer.address)
            self._give_back(sent.cell_id, sent.trials)
            return None
        return self._store(sent, answer)

    def _explain(self, sent: Sent, error: BaseException) -> Report | None:
        """Run the trials of a task again that ended in an error, or say that they failed."""
        logger.warning("a task of %d trials ended in an error: %s", len(sent.trials), describe(error))
        if type(error).__name__ == "KilledWorker":  # dask gave it up, because several workers died with it
            return self._suspect(sent, f"several workers died while they ran it: {describe(error)}")
        errors = self._waiting[sent.cell_id].errors
        errors.update(sent.trials)
        failed = [trial for trial in sent.trials if errors[trial] >= ERRORS]
        self._give_back(sent.cell_id, [trial for trial in sent.trials if trial not in failed])
        return self._failed(sent, failed, f"the cluster could not run it: {describe(error)}") if failed else None

    def _suspect(self, sent: Sent, reason: str) -> Report | None:
        """Run the trials of a task one by one, because one of them may have ended its workers. One alone has failed."""
        if len(sent.trials) == 1:
            return self._failed(sent, sent.trials, reason)
        waiting = self._waiting[sent.cell_id]
        waiting.alone |= set(sent.trials)
        for trial in sent.trials:
            waiting.stranded[trial] = 0
        self._give_back(sent.cell_id, sent.trials)
        return None

    def _failed(self, sent: Sent, trials: Sequence[int], reason: str) -> Report:
        report = Report(replace(self._waiting[sent.cell_id].task, trials=sent.trials))
        for trial in trials:
            self._fail(report, trial, {"trial": trial, "error": reason, "traceback": ""})
        return report

    def _store(self, sent: Sent, delivery: Delivery) -> Report | None:
        """Store what a worker returned, and let the trials wait that it did not begin."""
        waiting = self._waiting[sent.cell_id]
        report = Report(replace(waiting.task, trials=sent.trials), seconds=delivery.seconds)
        try:
            chunks = [self._checked(waiting.task, sent.trials, content) for content in delivery.chunks]
        except ResultsError as error:
            self._workers.refuse(
                delivery.address, f"worker at {delivery.address}: sent results that are not sound: {error}"
            )
            self._give_back(sent.cell_id, sent.trials)
            return None
        for chunk in chunks:
            write_encoded(waiting.task.folder, sorted(chunk.trials), chunk.content)
            report.done += sorted(chunk.trials)
            report.files += 1
        for trial, record in delivery.failures.items():
            if trial in sent.trials and trial not in report.done:
                self._fail(report, trial, record)
        tried = len(report.done) + len(report.failed)
        if tried:
            self._sizes.note(sent.cell_id, tried, delivery.seconds, sum(map(len, delivery.chunks)))
        known = {*report.done, *report.failed}
        self._give_back(sent.cell_id, [trial for trial in sent.trials if trial not in known])
        return report

    def _checked(self, task: Task, trials: Sequence[int], content: bytes) -> Chunk:
        """Check every byte of a chunk, and that it holds trials of a task, made by the expected code."""
        chunk = read_chunk(task.folder / "delivered", content)
        if chunk.record.cell is None or chunk.record.cell.id != task.cell.id or not chunk.trials.keys() <= set(trials):
            raise ResultsError(f"expected trials {trials[0]} to {trials[-1]} of {task.cell.label!r}, got others")
        if chunk.record.code != task.metadata["code"]:
            raise ResultsError("expected trials of this code, got those of other code")
        return chunk

    def _fail(self, report: Report, trial: int, record: dict[str, Any]) -> None:
        report.failed[trial] = str(record["error"])
        write_error(report.task.folder, trial, report.task.metadata | {"cell": report.task.cell.to_json()} | record)
