"""Check a JSON value against a JSON schema, as far as our schemas go."""

from __future__ import annotations

from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, at: str = "$") -> list[str]:
    """Return where a value does not match a schema. A key that the schema does not name is a problem, too."""
    root = schema if root is None else root
    if "$ref" in schema:
        return problems(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema:
        found = [problems(value, part, root, at) for part in schema["anyOf"]]
        return [] if [] in found else min(found, key=len)
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is not in {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{at}: {value!r} is not {schema['const']!r}"]
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(fits(value, kind) for kind in kinds):
        return [f"{at}: {value!r} is no {' or '.join(kinds)}"]
    if isinstance(value, list):
        parts = schema.get("prefixItems")
        each = parts or [schema.get("items", {})] * len(value)
        if parts and len(parts) != len(value):
            return [f"{at}: {len(value)} items instead of {len(parts)}"]
        pairs = zip(value, each, strict=True)
        return [p for i, (v, part) in enumerate(pairs) for p in problems(v, part, root, f"{at}[{i}]")]
    if isinstance(value, dict):
        return in_object(value, schema, root, at)
    return []


def fits(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and not (isinstance(value, bool) and kind in ("integer", "number"))


def in_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    known, more = schema.get("properties"), schema.get("additionalProperties", True)
    if known is None:
        part = more if isinstance(more, dict) else {}
        return [p for key, v in value.items() for p in problems(v, part, root, f"{at}.{key}")]
    found = [f"{at}: {key!r} is missing" for key in schema.get("required", []) if key not in value]
    found += [f"{at}: {key!r} is not in the schema" for key in value if key not in known]
    return found + [p for key in value if key in known for p in problems(value[key], known[key], root, f"{at}.{key}")]
