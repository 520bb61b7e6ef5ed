"""What the algorithms with a predictor share: a random design first, then rounds that a fitted predictor chooses."""

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
    """Asks an initial random design, then round after round of what :meth:`choose` returns; nothing twice.

    The search ends when every architecture was asked. With several workers the first round waits for the whole initial
    design, and later ones for nobody: they are chosen by what has been told.

    Parameters
    ----------
    initial : int
        Random architectures before the first round.
    picks : int
        Architectures a round.
    predictor : str
        A name of ``PREDICTORS``.
    encoding : str or None
        One that the space offers; by default the preferred one where there is one, else ``one_hot``.
    target : {"none", "log_error", "logit", "rank"}
        What the predictor learns of the observed errors.
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
        """Return the next round: different architectures, none asked before, at least one, in order."""

    def fitted(self) -> tuple[Predictor, Values]:
        """Fit a new predictor to all that was told; with the targets, ``(n,)``."""
        errors, known = zip(*self._told, strict=True)
        targets = transformed(errors, self.target)
        predictor = make_predictor(self.predictor, self.rng)
        predictor.fit(self.space.encode(known, self._encoding), targets)
        return predictor, targets
