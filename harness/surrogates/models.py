"""Models that surrogates are fitted with: some of the algorithms' predictors, and three more.

The predicted standard deviation is epistemic: it is the spread between the members of an ensemble, or that of a
posterior. It shows where the model is uncertain, and does not include the noise of training runs.
"""

from __future__ import annotations

from abc import abstractmethod
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from algorithms.models.mlp_ensemble import Floats, MLPEnsemble
from algorithms.models.predictors import Features, Prediction, Predictor, Values
from benchmarks.errors import BenchmarkError, UnknownNameError, unknown_name
from benchmarks.registry import resolve
from harness.surrogates.registry import SURROGATE_MODELS

LARGEST = {"gaussian_process": 4_000}
"""Largest number of architectures that a model can be fitted to in reasonable time."""


def make_model(name: str, rows: int, rng: np.random.Generator) -> Predictor:
    """Make a model by its name, to be fitted to a number of architectures.

    Raises
    ------
    UnknownNameError
        If no model has that name.
    BenchmarkError
        If the model's library is not installed, or there are too many architectures.
    """
    if name not in SURROGATE_MODELS:
        raise UnknownNameError(unknown_name("model", name, SURROGATE_MODELS))
    if name == LightGBM.library and find_spec(LightGBM.library) is None:
        raise BenchmarkError("lightgbm is not installed: pip install 'regretta[lightgbm]'")
    if rows > LARGEST.get(name, rows):
        raise BenchmarkError(
            f"model {name!r}: expected at most {LARGEST[name]:,} architectures, because its time grows with their cube;"
            f" got {rows:,}. Choose {', '.join(other for other in SURROGATE_MODELS if other != name)}; or --train"
            f" {LARGEST[name]}"
        )
    model: Predictor = resolve(SURROGATE_MODELS[name])(rng)
    return model


class DeepEnsemble(MLPEnsemble):
    """A deep ensemble of five perceptrons (Lakshminarayanan et al. 2017, arXiv 1612.01474).

    Each member has three layers of 128 units and is trained with the squared loss.

    Differences from the paper: a member predicts a mean but no variance, because the noise is fitted to repeated
    training runs; adversarial training is left out.
    """

    members: ClassVar[int] = 5
    hidden: ClassVar[tuple[int, ...]] = (128,) * 3
    epochs: ClassVar[int] = 40
    batch: ClassVar[int] = 128
    learning_rate: ClassVar[float] = 1e-3
    decays: ClassVar[tuple[float, float]] = (0.9, 0.999)

    def slope(self, predicted: Floats, wanted: Floats) -> Floats:
        """Return the derivative of a batch's mean squared error by the predictions, ``(members, batch)``."""
        slopes: Floats = 2.0 * (predicted - wanted) / np.float32(predicted.shape[1])
        return slopes


class _Boosted(Predictor):
    """Five boosted models, each fitted to a bootstrap sample of the records."""

    members: ClassVar[int] = 5

    @abstractmethod
    def make(self) -> Any:
        """Return a new member that is not fitted yet."""

    def fit(self, x: Features, y: Values) -> None:
        """Fit five new members."""
        self._models: list[Any] = []
        for _ in range(self.members):
            drawn = self.rng.integers(len(y), size=len(y))
            self._models.append(self.make().fit(x[drawn], y[drawn]))

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation of the members' predictions."""
        predicted = np.array([model.predict(x) for model in self._models])
        return Prediction(predicted.mean(axis=0), predicted.std(axis=0))


class HistogramBoosting(_Boosted):
    """Histogram gradient boosting of scikit-learn, with 500 trees per member."""

    def make(self) -> Any:
        """Return a new member that is not fitted yet."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(
            max_iter=500, learning_rate=0.05, early_stopping=False, random_state=self.seed()
        )


class LightGBM(_Boosted):
    """Boosted trees of LightGBM, with 1,000 trees per member, on one thread and deterministic."""

    library: ClassVar[str] = "lightgbm"

    def make(self) -> Any:
        """Return a new member that is not fitted yet."""
        from lightgbm import LGBMRegressor

        return LGBMRegressor(
            n_estimators=1000,
            learning_rate=0.05,
            random_state=self.seed(),
            n_jobs=1,
            deterministic=True,
            force_row_wise=True,
            verbosity=-1,
        )
