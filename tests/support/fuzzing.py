"""Files and messages with bytes cut out and put in: each must be read soundly or refused in one clear line.

`fuzz` runs in a process of its own, under a ceiling of memory, and checks a ceiling of time for every input.
"""

from __future__ import annotations

import bz2
import contextlib
import json
import os
import pickle
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfrecords import frame, trained

import harness.entries.programs
from benchmarks import BenchmarkError, load_benchmark, registry
from benchmarks.formats.plain_pickle import read_plain_pickle
from benchmarks.nasbench101.records import read_trained_cells
from benchmarks.storage.tables import MANIFEST, open_table, write_table
from harness.entries.child_process import ProgramError
from harness.entries.programs import Program
from harness.errors import ConfigurationError
from harness.experiments.files import read_experiment_file
from harness.experiments.resolution import resolve_experiment
from harness.simulation.protocols import Protocol
from harness.simulation.trial import run_trial
from results.storage.loading import load
from results.storage.records import ResultsError
from results.storage.sealing import BLANK, SEAL, seal
from results.summaries.summary import summarize

MEMORY = 1 << 30
"""Memory that reading may take beyond what is in use before [bytes]."""
SECONDS = 5.0
"""Time that reading one input may take [s]."""
CLEAR = (ResultsError, ConfigurationError, BenchmarkError, ProgramError)
LONGEST = 20_000
"""Characters of a message, at most."""

PIECES = [
    *(b",", b"\n", b'"', b"\0", b"nan", b"-", b"1e999", b"true", b"\xff", b"null", b"[", b"{", b"}", b"]", b"9" * 30),
    *(b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80\x10", b"\xef\xbb\xbf", b"\x1b[31m", b"[[", b"..", b"/", b"a.b = "),
]  # fmt: skip


def edited(content: bytes, first: int = 0) -> st.SearchStrategy[bytes]:
    """Return a strategy that cuts bytes out and puts others in, one to four times, after the first bytes."""
    place = st.integers(first, len(content))
    piece = st.binary(max_size=6) | st.sampled_from(PIECES)
    edits = st.lists(st.tuples(place, st.integers(0, 12), piece), min_size=1, max_size=4)

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        result = content
        for start, length, inserted in changes:
            result = result[:start] + inserted + result[start + length :]
        return result

    return edits.map(apply)


class Target:
    """Something to fuzz: a sound input, how it is read, and where the part to edit begins."""

    def __init__(self, sound: bytes, read: Callable[[bytes], object], first: int = 0) -> None:
        self.sound, self.read, self.first = sound, read, first


def of_results(name: str) -> Callable[[Path, Path], Target]:
    """Fuzz one file of a results folder, read by a summary."""

    def target(folder: Path, kept: Path) -> Target:
        shutil.copytree(kept / "format1" if "unsealed" in name else kept / "format2", folder / "out")
        pattern = "experiment.json" if "experiment" in name else "trials/*/*.parquet"
        file = sorted((folder / "out").glob(pattern))[0]
        sound = file.read_bytes()
        if "resealed" in name:
            sound = _blank(file)

        def read(content: bytes) -> None:
            """Read the folder, and raise what is noted about the file."""
            if "resealed" in name:
                with contextlib.suppress(ValueError):  # the place of the seal was edited
                    content = seal(content)
            file.write_bytes(content)
            study = load(folder / "out")
            summary = summarize(study)
            if any(f"{file} is damaged" in note for note in study.notes):
                raise ResultsError("\n".join(study.notes))
            if name.startswith("sealed"):
                assert summary == expected

        expected = summarize(load(folder / "out"))
        footer = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little") if file.suffix == ".parquet" else 0
        return Target(sound, read, footer)

    return target


def _blank(file: Path) -> bytes:
    """Return a chunk whose seal is blank again, as it is before it is sealed."""
    table = pq.read_table(file)
    metadata = {**table.schema.metadata, SEAL: BLANK}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd", write_page_checksum=True)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def of_reader(name: str, sound: bytes, read: Callable[[Path], object]) -> Callable[[Path, Path], Target]:
    """Fuzz a function that reads a file."""

    def target(folder: Path, kept: Path) -> Target:
        def of_content(content: bytes) -> None:
            (folder / name).write_bytes(content)
            read(folder / name)

        return Target(sound, of_content)

    return target


def of_pickle(folder: Path, kept: Path) -> Target:
    """Fuzz the instructions of a pickle within its compression."""
    value = {"000000": {"all_results": [(200, np.float64(91.5), {"x-valid": 0.5})], "seed": [777, None, (1, "x")]}}

    def read(content: bytes) -> None:
        (folder / "table.pickle.pbz2").write_bytes(bz2.compress(content))
        read_plain_pickle(folder / "table.pickle.pbz2")

    return Target(pickle.dumps(value, 4), read)


def of_manifest(folder: Path, kept: Path) -> Target:
    """Fuzz the manifest of a custom table."""
    os.environ["REGRETTA_DATA"] = str(folder / "data")
    registry.SPACES.update(tiny.SPACES)
    manifest = write_table(tiny.table(folder)) / MANIFEST

    def read(content: bytes) -> None:
        manifest.write_bytes(content)
        open_table("mine").observe((0, 0), 1.0, None)

    return Target(manifest.read_bytes(), read)


def of_record(folder: Path, kept: Path) -> Target:
    """Fuzz the content of a TFRecord whose checksums are right."""

    def read(content: bytes) -> None:
        (folder / "some.tfrecord").write_bytes(frame(content))
        list(read_trained_cells(folder / "some.tfrecord"))

    matrix, operations = "0110001000010001000000000", "input,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"
    return Target(trained("a" * 32, 108, matrix, operations, 80.5, 0.75, 0.5)[12:-4], read)


def _experiment(file: Path) -> None:
    resolve_experiment(read_experiment_file(file), file.parent)


class ScriptedProcess:
    """Stands in for the process of a program: answers with given lines."""

    lines: list[str] = []  # noqa: RUF012

    def __init__(self, *_: object) -> None:
        self.waiting = iter(self.lines)

    def send(self, line: str) -> None:
        json.loads(line)

    def receive(self, deadline: float) -> str:
        for line in self.waiting:
            return line
        raise ProgramError("the program ended")

    def deadline(self) -> float:
        return 0.0

    def check_silence(self) -> None:
        pass

    def described(self, what: str) -> str:
        return what

    def stop(self) -> None:
        pass


def of_program(folder: Path, kept: Path) -> Target:
    """Fuzz the lines that a program writes."""
    harness.entries.programs.ChildProcess = ScriptedProcess  # type: ignore[misc, assignment]
    benchmark = load_benchmark("synthetic")
    architecture = list(benchmark.space.sample(np.random.default_rng(0)))
    lines = [
        {"type": "ready", "protocol": 1},
        {"type": "sample"},
        {"type": "mutate", "architecture": architecture},
        {"type": "neighbours", "architecture": architecture},
        {"type": "query", "architecture": architecture, "fidelity": benchmark.facts.fidelities[-1], "network": None},
        {"type": "done"},
    ]
    protocol = Protocol.model_validate(
        {"budget": {"evaluations": 3}, "fidelities": (27.0,), "report": ("validation@27",)}
    )

    def read(content: bytes) -> None:
        ScriptedProcess.lines = content.decode("utf-8", "replace").splitlines()
        run_trial(Program(), "program:fuzz", benchmark, protocol, 1, 0)

    return Target("\n".join(map(json.dumps, lines)).encode(), read)


TOML = b"""
schema = 1
name = "fuzzed"
seed = 7
trials = [2, 9]
benchmarks = ["synthetic", "nasbench201-cifar10"]
budget = { evaluations = 6 }
exclude = [{ algorithm = "evolution" }]
[algorithms]
random_search = {}
[algorithms.evolution]
use = "regularized_evolution"
population = 4
sample = 2
"""

TARGETS: dict[str, Callable[[Path, Path], Target]] = {
    "the footer of a sealed chunk": of_results("sealed chunk"),
    "the footer of a chunk that was sealed again": of_results("resealed chunk"),
    "the footer of an unsealed chunk": of_results("unsealed chunk"),
    "experiment.json without a seal": of_results("unsealed experiment"),
    "experiment.json": of_results("sealed experiment"),
    "a manifest": of_manifest,
    "a TFRecord": of_record,
    "an experiment file": of_reader("fuzzed.toml", TOML, _experiment),
    "a pickle": of_pickle,
    "a program": of_program,
}


def check_message(text: str) -> None:
    """Check that a message is short and safe to print."""
    assert len(text) < LONGEST
    assert text.replace("\n", "").isprintable(), ascii(text)


def fuzz(name: str, folder: Path, kept: Path, examples: int) -> dict[str, int]:
    """Read edited inputs, and count those that are read and those that are refused.

    Raises
    ------
    AssertionError
        If an input takes too long, or its message is too long or has control characters.
    """
    target = TARGETS[name](folder, kept)
    target.read(target.sound)
    counts = {"read": 0, "refused": 0}
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(edited(target.sound, target.first))
    def every(content: bytes) -> None:
        began = monotonic()
        try:
            target.read(content)
            counts["read"] += 1
        except CLEAR as error:
            counts["refused"] += 1
            check_message(str(error))
        assert monotonic() - began < SECONDS

    every()
    return counts
