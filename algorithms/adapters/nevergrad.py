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

    The default is NGOpt, the library's wizard, which selects an algorithm by the number and kind of variables (Meunier
    et al. 2022, arXiv 2010.04542). With several simulated workers, the optimizer is asked again before it is told
    results, which the library allows; optimizers differ in how they handle it.

    Differences from the library: the optimizer is told neither a budget nor a number of workers, which algorithms here
    do not see, so the wizard chooses without them. Valid combinations are declared as a cheap constraint of the
    library. An invalid combination that is proposed nevertheless gets an infinite error.

    Parameters
    ----------
    optimizer : str
        A name in Nevergrad's registry, such as ``DiscreteOnePlusOne`` or ``TwoPointsDE``.
    choice : {"Choice", "TransitionChoice"}
        How a position is represented. ``Choice``: one weight per category, the library's representation of unordered
        categories. ``TransitionChoice``: categories are ordered.
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
