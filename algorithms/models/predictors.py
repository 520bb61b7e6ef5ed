"""Predictors of the error of an architecture from its encoding: one interface and a few models, by name.

scikit-learn is imported only when one of its models is fitted, since the import takes over a second.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from algorithms.resolving import resolve

Features = NDArray[np.float32]
"""Encoded architectures, ``(n, d)``."""

Values = NDArray[np.float64]
"""Targets or predictions, ``(n,)``; lower is better."""

PredictorName = Literal[
    "mlp_ensemble", "random_forest", "gradient_boosting", "gaussian_process", "ridge", "binary_relation"
]

PREDICTORS: dict[PredictorName, str] = {
    "mlp_ensemble": "algorithms.models.mlp_ensemble:MLPEnsemble",
    "random_forest": "algorithms.models.predictors:RandomForest",
    "gradient_boosting": "algorithms.models.predictors:GradientBoosting",
    "gaussian_process": "algorithms.models.predictors:GaussianProcess",
    "ridge": "algorithms.models.predictors:Ridge",
    "binary_relation": "algorithms.models.mlp_ensemble:BinaryRelation",
}
"""The predictors by name, as ``module:class``."""

TargetName = Literal["none", "log_error", "logit", "rank"]
"""Transform of the observed errors that a predictor is fitted to, see :func:`transformed`."""


class Prediction(NamedTuple):
    """Predicted means and standard deviations, each ``(n,)``, in the unit of the targets."""

    mean: Values
    sd: Values


class Predictor(ABC):
    """A regression model. Each fit starts from scratch.

    Parameters
    ----------
    rng : Generator
        The algorithm's generator, from which the model draws all random numbers.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    @abstractmethod
    def fit(self, x: Features, y: Values) -> None:
        """Fit to the features ``(n, d)`` of at least one architecture and to finite targets ``(n,)``."""

    @abstractmethod
    def predict(self, x: Features) -> Prediction:
        """Predict the targets of architectures with features ``(n, d)``."""

    def seed(self) -> int:
        """Draw a seed for a model of a library."""
        return int(self.rng.integers(2**31))


def make_predictor(name: PredictorName, rng: np.random.Generator) -> Predictor:
    """Make a predictor by its name. Names are checked when hyperparameters are read, so they are not checked here."""
    predictor: Predictor = resolve(PREDICTORS[name])(rng)
    return predictor


def transformed(errors: ArrayLike, target: TargetName) -> Values:
    """Transform errors to the targets of a predictor, ``(n,)``. The order of the errors is kept.

    Parameters
    ----------
    errors : array-like, ``(n,)``
    target : {"none", "log_error", "logit", "rank"}
        ``none``: the error. ``log_error``: its natural logarithm, where an error of 0 counts as half of the smallest
        positive one. ``logit``: the log-odds of an error that is a fraction in [0, 1], clipped to [1e-6, 1 - 1e-6].
        ``rank``: its rank among the errors, scaled to [0, 1]; equal errors share their mean rank.

    Raises
    ------
    ValueError
        If the transform is undefined for the errors.
    """
    values = np.asarray(errors, dtype=np.float64)
    check_target(target, values.min(), values.max())
    if target == "none":
        return values
    if target == "log_error":
        smallest = values.min(where=values > 0.0, initial=np.inf)
        logarithms: Values = np.log(np.where(values > 0.0, values, smallest / 2.0 if smallest < np.inf else 1.0))
        return logarithms
    if target == "logit":
        inside = np.clip(values, 1e-6, 1.0 - 1e-6)
        odds: Values = np.log(inside / (1.0 - inside))
        return odds
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Values = (np.cumsum(counts) - (counts + 1) / 2)[where] / max(len(values) - 1, 1)
    return ranks


def check_target(target: TargetName, lowest: float, highest: float) -> None:
    """Check that a transform is defined for errors between two bounds.

    Raises
    ------
    ValueError
        If it is not.
    """
    if target == "log_error" and lowest < 0.0:
        raise ValueError(
            f"target = 'log_error': expected errors of at least 0, got errors from {lowest}; use 'rank' or 'none'"
        )
    if target == "logit" and not 0.0 <= lowest <= highest <= 1.0:
        raise ValueError(
            f"target = 'logit': expected errors in [0, 1], got errors from {lowest} to {highest}; use 'rank' or 'none',"
            " or 'log_error' if none is below 0"
        )


def standardised(y: Values) -> tuple[Values, float, float]:
    """Return targets with mean 0 and standard deviation 1 (0 if all are equal), and the removed offset and scale."""
    offset, scale = float(y.mean()), float(y.std())
    scale = scale if scale > 1e-12 * max(abs(offset), 1e-300) else 1.0
    return (y - offset) / scale, offset, scale


class RandomForest(Predictor):
    """Random forest of scikit-learn. The standard deviation is that between its trees."""

    trees = 100

    def fit(self, x: Features, y: Values) -> None:
        """Fit a new forest."""
        from sklearn.ensemble import RandomForestRegressor

        self._forest: Any = RandomForestRegressor(self.trees, random_state=self.seed(), n_jobs=1).fit(x, y)

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation over the trees, one at a time to save memory."""
        total, squares = np.zeros(len(x)), np.zeros(len(x))
        rows = np.ascontiguousarray(x, dtype=np.float32)
        for tree in self._forest.estimators_:
            predicted = tree.predict(rows, check_input=False)
            total += predicted
            squares += predicted**2
        mean = total / self.trees
        return Prediction(mean, np.sqrt(np.maximum(squares / self.trees - mean**2, 0.0)))


class GradientBoosting(Predictor):
    """Five gradient boosting models of scikit-learn, each fitted to random subsamples of 80 %.

    The standard deviation is that between the models.
    """

    members = 5

    def fit(self, x: Features, y: Values) -> None:
        """Fit five new models."""
        from sklearn.ensemble import GradientBoostingRegressor

        # A subsample of a single row would be empty.
        share = 0.8 if len(y) > 1 else 1.0
        models = (GradientBoostingRegressor(subsample=share, random_state=self.seed()) for _ in range(self.members))
        self._models: list[Any] = [model.fit(x, y) for model in models]

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation over the models."""
        predicted = np.array([model.predict(x) for model in self._models])
        return Prediction(predicted.mean(axis=0), predicted.std(axis=0))


class GaussianProcess(Predictor):
    """Gaussian process of scikit-learn, with a Matern 5/2 kernel and noise.

    The kernel's parameters maximize the marginal likelihood. The time of a fit grows with the cube of the number of
    observations.
    """

    def fit(self, x: Features, y: Values) -> None:
        """Fit to standardised targets."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

        kernel = ConstantKernel(1.0, (1e-2, 1e2)) * Matern(3.0, (0.3, 30.0), nu=2.5) + WhiteKernel(0.1, (1e-4, 1.0))
        targets, self._offset, self._scale = standardised(y)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a parameter may lie at its bound
            self._model: Any = GaussianProcessRegressor(kernel, random_state=self.seed()).fit(x, targets)

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation of the posterior predictive distribution, noise included."""
        parts = [self._model.predict(x[start : start + 4096], return_std=True) for start in range(0, len(x), 4096)]
        mean, sd = (np.concatenate(values) for values in zip(*parts, strict=True))
        return Prediction(self._offset + self._scale * mean, self._scale * sd)


class Ridge(Predictor):
    """Bayesian ridge regression of scikit-learn, whose penalty maximizes the marginal likelihood."""

    def fit(self, x: Features, y: Values) -> None:
        """Fit to standardised targets."""
        from sklearn.linear_model import BayesianRidge

        targets, self._offset, self._scale = standardised(y)
        self._model: Any = BayesianRidge().fit(np.asarray(x, dtype=np.float64), targets)

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation of the posterior predictive distribution, noise included."""
        mean, sd = self._model.predict(np.asarray(x, dtype=np.float64), return_std=True)
        return Prediction(self._offset + self._scale * mean, self._scale * sd)
