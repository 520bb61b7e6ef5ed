"""The models of surrogates by name."""

from __future__ import annotations

SURROGATE_MODELS = {
    "random_forest": "algorithms.models.predictors:RandomForest",
    "mlp_ensemble": "harness.surrogates.models:DeepEnsemble",
    "gradient_boosting": "harness.surrogates.models:HistogramBoosting",
    "lightgbm": "harness.surrogates.models:LightGBM",
    "gaussian_process": "algorithms.models.predictors:GaussianProcess",
    "ridge": "algorithms.models.predictors:Ridge",
}
"""By name, ``module:class`` of the model. A new model is one class and one line here."""
