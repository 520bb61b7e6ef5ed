"""Programs as algorithms, driven by lines of JSON over pipes (docs/guides/programs.md)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import numpy as np

from algorithms.base import Algorithm, Pause, Query
from benchmarks.spaces.base import Architecture
from harness.entries.child_process import ChildProcess, ProgramError
from harness.errors import ConfigurationError, numbers

PREFIX = "program:"
PROTOCOL_VERSION = 1
TIME_LIMIT = 60.0
"""Default time limit for an answer [s]."""

KEYS = {
    "ready": {"protocol"},
    "query": {"architecture", "fidelity", "network"},
    "wait": set(),
    "done": set(),
    "sample": set(),
    "mutate": {"architecture"},
    "neighbours": {"architecture"},
    "is_valid": {"architecture"},
    "encode": {"architecture", "encoding"},
}
"""Keys that a program may send, by type of message."""


def program_class(use: str, folder: Path) -> type[Program]:
    """Return the algorithm class for a ``program:`` entry.

    Raises
    ------
    ConfigurationError
        If the command is empty or cannot be split into words.
    """
    try:
        words = shlex.split(use.removeprefix(PREFIX))
    except ValueError as error:
        raise ConfigurationError([f"use = {use!r} cannot be split into words: {error}"]) from None
    if not words:
        raise ConfigurationError([f"use = {use!r} does not name a program; write 'program:python my_search.py'"])
    return type("Program", (Program,), {"command": tuple(words), "folder": folder.resolve()})


def source_hash(use: str, folder: Path) -> str:
    """Return the SHA-256 of the command and of every file in the folder that it names."""
    digest = hashlib.sha256(use.encode())
    for word in shlex.split(use.removeprefix(PREFIX)):
        if (folder / word).is_file():
            digest.update(hashlib.sha256((folder / word).read_bytes()).digest())
    return digest.hexdigest()


class Program(Algorithm):
    """An algorithm that runs in a separate process and answers lines of JSON.

    Parameters
    ----------
    time_limit : float
        Time limit for every answer [s].
    **hyperparameters
        Passed to the program unchanged.
    """

    reference: ClassVar[str] = "user-defined program"
    bitwise_stable: ClassVar[bool] = False
    command: ClassVar[tuple[str, ...]] = ()
    folder: ClassVar[Path] = Path()

    def __init__(self, time_limit: float = TIME_LIMIT, **hyperparameters: Any) -> None:
        self.time_limit = time_limit
        self.hyperparameters = hyperparameters
        self._cleanup = contextlib.ExitStack()

    @classmethod
    def checked(cls, given: Mapping[str, Any], place: str) -> dict[str, Any]:
        """Check the hyperparameters of a program, which may be anything that JSON can hold.

        Raises
        ------
        ConfigurationError
            If a hyperparameter cannot be written as JSON, or the time limit is not a positive number.
        """
        values = {"time_limit": TIME_LIMIT, **given}
        limit = values["time_limit"]
        if not isinstance(limit, int | float) or isinstance(limit, bool) or not limit > 0:
            raise ConfigurationError([f"{place}.time_limit: expected a number of seconds above 0, got {limit!r}"])
        try:
            json.dumps(values)
        except TypeError as error:
            raise ConfigurationError([f"{place}: expected hyperparameters that JSON can hold: {error}"]) from None
        return values

    def begin(self) -> None:
        """Start the program and send it the description of the trial."""
        self._numbers: dict[int, int] = {}
        self._asked = 0
        self._process = ChildProcess(self.command, self.folder, self.time_limit)
        self._cleanup.callback(self._process.stop)
        space = self.space
        self._send(
            "hello",
            protocol=PROTOCOL_VERSION,
            space={
                "name": space.name,
                "cardinalities": list(space.cardinalities),
                "size": space.size,
                "encodings": list(space.encodings),
            },
            fidelities=list(self.fidelities),
            seed=int(self.rng.integers(2**31)),
            hyperparameters=self.hyperparameters,
        )
        answer = self._receive(self._process.deadline())
        if answer.get("type") != "ready" or answer.get("protocol") != PROTOCOL_VERSION:
            self._complain(
                f'answered hello with {answer!r}; expected {{"type": "ready", "protocol": {PROTOCOL_VERSION}}}'
            )

    def ask(self) -> Query | Pause:
        """Ask the program for a query. It may first ask questions about the space."""
        self._process.check_silence()
        self._send("ask")
        answer = self._served(self._process.deadline())
        if answer["type"] == "wait" and not self._numbers:
            self._complain("answered ask with wait, but nothing is running; answer with a query or done")
        if answer["type"] in ("wait", "done"):
            return Pause(answer["type"])
        if answer["type"] != "query":
            self._complain(f"answered ask with {answer!r}; expected a message of type query, wait or done")
        query = Query(self._valid(answer), self._fidelity(answer), self._network(answer))
        self._numbers[id(query)] = self._asked
        self._asked += 1
        return query

    def tell(self, query: Query, observed_error: float) -> None:
        """Send the program a result, which it does not answer."""
        self._send("tell", number=self._numbers.pop(id(query)), error=observed_error)

    def end(self) -> None:
        """Stop the program."""
        self._cleanup.close()

    def _served(self, deadline: float) -> dict[str, Any]:
        """Answer questions about the space until the program sends another message; return that message."""
        while True:
            message = self._receive(deadline)
            if message["type"] == "sample":
                self._send("architecture", architecture=self.space.sample(self.design_rng))
            elif message["type"] == "mutate":
                mutant = self.space.mutate(self._valid(message), self.rng)
                self._send("architecture", architecture=mutant)
            elif message["type"] == "neighbours":
                self._send("architectures", architectures=self.space.neighbours(self._valid(message)))
            elif message["type"] == "is_valid":
                self._send("validity", valid=self.space.is_valid(self._architecture(message)))
            elif message["type"] == "encode":
                self._send("features", features=self._encoded(message))
            else:
                return message

    def _encoded(self, message: Mapping[str, Any]) -> list[float]:
        architecture, encoding = self._valid(message), message.get("encoding")
        if encoding not in self.space.encodings:
            known = ", ".join(self.space.encodings)
            self._complain(
                f"asked for the encoding {encoding!r}, which space {self.space.name!r} does not have; it has {known}"
            )
        features: list[float] = self.space.encode([architecture], encoding)[0].tolist()
        return features

    def _architecture(self, message: Mapping[str, Any]) -> Architecture:
        given = message.get("architecture")
        if not isinstance(given, list) or not all(type(value) is int for value in given):
            self._complain(f"sent the architecture {given!r}; expected a list of integers")
        return tuple(given)

    def _valid(self, message: Mapping[str, Any]) -> Architecture:
        architecture = self._architecture(message)
        if not self.space.is_valid(architecture):
            example = list(self.space.sample(np.random.default_rng(0)))
            self._complain(
                f"sent {list(architecture)}, which is not an architecture of space {self.space.name!r}; a valid one is"
                f" {example}"
            )
        return architecture

    def _fidelity(self, message: Mapping[str, Any]) -> float:
        given = message.get("fidelity", self.fidelities[-1])
        if given not in self.fidelities:
            self._complain(f"asked for the fidelity {given!r}; expected one of {numbers(self.fidelities)}")
        return float(given)

    def _network(self, message: Mapping[str, Any]) -> int | None:
        given = message.get("network")
        if given is not None and type(given) is not int:
            self._complain(f"sent the network {given!r}; expected its number, or null")
        return given

    def _send(self, kind: str, **content: Any) -> None:
        self._process.send(json.dumps({"type": kind, **content}))

    def _receive(self, deadline: float) -> dict[str, Any]:
        line = self._process.receive(deadline)
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            self._complain(f"wrote {line[:200]!r}; expected a line with a JSON object that has a type")
        kind = message["type"]
        if unknown := sorted(message.keys() - KEYS.get(kind, message.keys()) - {"type"}):
            known = ", ".join(sorted(KEYS[kind])) or "no keys besides type"
            self._complain(f"sent {', '.join(map(repr, unknown))} in a message of type {kind!r}; expected {known}")
        return message

    def _complain(self, what: str) -> NoReturn:
        raise ProgramError(self._process.described(what))
