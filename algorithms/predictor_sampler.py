"""Predictor-guided sampling: the neural predictor, WeakNAS, BRP-NAS, and the pools of Mauch et al."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from algorithms.candidates import check_full, everything, evolved, mutants, random_subset
from algorithms.models.predictors import Predictor
from algorithms.rounds import Rounds
from benchmarks.spaces.base import Architecture, SearchSpace

FOREST = {"initial": 10, "picks": 10, "predictor": "random_forest", "target": "log_error"}
PARENTS = 10
"""Number of parents of the pool ``mutate_best``, see :func:`mutants`."""


@dataclass
class PredictorSampler(Rounds):
    """Rounds of the architectures that a predictor ranks best, after a random design; none is asked for twice.

    One class for the neural predictor (Wen et al. 2020, arXiv 1912.00848), WeakNAS (Wu et al. 2021, arXiv 2102.10490),
    BRP-NAS (Dudziak et al. 2020, arXiv 2007.08668) and the comparison of pools by Mauch et al. 2020 (arXiv 2011.12043).
    In every round, a new predictor is fitted to all results and ranks a pool of architectures.

    Differences from the papers: all counts are absolute, and rounds are repeated until the budget is spent (Wen et al.
    have a single round; after its last round, BRP-NAS asks only for the best predictions). Predictors are small
    perceptrons on encodings; Wen et al. and BRP-NAS use graph networks, and WeakNAS a perceptron of 4 x 1,000 units.
    The kinds of pools are those of Mauch et al.; the picks per round and the evolution of a pool are ours, as described
    below. Ties of predictions are broken at random. With several workers, the first round waits for the whole initial
    design, and later rounds do not wait.

    The time of a round grows linearly with the number of observations (with their cube for ``gaussian_process``) and
    with the size of the pool.

    Parameters
    ----------
    initial : int
        Number of random architectures before the first round.
    picks : int
        Architectures per round.
    predictor : {"mlp_ensemble", "random_forest", "gradient_boosting", "gaussian_process", "ridge", "binary_relation"}
    encoding : str or None
        An encoding of the space. Default: ``one_hot``.
    target : {"none", "log_error", "logit", "rank"}
        Transform of the observed errors that the predictor is fitted to.
    selection : {"top", "sample", "halves"}
        How new architectures, which were not asked for, are picked from the ranked pool. ``top``: the best ones.
        ``sample``: drawn uniformly from the new ones among the best ``top`` of the pool (WeakNAS); if there are too
        few, the next best are added. ``halves``: half of the picks, rounded up, are the best ones; half are drawn from
        the new ones among the best ``1 / 2**i`` of the pool in round i = 1, 2, ... (BRP-NAS, as in its published
        code).
    top : int
        Number of the best architectures that ``sample`` draws from.
    pool : {"full", "random_subset", "mutate_best", "evolve_proxy"}
        ``full``: all architectures, at most 200,000. ``random_subset``: ``pool_size`` random architectures.
        ``mutate_best``: ``pool_size`` mutants of the best architectures so far, up to a tenth of them from each parent.
        ``evolve_proxy``: ten generations of ``pool_size / 10`` mutants, which begin with the best architectures so far
        and are selected by the predictor.
    pool_size : int
    redraw : bool
        Whether a random subset is drawn in every round, or only when all architectures of the last one were asked for.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Mauch et al. 2020, arXiv 2011.12043"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "neural_predictor": {},
        "weaknas_nasbench201": {"initial": 10, "picks": 10, "selection": "sample"},
        "weaknas_nasbench101": {"initial": 100, "picks": 10, "selection": "sample"},
        "brp_nas": {"initial": 20, "selection": "halves", "predictor": "binary_relation"},
        "full": {**FOREST},
        "random_subset": {**FOREST, "pool": "random_subset"},
        "mutate_best": {**FOREST, "pool": "mutate_best", "pool_size": 100},
        "evolve_proxy": {**FOREST, "pool": "evolve_proxy"},
    }

    initial: Annotated[int, Ge(1)] = 172
    picks: Annotated[int, Ge(1)] = 20
    selection: Literal["top", "sample", "halves"] = "top"
    top: Annotated[int, Ge(1)] = 100
    pool: Literal["full", "random_subset", "mutate_best", "evolve_proxy"] = "full"
    pool_size: Annotated[int, Ge(1)] = 1000
    redraw: bool = True

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        if self.pool == "full":
            check_full(space)

    def begin(self) -> None:
        super().begin()
        self._subset: list[Architecture] = []
        self._rounds = 0

    def choose(self) -> list[Architecture]:
        """Fit the predictor, rank a pool, and pick from it."""
        self._rounds += 1
        predictor, _ = self.fitted()
        if self.pool == "full":
            genotypes, features = everything(self.space, self._encoding)
            asked = np.zeros(len(genotypes), dtype=bool)
            asked[self.space.indices(list(self._asked))] = True
        else:
            genotypes = np.array(self._pool(predictor))
            features = self.space.encode(genotypes, self._encoding)
            asked = np.zeros(len(genotypes), dtype=bool)
        scores = predictor.predict(features).mean
        order = np.lexsort((self.rng.random(len(scores)), scores))
        return [tuple(genotypes[row].tolist()) for row in self._select(order, asked)]

    def _pool(self, predictor: Predictor) -> list[Architecture]:
        """Return a pool of architectures that were not asked for, unless the pool is the whole space."""
        if self.pool == "mutate_best":
            return mutants(self.space, self._told, self._asked, self.pool_size, PARENTS, self.rng)
        if self.pool == "evolve_proxy":
            return evolved(
                self.space, self._told, self._asked, self.pool_size,
                lambda found: predictor.predict(self.space.encode(found, self._encoding)).mean, self.rng,
            )  # fmt: skip
        self._subset = [] if self.redraw else [known for known in self._subset if known not in self._asked]
        self._subset = self._subset or random_subset(self.space, self._asked, self.pool_size, self.rng)
        return self._subset

    def _select(self, order: NDArray[np.intp], asked: NDArray[np.bool_]) -> list[int]:
        """Return the picked rows of the pool, given their order from the best prediction and which were asked for."""
        ranked = order[~asked[order]]
        sure = {"top": self.picks, "sample": 0, "halves": self.picks - self.picks // 2}[self.selection]
        reach = self.top if self.selection == "sample" else len(order) >> self._rounds
        last = max(int(np.count_nonzero(~asked[order[:reach]])), sure)
        drawn = self.rng.permutation(ranked[sure:last])[: self.picks - sure]
        missing = self.picks - sure - len(drawn)
        rows: list[int] = np.concatenate([ranked[:sure], drawn, ranked[last : last + missing]]).tolist()
        return rows
