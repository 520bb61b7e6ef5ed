"""Ways in which an algorithm's results silently get worse, each a patch of the real code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import algorithms.bananas
import algorithms.halving
import algorithms.rounds
from algorithms.asha import ASHA
from algorithms.bananas import Bananas
from algorithms.base import Algorithm, Query
from algorithms.hyperband import Hyperband
from algorithms.local_search import LocalSearch
from algorithms.models.density import GoodBadModel
from algorithms.random_search import RandomSearch
from algorithms.regularized_evolution import RegularizedEvolution
from algorithms.reinforce import Reinforce
from algorithms.successive_halving import SuccessiveHalving
from benchmarks.table import TableBenchmark


def evolution_without_selection(patch: pytest.MonkeyPatch) -> None:
    honest = RegularizedEvolution.tell
    patch.setattr(RegularizedEvolution, "tell", lambda self, query, error: honest(self, query, 0.5))


class _Stuck:
    """A space whose mutation leaves the first position alone."""

    def __init__(self, space):
        self.space = space

    def __getattr__(self, name):
        return getattr(self.space, name)

    def mutate(self, architecture, rng):
        child = self.space.mutate(architecture, rng)
        return child if child[0] == architecture[0] else self.mutate(architecture, rng)

    def mutation(self, name):
        return getattr(self, self.space.mutations[name])


def one_position_never_mutated(patch: pytest.MonkeyPatch) -> None:
    honest = RegularizedEvolution.setup
    patch.setattr(RegularizedEvolution, "setup", lambda self, space, *others: honest(self, _Stuck(space), *others))


def rung_sizes_off_by_one(patch: pytest.MonkeyPatch) -> None:
    honest = algorithms.halving.brackets
    patch.setattr(
        algorithms.halving, "brackets", lambda rungs: [[(n + 1, fidelity) for n, fidelity in b] for b in honest(rungs)]
    )


def shuffled_targets(patch: pytest.MonkeyPatch) -> None:
    honest = algorithms.rounds.transformed
    rng = np.random.default_rng(1)
    patch.setattr(algorithms.rounds, "transformed", lambda errors, target: rng.permutation(honest(errors, target)))


def maximised_error(patch: pytest.MonkeyPatch) -> None:
    honest = dict(algorithms.bananas.ACQUISITIONS)
    for name, function in honest.items():
        patch.setitem(algorithms.bananas.ACQUISITIONS, name, lambda *given, f=function: -f(*given))


def charged_time_only(patch: pytest.MonkeyPatch) -> None:
    honest = TableBenchmark.observe

    def observe(self, architecture, fidelity, draw):
        observation = honest(self, architecture, fidelity, draw)
        return observation._replace(seconds=observation.seconds * 1.01)

    patch.setattr(TableBenchmark, "observe", observe)


def other_draws(patch: pytest.MonkeyPatch) -> None:
    """An equally good change: another part of the same stream of random numbers."""
    honest = RegularizedEvolution.begin

    def begin(self):
        self.rng.random(100)
        honest(self)

    patch.setattr(RegularizedEvolution, "begin", begin)


def refactored(patch: pytest.MonkeyPatch) -> None:
    """The same decisions by other means."""

    def ask(self):
        if self._initial_left:
            self._initial_left -= 1
            return Query(self.space.sample(self.design_rng), self.fidelities[-1])
        drawn = [self._alive[int(u * len(self._alive))] for u in self.rng.random(self.sample)]
        parent = sorted(drawn, key=lambda member: member[0])[0][1]
        return Query(self.space.mutate(parent, self.rng), self.fidelities[-1])

    patch.setattr(RegularizedEvolution, "ask", ask)


def repeated_asks(patch: pytest.MonkeyPatch) -> None:
    """Random search has nothing to unlearn: it asks for its first architecture in three of four evaluations."""
    honest = RandomSearch.ask

    def ask(self):
        if not hasattr(self, "_first"):
            self._first = honest(self)
            return self._first
        return honest(self) if self.rng.random() < 0.25 else self._first._replace(network=None)

    patch.setattr(RandomSearch, "ask", ask)


def swapped_densities(patch: pytest.MonkeyPatch) -> None:
    """The candidate that is most typical of the bad architectures is chosen."""
    honest = GoodBadModel.score
    patch.setattr(GoodBadModel, "score", lambda self, points: 1.0 / honest(self, points))


def flipped_sign(cls: type[Algorithm]) -> Callable[[pytest.MonkeyPatch], None]:
    """Make a sabotage: the algorithm takes good for bad."""
    honest = cls.tell

    def flipped(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(cls, "tell", lambda self, query, error: honest(self, query, 1.0 - error))

    return flipped


UNLEARNT: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "random_search": repeated_asks,
    "local_search": flipped_sign(LocalSearch),
    "regularized_evolution": evolution_without_selection,
    "successive_halving": flipped_sign(SuccessiveHalving),
    "hyperband": flipped_sign(Hyperband),
    "asha": flipped_sign(ASHA),
    "tpe": swapped_densities,
    "reinforce": flipped_sign(Reinforce),
    "bohb": swapped_densities,
    "bananas": maximised_error,
    "predictor_sampler": shuffled_targets,
}
"""By algorithm: a sabotage that removes what it learns."""

SABOTAGES = {
    evolution_without_selection: RegularizedEvolution,
    one_position_never_mutated: RegularizedEvolution,
    rung_sizes_off_by_one: Hyperband,
    shuffled_targets: Bananas,
    maximised_error: Bananas,
}
"""Each with the algorithm whose results it alters."""
