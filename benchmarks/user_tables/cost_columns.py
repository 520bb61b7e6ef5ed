"""Check the columns that hold the costs of a table, before the file is read."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchmarks.errors import BenchmarkError
from benchmarks.user_tables.notation import ColumnSpec

MOST_OPTIONS = 4
"""The largest number of options that a message writes out."""


def check_cost_columns(signal: Sequence[ColumnSpec], costs: Sequence[ColumnSpec]) -> None:
    """Check that each fidelity of the search signal has a cost of its own, which fits its repeats.

    Raises
    ------
    BenchmarkError
        If there are costs, and it is otherwise.
    """
    repeats = {part.fidelity: len(part.columns) for part in signal}
    if costs and {part.fidelity for part in costs} != repeats.keys():
        raise _other_fidelities(signal, costs)
    _refuse_equal_costs(costs)
    for part in costs:
        if len(part.columns) not in (1, repeats[part.fidelity]):
            at = "" if part.fidelity is None else f" at {part.fidelity:g} epochs"
            many = repeats[part.fidelity]
            wanted = "one column" if many == 1 else f"1 column for all repeats or {many}, one for each"
            raise BenchmarkError(f"--cost{at}: expected {wanted}, got {len(part.columns)}: {part}")


def _other_fidelities(signal: Sequence[ColumnSpec], costs: Sequence[ColumnSpec]) -> BenchmarkError:
    """Return the refusal of costs that have other fidelities than the search signal."""
    told, charged = _fidelities(signal), _fidelities(costs)
    if not told:
        return BenchmarkError(
            f"--cost: the search signal is given without @EPOCHS, but the costs have {_epochs(charged)} epochs; give"
            " both with @EPOCHS, or both without"
        )
    only = {"missing": set(told) - set(charged), "not in the signal": set(charged) - set(told)}
    differences = "; ".join(f"{word}: {_epochs(fidelities)}" for word, fidelities in only.items() if fidelities)
    return BenchmarkError(
        f"--cost: the signal has {_epochs(told)} epochs; the costs have {_epochs(charged)}; {differences}. Give each"
        f" fidelity of the search signal a cost, as --cost COLUMN@EPOCHS, or omit all costs{_advice(told, costs)}"
    )


def _refuse_equal_costs(costs: Sequence[ColumnSpec]) -> None:
    """Refuse a column that is the whole cost at several fidelities, so that a short training costs as much."""
    for part in costs:
        same = [one for one in costs if one.factor == part.factor and set(one.columns) & set(part.columns)]
        if len(same) > 1:
            longest = max(_fidelities(same))
            kept = [one for one in costs if one not in same or one.fidelity == longest]
            raise BenchmarkError(
                f"--cost: {' and '.join(map(str, same))} charge the same time for different epochs; charge a share of"
                f" it for the shorter training{_advice(_fidelities(costs), kept)}"
            )


def _advice(fidelities: Sequence[float], costs: Sequence[ColumnSpec]) -> str:
    """Return the advice to charge a share of the longest training where no cost is given; empty if it has no cost.

    A cost without fidelity is taken as that of the longest training.
    """
    known = {part.fidelity or max(fidelities): part for part in costs}
    end = max(known)
    if end != max(fidelities):
        return ""
    whole, columns = known[end], ",".join(known[end].columns)
    options = [
        str(replace(known[one], fidelity=one)) if one in known else f"{whole.factor * one:g}/{end:g}*{columns}@{one:g}"
        for one in sorted(fidelities)
    ]
    words = [f"--cost {shlex.quote(option)}" for option in options]
    if len(words) > MOST_OPTIONS:
        words[MOST_OPTIONS - 2 : -1] = ["..."]
    return f". If all epochs take the same time, write {' '.join(words)}"


def _fidelities(parts: Sequence[ColumnSpec]) -> list[float]:
    return [part.fidelity for part in parts if part.fidelity is not None]


def _epochs(fidelities: Iterable[float]) -> str:
    return ", ".join(f"{one:g}" for one in sorted(fidelities)) or "no @EPOCHS"
