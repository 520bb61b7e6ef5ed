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
SETTINGS, SETTINGS_SEAL = "settings", "settings_sha256"
"""Everything else that was fixed before a test benchmark was opened, and its hash."""
LARGEST = 16 << 20


def seal_choice(directory: Path, content: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write the choice and the settings with their hashes. If they are there already, they must be the same.

    Parameters
    ----------
    directory : Path
    content : mapping
        The choice.
    settings : mapping
        The settings that led to it and that it is judged with, see `check_settings`.

    Returns
    -------
    str
        Hash of the choice.

    Raises
    ------
    ResultsError
        If the folder has another choice, or a damaged one.
    """
    file = directory / CHOICE
    plain = json.loads(json.dumps(dict(content)))
    others = _plain(settings)
    sealed = plain | {SEAL: _hash(plain), SETTINGS: others, SETTINGS_SEAL: _hash(others)}
    if file.exists():
        check_settings(directory, settings)
        earlier = read_choice(directory)
        if _decisive(earlier) != _decisive(sealed):
            raise ResultsError(
                f"{file} has another choice than these results lead to: the tuning file or the data was changed. Use"
                " another --out, or move the folder away"
            )
        return str(earlier[SEAL])
    atomic_write(file, (json.dumps(sealed, indent=1) + "\n").encode(), directory)
    return str(sealed[SEAL])


def check_settings(directory: Path, settings: Mapping[str, Any]) -> None:
    """Check that the settings of a tuning are those that were sealed in its folder, if any were.

    Raises
    ------
    ResultsError
        If some differ. The error lists them.
    """
    if not (directory / CHOICE).exists():
        return
    earlier = _flat(read_choice(directory)[SETTINGS])
    now = _flat(_plain(settings))
    changed = [key for key in dict.fromkeys([*earlier, *now]) if earlier.get(key) != now.get(key)]
    if changed:
        lines = [f"{key}: sealed {earlier.get(key, 'none')}, now {now.get(key, 'none')}" for key in changed]
        raise ResultsError(
            f"{directory / CHOICE}: the tuning file was changed after the choice was sealed: {'; '.join(lines)}. Use"
            " another --out, or restore the file"
        )


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(settings), default=str))
    return plain


def _flat(content: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return the values of nested tables as JSON, by dotted key."""
    flat: dict[str, str] = {}
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[before + key] = json.dumps(value)
    return flat


def _decisive(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in ("regretta", SEAL, SETTINGS, SETTINGS_SEAL)}


def read_choice(directory: Path) -> dict[str, Any]:
    """Read the choice of a folder.

    Raises
    ------
    ResultsError
        If there is none, or its content does not match its hashes.
    """
    file = directory / CHOICE
    if not file.is_file():
        raise ResultsError(f"{directory} has no {CHOICE}: `regretta tune` did not get that far, or was not run")
    try:
        content = json.loads(read_content(file, LARGEST))
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{file} is damaged: it is not JSON; move it away and tune again") from error
    parts = (SEAL, SETTINGS, SETTINGS_SEAL)
    if not isinstance(content, dict) or any(part not in content for part in parts):
        raise ResultsError(
            f"{file} is damaged: expected a choice and its settings with their hashes; move it away and tune again"
        )
    seal, settings, settings_seal = (content.pop(part) for part in parts)
    if seal != _hash(content) or settings_seal != _hash(settings) or not isinstance(settings, dict):
        raise ResultsError(f"{file} was changed after it was written; move it away and tune again")
    return content | {SEAL: seal, SETTINGS: settings, SETTINGS_SEAL: settings_seal}


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def this_version() -> str:
    """Return the version of Regretta."""
    return version("regretta")
