"""``experiment.json``: what a results folder was resolved to, sealed, and checked like an experiment file."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from results.storage.chunks import ID_LENGTH
from results.storage.files import atomic_write, read_content
from results.storage.records import EXPERIMENT_NAME, SCHEMA_VERSION, ResultsError
from results.storage.stopping import StoppingRecord
from results.target import Target
from results.words import counted

EXPERIMENT = "experiment.json"
SEAL = "seal"
"""The key with the SHA-256 of all the others."""
MERGED_FROM = "merged_from"
"""The key with the provenance of every folder that the folder was merged from."""
LARGEST = 256 << 20
"""Bytes of the file, at most."""
MOST_TRIALS = 10**6
MOST_CELLS = 100_000
_REMEDY = "Restore it, or move it away and run the command that made it again: the trials are kept"
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that change the direction of writing, and so can show other text than is there."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
BenchmarkName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$")]
TrialNumber = Annotated[int, Field(ge=0, le=MOST_TRIALS)]


Number = Annotated[float, Field(ge=-1e100, le=1e100, allow_inf_nan=False)]
"""An error or a difference of errors. Larger ones would overflow when they are squared and summed."""


class ProtocolRecord(BaseModel):
    """The rules of a protocol that results depend on; the others are kept as they are."""

    model_config = ConfigDict(strict=True, extra="allow")

    budget: dict[str, FiniteFloat | int]
    report: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    incumbent: Name


class RecordedRecord(BaseModel):
    """The runs of an entry that was recorded outside."""

    model_config = ConfigDict(strict=True)

    trials: Annotated[list[TrialNumber], Field(min_length=1, max_length=MOST_TRIALS)]
    skipped: Annotated[int, Field(ge=0)]
    training_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None


class CellRecord(BaseModel):
    """A cell of the resolved grid. For custom code, ``files`` has the SHA-256 of its source files."""

    model_config = ConfigDict(strict=True)

    id: Annotated[str, Field(pattern=f"^[0-9a-f]{{{ID_LENGTH},64}}$")]
    label: Name
    algorithm: Name
    parameters: dict[str, Any]
    version: int
    bitwise_stable: bool
    benchmark: BenchmarkName
    protocol: ProtocolRecord
    recorded: RecordedRecord | None = None
    files: dict[Name, str] = {}


class TargetRecord(BaseModel):
    """The facts of a target, in the unit of its benchmark."""

    model_config = ConfigDict(strict=True)

    optimum: Number
    floor: Number
    median: Number


class BenchmarkRecord(BaseModel):
    """The facts of a benchmark that results are shown with; the others are kept as they are."""

    model_config = ConfigDict(strict=True, extra="allow")

    title: str
    dataset: str
    space: str
    metric: str
    unit: str
    provenance: str
    licence: str
    citation: str
    data_hash: str
    has_seconds: bool
    fidelities: list[FiniteFloat]
    targets: dict[str, TargetRecord]


class ExperimentRecord(BaseModel):
    """The top level of ``experiment.json``."""

    model_config = ConfigDict(strict=True, extra="allow")

    schema_: Annotated[int, Field(alias="schema")]
    name: Annotated[str, Field(pattern=EXPERIMENT_NAME)]
    seed: Annotated[int, Field(ge=0)]
    trials: Annotated[list[TrialNumber], Field(min_length=2, max_length=2)]
    cells: Annotated[list[CellRecord], Field(max_length=MOST_CELLS)]
    benchmarks: dict[BenchmarkName, BenchmarkRecord]
    stopping: StoppingRecord | None = None
    environment: dict[str, Any] = {}
    history: list[dict[str, Any]] = []


def read_experiment(directory: Path) -> dict[str, Any]:
    """Read and check ``experiment.json`` of a results folder.

    Returns
    -------
    dict
        Its content. Under ``sealed``, whether a checksum covers it; older versions wrote none.

    Raises
    ------
    ResultsError
        If the folder has none, it was changed after it was written, or its content is not valid.
    """
    file = directory / EXPERIMENT
    if not file.exists():
        raise ResultsError(f"{directory} is not a results folder: it has no {EXPERIMENT}. {_elsewhere(directory)}")
    content = read_content(file, LARGEST)
    try:
        record = json.loads(content)
        if not isinstance(record, dict):
            raise ValueError(f"expected a JSON object, got a {type(record).__name__}")
        found = record.pop(SEAL, None)
        if found is not None and found != _hash(record):
            raise ResultsError(f"{file} was changed after it was written: its content does not match its checksum."
                               f" {_REMEDY}")  # fmt: skip
        _check_schema(file, record)
        ExperimentRecord.model_validate(record)
        _check_content(record)
    except ResultsError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ResultsError(f"{file} is not valid at {where[:200]!r}: {first['msg']}. {_REMEDY}") from error
    except (ValueError, RecursionError) as error:
        why = str(error)[:300] or type(error).__name__
        raise ResultsError(f"{file} cannot be read ({why}). {_REMEDY}") from error
    return record | {"sealed": found is not None}


def _elsewhere(directory: Path) -> str:
    """Say where results are: in folders inside, as in the folder of a tuning, or nowhere yet."""
    patterns = (f"{'*/' * depth}{EXPERIMENT}" for depth in (1, 2, 3))
    inside = [file.parent for pattern in patterns for file in sorted(directory.glob(pattern))]
    if not inside:
        return "`regretta run` makes one"
    more = f" and {counted(len(inside) - 1, 'more folder')}" if len(inside) > 1 else ""
    return f"Results folders are inside it: {inside[0]}{more}"


def _hash(record: dict[str, Any]) -> str:
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _check_schema(file: Path, record: dict[str, Any]) -> None:
    if (schema := record.get("schema")) != SCHEMA_VERSION:
        raise ResultsError(
            f"{file} has the result schema {str(schema)[:40]!r}; this version of Regretta reads {SCHEMA_VERSION}. Use"
            " another --out, or the version that wrote it"
        )


def _check_content(record: dict[str, Any]) -> None:
    """Check what the types do not say: names that fit together, and text that is safe to print."""
    first, last = record["trials"]
    if first >= last:
        raise ValueError(f"expected trials [FIRST, LAST] with FIRST < LAST, got {record['trials']}")
    if stopping := record.get("stopping"):
        planned, most = stopping["planned"], stopping["max_trials"]
        if len(planned) != len(record["cells"]) or max(planned, default=0) > most or last - first != most:
            raise ValueError("expected up to max_trials planned trials for every cell, and as many numbers in trials")
    seen: set[tuple[str, str]] = set()
    for cell in record["cells"]:
        pair = cell["label"], cell["benchmark"]
        if pair in seen:
            raise ValueError(f"two cells are {pair[0]!r} on {pair[1]}")
        seen.add(pair)
        for text in cell["protocol"]["report"]:
            target = Target.parse(text)
            facts = record["benchmarks"].get(target.benchmark or cell["benchmark"])
            if facts is None or target.name not in facts["targets"]:
                raise ValueError(f"{pair[0]!r} on {pair[1]} reports {text!r}, of which it has no facts")
    for text in texts_of(record):
        if bad := unsafe_characters(text):
            raise ValueError(f"it has the control character {bad[0]!r} in {text[:80]!r}")


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value, keys as well, without recursion."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def unsafe_characters(text: str) -> str:
    """Return the characters of a text that could make a terminal do or show something else; line breaks are safe."""
    if text.isascii() and text.isprintable():
        return ""
    return "".join(
        c for c in text if (unicodedata.category(c) in _FORBIDDEN and c not in "\n\t") or _DIRECTION.match(c)
    )


def write_experiment(directory: Path, record: dict[str, Any]) -> None:
    """Write ``experiment.json``, and keep earlier resolutions that differ under ``history``.

    The provenance of folders that were merged into this one is kept, too.

    Raises
    ------
    ResultsError
        If the folder belongs to an experiment with another name, or the record could not be read again. Nothing is
        written then.
    """
    history: list[Any] = list(record.get("history", []))
    merged_from = record.get(MERGED_FROM)
    if (directory / EXPERIMENT).exists():
        earlier = read_experiment(directory)
        if earlier["name"] != record["name"]:
            raise ResultsError(
                f"{directory} belongs to the experiment {earlier['name']!r}, not {record['name']!r}; use another --out"
            )
        _check_stopping(directory, earlier.get("stopping"), record.get("stopping"))
        history = record.get("history", earlier.pop("history", []))
        merged_from = merged_from or earlier.get(MERGED_FROM)
        grid = ("seed", "trials", "cells")
        if any(earlier[key] != record[key] for key in grid):
            history.append({key: earlier.get(key) for key in (*grid, "environment")})
    kept = {key: value for key, value in record.items() if key != "sealed"}
    kept |= {MERGED_FROM: merged_from} if merged_from else {}
    content = json.loads(json.dumps({**kept, "schema": SCHEMA_VERSION, "history": history}))
    _check_writable(content)
    sealed = content | {SEAL: _hash(content)}
    atomic_write(directory / EXPERIMENT, (json.dumps(sealed, indent=1) + "\n").encode(), directory)


def _check_stopping(directory: Path, earlier: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
    """Keep the mark of a run until decided: the number of its trials depends on their results."""
    if earlier is None:
        return
    if now is None:
        raise ResultsError(
            f"{directory} was run until decided, so the number of its trials depends on their results. Go on with"
            " --until decided, or run a fixed number of trials with another --out"
        )
    if earlier["rule"] != now["rule"]:
        raise ResultsError(
            f"{directory} was run until decided by the rule {earlier['rule']!r}, not {now['rule']!r}. Who may choose"
            " between two rules errs twice as often: keep the rule, or use another --out"
        )
    if earlier["block"] != now["block"]:
        raise ResultsError(
            f"{directory} was run until decided with looks after every {earlier['block']} trials, not {now['block']};"
            " keep the block, or use another --out"
        )


def _check_writable(content: dict[str, Any]) -> None:
    """Refuse what `read_experiment` would refuse, before it is written."""
    try:
        ExperimentRecord.model_validate(content)
        _check_content(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ResultsError(f"the experiment cannot be stored: {where[:200]}: {first['msg']}") from error
    except ValueError as error:
        raise ResultsError(f"the experiment cannot be stored: {error}; change the experiment or the command") from error
