"""Nevergrad's optimizers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from algorithms.adapters.base import Adapter
from benchmarks.errors import UnknownNameError, unknown_name


@dataclass
class Nevergrad(Adapter):
    """An optimizer of Nevergrad's registry, by name (Rapin and Teytaud 2018, github.com/facebookresearch/nevergrad).

    The default is NGOpt, the library's wizard, which takes an algorithm by the number and kind of variables (Meunier et
    al. 2022, arXiv 2010.04542). With several simulated workers it is asked again before it was told, as the library
    allows; what an optimizer then does is its own.

    Differences from the library: it is told neither a budget nor a number of workers, which no algorithm here sees, so
    the wizard chooses without them. Which combinations are architectures is a cheap constraint, as the library has it;
    one that it proposes all the same is told as infinitely bad.

    Parameters
    ----------
    optimizer : str
        A name of Nevergrad's registry, such as ``DiscreteOnePlusOne`` or ``TwoPointsDE``.
    choice : {"Choice", "TransitionChoice"}
        How a position becomes variables: ``Choice`` draws its category by a weight for each, the library's way with
        unordered categories; ``TransitionChoice`` takes the order of the categories for a scale.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Meunier et al. 2022, arXiv 2010.04542"
    library: ClassVar[str] = "nevergrad"
    presets: ClassVar[dict[str, dict[str, Any]]] = {"transition": {"choice": "TransitionChoice"}}

    optimizer: str = "NGOpt"
    choice: Literal["Choice", "TransitionChoice"] = "Choice"

    def start(self) -> None:
        import nevergrad

        known = nevergrad.optimizers.registry
        if self.optimizer not in known:
            raise UnknownNameError(unknown_name("optimizer of Nevergrad", self.optimizer, known))
        position = getattr(nevergrad.p, self.choice)
        space = nevergrad.p.Dict(**{name: position(range(count)) for name, count in self.choices.counts.items()})
        space.random_state.seed(self.draw_seed())
        if self.space.size != math.prod(self.space.cardinalities):
            space.register_cheap_constraint(self._is_architecture)
        self._optimizer = known[self.optimizer](parametrization=space)

    def _is_architecture(self, values: Mapping[str, Any]) -> bool:
        return self.space.is_valid(self.choices.architecture(values))

    def propose(self) -> Any:
        return self._optimizer.ask()

    def values(self, token: Any) -> Mapping[str, Any]:
        values: Mapping[str, Any] = token.value
        return values

    def learn(self, token: Any, observed_error: float) -> None:
        self._optimizer.tell(token, observed_error)

    def reject(self, token: Any) -> None:
        self._optimizer.tell(token, float("inf"))
