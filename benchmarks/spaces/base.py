"""Search spaces: sets of architectures, with sampling, mutation, neighbours and encodings."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from operator import contains, mul
from types import MappingProxyType
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.drawings.pictures import Picture
from benchmarks.drawings.registry import draw
from benchmarks.drawings.structures import Choices, Structure
from benchmarks.errors import BenchmarkError, UnknownNameError, few, unknown_name
from benchmarks.spaces.operations import Operations, operations_of_choices

Architecture = tuple[int, ...]
"""The genotype of a network: a fixed-length tuple of small ints."""

Genotypes = NDArray[np.int16]
"""Architectures as an array, ``(n, n_positions)``."""

Mutation = Callable[[Architecture, np.random.Generator], Architecture]
"""A mutation operator: ``f(architecture, rng)`` returns a valid architecture, which may be the same one."""
LISTABLE = 20_000_000
"""The largest number of combinations of choices that is enumerated to list a space."""


class SearchSpace(ABC):
    """A set of architectures. The defaults are those of a product of independent choices.

    All trials of a process share one object, so a space is immutable. A subclass sets its attributes in ``__init__``
    by :meth:`_hold`, as tuples, numbers and strings.

    Attributes
    ----------
    name : str
    cardinalities : tuple of int
        Number of values at each position of a genotype.
    size : int or None
        Number of valid genotypes. None if unknown.
    encodings : tuple of str
        Encodings that :meth:`encode` accepts.
    lossy_encodings : tuple of str
        The encodings that give some different architectures the same features.
    symmetric : bool
        Whether every architecture is a neighbour of its neighbours.
    edits_one_position : bool
        Whether neighbours differ in exactly one position of the genotype.
    mutations : mapping
        The mutation operators that :meth:`mutation` accepts, and the method of each.
    distance : str
        An encoding with features 0 and 1. The distance of two architectures is the number of features that differ.
    """

    encodings: tuple[str, ...] = ("one_hot", "ordinal")
    lossy_encodings: tuple[str, ...] = ()
    symmetric: bool = True
    edits_one_position: bool = True
    mutations: Mapping[str, str] = MappingProxyType({"one_edit": "mutate"})
    distance: str = "one_hot"

    name: str
    cardinalities: tuple[int, ...]
    size: int | None
    _values: tuple[frozenset[int], ...]
    _equal: frozenset[int] | None
    _mutable: tuple[int, ...]
    _strides: tuple[int, ...]

    def __init__(self, name: str, cardinalities: Sequence[int]) -> None:
        counts = tuple(int(c) for c in cardinalities)
        self._hold(
            name=name,
            cardinalities=counts,
            size=math.prod(counts),
            _values=tuple(frozenset(range(c)) for c in counts),
            _equal=frozenset(range(counts[0])) if len(set(counts)) == 1 else None,
            _mutable=tuple(i for i, c in enumerate(counts) if c > 1),
            _strides=tuple(math.prod(counts[i + 1 :]) for i in range(len(counts))),
        )

    def _hold(self, **attributes: object) -> None:
        """Set attributes of this immutable object."""
        for name, value in attributes.items():  # vars(self).update() would make every later look-up slower
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"{name!r} cannot be set: space {self.name!r} is shared by all trials and is immutable; keep state in the"
            " algorithm instead"
        )

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name!r} cannot be deleted: space {self.name!r} is shared by all trials")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, cardinalities={self.cardinalities})"

    def _repr_html_(self) -> str:
        from benchmarks.spaces.description import space_html

        return space_html(self)

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw a valid architecture uniformly."""
        uniform = rng.random(len(self.cardinalities)).tolist()
        return tuple([int(u * c) for u, c in zip(uniform, self.cardinalities, strict=True)])

    def mutate(self, architecture: Architecture, rng: np.random.Generator) -> Architecture:
        """Change one uniformly drawn position to another, uniformly drawn value.

        Raises
        ------
        BenchmarkError
            If the space has a single architecture.
        """
        if not self._mutable:
            raise BenchmarkError(f"space {self.name!r} has a single architecture: there is nothing to mutate")
        # A scalar rng.random() is five times as fast as rng.integers(); its bias is below 2 ** -50.
        position = self._mutable[int(rng.random() * len(self._mutable))]
        value = int(rng.random() * (self.cardinalities[position] - 1))
        value += value >= architecture[position]
        return (*architecture[:position], value, *architecture[position + 1 :])

    def mutation(self, name: str) -> Mutation:
        """Return a mutation operator by its name. Every space has ``one_edit``, which is :meth:`mutate`.

        Raises
        ------
        UnknownNameError
            If this space does not have that operator.
        """
        if name not in self.mutations:
            raise UnknownNameError(unknown_name(f"mutation of space {self.name!r}", name, self.mutations))
        operator: Mutation = getattr(self, self.mutations[name])
        return operator

    def _change_each(
        self, architecture: Architecture, rng: np.random.Generator, probabilities: NDArray[np.float64] | float
    ) -> Architecture:
        """Change each position with its probability to another, uniformly drawn value.

        The positions are independent, so there may be several changes, or none. The draw is repeated until the child is
        valid.
        """
        while True:
            changed = np.flatnonzero(rng.random(len(architecture)) < probabilities)
            child = list(architecture)
            for position in changed.tolist():
                value = int(rng.random() * (self.cardinalities[position] - 1))
                child[position] = value + (value >= child[position])
            if self.is_valid(tuple(child)):
                return tuple(child)

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """Return all valid architectures that are one edit away, in a fixed order."""
        return [
            (*architecture[:position], value, *architecture[position + 1 :])
            for position, cardinality in enumerate(self.cardinalities)
            for value in range(cardinality)
            if value != architecture[position]
        ]

    def is_valid(self, architecture: Architecture) -> bool:
        """Return whether the tuple is an architecture of this space."""
        if self._equal is not None:  # positions with the same values are checked at once, in half of the time
            return len(architecture) == len(self.cardinalities) and self._equal.issuperset(architecture)
        return len(architecture) == len(self.cardinalities) and all(map(contains, self._values, architecture))

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return the representative of all genotypes that describe the same network. By default, all differ."""
        return architecture

    def index(self, architecture: Architecture) -> int:
        """Return the row of an architecture in :meth:`enumerate`."""
        return sum(map(mul, architecture, self._strides))

    def indices(self, genotypes: ArrayLike) -> NDArray[np.int64]:
        """Return the rows ``(n,)`` of many architectures ``(n, n_positions)`` in :meth:`enumerate`."""
        digits = np.asarray(genotypes, dtype=np.int64).reshape(-1, len(self._strides))
        rows: NDArray[np.int64] = digits @ np.asarray(self._strides)
        return rows

    def enumerate(self) -> Genotypes:
        """Return all genotypes, ``(size, n_positions)``, the last position varying fastest.

        Raises
        ------
        BenchmarkError
            If there are too many to list.
        """
        if self.size is None or self.size > LISTABLE:
            raise self.too_many_to_list(self.size)
        grid = np.indices(self.cardinalities, dtype=np.int16)
        return np.ascontiguousarray(grid.reshape(len(self.cardinalities), -1).T)

    def too_many_to_list(self, size: int | None) -> BenchmarkError:
        """Make the error for a space with more genotypes than :data:`LISTABLE`."""
        number = "an unknown number of" if size is None else f"{size:,}"
        return BenchmarkError(
            f"space {self.name!r} has {number} genotypes, too many to list; draw from it with sample()"
        )

    def encode(self, genotypes: ArrayLike, encoding: str) -> NDArray[np.float32]:
        """Encode architectures as features for a predictor.

        Parameters
        ----------
        genotypes : array-like, ``(n, n_positions)``
        encoding : str
            ``one_hot``: one column per value, ``(n, sum(cardinalities))``. ``ordinal``: one column per position,
            scaled to [0, 1], ``(n, n_positions)``.

        Raises
        ------
        UnknownNameError
            If this space does not have that encoding.
        """
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        if encoding == "one_hot":
            columns = [rows[:, [i]] == np.arange(c) for i, c in enumerate(self.cardinalities)]
            return np.hstack(columns).astype(np.float32)
        if encoding == "ordinal":
            highest = np.maximum(np.asarray(self.cardinalities) - 1, 1)
            scaled: NDArray[np.float32] = (rows / highest).astype(np.float32)
            return scaled
        raise BenchmarkError(unknown_name(f"encoding of space {self.name!r}", encoding, self.encodings))

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the operation at each position. By default, each position has its own operations, without names.

        Parameters
        ----------
        genotypes : array-like, ``(n, n_positions)``
        """
        rows = np.asarray(genotypes).reshape(-1, len(self.cardinalities))
        places = [(position, value) for position, count in enumerate(self.cardinalities) for value in range(count)]
        return Operations(
            names=tuple(f"position {position + 1}={value}" for position, value in places),
            positions=tuple(f"position {position + 1}" for position in range(len(self.cardinalities))),
            codes=(rows + np.cumsum([0, *self.cardinalities[:-1]])).astype(np.int16),
            pools=tuple(position for position, _ in places),
            cells=(len(self.cardinalities),),
        )

    def structure(self, architecture: Architecture) -> Structure:
        """Return what the architecture consists of, from which it is drawn. By default, the choice at each position."""
        operations = self.operations([architecture])
        codes = operations.codes[0].tolist()
        values = [None if code < 0 else operations.names[code] for code in codes]
        pairs = zip(operations.positions, values, strict=True)
        return Choices(tuple((name, value and value.removeprefix(f"{name}=")) for name, value in pairs))

    def picture(self, architecture: Architecture) -> Picture:
        """Draw the architecture as the literature does. A notebook shows the picture; its `svg` writes it.

        Raises
        ------
        BenchmarkError
            If it is not an architecture of this space.
        """
        if not self.is_valid(architecture):
            raise BenchmarkError(
                f"expected an architecture of space {self.name!r}, which has {len(self.cardinalities)} positions, got"
                f" {tuple(architecture)}; from_string() reads the literature's notation"
            )
        return draw(self.structure(architecture), self.to_string(architecture))

    @abstractmethod
    def to_string(self, architecture: Architecture) -> str:
        """Write the architecture in the literature's notation."""

    @abstractmethod
    def from_string(self, text: str) -> Architecture:
        """Read an architecture in the literature's notation.

        Raises
        ------
        BenchmarkError
            If the text is not an architecture of this space.
        """


class ChoiceSpace(SearchSpace):
    """A product of named choices, written as ``name=value`` pairs separated by commas.

    Parameters
    ----------
    name : str
    choices : mapping
        Values of each position, by its name.
    """

    _choices: tuple[tuple[str, tuple[str, ...]], ...]

    def __init__(self, name: str, choices: Mapping[str, Sequence[object]]) -> None:
        super().__init__(name, [len(values) for values in choices.values()])
        self._hold(_choices=tuple((key, tuple(map(str, values))) for key, values in choices.items()))

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Values of each position as text, by its name; read-only."""
        return MappingProxyType(dict(self._choices))

    def operations(self, genotypes: ArrayLike) -> Operations:
        """Return the values of the choices. See :func:`benchmarks.spaces.operations.operations_of_choices`."""
        return operations_of_choices(self.choices, np.asarray(genotypes).reshape(-1, len(self.cardinalities)))

    def structure(self, architecture: Architecture) -> Structure:
        """Return the choices and their values."""
        pairs = zip(self._choices, architecture, strict=True)
        return Choices(tuple((key, values[value]) for (key, values), value in pairs))

    def to_string(self, architecture: Architecture) -> str:
        """Write ``name=value`` for every position, separated by commas."""
        pairs = zip(self._choices, architecture, strict=True)
        return ",".join(f"{key}={values[value]}" for (key, values), value in pairs)

    def from_string(self, text: str) -> Architecture:
        """Read the notation of :meth:`to_string`, with the names in any order."""
        try:
            pairs = [part.strip().split("=", 1) for part in text.split(",")]
            given = dict(pairs)
            if given.keys() != self.choices.keys() or len(pairs) > len(given):
                raise ValueError
            return tuple(values.index(given[key].strip()) for key, values in self._choices)
        except ValueError:
            allowed = "; ".join(f"{key} in {{{few(values)}}}" for key, values in self._choices)
            raise BenchmarkError(
                f"{text!r} is not an architecture of space {self.name!r}: give each of {allowed} exactly once, as"
                " name=value pairs separated by commas"
            ) from None
