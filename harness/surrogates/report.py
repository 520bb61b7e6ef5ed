"""The training report of a surrogate: predictions for architectures and regions that it was not fitted to."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Facts, TargetFacts
from harness.surrogates.fitting import Noise, Recipe, Regression, Surrogate, encoded, encoding_names
from harness.surrogates.metrics import Floats, agreement, calibration
from harness.surrogates.types import Judgement, NoiseLevels, TrainingReport

HELD_OUT = 0.2
"""Fraction of the architectures that are held out to judge a model."""
REGIONS = 5
"""Number of regions that the space is divided into."""
LIBRARIES = ("numpy", "scipy", "scikit-learn")


def training_report(surrogate: Surrogate) -> TrainingReport:
    """Fit the surrogate's recipe again without some of its architectures, and judge it by them.

    First a random fifth is left out. Then each of five regions of the space is left out in turn; these are clusters
    that k-means finds in the features. The judged error is the validation error at the highest fidelity.
    """
    table, recipe = surrogate.table, surrogate.recipe
    facts, fidelity = table.facts, table.facts.fidelities[-1]
    target = facts.target(fidelity)
    genotypes = table.recorded()[surrogate.rows]
    features = np.concatenate(list(encoded(table.space, genotypes, recipe)))
    values = table.true_errors(genotypes, target)
    repeats = np.isfinite(table.errors(genotypes, fidelity)).sum(axis=1)
    noise = surrogate.noise.get(fidelity)
    judge = _Judge(recipe, facts, features, values, repeats, noise)
    order = recipe.split("held out", facts.name).permutation(len(values))
    held_out = np.isin(np.arange(len(values)), order[: int(HELD_OUT * len(values))])
    regions = _regions(table.space.encode(genotypes, table.space.distance), recipe, facts)
    return TrainingReport(
        table=facts.name,
        data_hash=facts.data_hash,
        architectures=len(values),
        model=recipe.model,
        encodings=list(encoding_names(table.space, recipe)),
        seed=recipe.seed,
        target=target,
        unit=facts.unit,
        precision=precision(facts.targets[target], facts),
        noise=NoiseLevels(noise.errors.tolist(), noise.sd.tolist()) if noise else None,
        held_out=judge(held_out, "held out"),
        regions=[judge(regions == region, f"region {region}") for region in range(int(regions.max()) + 1)],
        versions={library: version(library) for library in (*LIBRARIES, *_extra(recipe))},
    )


def precision(target: TargetFacts, facts: Facts) -> float:
    """Return the step of the sparse Kendall tau.

    It is 0.1 percentage points, or 1 % of the median's regret if errors are not fractions.
    """
    return 0.001 if facts.unit == "fraction" else 0.01 * (target.median - target.optimum)


def _extra(recipe: Recipe) -> tuple[str, ...]:
    return (recipe.model,) if recipe.model == "lightgbm" else ()


def _regions(features: NDArray[np.float32], recipe: Recipe, facts: Facts) -> NDArray[np.int64]:
    """Return the number of the region that each architecture belongs to, ``(n,)``."""
    from sklearn.cluster import KMeans

    seed = int(recipe.split("regions", facts.name).integers(2**31))
    labels: NDArray[np.int64] = KMeans(REGIONS, n_init=1, random_state=seed).fit_predict(features).astype(np.int64)
    return labels


class _Judge:
    """Fits a model without some architectures, and compares its predictions for them with the records."""

    def __init__(
        self,
        recipe: Recipe,
        facts: Facts,
        features: NDArray[np.float32],
        values: Floats,
        repeats: NDArray[np.int64],
        noise: Noise | None,
    ) -> None:
        self.recipe, self.facts = recipe, facts
        self.features, self.values, self.repeats, self.noise = features, values, repeats, noise

    def __call__(self, left_out: NDArray[np.bool_], purpose: str) -> Judgement:
        """Judge the model on the architectures that a mask ``(n,)`` leaves out."""
        kept, name = ~left_out, self.facts.name
        model = Regression(self.recipe, (name, purpose), self.features[kept], self.values[kept])
        mean, sd = model.predict(self.features[left_out])
        target = self.facts.target(self.facts.fidelities[-1])
        recorded = self.values[left_out]
        with_noise = None
        if self.noise:
            of_mean = self.noise.at(mean) / np.sqrt(self.repeats[left_out])
            with_noise = calibration(recorded, mean, np.hypot(sd, of_mean))
        return Judgement(
            architectures=int(left_out.sum()),
            agreement=agreement(recorded, mean, precision(self.facts.targets[target], self.facts)),
            epistemic=calibration(recorded, mean, sd),
            epistemic_and_noise=with_noise,
        )
