"""A child process that exchanges lines over pipes, within a time limit, and leaves no orphans."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import IO, cast

from harness.entries.isolated import signal_name
from harness.entries.process_template import end_with_parent
from results.words import printable

LONGEST_LINE = 1 << 20
"""Longest line that is accepted [bytes]."""
GRACE = 2.0
"""Time that a program has to end once its input is closed [s]."""
SHOWN_LINES = 20
"""Largest number of lines of a program's stderr that an error message quotes."""
SHOWN_BYTES = 2_000
"""Largest number of bytes of a program's stderr that an error message quotes."""

MARK = "REGRETTA_PROGRAM"
"""Environment variable that marks a program and its descendants, whatever process group they join."""


class ProgramError(RuntimeError):
    """A program died, hung, or broke the message protocol."""


class ChildProcess:
    """A running program.

    Parameters
    ----------
    command : tuple of str
    folder : Path
        Working directory of the program.
    time_limit : float
        Longest time to read a line, and to answer [s].

    Raises
    ------
    ProgramError
        If the program cannot be started.
    """

    def __init__(self, command: tuple[str, ...], folder: Path, time_limit: float) -> None:
        self._name = shlex.join(command)
        self._time_limit = time_limit
        self._grace = GRACE
        self._mark = uuid.uuid4().hex
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        try:
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | {MARK: self._mark},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                preexec_fn=_begin,
            )
        except OSError as error:
            self._errors.close()
            raise ProgramError(f"the program {self._name!r} cannot be started: {error}") from error
        self._stdin, self._stdout = cast(IO[bytes], self._child.stdin), cast(IO[bytes], self._child.stdout)
        self._input, self._output = self._stdin.fileno(), self._stdout.fileno()
        os.set_blocking(self._input, False)
        self._readable, self._writable = selectors.DefaultSelector(), selectors.DefaultSelector()
        self._readable.register(self._output, selectors.EVENT_READ)
        self._writable.register(self._input, selectors.EVENT_WRITE)
        self._received = bytearray()

    def deadline(self) -> float:
        """Return the time by which a line sent now must be answered, on the monotonic clock [s]."""
        return time.monotonic() + self._time_limit

    def send(self, line: str) -> None:
        """Write a line. Raise ProgramError if the program does not read it in time."""
        content, deadline = line.encode() + b"\n", self.deadline()
        while content:
            if not self._writable.select(max(0.0, deadline - time.monotonic())):
                raise ProgramError(self.described(f"did not read for {self._time_limit:g} s"))
            try:
                content = content[os.write(self._input, content) :]
            except BrokenPipeError:
                raise ProgramError(self.described(self._ended("input"))) from None

    def receive(self, deadline: float) -> str:
        """Read a line. Raise ProgramError if none arrives before the deadline."""
        while (length := self._received.find(b"\n")) < 0:
            if len(self._received) > LONGEST_LINE:
                raise ProgramError(self.described(f"wrote more than {LONGEST_LINE:,} bytes without a line break"))
            if not self._readable.select(max(0.0, deadline - time.monotonic())):
                raise ProgramError(self.described(f"gave no answer within {self._time_limit:g} s"))
            self._read()
        line = bytes(self._received[:length])
        del self._received[: length + 1]
        return line.decode(errors="replace")

    def check_silence(self) -> None:
        """Raise ProgramError if the program wrote something without being asked."""
        if not self._received and self._readable.select(0):
            self._read()
        if self._received:
            written = bytes(self._received[:200]).decode(errors="replace")
            raise ProgramError(
                self.described(
                    f"wrote {written!r} when nothing was asked; send one answer to every ask, and none to a tell"
                )
            )

    def _read(self) -> None:
        content = os.read(self._output, 1 << 16)
        if not content:
            raise ProgramError(self.described(self._ended("output")))
        self._received += content

    def _ended(self, closed: str) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(0.2)
        return f"closed its {closed}" if self._child.poll() is None else "ended early"

    def described(self, what: str) -> str:
        """Return an error message: what went wrong, the exit status, and the end of stderr.

        A program that did something wrong gets no time to end by itself.
        """
        self._grace = 0.0
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(0.2)
        code = self._child.poll()
        status = "" if code is None else f" (exit code {code})" if code >= 0 else f" (killed by {signal_name(-code)})"
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - SHOWN_BYTES))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()[-SHOWN_LINES:]
        written = printable("\n".join(lines))
        return f"the program {self._name!r} {what}{status}" + (f"; its stderr ends with: {written}" if written else "")

    def stop(self) -> None:
        """Close the program's input, wait for it to end, and kill what is left of it and its descendants."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(self._grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        _kill_marked(f"{MARK}={self._mark}".encode())
        self._stdout.close()
        self._readable.close()
        self._writable.close()
        self._errors.close()


def _begin() -> None:
    """Prepare the new process: restore the signals that workers ignore, and ask to be killed when the worker ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent()


def _kill_marked(mark: bytes) -> None:
    """Kill marked processes that left the program's group, where the system exposes their environment."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # the process has ended, or belongs to another user
            if mark in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)
