"""NAS-Bench-201 with modelled schedules shorter than the recorded 200 epochs: multi-fidelity without an import.

The embedded tables have the 200-epoch errors only. Here runs of 12, 25, 50 and 100 epochs, each with its own schedule,
are *modelled*, so the provenance is ``surrogate``. The 200-epoch errors are the recorded ones. Training cannot be
resumed.

The model is fitted to the recorded 12-epoch runs (of the 12/200-epoch tables, which have to be imported). On the logit
scale, it has the quantiles of the 12-epoch error at each of many 200-epoch errors. The quantile of an architecture is
drawn at random. So the model reproduces three properties of the records: the rank correlation with the 200-epoch error
(.82), which constant noise would reproduce as well, the rank correlation among the architectures that look best, and
the regret of choosing by the 12-epoch error.

Two things are assumed. First, nothing was recorded between 12 and 200 epochs: the model interpolates linearly in the
logarithm of the epoch, on the logit scale. Second, architectures are drawn independently, although similar ones learn
at similar speeds. Making a part of the score depend on the operations fitted the three properties worse.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from benchmarks.nasbench201.table import load as load_recorded
from benchmarks.table import TableBenchmark, build_table

Floats = NDArray[np.float64]

SUFFIX = "-curves"
FIDELITIES = (12.0, 25.0, 50.0, 100.0)
KNOTS: Floats = np.r_[0, 0.0006, 0.002, 0.005, np.linspace(0.01, 0.5, 46), np.linspace(0.53, 1, 14)]
"""Quantiles of the 200-epoch error at which the model describes the 12-epoch error."""
LEVELS: Floats = np.r_[0.001, np.linspace(0.02, 0.98, 25), 0.999]
"""Quantiles of the 12-epoch error that the model stores."""
SEEDS = {"cifar10": 12, "cifar100": 74, "imagenet16-120": 73}
"""Seeds of the noise. Among the first hundred, they come nearest to the records in the three properties."""


def load(name: str) -> TableBenchmark:
    """Load ``nasbench201-cifar10-curves``, ``-cifar100-curves`` or ``-imagenet16-120-curves``."""
    recorded = load_recorded(name.removesuffix(SUFFIX))
    dataset = recorded.facts.dataset
    genotypes = recorded.space.enumerate()
    final = recorded.true_errors(genotypes, "validation@200")
    early = logit(shortest_schedule(final, _models()[dataset], SEEDS[dataset]))
    errors = {}
    for fidelity in FIDELITIES:
        weight = np.log(fidelity / 12.0) / np.log(200.0 / 12.0)
        modelled = expit((1 - weight) * early + weight * logit(final))
        errors[fidelity] = np.round(modelled, 6)[:, np.newaxis]
    errors[200.0] = recorded.errors(genotypes, 200.0)
    seconds = {f: (recorded.seconds(genotypes, 200.0) * f / 200.0)[:, np.newaxis] for f in errors}
    facts = replace(
        recorded.facts,
        name=name,
        title=recorded.facts.title.replace("201,", "201 curves,"),
        metric="validation accuracy, maximised, %: recorded after 200 epochs, modelled for schedules of 12 to 100",
        fidelities=tuple(errors),
        provenance="surrogate",
        data_hash=sha256(b"".join(e.tobytes() for e in errors.values())).hexdigest(),
        sisters=tuple(f"{sister}{SUFFIX}" for sister in recorded.facts.sisters),
        notes=(*recorded.facts.notes, "errors below 200 epochs are modelled, not recorded"),
    )
    return build_table(facts, recorded.space, errors, seconds)


@lru_cache(maxsize=1)
def _models() -> dict[str, dict[str, Any]]:
    """Read the fitted parameters, by data set."""
    models: dict[str, dict[str, Any]] = json.loads(files("benchmarks.nasbench201").joinpath("curves.json").read_text())
    return models


def shortest_schedule(final: Floats, model: dict[str, Any], seed: int) -> Floats:
    """Draw the errors of 12-epoch runs, ``(n,)``, given the 200-epoch errors ``(n,)``."""
    quantiles = np.asarray(model["quantiles"]).T
    here = np.stack([np.interp(logit(final), model["ends"], values) for values in quantiles], axis=1)
    levels = ndtri(LEVELS)
    score = np.clip(np.random.default_rng(seed).normal(size=len(final)), levels[0], levels[-1])
    below = np.clip(np.searchsorted(levels, score) - 1, 0, len(levels) - 2)
    weight = (score - levels[below]) / (levels[below + 1] - levels[below])
    rows = np.arange(len(final))
    drawn: Floats = expit((1 - weight) * here[rows, below] + weight * here[rows, below + 1])
    return drawn


def fit(final: Floats, early: Floats) -> dict[str, Any]:
    """Fit the model to recorded 200-epoch and 12-epoch errors, both ``(n,)``."""
    ends, starts = logit(final), logit(np.clip(early, 1e-3, 1 - 1e-3))
    order, n = np.argsort(ends, kind="stable"), len(ends)
    middles = np.r_[KNOTS[0], (KNOTS[1:] + KNOTS[:-1]) / 2, KNOTS[-1]] * (n - 1)
    windows = [order[max(int(low) - 3, 0) : int(high) + 4] for low, high in itertools.pairwise(middles)]
    return {
        "ends": np.round(np.quantile(ends, KNOTS), 4).tolist(),
        "quantiles": np.round([np.quantile(starts[window], LEVELS) for window in windows], 3).tolist(),
    }
