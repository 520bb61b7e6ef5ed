"""Write values as TOML, such as the table of an algorithm in an experiment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that needs no quotes."""


def toml_value(value: Any) -> str:
    """Write a value as TOML, which agrees with JSON but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(toml_pairs(value)) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False)


def toml_key(key: str) -> str:
    """Write a key, in quotes if it needs them."""
    return key if BARE.fullmatch(key) else toml_value(key)


def toml_pairs(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield ``key = value`` for every entry. TOML has no null: entries that are None are left out."""
    for key, value in table.items():
        if value is not None:
            yield f"{toml_key(key)} = {toml_value(value)}"
