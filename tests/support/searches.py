"""Recorded searches on NAS-Bench-201, written as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks import load_benchmark

TABLE = "nasbench201-cifar10"


def architectures(n: int, seed: int = 0) -> list[str]:
    """Draw architectures in the literature's notation."""
    space, rng = load_benchmark(TABLE).space, np.random.default_rng(seed)
    return [space.to_string(space.sample(rng)) for _ in range(n)]


def rows(n: int, seed: int = 0, step: float = 10_000.0) -> list[tuple[float, str, float]]:
    """Draw choices: time [s], architecture and observed accuracy."""
    accuracy = np.random.default_rng([seed, 1]).uniform(0.2, 0.9, n)
    return [
        (step * (place + 1), text, round(float(accuracy[place]), 4))
        for place, text in enumerate(architectures(n, seed))
    ]


def write_csv(file: Path, content: Iterable[tuple[float, str, float]]) -> Path:
    """Write choices as a CSV file."""
    lines = ["time_seconds,architecture,observed_accuracy", *(f"{time},{text},{seen}" for time, text, seen in content)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return file


def experiment(algorithms: dict[str, object], **changes: object) -> dict[str, object]:
    """An experiment with these algorithms, and random search, on one table."""
    base: dict[str, object] = {
        "schema": 1,
        "name": "race",
        "seed": 5,
        "trials": 3,
        "benchmarks": [TABLE],
        "budget": {"seconds": 60_000},
        "algorithms": {"random_search": {}} | algorithms,
    }
    return base | changes


def recorded(pattern: str, **more: object) -> dict[str, object]:
    """The table of a recorded entry in CSV files."""
    return {"use": f"trajectory:{pattern}", "format": "csv"} | more
