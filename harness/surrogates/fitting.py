"""Fit a surrogate to a recorded table: models of its errors and times, from which a table of predictions is made."""

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
"""Modelled networks per architecture, if the noise is known."""
NOISE_LEVELS = 10
"""Number of error levels at which the noise is fitted."""
FEWEST = 50
"""Smallest number of architectures that a surrogate is fitted to."""
LARGEST_ERROR = 1e100
"""Largest absolute error that a surrogate is fitted to."""
CHUNK = 20_000
"""Number of architectures that are encoded at a time."""


@dataclass(frozen=True)
class Recipe:
    """All settings of a surrogate besides its table.

    Attributes
    ----------
    model : str
        A key of ``SURROGATE_MODELS``.
    encodings : tuple of str
        Encodings of the space, whose features are concatenated; empty for the default.
    seed : int
    train : int or None
        Number of randomly drawn architectures that it is fitted to; None for all.
    """

    model: str = "random_forest"
    encodings: tuple[str, ...] = ()
    seed: int = 0
    train: int | None = None

    def stream(self, *purpose: str | int) -> np.random.Generator:
        """Return the random generator of the model for a purpose."""
        return stream("surrogate", self.seed, self.model, *purpose)

    def split(self, *purpose: str) -> np.random.Generator:
        """Return the random generator of a split of the architectures, the same for all models."""
        return stream("surrogate split", self.seed, *purpose)


class Regression:
    """A model of one quantity of architectures. It learns the logarithm if all values are positive.

    Parameters
    ----------
    recipe : Recipe
    purpose : sequence
        The names of its random stream.
    features : array, ``(n, d)``
    values : array, ``(n,)``
    """

    def __init__(self, recipe: Recipe, purpose: Sequence[str | int], features: ArrayLike, values: Floats) -> None:
        self.logarithmic = bool((values > 0).all())
        self._model: Predictor = make_model(recipe.model, len(values), recipe.stream(*purpose))
        self._model.fit(np.asarray(features, dtype=np.float32), np.log(values) if self.logarithmic else values)

    def predict(self, features: ArrayLike) -> Prediction:
        """Predict values and their epistemic standard deviations, each ``(n,)``, in the unit of the fitted values."""
        mean, sd = self._model.predict(np.asarray(features, dtype=np.float32))
        return Prediction(np.exp(mean), np.exp(mean) * sd) if self.logarithmic else Prediction(mean, sd)


@dataclass(frozen=True)
class Noise:
    """Standard deviation of one training run, as a function of the mean error.

    Attributes
    ----------
    errors, sd : array, ``(n_levels,)``
        Ascending errors and the noise at each. The noise is linear between them and constant beyond.
    """

    errors: Floats
    sd: Floats

    @classmethod
    def of(cls, repeats: Floats) -> Noise | None:
        """Fit the noise to repeats ``(n, repeats)``. Return None if no architecture has two repeats."""
        counts = np.isfinite(repeats).sum(axis=1)
        several = repeats[counts >= 2]
        if len(several) == 0:
            return None
        order = np.argsort(np.nanmean(several, axis=1), kind="stable")
        levels = [several[part] for part in np.array_split(order, min(NOISE_LEVELS, len(several)))]
        sd = [np.sqrt(np.mean(np.nanvar(level, axis=1, ddof=1))) for level in levels]
        return cls(np.array([np.nanmean(level) for level in levels]), np.array(sd))

    def at(self, errors: Floats) -> Floats:
        """Interpolate the noise at mean errors ``(n,)``."""
        interpolated: Floats = np.interp(errors, self.errors, self.sd)
        return interpolated

    def repeats(self, means: Floats, rng: np.random.Generator) -> Floats:
        """Draw repeats ``(n, REPEATS)`` whose means are the predicted errors."""
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
        Rows of the table that the models were fitted to.
    errors : dict
        Models of the mean errors, by target.
    seconds : Regression or None
        Model of the training time to the highest fidelity; None if the table has no times.
    noise : dict
        Noise by fidelity, for fidelities with repeats.
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
        """Predict all rows of a new benchmark.

        Parameters
        ----------
        name : str
            Name of the benchmark.
        space : SearchSpace
            The table's space, or another one with the same encodings. For another one, the table's notes are left out.
        genotypes : array of int, ``(n, positions)``
            One architecture per row.
        index : RowIndex, optional
            Finds the row of an architecture.
        title : str, optional
            Default: the table's title.

        Raises
        ------
        BenchmarkError
            If a benchmark may not have this name.
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
            mean = means[facts.target(fidelity)]
            rng = self.recipe.stream("noise", facts.name, f"{fidelity:g}")
            noise = self.noise.get(fidelity)
            drawn = noise.repeats(mean, rng) if noise else mean[:, np.newaxis]
            errors[fidelity] = np.clip(drawn, low, high)
        for target in means:
            parsed = Target.parse(target)
            if parsed.kind == "test" != facts.signal and parsed.fidelity is not None:
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
            matched_runs=False,
            information=(),
            command="",
            notes=(*(facts.notes if space is self.table.space else ()), *self._notes()),
        )
        return build_table(facts, space, errors, self._seconds(features), tests, index)

    def _seconds(self, features: Sequence[NDArray[np.float32]]) -> dict[float, Floats]:
        """Predict the training times by fidelity.

        A lower fidelity takes the median fraction of the total time that the records show.
        """
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
        If the model or an encoding is unknown or cannot be used, or if the table is not a recorded one.
    """
    facts = table.facts
    if facts.provenance != "recorded":
        raise BenchmarkError(f"{facts.name} is {facts.provenance}; a surrogate can only be fitted to a recorded table")
    rows = training_rows(table, recipe)
    genotypes = table.recorded()[rows]
    features = np.concatenate(list(encoded(table.space, genotypes, recipe)))
    targets = [target for target in facts.targets if Target.parse(target).kind in ("validation", "test")]
    largest = max(np.abs(table.true_errors(genotypes, target)).max() for target in targets)
    if largest > LARGEST_ERROR:
        raise BenchmarkError(
            f"{facts.name} has values up to {largest:.3g}, whose squares overflow; import them in a unit in which"
            f" they are at most {LARGEST_ERROR:g}"
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
    """Return the rows of the table that the recipe is fitted to, in ascending order.

    Raises
    ------
    BenchmarkError
        If the table has fewer rows than the recipe requires, or too few for any surrogate.
    """
    n = len(table.recorded())
    wanted = n if recipe.train is None else recipe.train
    if n < FEWEST:
        raise BenchmarkError(f"{table.facts.name} has {n:,} architectures; a surrogate needs at least {FEWEST}")
    if not FEWEST <= wanted <= n:
        raise BenchmarkError(
            f"--train: expected a number from {FEWEST} to {n:,} (all architectures of {table.facts.name}),"
            f" got {wanted:,}"
        )
    drawn = recipe.split("rows", table.facts.name).permutation(n)[:wanted]
    return np.sort(drawn)


def encoded(space: SearchSpace, genotypes: Genotypes, recipe: Recipe) -> Iterator[NDArray[np.float32]]:
    """Yield the features of architectures in chunks of at most ``(CHUNK, d)``."""
    names = encoding_names(space, recipe)
    for start in range(0, len(genotypes), CHUNK):
        part = genotypes[start : start + CHUNK]
        yield np.hstack([space.encode(part, name) for name in names])


def encoding_names(space: SearchSpace, recipe: Recipe) -> tuple[str, ...]:
    """Return the recipe's encodings. Default: ``adjacency`` if the space has it, else ``one_hot``."""
    return recipe.encodings or ("adjacency" if "adjacency" in space.encodings else "one_hot",)


def check_new_name(name: str) -> None:
    """Check that a fitted surrogate may have a name.

    Raises
    ------
    BenchmarkError
        If the name is not valid, or belongs to a recorded table.
    """
    check_own_name(name)
    if _is_recorded(name):
        raise BenchmarkError(
            f"--name {name!r} is the name of a recorded table, which a surrogate cannot replace; choose another name"
        )


def _is_recorded(name: str) -> bool:
    try:
        return read_manifest(name).facts.provenance == "recorded"
    except BenchmarkError:  # the table does not exist; or it is damaged and may be replaced
        return False
