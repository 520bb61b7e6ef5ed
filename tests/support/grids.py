"""Small experiments as TOML gives them, resolved, or with every mistake in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment


def raw(**changes):
    base = {
        "schema": 1,
        "name": "study",
        "seed": 3,
        "trials": 2,
        "benchmarks": ["synthetic"],
        "budget": {"evaluations": 10},
        "algorithms": {"random_search": {}},
    }
    merged = base | changes
    return {key: value for key, value in merged.items() if value is not None}


def resolve(folder=Path(), **changes):
    return resolve_experiment(raw(**changes), folder)


def problems(folder=Path(), **changes):
    with pytest.raises(ConfigurationError) as caught:
        resolve(folder, **changes)
    return caught.value.problems
