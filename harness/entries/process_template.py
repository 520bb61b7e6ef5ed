"""Start Python processes quickly, as copies of a template process that has imported what they need.

A new interpreter takes most of a second to import numpy, scipy and pydantic; a copy of one that has them takes a few
milliseconds. Copies are made by fork, which is safe here because the template runs a single thread and no custom code.
Only Linux is treated so: on macOS, the system's linear algebra does not work in a copy.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol

THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR")} | {
    "VECLIB_MAXIMUM_THREADS": "1"
}
"""Environment variables that limit linear algebra to one thread."""
PARENT_CHECKS = 0.25
"""Time between two looks of the template at its parent [s]."""
ANSWERS_WITHIN = 60.0
"""Time within which the template answers [s]. Importing packages takes most of it."""
_SUBREAPER, _PARENT_DEATH_SIGNAL = 36, 1  # numbers of prctl
_PACKAGES = ("harness.", "algorithms.", "benchmarks.")
_NEVER_COPIED = ("harness.cli.", "harness.commands.", "harness.reproduction.", "harness.surrogates.")
"""Packages that run in no copy. They import pandas and scipy's statistics, which take seconds."""
_BEGIN = """\
import sys
sys.path[:] = {path!r}
from harness.entries.{module} import {function}
{function}({handle}, {parent})
"""


class ProcessHandle(Protocol):
    """A process as `subprocess.Popen` shows it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the process is running."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process. Raise `subprocess.TimeoutExpired` after `timeout` seconds."""


def start_process(handle: int, environment: Mapping[str, str]) -> ProcessHandle:
    """Start a process that serves the other end of a socket with `harness.entries.isolated.serve`.

    Parameters
    ----------
    handle : int
        File descriptor of its end of the socket.
    environment : mapping
        Environment variables to set, besides those of this process.
    """
    if sys.platform != "linux":
        return _start_python("isolated", "serve", handle, environment)
    try:
        return _template(environment).copy(handle, environment)
    except (EOFError, OSError):  # it was killed a moment ago
        return _template(environment, new=True).copy(handle, environment)


def _template(environment: Mapping[str, str], *, new: bool = False) -> Template:
    """Return the template of this process for an environment, which is started if there is none."""
    with _lock:
        key = os.getpid(), frozenset(environment.items())
        template = _templates.get(key)
        if template is None or new or not template.alive:
            if template is not None:
                template.stop()
            template = _templates[key] = Template(environment)
    return template


def end_templates() -> None:
    """End the template processes, and so their copies."""
    with _lock:
        while _templates:
            _templates.popitem()[1].stop()


class Template:
    """A process that makes copies of itself.

    Parameters
    ----------
    environment : mapping
        Environment variables to set in it.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._connection, theirs = Pipe()
        self._lock = threading.Lock()
        self._process = _start_python("process_template", "serve_template", theirs.fileno(), environment)
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def _reply(self) -> Any:
        """Wait for an answer. A template that does not answer was stopped, perhaps by custom code, and is killed."""
        if not self._connection.poll(ANSWERS_WITHIN):
            self._process.kill()
            raise EOFError
        return self._connection.recv()

    def copy(self, handle: int, environment: Mapping[str, str]) -> ProcessCopy:
        """Make a copy that serves a socket."""
        settings = dict(os.environ) | THREADS | dict(environment)
        request = _Request(tuple(_loaded_modules()), tuple(sys.path), os.getcwd(), settings)
        with self._lock:
            self._connection.send(request)
            for end in (handle, 2):
                send_handle(self._connection, end, self._process.pid)
            return ProcessCopy(self, self._reply())

    def exit_code(self, pid: int) -> int | None:
        """Return the exit code of a copy, or None while it is running."""
        try:
            with self._lock:
                self._connection.send(pid)
                code: int | None = self._reply()
                return code
        except (EOFError, OSError):  # the template has ended, and its copies end with it
            return 1

    def stop(self) -> None:
        """End the process, and so its copies."""
        self._connection.close()
        try:
            self._process.wait(ANSWERS_WITHIN)
        except subprocess.TimeoutExpired:  # something stopped it
            self._process.kill()
            self._process.wait()


class ProcessCopy:
    """A copy of a template process."""

    def __init__(self, template: Template, pid: int) -> None:
        self._template = template
        self._exit_code: int | None = None
        self.pid = pid

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the process is running."""
        if self._exit_code is None:
            self._exit_code = self._template.exit_code(self.pid)
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process. Raise `subprocess.TimeoutExpired` after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            time.sleep(0.002)
        return code


_templates: dict[tuple[int, frozenset[tuple[str, str]]], Template] = {}
_lock = threading.Lock()


class _Request(NamedTuple):
    """A copy to make: modules to import before, and the import path, folder and environment variables after."""

    modules: tuple[str, ...]
    path: tuple[str, ...]
    folder: str
    environment: dict[str, str]


def _loaded_modules() -> Iterable[str]:
    """Yield the modules of ours that this process has imported and copies may need, in that order."""
    for name, module in tuple(sys.modules.items()):
        ours = f"{name}.".startswith(_PACKAGES) and not f"{name}.".startswith(_NEVER_COPIED)
        if ours and getattr(module, "__spec__", None) is not None:
            yield name


def _start_python(module: str, function: str, handle: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    path = [os.path.abspath(entry) for entry in sys.path]
    program = _BEGIN.format(path=path, module=module, function=function, handle=handle, parent=os.getpid())
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program],
        env=os.environ | THREADS | dict(environment),
        pass_fds=[handle],
        stdin=subprocess.DEVNULL,
        stdout=2,
        start_new_session=True,
    )


def serve_template(handle: int, parent: int) -> NoReturn:
    """Make copies of this process, and tell their exit codes, until the parent ends."""
    os.set_inheritable(handle, False)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)  # processes that custom code left behind become children of this one
    connection = Connection(handle)
    copies: set[int] = set()
    try:
        while os.getppid() == parent:
            if connection.poll(PARENT_CHECKS):
                request = connection.recv()
                if isinstance(request, int):
                    connection.send(_exit_code(request, copies))
                else:
                    copies.add(pid := _copy(connection, request))
                    connection.send(pid)
    except (EOFError, OSError):
        pass  # the parent has ended
    _kill_children()
    os._exit(0)


def _children() -> list[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(child) for child in text.read_text().split()] if text.exists() else []


def _kill_children() -> None:
    """Kill the children of this process, and those that become its children thereby."""
    while children := _children():
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def _exit_code(pid: int, copies: set[int]) -> int | None:
    """Return the exit code of a copy, or None while it is running. With the last copy, end what copies left behind."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        return None
    copies.discard(pid)
    if not copies:
        _kill_children()
    return os.waitstatus_to_exitcode(status)


def _copy(connection: Connection, request: _Request) -> int:
    handle, stderr = recv_handle(connection), recv_handle(connection)
    new = [name for name in request.modules if name not in sys.modules]
    for name in new:
        with contextlib.suppress(ImportError):  # whoever needs it will say so
            import_module(name)
    if new:
        gc.collect()
        gc.freeze()  # so that the collections of a copy leave the shared memory alone
    template = os.getpid()
    pid = os.fork()
    if pid == 0:
        end_with_parent()
        if os.getppid() != template:
            os._exit(1)
        os.setpgid(0, 0)
        connection.close()
        _become(request, handle, stderr, template)
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)  # also here, so that the group exists when the parent is told the number
    os.close(handle)
    os.close(stderr)
    return pid


def end_with_parent() -> None:
    """Ask the system to kill this process when its parent ends, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _become(request: _Request, handle: int, stderr: int, template: int) -> NoReturn:
    """Serve a socket, in a copy of the template."""
    from harness.entries.isolated import serve

    os.dup2(stderr, 1)
    os.dup2(stderr, 2)
    os.close(stderr)
    sys.path[:] = request.path
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    if "numpy" in sys.modules:  # which, unlike Python, does not draw a new state in the copy of a process
        sys.modules["numpy"].random.seed()
    serve(handle, template)
