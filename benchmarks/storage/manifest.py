"""The manifest of an imported table: its facts and files, with a hash that reveals any change."""

from __future__ import annotations

import hashlib
import json
import math
import re
import reprlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from benchmarks.benchmark import Facts
from benchmarks.errors import BenchmarkError
from benchmarks.registry import BENCHMARKS, MODELS
from benchmarks.storage.layout import DTYPES, count_rows
from benchmarks.table import Kind

FORMAT = 2
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
DECISIVE = ("space", "unit", "fidelities", "continuable", "has_seconds", "validation_share", "signal", "matched_runs")
"""The facts that, with the arrays, determine the result of a trial. A better title does not change the data hash."""

SHOWN = 3
"""Largest number of problems in one message."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def check_name(name: str) -> None:
    """Check that a name is safe as the name of a folder and on the command line.

    Raises
    ------
    BenchmarkError
        If it is not.
    """
    if not NAME.fullmatch(name):
        raise BenchmarkError(
            f"{name!r} cannot be the name of a benchmark: use at most 80 letters, digits, '-', '_' and '.', beginning"
            " with a letter or a digit"
        )


def check_own_name(name: str) -> None:
    """Check that a name is valid for a user-defined benchmark.

    Raises
    ------
    BenchmarkError
        If it is not, or if a registered benchmark has it.
    """
    check_name(name)
    if name in BENCHMARKS:
        raise BenchmarkError(f"--name {name!r} is the name of a known benchmark; choose another")


class ArrayEntry(BaseModel):
    """One array and its file. See :func:`benchmarks.storage.layout.array_dtype` for the type of its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_@.+-]*\.npy$")]
    kind: Kind
    key: str
    shape: tuple[int, ...]
    sha256: Sha256


def _facts_from_json(record: object) -> object:
    """Convert lists to tuples, and bounds of None to infinite ones, which JSON cannot hold."""
    if not isinstance(record, dict):
        return record
    facts = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    match facts.get("valid_range"):
        case (low, high):
            facts["valid_range"] = (-math.inf if low is None else low, math.inf if high is None else high)
    return facts


class Manifest(BaseModel):
    """The content of an imported table's folder.

    Attributes
    ----------
    format : int
    sha256 : str
        SHA-256 of the canonical JSON of all that follows.
    facts : Facts
    arrays : tuple of ArrayEntry
    layout : dict or None
        Description of the space, as from :func:`benchmarks.storage.layout.describe`. None if its name determines it.
    training : dict or None
        Report of a fitted surrogate: its training data, its method, and how well it predicts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[2]
    sha256: Sha256
    facts: Annotated[Facts, BeforeValidator(_facts_from_json)]
    arrays: tuple[ArrayEntry, ...]
    layout: dict[str, Any] | None = None
    training: dict[str, Any] | None = None

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """Read the content of a manifest that :func:`manifest_text` wrote.

        Raises
        ------
        BenchmarkError
            If the content is invalid. The message lists the first problems and their places.
        """
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise BenchmarkError(_problems(error)) from None

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        if _sha256(_content(self.facts.to_json(), self.arrays, self.layout, self.training)) != self.sha256:
            raise ValueError("facts or arrays were changed after the import: they have another SHA-256")
        _check_arrays(self.facts, self.arrays, self.layout)
        modelled = self.training is not None or any(entry.kind == "model" for entry in self.arrays)
        if modelled and self.facts.provenance != "surrogate":
            raise ValueError(f"facts.provenance: expected surrogate for a fitted model, got {self.facts.provenance}")
        return self


def manifest_text(
    facts: Facts,
    arrays: Sequence[ArrayEntry],
    layout: dict[str, Any] | None = None,
    training: dict[str, Any] | None = None,
) -> str:
    """Return the text of the manifest of a table whose arrays are already on disk. Set the data hash of its facts."""
    record = facts.to_json()
    decisive = {name: record[name] for name in DECISIVE if name in record}
    results = [entry for entry in arrays if entry.kind != "information"]
    content = _content(record | {"data_hash": _sha256(_content(decisive, results, layout))}, arrays, layout, training)
    return json.dumps({"format": FORMAT, "sha256": _sha256(content), **content}, indent=1) + "\n"


def _content(
    facts: dict[str, Any],
    arrays: Sequence[ArrayEntry],
    layout: dict[str, Any] | None,
    training: dict[str, Any] | None = None,
) -> dict[str, Any]:
    content: dict[str, Any] = {"facts": facts, "arrays": [entry.model_dump(mode="json") for entry in arrays]}
    optional = {"layout": layout, "training": training}
    return content | {key: value for key, value in optional.items() if value is not None}


def _sha256(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _check_arrays(facts: Facts, arrays: Sequence[ArrayEntry], layout: dict[str, Any] | None) -> None:
    """Check that the arrays fit the facts and the size of the space."""
    if not facts.fidelities or list(facts.fidelities) != sorted({f for f in facts.fidelities if f > 0}):
        raise ValueError(f"facts.fidelities: expected ascending numbers above 0, got {facts.fidelities}")
    absent = {facts.target(f) for f in facts.fidelities} - facts.targets.keys()
    if absent:
        raise ValueError(f"facts.targets: {', '.join(sorted(absent))} is missing")
    if any(entry.kind == "model" for entry in arrays):
        if len(arrays) > 1 or arrays[0].key not in MODELS or len(arrays[0].shape) != 1:
            raise ValueError(f"arrays: expected a single model file of kind {', '.join(MODELS)}, got {list(arrays)}")
        return
    of_layout = {entry.key: entry.shape for entry in arrays if entry.kind == "layout"}
    if of_layout.keys() - DTYPES.keys():
        raise ValueError(f"arrays: expected layout arrays {', '.join(DTYPES)}, got {', '.join(of_layout)}")
    shapes = {(entry.kind, entry.key): entry.shape for entry in arrays if entry.kind != "layout"}
    first = shapes.get(("errors", f"{facts.fidelities[0]:g}"), (0,))
    rows = count_rows(facts.space, layout, of_layout, first)
    kinds = ("errors", "seconds") if facts.has_seconds else ("errors",)
    wanted = {(kind, f"{f:g}") for kind in kinds for f in facts.fidelities}
    wanted |= {("true_errors", target) for target in facts.targets}
    wanted |= {("information", name) for name in facts.information}
    if shapes.keys() != wanted or len(arrays) > len(wanted) + len(of_layout):
        given = sorted((entry.kind, entry.key) for entry in arrays)
        raise ValueError(f"arrays: expected one for each of {sorted(wanted)}, got {given}")
    for (kind, key), shape in shapes.items():
        fits = {
            "errors": shape[:1] == (rows,) and len(shape) == 2 and shape[-1] > 0,
            "seconds": shape in ((rows, 1), shapes.get(("errors", key))),
            "true_errors": shape == (rows,),
            "information": shape == (rows,),
        }
        if not fits[kind]:
            raise ValueError(
                f"arrays: {kind} {key} has shape {shape}, but space {facts.space!r} needs arrays of {rows} rows"
            )


def _problems(error: ValidationError) -> str:
    """Describe the first problems with their places. An unknown format explains all others, so it is reported alone."""
    problems = error.errors(include_url=False)
    for problem in problems:
        if problem["loc"] == ("format",) and problem["type"] != "missing":
            return f"expected format {FORMAT}, which this version reads, got {reprlib.repr(problem['input'])}"
    texts = []
    for problem in problems[:SHOWN]:
        place = ".".join(map(str, problem["loc"]))
        text = problem["msg"].removeprefix("Value error, ")
        given = "" if not place or problem["type"] == "missing" else f", got {reprlib.repr(problem['input'])}"
        texts.append(f"{place}{': ' if place else ''}{text[0].lower()}{text[1:]}{given}")
    if len(problems) > SHOWN:
        texts.append(f"and {len(problems) - SHOWN} more")
    return "; ".join(texts)
