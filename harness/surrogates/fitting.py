"""Fitting a surrogate to a recorded table: models of its errors and times, which become a table of predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from algorithms.models.predictors import Prediction, Predictor
from benchmarks.benchmark import Target
from benchmarks.errors import BenchmarkError
from benchmarks.spaces.base import Genotypes, SearchSpace
from benchmarks.storage.manifest import check_own_name
from benchmarks.storage.tables import read_manifest
from benchmarks.table import RowIndex, TableBenchmark, build_table
from harness.simulation.random_streams import stream
from harness.surrogates.models import make_model

Floats = NDArray[np.float64]

REPEATS = 3
"""Modelled networks of an architecture, where noise is known."""
NOISE_LEVELS = 10
"""So many levels of error at which the noise is fitted."""
FEWEST = 50
"""Architectures that a surrogate is fitted to."""
LARGEST_ERROR = 1e100
"""In absolute value."""
CHUNK = 20_000
"""Architectures that are encoded at a time."""


@dataclass(frozen=True)
class Recipe:
    """All that decides a surrogate, besides the table.

    Attributes
    ----------
    model : str
        A name of ``SURROGATE_MODELS``.
    encodings : tuple of str
        Of the space, their features side by side; none for the default.
    seed : int
    train : int or None
        How many architectures, drawn at random, it is fitted to; None for all.
    """

    model: str = "random_forest"
    encodings: tuple[str, ...] = ()
    seed: int = 0
    train: int | None = None

    def stream(self, *purpose: str | int) -> np.random.Generator:
        """Return the generator of a purpose of the model's."""
        return stream("surrogate", self.seed, self.model, *purpose)

    def split(self, *purpose: str) -> np.random.Generator:
        """Return the generator of a division of the architectures, the same for all models."""
        return stream("surrogate split", self.seed, *purpose)


class Regression:
    """A model of one quantity of architectures; it learns the logarithm of what is positive.

    Parameters
    ----------
    recipe : Recipe
    purpose : sequence
        What names its random stream.
    features : array, ``(n, d)``
    values : array, ``(n,)``
    """

    def __init__(self, recipe: Recipe, purpose: Sequence[str | int], features: ArrayLike, values: Floats) -> None:
        self.logarithmic = bool((values > 0).all())
        self._model: Predictor = make_model(recipe.model, len(values), recipe.stream(*purpose))
        self._model.fit(np.asarray(features, dtype=np.float32), np.log(values) if self.logarithmic else values)

    def predict(self, features: ArrayLike) -> Prediction:
        """Predict ``(n,)`` values and their epistemic standard deviations, in the unit of what was learnt."""
        mean, sd = self._model.predict(np.asarray(features, dtype=np.float32))
        return Prediction(np.exp(mean), np.exp(mean) * sd) if self.logarithmic else Prediction(mean, sd)


@dataclass(frozen=True)
class Noise:
    """Standard deviation of one training run, by the mean error.

    Attributes
    ----------
    errors, sd : array, ``(n_levels,)``
        Ascending errors, and the noise at each; linear between them, constant beyond.
    """

    errors: Floats
    sd: Floats

    @classmethod
    def of(cls, repeats: Floats) -> Noise | None:
        """Fit to the repeats ``(n, repeats)`` of some architectures; None if none has two."""
        counts = np.isfinite(repeats).sum(axis=1)
        several = repeats[counts >= 2]
        if len(several) == 0:
            return None
        order = np.argsort(np.nanmean(several, axis=1), kind="stable")
        levels = [several[part] for part in np.array_split(order, min(NOISE_LEVELS, len(several)))]
        sd = [np.sqrt(np.mean(np.nanvar(level, axis=1, ddof=1))) for level in levels]
        return cls(np.array([np.nanmean(level) for level in levels]), np.array(sd))

    def at(self, errors: Floats) -> Floats:
        """Interpolate at mean errors."""
        interpolated: Floats = np.interp(errors, self.errors, self.sd)
        return interpolated

    def repeats(self, means: Floats, rng: np.random.Generator) -> Floats:
        """Draw repeats whose mean is the prediction, ``(n, REPEATS)``."""
        drawn = rng.standard_normal((len(means), REPEATS))
        centred: Floats = (drawn - drawn.mean(axis=1, keepdims=True)) * np.sqrt(REPEATS / (REPEATS - 1))
        spread: Floats = self.at(means)[:, np.newaxis] * centred
        return means[:, np.newaxis] + spread


@dataclass(frozen=True)
class Surrogate:
    """Fitted models of a table.

    Attributes
    ----------
    table : TableBenchmark
    recipe : Recipe
    rows : array of int
        Of the table, those that it was fitted to.
    errors : dict
        By target, the models of mean errors.
    seconds : Regression or None
        Of the time to the highest fidelity.
    noise : dict
        By fidelity, where there are repeats.
    """

    table: TableBenchmark
    recipe: Recipe
    rows: NDArray[np.int64]
    errors: dict[str, Regression]
    seconds: Regression | None
    noise: dict[float, Noise]

    def tabulate(
        self, name: str, space: SearchSpace, genotypes: Genotypes, index: RowIndex | None = None, title: str = ""
    ) -> TableBenchmark:
        """Predict architectures of a space, one for every row, and make them a benchmark.

        On another space than the table's, one with the same encodings, notes of the table are left out. The title is by
        default the table's.

        Raises
        ------
        BenchmarkError
            If the name is not allowed, or is that of a benchmark that is not fitted.
        """
        features = list(encoded(space, genotypes, self.recipe))
        facts = self.table.facts
        low, high = facts.valid_range
        means = {
            target: np.clip(np.concatenate([model.predict(part).mean for part in features]), low, high)
            for target, model in self.errors.items()
        }
        errors, tests = {}, {}
        for fidelity in facts.fidelities:
            mean = means[str(Target("validation", fidelity))]
            rng = self.recipe.stream("noise", facts.name, f"{fidelity:g}")
            noise = self.noise.get(fidelity)
            drawn = noise.repeats(mean, rng) if noise else mean[:, np.newaxis]
            errors[fidelity] = np.clip(drawn, low, high)
        for target in means:
            parsed = Target.parse(target)
            if parsed.kind == "test" and parsed.fidelity is not None:
                tests[parsed.fidelity] = means[target]
        facts = replace(
            facts,
            name=name,
            title=f"{title or facts.title}, modelled by {self.recipe.model}",
            space=space.name,
            provenance="surrogate",
            source=f"fitted to {len(self.rows):,} architectures of {facts.name}, data {facts.data_hash[:12]}",
            data_hash="",
            sisters=(),
            notes=(*(facts.notes if space is self.table.space else ()), *self._notes()),
        )
        return build_table(facts, space, errors, self._seconds(features), tests, index)

    def _seconds(self, features: Sequence[NDArray[np.float32]]) -> dict[float, Floats]:
        """The modelled time; of fewer epochs the share that they have in the median of the records."""
        if self.seconds is None:
            return {}
        highest = np.concatenate([self.seconds.predict(part).mean for part in features])
        recorded, fidelities = self.table.recorded()[self.rows], self.table.facts.fidelities
        whole = self.table.seconds(recorded, fidelities[-1])
        shares = {f: float(np.median(self.table.seconds(recorded, f) / whole)) for f in fidelities}
        return {fidelity: (share * highest)[:, np.newaxis] for fidelity, share in shares.items()}

    def _notes(self) -> Iterator[str]:
        yield "every error and every time is predicted by a model"
        if self.noise:
            yield f"{REPEATS} repeats are drawn with the noise of the recorded ones, around the predicted mean"


def fit_surrogate(table: TableBenchmark, recipe: Recipe) -> Surrogate:
    """Fit models of all errors and of the time of a table.

    Raises
    ------
    BenchmarkError
        If the model, or an encoding, is not known or not possible here; if the table is itself modelled.
    """
    facts = table.facts
    if facts.provenance != "recorded":
        raise BenchmarkError(f"{facts.name} is {facts.provenance}: a surrogate is fitted to a recorded table")
    rows = training_rows(table, recipe)
    genotypes = table.recorded()[rows]
    features = np.concatenate(list(encoded(table.space, genotypes, recipe)))
    targets = [target for target in facts.targets if Target.parse(target).kind in ("validation", "test")]
    largest = max(np.abs(table.true_errors(genotypes, target)).max() for target in targets)
    if largest > LARGEST_ERROR:
        raise BenchmarkError(
            f"{facts.name} has values up to {largest:.3g}, whose squares overflow; import them in another unit, at most"
            f" {LARGEST_ERROR:g}"
        )
    errors = {
        target: Regression(recipe, (facts.name, target), features, table.true_errors(genotypes, target))
        for target in targets
    }
    times = table.seconds(genotypes, facts.fidelities[-1])
    seconds = Regression(recipe, (facts.name, "seconds"), features, times) if facts.has_seconds else None
    noise = {fidelity: Noise.of(table.errors(genotypes, fidelity)) for fidelity in facts.fidelities}
    return Surrogate(table, recipe, rows, errors, seconds, {f: fitted for f, fitted in noise.items() if fitted})


def training_rows(table: TableBenchmark, recipe: Recipe) -> NDArray[np.int64]:
    """Rows of the table that the recipe is fitted to, ascending.

    Raises
    ------
    BenchmarkError
        If there are fewer than it asks for, or too few.
    """
    n = len(table.recorded())
    wanted = n if recipe.train is None else recipe.train
    if n < FEWEST:
        raise BenchmarkError(f"{table.facts.name} has {n:,} architectures; a surrogate is fitted to {FEWEST} or more")
    if not FEWEST <= wanted <= n:
        raise BenchmarkError(
            f"--train {wanted:,}: a surrogate is fitted to {FEWEST} to all {n:,} of {table.facts.name}"
        )
    drawn = recipe.split("rows", table.facts.name).permutation(n)[:wanted]
    return np.sort(drawn)


def encoded(space: SearchSpace, genotypes: Genotypes, recipe: Recipe) -> Iterator[NDArray[np.float32]]:
    """Features of architectures, some at a time, ``(<= CHUNK, d)``."""
    names = encoding_names(space, recipe)
    for start in range(0, len(genotypes), CHUNK):
        part = genotypes[start : start + CHUNK]
        yield np.hstack([space.encode(part, name) for name in names])


def encoding_names(space: SearchSpace, recipe: Recipe) -> tuple[str, ...]:
    """The recipe's encodings; by default ``adjacency`` where there is one, else ``one_hot``."""
    return recipe.encodings or ("adjacency" if "adjacency" in space.encodings else "one_hot",)


def check_new_name(name: str) -> None:
    """Refuse a name that no fitted surrogate may have.

    Raises
    ------
    BenchmarkError
        If it is so.
    """
    check_own_name(name)
    if _is_recorded(name):
        raise BenchmarkError(
            f"--name {name!r} is that of a recorded table, which no surrogate replaces; choose another"
        )


def _is_recorded(name: str) -> bool:
    try:
        return read_manifest(name).facts.provenance == "recorded"
    except BenchmarkError:  # it is not there; or is damaged, and may be made anew
        return False
