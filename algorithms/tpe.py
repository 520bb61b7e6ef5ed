"""The tree-structured Parzen estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Interval

from algorithms.base import Algorithm, Query
from algorithms.models.density import Bandwidth, model_of
from benchmarks.spaces.base import Architecture


@dataclass
class TPE(Algorithm):
    """The tree-structured Parzen estimator (Bergstra et al. 2011, NeurIPS 24, section 4).

    It proposes architectures that are likely among the good results and unlikely among the bad ones. It uses the model
    of BOHB, at the highest fidelity only, but counts categories as the paper does: with BOHB's rule of thumb the
    kernels of five operations are uniform, so that nothing is learnt.

    Differences from the paper ("Algorithms for hyper-parameter optimization"): one density over all positions, as in
    BOHB (Falkner et al. 2018), instead of one per position; the number of good points exceeds that of positions.

    The preset ``tuned`` was chosen by the shipped experiment ``tune-all`` (Regretta 0.1.0, seed 2026, hash of the
    choice 4f847a48128d5adc) among 12 settings, on the four tables of FCNet and the eight of HPOBench, for budgets of
    300 evaluations. NAS-Bench-201 was not used.

    Parameters
    ----------
    initial : int
        Number of random architectures before the model is used.
    candidates : int
        Candidates per proposal, of which the best is taken.
    random_fraction : float
        Probability that a random architecture is proposed instead.
    minimum_bandwidth : float
    top : float
        Fraction of the results that counts as good.
    bandwidth : {"clipped", "hpbandster", "counts"}
        See :class:`algorithms.models.density.CategoricalDensity`.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Bergstra et al. 2011, NeurIPS 24"
    bitwise_stable: ClassVar[bool] = False
    presets: ClassVar[dict[str, dict[str, Any]]] = {"tuned": {"top": 0.1, "candidates": 8}}

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
