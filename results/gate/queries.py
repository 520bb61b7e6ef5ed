"""The queries of a cell's trials as a short text, so that a baseline can show what an algorithm asked before."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 1 << 28
"""Bytes of the queries of a cell, at most: a damaged or hostile text must not fill the memory."""


class Asked(NamedTuple):
    """A query of an algorithm: the genotype, and the fidelity to train to."""

    architecture: tuple[int, ...]
    fidelity: float


def packed(architectures: NDArray[np.int16], fidelities: NDArray[np.float64], counts: Mapping[int, int]) -> str:
    """Write the queries of all trials of a cell, one after another.

    Parameters
    ----------
    architectures : array, ``(n, n_positions)``
    fidelities : array, ``(n,)``
    counts : mapping
        Number of queries by trial, in the order of the arrays.
    """
    different, codes = np.unique(fidelities, return_inverse=True)
    columns = np.concatenate([codes[:, None], architectures], axis=1).T
    kind = "<i1" if columns.size and abs(columns).max() < 128 else "<i2"
    head = json.dumps([architectures.shape[1], kind, different.tolist(), list(counts.items())]).encode()
    body = zlib.compress(head + b"\n" + np.ascontiguousarray(columns.astype(kind)).tobytes(), 9)
    return base64.b64encode(body).decode()


def unpacked(text: str) -> dict[int, list[Asked]]:
    """Read the queries of all trials of a cell, by trial.

    Raises
    ------
    ValueError
        If the text was not written by `packed`.
    """
    try:
        opened = zlib.decompressobj()
        content = opened.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
        head, _, body = content.partition(b"\n")
        width, kind, different, counts = json.loads(head)
        columns = np.frombuffer(body, dtype={"<i1": "<i1", "<i2": "<i2"}[kind]).reshape(width + 1, -1)
        if columns.shape[1] != sum(count for _, count in counts):
            raise ValueError("another number of queries than stated")
        asked = [Asked(tuple(genotype), float(different[code])) for code, *genotype in columns.T.tolist()]
    except (zlib.error, TypeError, LookupError, ValueError, OverflowError) as error:
        raise ValueError(f"the queries cannot be read: {error}") from error
    found, begin = {}, 0
    for trial, count in counts:
        found[trial] = asked[begin : begin + count]
        begin += count
    return found
