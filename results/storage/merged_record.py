"""The ``experiment.json`` of several results folders of one experiment, such as those of its shards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from results.storage.experiment_record import EXPERIMENT, MERGED_FROM
from results.storage.records import ResultsError

IS_MERGED = "merged"
"""The key of an environment that stands for several."""


def merge_records(records: Mapping[Path, dict[str, Any]]) -> dict[str, Any]:
    """Return the record of a folder that holds the trials of several others.

    The result does not depend on the order of the folders.

    Parameters
    ----------
    records : mapping
        By folder, its record from `results.storage.experiment_record.read_experiment`. At least one.

    Raises
    ------
    ResultsError
        If the folders belong to different experiments: other names or seeds, other facts of a benchmark, other cells
        under the same label, or a number of trials that depended on results.
    """
    ordered = sorted(records.items(), key=lambda item: _canonical(item[1]))
    _refuse_contradictions(ordered)
    contents = [record for _, record in ordered]
    first = contents[0]
    sources = _distinct(source for record in contents for source in _sources(record))
    return {
        "name": first["name"],
        "description": first.get("description", ""),
        "seed": first["seed"],
        "trials": [min(record["trials"][0] for record in contents), max(record["trials"][1] for record in contents)],
        "cells": _cells(contents),
        "benchmarks": {name: facts for record in contents for name, facts in record["benchmarks"].items()},
        "environment": _environment([source["environment"] for source in sources]),
        MERGED_FROM: sources,
        "history": _distinct(entry for record in contents for entry in record.get("history", [])),
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _distinct(values: Any) -> list[Any]:
    """Return the distinct JSON values in an order that does not depend on that of the input."""
    return [value for _, value in sorted({_canonical(value): value for value in values}.items())]


def _sources(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the provenance of a folder, and of the folders that it was merged from."""
    environment = record.get("environment") or {}
    own = [] if environment.get(IS_MERGED) else [{"environment": environment, "trials": record["trials"]}]
    return [*record.get(MERGED_FROM, []), *own]


def _environment(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one environment for several: what they have in common, and alternatives where they differ."""
    if len({_canonical(environment) for environment in environments}) == 1:
        return dict(environments[0])
    merged = _common(environments) | {IS_MERGED: True}
    for key in ("packages", "fingerprint"):
        merged[key] = alternatives([environment.get(key) or {} for environment in environments])
    commits = [environment["commit"] for environment in environments if environment.get("commit")]
    if "commit" not in merged and len(commits) == len(environments):
        hashes = alternatives([{"hash": commit["hash"]} for commit in commits])
        merged["commit"] = {**hashes, "dirty": any(commit["dirty"] for commit in commits)}
    return merged


def _common(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first, *others = environments
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def alternatives(tables: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return the values by key. Where tables differ, ``a | b`` names all values, which equals no single one."""
    keys = sorted({key for table in tables for key in table})
    values = {key: [table.get(key) for table in tables] for key in keys}
    return {
        key: found[0] if len(set(found)) == 1 else " | ".join(sorted({str(value) for value in found}))
        for key, found in values.items()
    }


def _cells(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells of all records, each label on a benchmark once, in the order in which they first appear."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        for cell in record["cells"]:
            found.setdefault((cell["label"], cell["benchmark"]), cell)
    return list(found.values())


def _refuse_contradictions(records: Sequence[tuple[Path, dict[str, Any]]]) -> None:
    """Raise a `ResultsError` if two records cannot be those of one experiment."""
    (first_folder, first), *_ = records
    cells: dict[tuple[str, str], tuple[Path, dict[str, Any]]] = {}
    facts: dict[str, tuple[Path, dict[str, Any]]] = {}
    for folder, record in records:
        if record.get("stopping"):
            raise ResultsError(
                f"{folder} was run until decided, so the number of its trials depends on their results: it cannot be"
                " merged"
            )
        for key in ("name", "seed"):
            if record[key] != first[key]:
                raise ResultsError(
                    f"{first_folder} has the {key} {first[key]!r} and {folder} has {record[key]!r}; expected folders of"
                    " one experiment"
                )
        for name, its in record["benchmarks"].items():
            other, known = facts.setdefault(name, (folder, its))
            if differing := [key for key in sorted(known.keys() | its.keys()) if known.get(key) != its.get(key)]:
                raise ResultsError(
                    f"the facts of {name} differ between {other} and {folder} ({', '.join(differing)}): they were run"
                    " on other data, and cannot be merged"
                )
        for cell in record["cells"]:
            other, known = cells.setdefault((cell["label"], cell["benchmark"]), (folder, cell))
            if known != cell:
                differing = [key for key in sorted(known.keys() | cell.keys()) if known.get(key) != cell.get(key)]
                raise ResultsError(
                    f"{cell['label']!r} on {cell['benchmark']} differs between {other} and {folder}"
                    f" ({', '.join(differing)} in {EXPERIMENT}); expected folders of one experiment"
                )
