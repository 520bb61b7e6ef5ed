"""The base class of adapters, which maps positions to a library's categories and isolates its randomness."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algorithms.adapters.isolation import Isolation, import_apart
from algorithms.base import Algorithm, Pause, Query
from benchmarks.spaces.base import Architecture, SearchSpace

PROPOSALS = 200
"""Number of consecutive invalid proposals that ends a trial."""

MOST_CHOICES = 1_000
"""Largest number of choices at a position. With 4,000, Nevergrad and SMAC take a second per evaluation."""


class Choices:
    """The positions of a space that have at least two choices, as named categorical parameters.

    Parameters
    ----------
    space : SearchSpace

    Attributes
    ----------
    counts : dict
        Number of categories by the name of a position, at least two.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._width = len(space.cardinalities)
        self._positions = {f"x{i}": i for i, count in enumerate(space.cardinalities) if count > 1}
        self.counts = {name: space.cardinalities[i] for name, i in self._positions.items()}

    def architecture(self, values: Mapping[str, Any]) -> Architecture:
        """Return the genotype with the given categories, by the names of the positions."""
        genotype = [0] * self._width
        for name, position in self._positions.items():
            genotype[position] = int(values[name])
        return tuple(genotype)


def check_choices(space: SearchSpace, library: str) -> None:
    """Check that a library can search a space.

    Raises
    ------
    ValueError
        If the space has a single architecture, or a position with more choices than `MOST_CHOICES`, as a large pool
        has.
    """
    most = max(space.cardinalities)
    if most == 1:
        raise ValueError(f"{library}: expected a space with at least two architectures, got {space.name!r} with one")
    if most > MOST_CHOICES:
        raise ValueError(
            f"{library}: expected at most {MOST_CHOICES:,} choices at a position, got {most:,} in space"
            f" {space.name!r}; {library} treats choices as unrelated categories, from which it would learn nothing."
            " Use an algorithm that draws from the space itself, such as local_search"
        )


def too_few_valid(library: str, space: SearchSpace) -> RuntimeError:
    """Return the error of a library that proposed only invalid combinations."""
    return RuntimeError(
        f"{library} proposed {PROPOSALS} combinations in a row that are not architectures of space {space.name!r}; use"
        " an algorithm that draws from the space itself, such as regularized_evolution"
    )


@dataclass
class Adapter(Algorithm):
    """A library's optimizer at the highest fidelity, with one categorical parameter per position.

    An invalid combination is rejected: the library is told of it, in its own way, and asked again. The initial design
    is the library's own, not the one that the other algorithms of a trial share. Large pools are rejected (see
    `check_choices`).
    """

    bitwise_stable: ClassVar[bool] = False
    library: ClassVar[str]

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        check_choices(space, self.library)

    def begin(self) -> None:
        self.choices = Choices(self.space)
        import_apart(self.library)
        self._isolation = Isolation(self.draw_seed())
        self._running: dict[int, Any] = {}
        with self._isolation.inside():
            self.start()

    def draw_seed(self) -> int:
        """Draw a seed for the library, in [0, 2 ** 31)."""
        return int(self.rng.integers(2**31))

    def ask(self) -> Query | Pause:
        with self._isolation.inside():
            for _ in range(PROPOSALS):
                token = self.propose()
                if token is None:
                    return Pause.WAIT if self._running else Pause.DONE
                architecture = self.choices.architecture(self.values(token))
                if self.space.is_valid(architecture):
                    query = Query(architecture, self.fidelities[-1])
                    self._running[id(query)] = token
                    return query
                self.reject(token)
        raise too_few_valid(self.library, self.space)

    def tell(self, query: Query, observed_error: float) -> None:
        with self._isolation.inside():
            self.learn(self._running.pop(id(query)), observed_error)

    @abstractmethod
    def start(self) -> None:
        """Make the library's optimizer."""

    @abstractmethod
    def propose(self) -> Any:
        """Return the library's object for its next proposal, or None if there is none."""

    @abstractmethod
    def values(self, token: Any) -> Mapping[str, Any]:
        """Return the categories of a proposal, by the names of the positions."""

    @abstractmethod
    def learn(self, token: Any, observed_error: float) -> None:
        """Tell the library the observed error of a proposal."""

    @abstractmethod
    def reject(self, token: Any) -> None:
        """Tell the library that a proposal is not an architecture."""
