"""Hashes of benchmarks, to compare this process with another; as a script, those of the names given."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import Benchmark, load_benchmark

T = TypeVar("T")

ROOT = Path(__file__).parents[2]


def few(items: Sequence[T]) -> list[T]:
    """All of a few items; of many, such as the epochs of a learning curve, ten with the first and the last."""
    return list(items) if len(items) <= 10 else [items[i * (len(items) - 1) // 9] for i in range(10)]


def fingerprint(benchmark: Benchmark) -> dict[str, str]:
    """Hashes of the data, of the facts, and of what the queries answer for 200 architectures."""
    facts, rng = benchmark.facts, np.random.default_rng(0)
    genotypes = np.array([benchmark.space.sample(rng) for _ in range(200)], dtype=np.int16)
    answers = [query(genotypes, f) for f in few(facts.fidelities) for query in (benchmark.errors, benchmark.seconds)]
    answers += [benchmark.true_errors(genotypes, target) for target in few(list(facts.targets))]
    return {
        "data": facts.data_hash,
        "facts": hashlib.sha256(json.dumps(facts.to_json()).encode()).hexdigest(),
        "answers": hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in answers)).hexdigest(),
        "strings": hashlib.sha256("".join(map(benchmark.space.to_string, map(tuple, genotypes))).encode()).hexdigest(),
    }


def in_another_process(script: Path, *arguments: str, data: Path) -> Any:
    """What a script prints as JSON, run with another PYTHONHASHSEED, from another folder."""
    environment = os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT), "REGRETTA_DATA": str(data)}
    command = [sys.executable, str(script), *arguments]
    ran = subprocess.run(command, env=environment, cwd=data, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise AssertionError(f"{script.name} failed in another process:\n{ran.stderr}")
    return json.loads(ran.stdout)


if __name__ == "__main__":
    print(json.dumps({name: fingerprint(load_benchmark(name)) for name in sys.argv[1:]}))
