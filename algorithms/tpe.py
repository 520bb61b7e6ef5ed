"""The tree-structured Parzen estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Interval

from algorithms.base import Algorithm, Query
from algorithms.models.density import Bandwidth, model_of
from benchmarks.spaces.base import Architecture


@dataclass
class TPE(Algorithm):
    """Proposes what is likely among the good and unlikely among the bad results.

    After Bergstra et al. 2011, NeurIPS 24, section 4 ("Algorithms for hyper-parameter optimization").

    It has BOHB's model at the highest fidelity alone, but categories are counted as the paper does: with BOHB's rule of
    thumb the kernels of five operations are uniform, and nothing is learnt.

    Differences from the paper: one density over all positions as in BOHB (Falkner et al. 2018), not one for each
    position; at least one more point than positions is good.

    Parameters
    ----------
    initial : int
        Random architectures before the model may be used.
    candidates : int
        Drawn for every proposal; the best score is taken.
    random_fraction : float
        Probability of a random architecture instead.
    minimum_bandwidth : float
    top : float
        Share of the results that count as good.
    bandwidth : {"clipped", "hpbandster", "counts"}
        See :class:`algorithms.models.density.CategoricalDensity`.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Bergstra et al. 2011, NeurIPS 24"
    bitwise_stable: ClassVar[bool] = False

    initial: Annotated[int, Ge(0)] = 10
    candidates: Annotated[int, Ge(1)] = 24
    random_fraction: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.0
    minimum_bandwidth: Annotated[float, Gt(0.0)] = 1e-3
    top: Annotated[float, Interval(gt=0.0, lt=1.0)] = 0.15
    bandwidth: Bandwidth = "counts"

    def begin(self) -> None:
        self._asked = 0
        self._results: list[tuple[Architecture, float]] = []

    def ask(self) -> Query:
        self._asked += 1
        return Query(self._propose(), self.fidelities[-1])

    def tell(self, query: Query, observed_error: float) -> None:
        self._results.append((query.architecture, observed_error))

    def _propose(self) -> Architecture:
        settings = self.space.cardinalities, self.top, self.minimum_bandwidth, self.bandwidth
        model = model_of(self._results, *settings) if self._asked > self.initial else None
        if model is None:
            return self.space.sample(self.design_rng)
        if self.rng.random() < self.random_fraction:
            return self.space.sample(self.rng)
        proposed = model.propose(self.rng, self.candidates)
        return proposed if self.space.is_valid(proposed) else self.space.sample(self.rng)
