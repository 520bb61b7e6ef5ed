"""Run functions in another Python process, so that code which hangs, exits or crashes harms nobody else.

Custom classes run here only. The other process is driven over a socket of its own: what the code prints goes to
stderr and cannot be mistaken for a result. It ends with its parent, whatever ends the parent. This module imports only
the standard library, because the watch over the parent must begin before anything slow is imported.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection, Pipe
from time import monotonic
from typing import Any, NamedTuple, NoReturn, ParamSpec, TypeVar

from harness.entries.process_template import end_templates, start_process

P = ParamSpec("P")
T = TypeVar("T")

MOST_SAID = 2_000
"""Characters of the text of an exception, at most."""
HEARTBEAT = 0.25
"""Time between two looks of the other process at its parent and its time limit [s]."""
SILENCE = 10.0
"""Time beyond its time limit after which a process without a heartbeat is killed [s]."""
LARGEST = 1 << 30
"""Bytes of an answer, at most."""


class ProcessDied(RuntimeError):
    """The other process ended, or was killed, before it answered."""


class FunctionFailed(RuntimeError):
    """A function raised in the other process.

    Attributes
    ----------
    details : str
        The traceback.
    """

    def __init__(self, message: str, details: str) -> None:
        self.details = details
        super().__init__(message)


class IsolatedProcess:
    """A Python process that runs functions for this one.

    Parameters
    ----------
    environment : mapping, optional
        Environment variables to set in it.

    Attributes
    ----------
    limit : float or None
        The longest time limit of a function [s]. A process that is silent for longer is killed; None for ever.
    stopped : bool

    Raises
    ------
    ProcessDied
        If it cannot be started.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        ours, theirs = Pipe()
        try:
            self._process = start_process(theirs.fileno(), environment or {})
        except (EOFError, OSError) as error:
            ours.close()
            raise ProcessDied(f"its process was ended while it started ({type(error).__name__})") from error
        finally:
            theirs.close()
        self._connection = ours
        self.limit: float | None = None
        self.stopped = False

    def call(self, function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Run a function of a module there, and return its result.

        Raises
        ------
        FunctionFailed
            If it raises.
        ProcessDied
            If the process ends instead, exceeds a time limit (see `time_limit`), or does not respond.
        """
        try:
            self._connection.send_bytes(pickle.dumps((function, arguments, keywords)))
            kind, content = self._answer()
        except (EOFError, OSError):
            raise self._death() from None
        except Exception as error:  # the code wrote into the connection: whatever it sent is not an answer
            self.stop()
            raise ProcessDied(f"its process sent what is not an answer ({type(error).__name__})") from error
        if kind == "late":
            self.stop()
            raise ProcessDied(content)
        if kind == "error":
            raise FunctionFailed(*content)
        result: T = content
        return result

    def _answer(self) -> tuple[str, Any]:
        """Wait for an answer, and for the heartbeats before it."""
        limit, heard = self.limit, monotonic()
        while True:
            if self._connection.poll(HEARTBEAT):
                kind, content = pickle.loads(self._connection.recv_bytes(LARGEST))
                if kind != "alive":
                    return kind, content
                limit, heard = content if content is not None else self.limit, monotonic()
            elif self._process.poll() is not None and not self._connection.poll(0):
                raise EOFError  # a process that it started may hold the socket open
            elif limit is not None and monotonic() - heard > limit + SILENCE:
                self.stop()
                return "late", f"did not respond for {monotonic() - heard:.0f} s, and was killed"

    def _death(self) -> ProcessDied:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        code = self._process.poll()
        self.stop()
        if code is None:
            return ProcessDied("closed its connection")
        return ProcessDied(
            f"its process ended with exit code {code}"
            if code >= 0
            else f"its process was killed by {signal_name(-code)}"
        )

    def stop(self) -> None:
        """End the process, and those that it started, at once."""
        self.stopped = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(OSError):
            self._connection.close()


@contextlib.contextmanager
def fresh_process(environment: Mapping[str, str] | None = None) -> Iterator[IsolatedProcess]:
    """Start a process for a block of code, and end it afterwards."""
    process = IsolatedProcess(environment)
    try:
        yield process
    finally:
        process.stop()


atexit.register(end_templates)


def signal_name(number: int) -> str:
    """Return the name of a signal, such as SIGSEGV."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class _Limit(NamedTuple):
    """A time limit in force: when it ends, how long it is [s], and what to say when it is exceeded."""

    end: float
    seconds: float
    message: str


class _Watch:
    """The other side: the connection, and a thread that looks at the parent and at the time limit."""

    def __init__(self, connection: Connection, parent: int) -> None:
        self.connection = connection
        self.parent = parent
        self.limit: _Limit | None = None
        self.busy = False
        self._sending = threading.Lock()

    def send(self, kind: str, content: object) -> None:
        message = pickle.dumps((kind, content))
        with self._sending:
            self.connection.send_bytes(message)

    def run(self) -> None:
        pause = threading.Event()
        while os.getppid() == self.parent:
            limit = self.limit
            if limit is not None and monotonic() > limit.end:
                self._end(limit.message)
            if self.busy:
                try:
                    self.send("alive", None if limit is None else limit.seconds)
                except OSError:
                    break
            pause.wait(HEARTBEAT)
        os._exit(1)

    def _end(self, message: str) -> None:
        with contextlib.suppress(OSError):
            self.send("late", message)
        os._exit(1)


_watch: _Watch | None = None


def serve(handle: int, parent: int) -> NoReturn:
    """Run functions for the parent process until it ends."""
    global _watch
    os.set_inheritable(handle, False)
    _watch = _Watch(Connection(handle), parent)
    threading.Thread(target=_watch.run, daemon=True).start()
    while True:
        try:
            request = _watch.connection.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        _watch.busy = True
        try:
            function, arguments, keywords = pickle.loads(request)
            answer = "result", function(*arguments, **keywords)
        except BaseException as error:  # whatever the code raises, SystemExit too, must not end this process
            answer = "error", (describe(error), shown_traceback())
        _watch.busy = False
        try:
            _watch.send(*answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            _watch.send("error", (describe(error), shown_traceback()))


def in_other_process() -> bool:
    """Return whether this process runs functions for another one."""
    return _watch is not None


@contextlib.contextmanager
def time_limit(seconds: float | None, message: str) -> Iterator[None]:
    """End this process when a block of code takes too long; in the main process, do nothing.

    Parameters
    ----------
    seconds : float or None
        None for no limit.
    message : str
        What the caller of the process is told.
    """
    if _watch is None or seconds is None:
        yield
        return
    _watch.limit = _Limit(monotonic() + seconds, seconds, message)
    try:
        yield
    finally:
        _watch.limit = None


def shown_traceback() -> str:
    """Return the end of the traceback of the exception that is being handled."""
    try:
        return traceback.format_exc()[-100_000:]
    except BaseException:  # as in `describe`
        return "The traceback cannot be shown."


def describe(error: BaseException) -> str:
    """Return type and text of an exception, also of one whose text is very long or cannot be made."""
    try:
        return f"{type(error).__name__}: {error}"[:MOST_SAID]
    except BaseException as other:  # its own __str__ raised, SystemExit perhaps
        return f"{type(error).__name__}, whose message cannot be shown ({type(other).__name__})"
