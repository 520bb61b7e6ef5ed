"""Crews: what runs the tasks of a run, on this machine or on a cluster."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from harness.running.driver import Drivers, Report, Task, Ticked, ignore_tick
from harness.running.joining import Pace
from results.storage.experiment_record import write_experiment
from results.storage.merged_record import alternatives

logger = logging.getLogger("regretta")

Run = Callable[[Sequence[Task]], Iterator[Report]]
"""Runs tasks, and yields their reports as they finish."""


@contextlib.contextmanager
def local_crew(
    workers: int, stopped: threading.Event, *, isolated: bool, ticked: Ticked = ignore_tick
) -> Iterator[tuple[Run, Callable[[], None]]]:
    """Give a function that runs tasks in processes of this machine, and one that ends them at once."""
    logger.info("%d processes", workers)
    with Drivers(stopped, isolated=isolated, ticked=ticked) as drivers, _on_threads(workers, stopped, drivers) as run:
        yield run, drivers.kill


@contextlib.contextmanager
def remote_crew(
    scheduler: str, stopped: threading.Event, say: Callable[[str], None], directory: Path, record: dict[str, Any]
) -> Iterator[tuple[Run, Callable[[], None]]]:
    """Give a function that runs tasks on a cluster. Leaving ends the connection, and so the tasks."""
    from harness.running.clusters.crew import crew_of

    fingerprints = [record["environment"]["fingerprint"]]

    def note(fingerprint: dict[str, str | None]) -> None:
        """Record that workers have another linear algebra, before they run a trial."""
        complete = fingerprints[0] | fingerprint
        if complete not in fingerprints:
            fingerprints.append(complete)
            mixed = {**record["environment"], "fingerprint": alternatives(fingerprints)}
            write_experiment(directory, {**record, "environment": mixed})

    with crew_of(scheduler, stopped, say, note) as run:
        yield run, lambda: None


@contextlib.contextmanager
def _on_threads(workers: int, stopped: threading.Event, drivers: Drivers) -> Iterator[Run]:
    """Give a function that runs tasks and yields their reports as they finish.

    Tasks run on threads that each drive a process. The threads stay between two calls, and so do their processes.
    """
    pace = Pace(workers)

    def run(task: Task) -> Report:
        report = drivers.run(task)
        pace.note(report)
        return report

    if workers == 1:

        def run_here(tasks: Sequence[Task]) -> Iterator[Report]:
            with threadpool_limits(1):
                yield from map(run, _until(stopped, pace.join(tasks)))

        yield run_here
        return
    import joblib  # slow to import, and not needed by a single process

    with joblib.Parallel(
        n_jobs=workers, batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered", backend="threading"
    ) as parallel:
        yield lambda tasks: parallel(joblib.delayed(run)(task) for task in _until(stopped, pace.join(tasks)))


def _until(stopped: threading.Event, tasks: Iterable[Task]) -> Iterator[Task]:
    """Yield tasks until the event is set."""
    for task in tasks:
        if stopped.is_set():
            return
        yield task
