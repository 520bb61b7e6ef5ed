"""The settings of the registered algorithms that are tested; as a script, the traces of all, to compare processes."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from algorithms import ALGORITHMS, Algorithm, algorithm_class, missing_library
from benchmarks import Benchmark, load_benchmark
from harness.conformance.algorithm_checks import WORKERS, Case, trace

LIGHT = {"predictor": "ridge", "initial": 30, "picks": 40}
"""Hyperparameters of whoever has a predictor: contracts do not depend on it, and the papers' take seconds a trial."""


def variants(cls: type[Algorithm]) -> dict[str, dict[str, Any]]:
    """By name, the settings to test: the defaults, every preset, every switch turned; equal ones once."""
    named: dict[str, dict[str, Any]] = {"defaults": {}} | cls.presets
    for field in dataclasses.fields(cls):
        if isinstance(field.default, bool):
            named[f"{field.name}={not field.default}"] = {field.name: not field.default}
    light = LIGHT if "predictor" in {field.name for field in dataclasses.fields(cls)} else {}
    found: dict[str, dict[str, Any]] = {}
    for name, given in named.items():
        parameters = given | light
        if all(cls(**parameters) != cls(**other) for other in found.values()):
            found[name] = parameters
    return found


def due(cls: type[Algorithm], place: int, places: int) -> dict[str, dict[str, Any]]:
    """Return the settings to test in one of several places: the defaults in each, the others in turn."""
    return {
        name: parameters for i, (name, parameters) in enumerate(variants(cls).items()) if i == 0 or i % places == place
    }


def traces(benchmark: Benchmark, place: int, places: int) -> dict[str, list[str]]:
    """The traces of all registered algorithms that are whole here and can search there."""
    found = {}
    for name in ALGORITHMS:
        cls = algorithm_class(name)
        if missing_library(cls):
            continue
        for variant, parameters in due(cls, place, places).items():
            case = Case(cls, name, parameters, benchmark, WORKERS[-1])
            if not case.refusal():
                found[f"{name}/{variant}"] = trace(case.run())
    return found


if __name__ == "__main__":
    names = sys.argv[1:]
    print(json.dumps({name: traces(load_benchmark(name), i, len(names)) for i, name in enumerate(names)}))
