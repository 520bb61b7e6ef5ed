"""What all adapters share: positions as a library's choices, its trial objects, its randomness."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algorithms.adapters.isolation import Isolation, import_apart
from algorithms.base import Algorithm, Pause, Query
from benchmarks.spaces.base import Architecture, SearchSpace

PROPOSALS = 200
"""So many proposals in a row that are no architecture of the space end a trial."""

MOST_CHOICES = 1_000
"""At a position; Nevergrad and SMAC take a second for each evaluation with 4,000."""


class Choices:
    """The positions of a space that leave a choice, as named categories.

    Parameters
    ----------
    space : SearchSpace

    Attributes
    ----------
    counts : dict
        By the name of a position, how many categories it has: at least two.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._width = len(space.cardinalities)
        self._positions = {f"x{i}": i for i, count in enumerate(space.cardinalities) if count > 1}
        self.counts = {name: space.cardinalities[i] for name, i in self._positions.items()}

    def architecture(self, values: Mapping[str, Any]) -> Architecture:
        """Return the genotype with these categories, given by the names of the positions."""
        genotype = [0] * self._width
        for name, position in self._positions.items():
            genotype[position] = int(values[name])
        return tuple(genotype)


def check_choices(space: SearchSpace, library: str) -> None:
    """Refuse a space that leaves a library nothing to choose, or nothing to learn.

    Raises
    ------
    ValueError
        If it has a single architecture, or a position with more choices than `MOST_CHOICES`, as a large pool has.
    """
    most = max(space.cardinalities)
    if most == 1:
        raise ValueError(f"space {space.name!r} has a single architecture: {library} has nothing to choose")
    if most > MOST_CHOICES:
        raise ValueError(
            f"space {space.name!r} has a position of {most:,} choices, which {library} would take for categories"
            f" without any likeness and learn nothing from; at most {MOST_CHOICES:,} are allowed. Race an algorithm"
            " that draws from the space itself, such as local_search"
        )


def too_few_valid(library: str, space: SearchSpace) -> RuntimeError:
    """Return the error of a library that found no architecture among many combinations."""
    return RuntimeError(
        f"{library} proposed {PROPOSALS} combinations in a row that are no architecture of space {space.name!r}; too"
        " few of its combinations are, so search it with an algorithm that draws from the space itself, such as"
        " regularized_evolution"
    )


@dataclass
class Adapter(Algorithm):
    """A library's search at the highest fidelity, on one category for every value of a position.

    A space in which not every combination is an architecture is searched by rejection: the library is told of a bad
    proposal, in its own way, and asked again. Its initial design is the library's own, not the one that the
    other algorithms of a trial share. Large pools are refused (`check_choices`).
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
        """Return the library's own object for its next proposal, or None if it has none."""

    @abstractmethod
    def values(self, token: Any) -> Mapping[str, Any]:
        """Return the categories of a proposal by the names of the positions."""

    @abstractmethod
    def learn(self, token: Any, observed_error: float) -> None:
        """Tell the library of a proposal's observed error."""

    @abstractmethod
    def reject(self, token: Any) -> None:
        """Tell the library that a proposal is no architecture."""
