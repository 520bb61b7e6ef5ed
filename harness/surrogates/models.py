"""The models that surrogates are fitted with, by name: those of the algorithms where they serve, and three more.

Their spread is that between members trained on the same records: it is epistemic, says where the model is unsure of
itself, and knows nothing of the noise of training.
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
"""The most architectures that a model can be fitted to in sensible time."""


def make_model(name: str, rows: int, rng: np.random.Generator) -> Predictor:
    """Make a model that will be fitted to so many architectures.

    Raises
    ------
    UnknownNameError
        If no model has that name.
    BenchmarkError
        If its library is not installed, or there are too many architectures for it.
    """
    if name not in SURROGATE_MODELS:
        raise UnknownNameError(unknown_name("model", name, SURROGATE_MODELS))
    if name == LightGBM.library and find_spec(LightGBM.library) is None:
        raise BenchmarkError("lightgbm is not installed: pip install 'regretta[lightgbm]'")
    if rows > LARGEST.get(name, rows):
        raise BenchmarkError(
            f"model {name!r} is fitted to at most {LARGEST[name]:,} architectures, for its time grows with their cube;"
            f" got {rows:,}. Choose {', '.join(other for other in SURROGATE_MODELS if other != name)}; or --train"
            f" {LARGEST[name]}"
        )
    model: Predictor = resolve(SURROGATE_MODELS[name])(rng)
    return model


class DeepEnsemble(MLPEnsemble):
    """Five perceptrons of three layers of 128, squared loss (Lakshminarayanan et al. 2017, arXiv 1612.01474).

    Differences from the paper: a member predicts a mean and no variance, for the noise is fitted from repeated
    trainings; no adversarial training.
    """

    members: ClassVar[int] = 5
    hidden: ClassVar[tuple[int, ...]] = (128,) * 3
    epochs: ClassVar[int] = 40
    batch: ClassVar[int] = 128
    learning_rate: ClassVar[float] = 1e-3
    decays: ClassVar[tuple[float, float]] = (0.9, 0.999)

    def slope(self, predicted: Floats, wanted: Floats) -> Floats:
        """Derivative of the mean squared error of a batch by what is predicted, all ``(members, batch)``."""
        slopes: Floats = 2.0 * (predicted - wanted) / np.float32(predicted.shape[1])
        return slopes


class _Boosted(Predictor):
    """Five boosted models, each fitted to a bootstrap sample of the records; the spread is that between them."""

    members: ClassVar[int] = 5

    @abstractmethod
    def make(self) -> Any:
        """Make one member, not fitted."""

    def fit(self, x: Features, y: Values) -> None:
        """Fit five new members."""
        self._models: list[Any] = []
        for _ in range(self.members):
            drawn = self.rng.integers(len(y), size=len(y))
            self._models.append(self.make().fit(x[drawn], y[drawn]))

    def predict(self, x: Features) -> Prediction:
        """Mean and spread of the members."""
        predicted = np.array([model.predict(x) for model in self._models])
        return Prediction(predicted.mean(axis=0), predicted.std(axis=0))


class HistogramBoosting(_Boosted):
    """scikit-learn's histogram gradient boosting, 500 trees a member."""

    def make(self) -> Any:
        """Make one member, not fitted."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(
            max_iter=500, learning_rate=0.05, early_stopping=False, random_state=self.seed()
        )


class LightGBM(_Boosted):
    """LightGBM's boosted trees, 1,000 a member, one thread, deterministic."""

    library: ClassVar[str] = "lightgbm"

    def make(self) -> Any:
        """Make one member, not fitted."""
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
