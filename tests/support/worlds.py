"""A world of four architectures that is worked by hand, and an oracle that goes through every outcome."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from benchmarks.benchmark import Facts
from benchmarks.spaces.base import ChoiceSpace
from benchmarks.table import build_table


def make_world(errors, *, shape=(2, 2), fidelities=(1.0, 2.0), low=None, test=None, repeats=1):
    """A table on a product space: errors at the highest fidelity, and at the lowest if they differ."""
    names = {f"x{i}": range(size) for i, size in enumerate(shape)}
    facts = Facts(
        name="world", title="World", dataset="world", space="world", metric="error", unit="fraction",
        valid_range=(0.0, 1.0), fidelities=fidelities, continuable=True, provenance="synthetic", licence="none",
        citation="none", source="test", data_hash="0", repeats=(repeats, repeats), has_seconds=False,
    )  # fmt: skip
    high = np.array(errors, dtype=np.float64).reshape(np.prod(shape), -1)
    lowest = high if low is None else np.array(low, dtype=np.float64).reshape(len(high), -1)
    tests = None if test is None else {fidelities[-1]: np.array(test, dtype=np.float64)}
    by_fidelity = {f: high if f == fidelities[-1] else lowest for f in fidelities}
    return build_table(facts, ChoiceSpace("world", names), by_fidelity, {}, tests)


def square():
    """The square of exact.md: regrets of 0, 2, 3 and 1 tenths, with local optima at both ends of a diagonal."""
    return make_world([0.1, 0.3, 0.4, 0.2], low=[0.4, 0.3, 0.2, 0.1])


def every_outcome(neighbours, observed, initial, *, full, evaluations):
    """Yield the distribution of the incumbent of local search without memory, by going through every outcome.

    A state is (drawn so far or None, current, neighbours asked, best of the round, incumbent).
    """
    n = len(observed)
    size = min(initial, n)
    states = {(frozenset(), None, frozenset(), None, None): 1.0}
    for _ in range(evaluations):
        after = defaultdict(float)
        for (drawn, current, asked, best, incumbent), chance in states.items():
            open_ = [a for a in range(n) if a not in drawn] if current is None else set(neighbours[current]) - asked
            for a in open_:
                held = a if incumbent is None or observed[a] < observed[incumbent] else incumbent
                first = a if best is None or observed[a] < observed[best] else best
                state = _next(drawn, current, asked, first, a, neighbours, observed, size, full)
                after[(*state, held)] += chance / len(open_)
        states = after
        law = np.zeros(n)
        for (*_, incumbent), chance in states.items():
            law[incumbent] += chance
        yield law


def _next(drawn, current, asked, best, a, neighbours, observed, size, full):
    fresh = (frozenset(), None, frozenset(), None)
    if current is None:
        drawn = drawn | {a}
        return (drawn, None, frozenset(), best) if len(drawn) < size else _at(best, neighbours, fresh)
    asked = asked | {a}
    if not full and observed[a] < observed[current]:
        return _at(a, neighbours, fresh)
    if len(asked) < len(neighbours[current]):
        return (frozenset(), current, asked, best)
    return _at(best, neighbours, fresh) if observed[best] < observed[current] else fresh


def _at(a, neighbours, fresh):
    return (frozenset(), a, frozenset(), None) if neighbours[a] else fresh
