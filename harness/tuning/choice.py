"""The choice of a tuning: written and sealed before any test benchmark is opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from results.storage.files import atomic_write, read_content
from results.storage.records import ResultsError

CHOICE = "choice.json"
SEAL = "sha256"
LARGEST = 16 << 20


def seal_choice(directory: Path, content: Mapping[str, Any]) -> str:
    """Write the choice with its hash, and return the hash. If it is there already, it must be the same.

    Raises
    ------
    ResultsError
        If the folder has another choice, or a damaged one.
    """
    file = directory / CHOICE
    plain = json.loads(json.dumps(dict(content)))
    sealed = plain | {SEAL: _hash(plain)}
    if file.exists():
        earlier = read_choice(directory)
        if _decisive(earlier) != _decisive(sealed):
            raise ResultsError(
                f"{file} has another choice than these results lead to: the tuning file or the data was changed. Use"
                " another --out, or move the folder away"
            )
        return str(earlier[SEAL])
    atomic_write(file, (json.dumps(sealed, indent=1) + "\n").encode(), directory)
    return str(sealed[SEAL])


def _decisive(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in ("regretta", SEAL)}


def read_choice(directory: Path) -> dict[str, Any]:
    """Read the choice of a folder.

    Raises
    ------
    ResultsError
        If there is none, or its content does not match its hash.
    """
    file = directory / CHOICE
    if not file.is_file():
        raise ResultsError(f"{directory} has no {CHOICE}: `regretta tune` did not get that far, or was not run")
    try:
        content = json.loads(read_content(file, LARGEST))
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{file} is damaged: it is not JSON; move it away and tune again") from error
    if not isinstance(content, dict) or SEAL not in content:
        raise ResultsError(f"{file} is damaged: expected a choice with its hash; move it away and tune again")
    seal = content.pop(SEAL)
    if seal != _hash(content):
        raise ResultsError(f"{file} was changed after it was written; move it away and tune again")
    return content | {SEAL: seal}


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def this_version() -> str:
    """Return the version of Regretta."""
    return version("regretta")
