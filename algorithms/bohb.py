"""BOHB: Bayesian optimization and Hyperband."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Interval

from algorithms.base import Query
from algorithms.halving import SynchronousHalving
from algorithms.models.density import Bandwidth, GoodBadModel, model_of
from benchmarks.spaces.base import Architecture


@dataclass
class BOHB(SynchronousHalving):
    """Hyperband with a density model for new networks (Falkner et al. 2018, arXiv 1807.01774, algorithm 2).

    The model is fitted at the highest fidelity that has enough results. A fraction of the architectures is random.

    Differences from the paper: every position is an unordered category, so the bandwidth factor for continuous
    parameters is left out; bandwidths are clipped to the value at which the kernel is uniform (``bandwidth =
    "hpbandster"`` behaves as that library, where the kernel can become negative); a rung waits for the last of its
    networks, whereas HpBandSter would begin another bracket; rungs are as in
    :class:`~algorithms.hyperband.Hyperband`; an invalid proposal is replaced by a random architecture. ``falkner2018``
    has the paper's values, which are also the defaults of HpBandSter.

    ``nasbench101`` is ``run_bohb.py`` of nas_benchmarks (for Ying et al. 2019, arXiv 1902.09635), with the bandwidths
    of HpBandSter. It still differs from that script as above, and in that its proposals are valid cells, whereas the
    script's may be invalid; these get the error 1 and cost no time. None of the presets is tuned.

    The rule of thumb for the bandwidth treats operations as numbers. With five operations, its kernels stay nearly
    uniform for hundreds of results, so that the model learns little. The preset ``counts`` uses the bandwidths of
    :class:`~algorithms.tpe.TPE` instead.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
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
    reference: ClassVar[str] = "Falkner et al. 2018, arXiv 1807.01774"
    bitwise_stable: ClassVar[bool] = False
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "falkner2018": {},
        "nasbench101": {"minimum_bandwidth": 0.3, "random_fraction": 0.33, "bandwidth": "hpbandster"},
        "counts": {"bandwidth": "counts"},
    }

    candidates: Annotated[int, Ge(1)] = 64
    random_fraction: Annotated[float, Interval(ge=0.0, le=1.0)] = 1 / 3
    minimum_bandwidth: Annotated[float, Gt(0.0)] = 1e-3
    top: Annotated[float, Interval(gt=0.0, lt=1.0)] = 0.15
    bandwidth: Bandwidth = "clipped"

    def begin(self) -> None:
        super().begin()
        self._results: dict[float, list[tuple[Architecture, float]]] = {}
        self._model: GoodBadModel | None = None
        self._model_is_old = False

    def propose(self) -> Architecture:
        """Return an architecture for a new network, proposed by the model or random."""
        model = self._current_model()
        if model is None or self.rng.random() < self.random_fraction:
            return super().propose()
        proposed = model.propose(self.rng, self.candidates)
        return proposed if self.space.is_valid(proposed) else super().propose()

    def tell(self, query: Query, observed_error: float) -> None:
        super().tell(query, observed_error)
        self._results.setdefault(query.fidelity, []).append((query.architecture, observed_error))
        self._model_is_old = True

    def _current_model(self) -> GoodBadModel | None:
        """Return the model of the highest fidelity that has enough results, or None."""
        if self._model_is_old:
            settings = self.space.cardinalities, self.top, self.minimum_bandwidth, self.bandwidth
            models = (model_of(self._results[f], *settings) for f in sorted(self._results, reverse=True))
            self._model = next((model for model in models if model is not None), None)
            self._model_is_old = False
        return self._model
