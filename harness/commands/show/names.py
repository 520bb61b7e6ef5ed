"""All names that the command line knows, by kind, for lists, `regretta show`, and shell completion."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.registry import resolve

KINDS = {
    "algorithm": "algorithms.registry:ALGORITHMS",
    "benchmark": "benchmarks.loading:benchmark_names",
    "protocol": "harness.simulation.protocols:PRESETS",
    "experiment": "harness.experiments.files:shipped_experiments",
    "study": "harness.analyses.registry:STUDIES",
    "figure": "plots.figures.registry:FIGURES",
    "model": "harness.surrogates.registry:SURROGATE_MODELS",
    "reproduction": "harness.reproduction.registry:REPRODUCTIONS",
}
"""By kind, ``module:attribute`` of its names: a mapping, or a function that returns the names."""

PLURALS = {kind: f"{kind}s" for kind in KINDS} | {"study": "studies"}


def names_of(kind: str) -> list[str]:
    """Return the names of a kind, in the order of its registry."""
    found = resolve(KINDS[kind])
    names: Iterable[str] = found() if callable(found) else found
    return list(names)


def kinds_of(name: str) -> list[str]:
    """Return the kinds that have a name. Names of some kinds are also names of others."""
    return [kind for kind in KINDS if name in names_of(kind)]
