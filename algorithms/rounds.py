"""The base class of algorithms with a predictor: a random design, then rounds that the predictor chooses."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge

from algorithms.base import Algorithm, Pause, Query, draw_unasked
from algorithms.candidates import chosen_encoding
from algorithms.models.predictors import (
    Predictor,
    PredictorName,
    TargetName,
    Values,
    check_target,
    make_predictor,
    transformed,
)
from benchmarks.spaces.base import Architecture, SearchSpace


@dataclass
class Rounds(Algorithm):
    """Asks for a random design, then for the rounds that :meth:`choose` returns. No architecture is asked for twice.

    The search ends when all architectures have been asked for. With several workers, the first round waits for the
    whole initial design. Later rounds do not wait: they are chosen by the results so far.

    Parameters
    ----------
    initial : int
        Number of random architectures before the first round.
    picks : int
        Architectures per round.
    predictor : str
        A key of ``PREDICTORS``.
    encoding : str or None
        An encoding of the space. Default: the algorithm's preferred one if the space has it, else ``one_hot``.
    target : {"none", "log_error", "logit", "rank"}
        Transform of the observed errors that the predictor is fitted to.
    """

    bitwise_stable: ClassVar[bool] = False
    preferred_encoding: ClassVar[str] = "one_hot"

    initial: Annotated[int, Ge(1)] = 10
    picks: Annotated[int, Ge(1)] = 10
    predictor: PredictorName = "mlp_ensemble"
    encoding: str | None = None
    target: TargetName = "none"

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        chosen_encoding(space, self.encoding, self.preferred_encoding)
        check_target(self.target, *error_range)

    def begin(self) -> None:
        self._encoding = chosen_encoding(self.space, self.encoding, self.preferred_encoding)
        self._asked: set[Architecture] = set()
        self._told: list[tuple[float, Architecture]] = []
        self._queue: deque[Architecture] = deque()

    def ask(self) -> Query | Pause:
        if len(self._asked) == self.space.size:
            return Pause.DONE
        if len(self._asked) < self.initial:
            self._queue.append(draw_unasked(self.space, self._asked, self.design_rng))
        elif len(self._told) < self.initial:
            return Pause.WAIT
        elif not self._queue:
            self._queue.extend(self.choose())
        architecture = self._queue.popleft()
        self._asked.add(architecture)
        return Query(architecture, self.fidelities[-1])

    def tell(self, query: Query, observed_error: float) -> None:
        self._told.append((observed_error, query.architecture))

    @abstractmethod
    def choose(self) -> list[Architecture]:
        """Return the next round: at least one architecture, all different, none asked for before, in order."""

    def fitted(self) -> tuple[Predictor, Values]:
        """Fit a new predictor to all results. Return it with the targets ``(n,)``."""
        errors, known = zip(*self._told, strict=True)
        targets = transformed(errors, self.target)
        predictor = make_predictor(self.predictor, self.rng)
        predictor.fit(self.space.encode(known, self._encoding), targets)
        return predictor, targets
