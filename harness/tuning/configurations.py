"""The configurations of an algorithm that are raced: a whole grid, or a sample."""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.tuning.settings import Range, Values

Refusal = Callable[[Mapping[str, Any]], str | None]
ATTEMPTS = 50
"""Number of draws per wanted configuration after which a sample stays smaller."""


@dataclass(frozen=True)
class Configuration:
    """Values of the hyperparameters that are searched.

    Attributes
    ----------
    number : int
        Place among all configurations of the algorithm.
    values : dict
    """

    number: int
    values: dict[str, Any]

    def __str__(self) -> str:
        """Write the values."""
        return ", ".join(f"{name}={value}" for name, value in self.values.items())


@dataclass
class Configurations:
    """The configurations of an algorithm.

    Attributes
    ----------
    valid : list of Configuration
    complete : bool
        Whether they are all combinations of the values.
    invalid : dict
        Number of combinations that the algorithm or a benchmark refused, by reason.
    """

    valid: list[Configuration] = field(default_factory=list)
    complete: bool = False
    invalid: dict[str, int] = field(default_factory=dict)


def configurations(search: Mapping[str, Values], most: int, seed: int, label: str, refusal: Refusal) -> Configurations:
    """List or draw configurations.

    Parameters
    ----------
    search : mapping
        Values by hyperparameter.
    most : int
        The largest number of configurations. A grid of at most that many combinations is taken whole. Otherwise, each
        value is drawn independently: uniformly from a list, and uniformly or log-uniformly from a range.
    seed : int
    label : str
        With the seed, it decides the draws.
    refusal : callable
        Returns why values cannot be used, or None.
    """
    sizes = [len(values) if isinstance(values, tuple) else math.inf for values in search.values()]
    found = Configurations(complete=math.prod(sizes) <= most)
    rng = np.random.default_rng([seed, zlib.crc32(label.encode())])
    source = _grid(search) if found.complete else _sample(search, rng, most * ATTEMPTS)
    seen: set[str] = set()
    for values in source:
        if (key := repr(values)) in seen:
            continue
        seen.add(key)
        if (reason := refusal(values)) is None:
            found.valid.append(Configuration(len(found.valid), values))
        else:
            found.invalid[reason] = found.invalid.get(reason, 0) + 1
            found.complete = False
        if len(found.valid) == most:
            break
    return found


def _grid(search: Mapping[str, Values]) -> Iterator[dict[str, Any]]:
    lists = [values for values in search.values() if isinstance(values, tuple)]
    for values in itertools.product(*lists):
        yield dict(zip(search, values, strict=True))


def _sample(search: Mapping[str, Values], rng: np.random.Generator, draws: int) -> Iterator[dict[str, Any]]:
    for _ in range(draws):
        yield {name: _draw(values, rng) for name, values in search.items()}


def _draw(values: Values, rng: np.random.Generator) -> Any:
    if not isinstance(values, Range):
        return values[int(rng.integers(len(values)))]
    low, high = float(values.low), float(values.high)
    if values.whole:
        low, high = low - 0.5, high + 0.5  # so that every whole number has its share
    value = math.exp(rng.uniform(math.log(low), math.log(high))) if values.log else rng.uniform(low, high)
    if values.whole:
        return int(min(max(round(value), values.low), values.high))
    return float(min(max(float(f"{value:.4g}"), values.low), values.high))
