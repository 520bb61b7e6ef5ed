"""The operations of the cells of an architecture, read from the literature's notation."""

from __future__ import annotations

import re
from collections import Counter

from benchmarks.spaces.operations import PARAMETER_FREE

_NAMES = (
    "skip_connect",
    "max_pool_3x3",
    "avg_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
    "nor_conv_1x1",
    "nor_conv_3x3",
    "maxpool3x3",
    "conv3x3-bn-relu",
    "conv1x1-bn-relu",
    "none",
)
_OPERATION = re.compile(rf"(?<![\w-])(?:{'|'.join(_NAMES)})(?![\w-])")
_DARTS_CELL = re.compile(r"(normal|reduce)=\[(.*?\))\]")


def operations_by_cell(text: str) -> dict[str, Counter[str]]:
    """Count the operations of an architecture in each of its cells.

    Parameters
    ----------
    text : str
        In the notation of the DARTS space, NAS-Bench-201, NAS-Bench-101 or NAS-Bench-1Shot1.

    Returns
    -------
    dict
        ``normal`` and ``reduce`` for the DARTS space, and ``cell`` for the others. Empty if the notation names none of
        their operations.
    """
    cells = _DARTS_CELL.findall(text) or [("cell", text)]
    found = {name: Counter(_OPERATION.findall(content)) for name, content in cells}
    return {name: counts for name, counts in found.items() if counts}


def skips_and_free_share(text: str) -> dict[str, tuple[int, float]]:
    """Return the number of skip connections and the share of parameter-free operations of each cell."""
    found = {}
    for name, counts in operations_by_cell(text).items():
        free = sum(number for operation, number in counts.items() if operation in PARAMETER_FREE)
        found[name] = counts["skip_connect"], free / counts.total()
    return found
