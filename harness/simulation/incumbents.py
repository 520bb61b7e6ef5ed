"""Incumbents: the architectures that the algorithm's user would choose, by observed error."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def incumbents(
    fidelity: NDArray[np.float64], observed_error: NDArray[np.float64], rule: Literal["highest", "any", "last"]
) -> NDArray[np.int64]:
    """Return the position of the incumbent after each completed evaluation.

    The incumbent has the lowest observed error at the highest fidelity seen so far, or at any fidelity. Among equals it
    is the first. Its observed error never rises within one fidelity, but its true error may. With the rule ``last``, it
    is the latest choice, which a one-shot method would hand over.

    Parameters
    ----------
    fidelity, observed_error : array, ``(n,)``
        Fidelities and observed errors of the completed evaluations, in the order of completion.
    rule : {"highest", "any", "last"}

    Returns
    -------
    array of int, ``(n,)``
    """
    if rule == "last":
        return np.arange(len(fidelity), dtype=np.int64)
    order = np.lexsort((observed_error, -fidelity)) if rule == "highest" else np.argsort(observed_error, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best: NDArray[np.int64] = order[np.minimum.accumulate(rank)]
    return best
