"""Products of named choices of which some are ordered, or apply only for some values of another choice."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.structures import Choices, Structure
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Architecture, ChoiceSpace
from benchmarks.spaces.constrained import ConstrainedSpace
from benchmarks.spaces.operations import Operations, operations_of_choices

Rules = tuple[tuple[int, int, frozenset[int]], ...]


class StructuredChoiceSpace(ConstrainedSpace, ChoiceSpace):
    """Named choices with an order or with conditions.

    An edit changes one choice that applies: an ordered one by one step, another one to any other value. If a condition
    then begins to hold, the choice that begins to apply takes each of its values in turn; if it ceases to hold, the
    choice becomes absent. So every architecture is a neighbour of its neighbours.

    Parameters
    ----------
    name : str
    choices : mapping
        Values of each position, by its name. The values of an ordered one ascend.
    ordered : sequence of str
        Names of ordered choices.
    conditions : mapping
        By the name of a choice that does not always apply: another choice, and the values of it for which this one
        applies. Elsewhere this choice has the value `absent`.
    absent : str
        The value of a choice that does not apply.

    Raises
    ------
    BenchmarkError
        If a condition is circular, or a choice lacks the value `absent` or any other value.
    """

    encodings = ("one_hot", "ordinal", "thermometer")
    distance = "thermometer"

    ordered: tuple[str, ...]
    conditions: Mapping[str, tuple[str, tuple[str, ...]]]
    absent: str
    _ordered: frozenset[int]
    _rules: Rules
    _absent: tuple[int, ...]
    _counts: tuple[tuple[int, ...], ...]
    _order: tuple[int, ...]

    def __init__(
        self,
        name: str,
        choices: Mapping[str, Sequence[object]],
        ordered: Sequence[str] = (),
        conditions: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        absent: str = "",
    ) -> None:
        super().__init__(name, choices)
        held = {key: (other, tuple(values)) for key, (other, values) in (conditions or {}).items()}
        places = {key: position for position, key in enumerate(self.choices)}
        rules = []
        for key in _in_order(name, held):
            other, values = held[key]
            own, its = self.choices[key], self.choices[other]
            if absent not in own or len(own) < 2:
                raise BenchmarkError(
                    f"space {name!r}: expected the choice {key!r} to have the value {absent!r}, where it does not"
                    f" apply, and another value; got {', '.join(own)}"
                )
            rules.append((places[key], places[other], frozenset(its.index(value) for value in values)))
        self._hold(
            ordered=tuple(ordered),
            conditions=MappingProxyType(held),
            absent=absent,
            edits_one_position=not rules,
            _ordered=frozenset(places[key] for key in ordered),
            _rules=tuple(rules),
            _absent=tuple(values.index(absent) if key in held else -1 for key, values in self.choices.items()),
        )
        counts = _below(self)
        dependent = {position for position, _, _ in rules}
        order = [position for position in range(len(counts)) if position not in dependent]
        self._hold(
            size=math.prod(sum(counts[position]) for position in order),
            _counts=counts,
            _order=(*order, *(position for position, _, _ in rules)),
        )

    def __getstate__(self) -> dict[str, object]:
        return vars(self) | {"conditions": dict(self.conditions)}  # a mapping proxy cannot be pickled

    def __setstate__(self, state: dict[str, object]) -> None:
        self._hold(**state)
        self._hold(conditions=MappingProxyType(dict(self.conditions)))

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw a valid architecture uniformly."""
        values = [0] * len(self.cardinalities)
        rules = {position: (other, allowed) for position, other, allowed in self._rules}
        for position, uniform in zip(self._order, rng.random(len(values)).tolist(), strict=True):
            other, allowed = rules.get(position, (position, frozenset({0})))
            if values[other] not in allowed:
                values[position] = self._absent[position]
                continue
            counts = [0 if v == self._absent[position] else n for v, n in enumerate(self._counts[position])]
            values[position] = bisect_right(list(itertools.accumulate(counts)), uniform * sum(counts))
        return tuple(values)

    def is_valid(self, architecture: Architecture) -> bool:
        """Return whether the tuple has known values, and absent ones exactly where a choice does not apply."""
        return ChoiceSpace.is_valid(self, architecture) and all(
            (architecture[other] in values) == (architecture[position] != self._absent[position])
            for position, other, values in self._rules
        )

    def valid(self, genotypes: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each row of ``(n, n_positions)`` is valid, ``(n,)``."""
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        valid = np.ones(len(rows), dtype=np.bool_)
        for position, other, values in self._rules:
            valid &= np.isin(rows[:, other], list(values)) == (rows[:, position] != self._absent[position])
        return valid

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the values of the choices that apply. See :meth:`ChoiceSpace.operations`."""
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        return operations_of_choices(self.choices, rows, self.absent if self.conditions else None)

    def structure(self, architecture: Architecture) -> Structure:
        """Return the choices and their values. Those that do not apply have no value."""
        places = zip(self._choices, architecture, self._absent, strict=True)
        return Choices(tuple((key, None if v == absent else values[v]) for (key, values), v, absent in places))

    def _edits(self, architecture: Architecture, position: int) -> list[Architecture]:
        if architecture[position] == self._absent[position]:
            return []  # it does not apply
        before, after = architecture[:position], architecture[position + 1 :]
        children: list[Architecture] = []
        for value in self._values_near(architecture[position], position):
            children += self._completed((*before, value, *after))
        return children

    def _values_near(self, value: int, position: int) -> list[int]:
        """Return the values to which an edit may change a choice that applies."""
        others = [v for v in range(self.cardinalities[position]) if v not in (value, self._absent[position])]
        if position not in self._ordered:
            return others
        steps = [v for v in range(self.cardinalities[position]) if v != self._absent[position]]
        place = steps.index(value)
        return steps[max(place - 1, 0) : place] + steps[place + 1 : place + 2]

    def _completed(self, architecture: Architecture) -> list[Architecture]:
        """Return the valid architectures that follow from a change, in a fixed order."""
        found = [architecture]
        for position, other, values in self._rules:
            longer: list[Architecture] = []
            for one in found:
                absent = one[position] == self._absent[position]
                if (one[other] in values) != absent:
                    longer.append(one)
                    continue
                all_values = range(self.cardinalities[position])
                new = [v for v in all_values if v != self._absent[position]] if absent else [self._absent[position]]
                longer += [(*one[:position], value, *one[position + 1 :]) for value in new]
            found = longer
        return found

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode architectures as features for a predictor.

        Parameters
        ----------
        genotypes : array-like, ``(n, n_positions)``
        encoding : str
            ``thermometer``: as ``one_hot``, but an ordered choice has one column per step, 1 for all steps up to its
            value. Two architectures differ in as many of these columns as there are steps between them, and in two per
            unordered choice. For the other encodings, see :meth:`benchmarks.spaces.base.SearchSpace.encode`.
        """
        if encoding != "thermometer":
            return super().encode(genotypes, encoding)
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        columns = []
        for position, count in enumerate(self.cardinalities):
            values = rows[:, [position]]
            if position in self._ordered:
                steps = np.array([v for v in range(count) if v != self._absent[position]][1:], dtype=np.int64)
                columns.append((values >= steps) & (values != self._absent[position]))
                if self._absent[position] >= 0:
                    columns.append(values == self._absent[position])
            else:
                columns.append(values == np.arange(count))
        return np.hstack(columns).astype(np.float32)


def _in_order(name: str, conditions: Mapping[str, tuple[str, tuple[str, ...]]]) -> list[str]:
    """Return the conditional choices so that each comes after the choice on which it depends."""
    order: list[str] = []
    waiting = list(conditions)
    while waiting:
        ready = [key for key in waiting if conditions[key][0] not in waiting]
        if not ready:
            raise BenchmarkError(f"space {name!r}: the conditions of {', '.join(waiting)} depend on each other")
        order += ready
        waiting = [key for key in waiting if key not in ready]
    return order


def _below(space: StructuredChoiceSpace) -> tuple[tuple[int, ...], ...]:
    """Count, for each value of each position, the valid combinations of it and the choices that depend on it."""
    counts = [[1] * count for count in space.cardinalities]
    for position, other, values in reversed(space._rules):
        absent = space._absent[position]
        applies = sum(count for value, count in enumerate(counts[position]) if value != absent)
        for value in range(space.cardinalities[other]):
            counts[other][value] *= applies if value in values else counts[position][absent]
    return tuple(map(tuple, counts))
