"""The side of a worker: it proves what it has, runs trials in child processes, and returns them as bytes.

A worker opens a *session* per run of an experiment, which holds the cells, the files of custom code, and the child
processes. Everything that it is sent and that it returns is pickled by dask, so both sides need the same version of
this module; the first proof is that it can be imported.
"""

from __future__ import annotations

import atexit
import json
import pickle
import shutil
import tempfile
import threading
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from harness.entries.isolated import ProcessDied, fresh_process
from harness.entries.parcels import Parcel
from harness.entries.process_template import end_templates
from harness.entries.sources import AlgorithmSource
from harness.experiments.cells import CellSpec
from harness.running.clusters.requirements import Requirements, failing_source
from harness.running.driver import Drivers, Task
from harness.running.provenance import environment
from results.storage.store import cell_folder, scan_failures

IDLE = 60.0
"""Time without a task after which the child processes of a session end [s]. The next task starts new ones."""


@dataclass(frozen=True)
class Order:
    """Description of a run, as sent to a worker.

    Attributes
    ----------
    requirements : Requirements
    cells : tuple of CellSpec
    parcels : tuple of Parcel
        The files of custom code.
    metadata : dict
        By id of a cell, the metadata of its chunks without that of the worker.
    command : list of str
        The command line of the run.
    write_after : float
        Time between two chunks [s].
    """

    requirements: Requirements
    cells: tuple[CellSpec, ...]
    parcels: tuple[Parcel, ...]
    metadata: dict[str, dict[str, Any]]
    command: list[str]
    write_after: float

    def encode(self) -> bytes:
        """Return the order as compressed bytes."""
        return zlib.compress(pickle.dumps(self))


@dataclass(frozen=True)
class Opened:
    """The answer to an order: the worker, what it lacks (nothing if it can take part), and its linear algebra."""

    address: str
    name: str
    lacks: tuple[str, ...]
    fingerprint: dict[str, str | None]


@dataclass(frozen=True)
class Delivery:
    """The answer to a task.

    Attributes
    ----------
    address : str
    chunks : tuple of bytes
        The contents of sealed chunk files.
    failures : dict
        By trial, the record of its failure.
    seconds : float
        What the task took [s].
    """

    address: str
    chunks: tuple[bytes, ...]
    failures: dict[int, dict[str, Any]]
    seconds: float


@dataclass(frozen=True)
class NotOpen:
    """The answer to a task of a worker that has no session for it, because it was restarted."""

    address: str


class Session:
    """A run of an experiment on this worker.

    Parameters
    ----------
    order : Order
    folder : Path
        For the files of custom code, and for chunks until they are returned. It is removed at the end.
    worker : str
        Name of this worker, for the provenance.
    """

    def __init__(self, order: Order, folder: Path, worker: str) -> None:
        self.stopped = threading.Event()
        self._folder = folder
        self._drivers = Drivers(self.stopped, isolated=True, write_after=order.write_after)
        self._lock = threading.Lock()
        self._active = 0
        self._reaper: threading.Timer | None = None
        provenance = environment() | {"command": order.command, "worker": worker}
        self._metadata = {key: its | {"provenance": provenance} for key, its in order.metadata.items()}
        unpacked = {parcel.source: parcel.unpack(folder / "code") for parcel in order.parcels}
        self.cells = {
            cell.id: replace(cell, source=unpacked[cell.source]) if cell.source in unpacked else cell
            for cell in order.cells
        }

    def lacks(self, required: Requirements) -> tuple[str, ...]:
        """Return what this machine lacks to run the cells. Custom code is loaded in a child process."""
        with fresh_process() as process:
            wrong = process.call(required.differences)
            if not wrong:
                limits = {c.source: c.time_limit for c in self.cells.values() if isinstance(c.source, AlgorithmSource)}
                custom = [(source, limit) for source, limit in limits.items() if source.where is not None]
                wrong = [text for one in custom if (text := process.call(failing_source, *one))]
        return tuple(wrong)

    def run(self, cell_id: str, trials: tuple[int, ...], seconds: float) -> tuple[list[bytes], dict[int, Any]]:
        """Run trials as on a single machine, and return the chunks and the records of failures."""
        self._begin()
        directory = Path(tempfile.mkdtemp(prefix="task-", dir=self._folder))
        try:
            cell = self.cells[cell_id]
            folder = cell_folder(directory, cell_id, cell.label, cell.benchmark)
            self._drivers.run(Task(cell, trials, folder, self._metadata[cell_id]), seconds)
            chunks = [file.read_bytes() for file in sorted(folder.glob("[0-9]*.parquet"))]
            failures = {trial: json.loads(file.read_bytes()) for trial, file in scan_failures(folder).items()}
            return chunks, failures
        finally:
            shutil.rmtree(directory, ignore_errors=True)
            self._end()

    def close(self) -> None:
        """Stop the trials, end the child processes, and remove the files."""
        self.stopped.set()
        with self._lock:
            if self._reaper is not None:
                self._reaper.cancel()
        self._drivers.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        with self._lock:
            self._active += 1
            if self._reaper is not None:
                self._reaper.cancel()
                self._reaper = None

    def _end(self) -> None:
        with self._lock:
            self._active -= 1
            if not self._active:
                self._reaper = threading.Timer(IDLE, self._rest)
                self._reaper.daemon = True
                self._reaper.start()

    def _rest(self) -> None:
        """End the child processes, which hold memory, when no task came for some time."""
        with self._lock:
            if not self._active:
                self._drivers.end_processes()


_sessions: dict[str, Session] = {}
_lock = threading.Lock()


def open_session(token: str, order: bytes) -> Opened:
    """Open the session of a run on this worker, if it has the same versions, code and data."""
    address, name, local = _this_worker()
    with _lock:
        known = token in _sessions
    if not known:
        given: Order = pickle.loads(zlib.decompress(order))
        session = Session(given, Path(tempfile.mkdtemp(prefix="regretta-", dir=local)), name)
        try:
            lacks = session.lacks(given.requirements)
        except ProcessDied as death:
            lacks = (f"the process that looked at its versions, code and data ended: {death}",)
        if lacks:
            session.close()
            return Opened(address, name, lacks, {})
        with _lock:
            _sessions[token] = session
    return Opened(address, name, (), environment()["fingerprint"])


def run_trials(token: str, cell_id: str, trials: tuple[int, ...], seconds: float) -> Delivery | NotOpen:
    """Run trials of a cell on this worker, and begin no further one after some seconds."""
    address, _, _ = _this_worker()
    session = _sessions.get(token)
    if session is None:
        return NotOpen(address)
    began = monotonic()
    chunks, failures = session.run(cell_id, trials, seconds)
    return Delivery(address, tuple(chunks), failures, monotonic() - began)


def stop_session(token: str) -> None:
    """Begin no further trial of a run on this worker. Its tasks return what is finished."""
    if token in _sessions:
        _sessions[token].stopped.set()


def close_session(token: str) -> None:
    """Forget a run on this worker."""
    with _lock:
        session = _sessions.pop(token, None)
    if session is not None:
        session.close()
        if not _sessions:
            end_templates()


def _close_all() -> None:
    for token in tuple(_sessions):
        close_session(token)


atexit.register(_close_all)


def _this_worker() -> tuple[str, str, str]:
    """Return the address, the name and the local folder of the dask worker that runs this."""
    from distributed import get_worker

    worker = get_worker()
    return worker.address, str(worker.name), worker.local_directory
