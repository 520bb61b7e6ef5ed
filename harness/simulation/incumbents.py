"""Incumbents: what the algorithm's user would hold in hand, chosen by observed error."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def incumbents(
    fidelity: NDArray[np.float64], observed_error: NDArray[np.float64], rule: Literal["highest", "any"]
) -> NDArray[np.int64]:
    """Position of the incumbent after each completed evaluation.

    It is the lowest observed error at the highest fidelity seen so far, or at ``any``; the first of equals. Its
    observed error never rises within one fidelity; its true error may.

    Parameters
    ----------
    fidelity, observed_error : array, ``(n,)``
        Of the completed evaluations, in the order of their completion.
    rule : {"highest", "any"}

    Returns
    -------
    array of int, ``(n,)``
    """
    order = np.lexsort((observed_error, -fidelity)) if rule == "highest" else np.argsort(observed_error, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best: NDArray[np.int64] = order[np.minimum.accumulate(rank)]
    return best
