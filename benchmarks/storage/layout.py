"""Store the space and the row index of an imported table, unless the name of the space determines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.registry import ROW_INDEXES, SPACES, load_space, resolve
from benchmarks.spaces.base import ChoiceSpace, SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from benchmarks.table import Kind, RowIndex

Arrays = Mapping[str, NDArray[Any]]
DTYPES = {"members": np.int16, "hashes": np.uint64, "cells": np.int64, "rows": np.int32}


def array_dtype(kind: Kind, key: str) -> np.dtype[Any]:
    """Return the dtype of a stored array: bytes for a model, that of ``DTYPES`` for the layout, else 64-bit floats."""
    return np.dtype({"layout": DTYPES.get(key), "model": np.uint8}.get(kind, np.float64))


def describe(space: SearchSpace, index: RowIndex | None) -> tuple[dict[str, Any] | None, dict[str, NDArray[Any]]]:
    """Describe a space as JSON, and collect the arrays of the space and the row index.

    The description is None if the name of the space determines it.
    """
    arrays = {} if index is None else index.arrays()
    if isinstance(space, PoolSpace):
        inner, _ = describe(space.of, None)
        arrays = {"members": np.asarray(space.members, dtype=np.int16)} | arrays
        return {"pool_of": inner or space.of.name, "neighbours": space.n_neighbours}, arrays
    if isinstance(space, ChoiceSpace) and space.name not in SPACES:
        choices = {key: list(values) for key, values in space.choices.items()}
        return {"name": space.name, "choices": choices, **_structure(space)}, arrays
    return None, arrays


def _structure(space: ChoiceSpace) -> dict[str, Any]:
    """Describe the order and the conditions of choices."""
    if not isinstance(space, StructuredChoiceSpace):
        return {}
    conditions = {key: [other, list(values)] for key, (other, values) in space.conditions.items()}
    return {"ordered": list(space.ordered), "conditions": conditions, "absent": space.absent}


def count_rows(name: str, description: Any, shapes: Mapping[str, tuple[int, ...]], errors: tuple[int, ...]) -> int:
    """Return the number of rows that the arrays of a table must have.

    Parameters
    ----------
    name : str
        Name of the space.
    description : dict or None
        As from :func:`describe`.
    shapes : mapping
        Shapes of the arrays of the layout, by name.
    errors : tuple of int
        Shape of an array of errors. It determines the number of rows if architectures share rows.

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    for key, axis in (("members", 0), ("hashes", 1)):
        if key in shapes:
            return (*shapes[key], 0, 0)[axis]
    if "rows" in shapes:
        return (*errors, 0)[0]
    size = _space(name, description, {}).size
    return 0 if size is None else size


def restore(name: str, description: Any, arrays: Arrays) -> tuple[SearchSpace, RowIndex | None]:
    """Make the space called ``name`` and its row index from the result of :func:`describe`.

    Raises
    ------
    BenchmarkError
        If the description and the arrays do not fit together.
    """
    for key, values in arrays.items():
        if values.dtype != DTYPES.get(key):
            raise BenchmarkError(f"array {key!r} of type {values.dtype} does not describe a space or its rows")
    try:
        space = _space(name, description, arrays)
        of_index = {key: values for key, values in arrays.items() if key != "members"}
        for key, reference in ROW_INDEXES.items():
            if key in of_index:
                return space, resolve(reference)(space, **of_index)
    except (KeyError, TypeError, ValueError) as error:
        raise BenchmarkError(f"the description of space {name!r} is damaged: {error}") from error
    return space, None


def _space(name: str, description: Any, arrays: Arrays) -> SearchSpace:
    match description:
        case None:
            return load_space(name)
        case {"pool_of": str() as of, "neighbours": int() as k}:
            return PoolSpace(name, load_space(of), arrays["members"], k)
        case {"pool_of": {"name": str() as inner} as of, "neighbours": int() as k}:
            return PoolSpace(name, _space(inner, of, {}), arrays["members"], k)
        case {"choices": dict() as choices, "ordered": list() as ordered, "conditions": dict() as conditions}:
            return StructuredChoiceSpace(name, choices, ordered, conditions, str(description.get("absent", "")))
        case {"choices": dict() as choices}:
            return ChoiceSpace(name, choices)
    raise BenchmarkError(f"{description!r} does not describe a space")
