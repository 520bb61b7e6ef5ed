"""Programs as algorithms: any language, any environment, driven by lines of JSON over pipes (see docs/programs.md)."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import selectors
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, ClassVar, NoReturn, cast

from algorithms.base import Algorithm, Pause, Query
from benchmarks.space import Architecture
from harness.errors import ConfigurationError, numbers

PREFIX = "program:"
PROTOCOL_VERSION = 1
LONGEST_LINE = 1 << 20
"""Bytes; a program that writes more without a line break is talking nonsense."""
TIME_LIMIT = 60.0
"""Default time for an answer [s]."""
GRACE = 2.0
"""Time to end after the last message [s]."""

_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


class ProgramError(RuntimeError):
    """A program died, hung, or said what the protocol does not know."""


def program_class(use: str, folder: Path) -> type[Program]:
    """Return the algorithm that a ``program:`` entry names.

    Raises
    ------
    ConfigurationError
        If the command is empty, cannot be split into words, or its first word is no program.
    """
    try:
        words = shlex.split(use.removeprefix(PREFIX))
    except ValueError as error:
        raise ConfigurationError([f"use = {use!r} cannot be split into words: {error}"]) from None
    if not words:
        raise ConfigurationError([f"use = {use!r} names no program; write 'program:python my_search.py'"])
    return type("Program", (Program,), {"command": tuple(words), "folder": folder.resolve()})


def source_hash(use: str, folder: Path) -> str:
    """SHA-256 of the command and of every file in the folder that it names."""
    digest = hashlib.sha256(use.encode())
    for word in shlex.split(use.removeprefix(PREFIX)):
        if (folder / word).is_file():
            digest.update(hashlib.sha256((folder / word).read_bytes()).digest())
    return digest.hexdigest()


class Program(Algorithm):
    """An algorithm that runs in a process of its own and answers lines of JSON.

    Parameters
    ----------
    time_limit : float
        For every answer [s].
    **hyperparameters
        Handed to the program as they are.
    """

    reference: ClassVar[str] = "a program of its own"
    bitwise_stable: ClassVar[bool] = False
    command: ClassVar[tuple[str, ...]] = ()
    folder: ClassVar[Path] = Path()

    def __init__(self, time_limit: float = TIME_LIMIT, **hyperparameters: Any) -> None:
        self.time_limit = time_limit
        self.hyperparameters = hyperparameters
        self._cleanup = contextlib.ExitStack()

    @classmethod
    def checked(cls, given: Mapping[str, Any], place: str) -> dict[str, Any]:
        """Check the hyperparameters of an experiment: any that JSON can hold.

        Raises
        ------
        ConfigurationError
            If one cannot be written as JSON, or the time limit is no positive number.
        """
        values = {"time_limit": TIME_LIMIT, **given}
        limit = values["time_limit"]
        if not isinstance(limit, int | float) or isinstance(limit, bool) or not limit > 0:
            raise ConfigurationError([f"{place}.time_limit: wanted are seconds above 0; got {limit!r}"])
        try:
            json.dumps(values)
        except TypeError as error:
            raise ConfigurationError([f"{place}: a program's hyperparameters are written as JSON: {error}"]) from None
        return values

    def begin(self) -> None:
        """Start the program and say hello."""
        self._numbers: dict[int, int] = {}
        self._asked = 0
        self._process = _Process(self.command, self.folder, self.time_limit)
        self._cleanup.callback(self._process.stop)
        space = self.space
        self._send(
            "hello",
            protocol=PROTOCOL_VERSION,
            space={"name": space.name, "cardinalities": list(space.cardinalities), "size": space.size},
            fidelities=list(self.fidelities),
            seed=int(self.rng.integers(2**31)),
            hyperparameters=self.hyperparameters,
        )
        answer = self._receive()
        if answer.get("type") != "ready" or answer.get("protocol") != PROTOCOL_VERSION:
            self._complain(f'answered hello with {answer!r}; wanted is {{"type": "ready", "protocol": 1}}')

    def ask(self) -> Query | Pause:
        """Ask the program; it may first ask about the space."""
        self._send("ask")
        answer = self._served()
        if answer["type"] in ("wait", "done"):
            return Pause(answer["type"])
        if answer["type"] != "query":
            self._complain(f"answered ask with {answer!r}; wanted is a type of query, wait or done")
        query = Query(self._architecture(answer), self._fidelity(answer), self._network(answer))
        self._numbers[id(query)] = self._asked
        self._asked += 1
        return query

    def tell(self, query: Query, observed_error: float) -> None:
        """Tell the program, which answers nothing."""
        self._send("tell", number=self._numbers.pop(id(query)), error=observed_error)

    def end(self) -> None:
        """Stop the program."""
        self._cleanup.close()

    def _served(self) -> dict[str, Any]:
        """The next message that is no question about the space; those are answered."""
        while True:
            message = self._receive()
            if message["type"] == "sample":
                self._send("architecture", architecture=self.space.sample(self.design_rng))
            elif message["type"] == "mutate":
                mutant = self.space.mutate(self._valid(message), self.rng)
                self._send("architecture", architecture=mutant)
            elif message["type"] == "neighbours":
                self._send("architectures", architectures=self.space.neighbours(self._valid(message)))
            else:
                return message

    def _architecture(self, message: Mapping[str, Any]) -> Architecture:
        given = message.get("architecture")
        if not isinstance(given, list) or not all(type(value) is int for value in given):
            self._complain(f"sent the architecture {given!r}; wanted is a list of whole numbers")
        return tuple(given)

    def _valid(self, message: Mapping[str, Any]) -> Architecture:
        architecture = self._architecture(message)
        if not self.space.is_valid(architecture):
            self._complain(f"asked about {list(architecture)}, which is no architecture of {self.space.name}")
        return architecture

    def _fidelity(self, message: Mapping[str, Any]) -> float:
        given = message.get("fidelity", self.fidelities[-1])
        if given not in self.fidelities:
            self._complain(f"asked for the fidelity {given!r}; allowed are {numbers(self.fidelities)}")
        return float(given)

    def _network(self, message: Mapping[str, Any]) -> int | None:
        given = message.get("network")
        if given is not None and type(given) is not int:
            self._complain(f"sent the network {given!r}; wanted is its number, or null")
        return given

    def _send(self, kind: str, **content: Any) -> None:
        self._process.send(json.dumps({"type": kind, **content}))

    def _receive(self) -> dict[str, Any]:
        line = self._process.receive()
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            self._complain(f"wrote {line[:200]!r}; wanted is a line with a JSON object that has a type")
        return message

    def _complain(self, what: str) -> NoReturn:
        raise ProgramError(self._process.described(what))


class _Process:
    """A child process that is written to and read from by lines, with a time limit, and leaves no orphans."""

    def __init__(self, command: tuple[str, ...], folder: Path, time_limit: float) -> None:
        self._name = shlex.join(command)
        self._time_limit = time_limit
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        try:
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform.startswith("linux") else None,
            )
        except OSError as error:
            self._errors.close()
            raise ProgramError(f"the program {self._name!r} cannot be started: {error}") from error
        self._stdin, self._stdout = cast(IO[bytes], self._child.stdin), cast(IO[bytes], self._child.stdout)
        self._input, self._output = self._stdin.fileno(), self._stdout.fileno()
        os.set_blocking(self._input, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self._writable = selectors.DefaultSelector()
        self._writable.register(self._input, selectors.EVENT_WRITE)
        self._received = bytearray()

    def send(self, line: str) -> None:
        """Write a line; a program that does not read in time is hung."""
        content, deadline = line.encode() + b"\n", time.monotonic() + self._time_limit
        while content:
            if not self._writable.select(max(0.0, deadline - time.monotonic())):
                raise ProgramError(self.described(f"did not read for {self._time_limit:g} s"))
            try:
                content = content[os.write(self._input, content) :]
            except BrokenPipeError:
                raise ProgramError(self.described("ended early")) from None

    def receive(self) -> str:
        """Read a line."""
        deadline = time.monotonic() + self._time_limit
        while (length := self._received.find(b"\n")) < 0:
            if len(self._received) > LONGEST_LINE:
                raise ProgramError(self.described(f"wrote more than {LONGEST_LINE:,} bytes without a line break"))
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise ProgramError(self.described(f"gave no answer for {self._time_limit:g} s"))
            content = os.read(self._output, 1 << 16)
            if not content:
                raise ProgramError(self.described("ended early"))
            self._received += content
        line = bytes(self._received[:length])
        del self._received[: length + 1]
        return line.decode(errors="replace")

    def described(self, what: str) -> str:
        """Say what went wrong, with the exit code and the end of what it wrote to stderr."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(0.2)
        code = self._child.poll()
        status = "" if code is None else f" (exit code {code})"
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 2000))
        written = self._errors.read().decode(errors="replace").strip()
        return f"the program {self._name!r} {what}{status}" + (f"; its stderr ends with: {written}" if written else "")

    def stop(self) -> None:
        """Close its input, give it a moment to end, and kill what is left of its process group."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._stdout.close()
        self._selector.close()
        self._writable.close()
        self._errors.close()


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it is gone, however that ended."""
    ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
