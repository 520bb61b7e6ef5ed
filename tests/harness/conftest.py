"""Fixtures of several rooms of the harness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import load_benchmark, registry
from benchmarks.storage.official_files import known_imports


@pytest.fixture
def few_benchmarks() -> Iterator[None]:
    """Leave out most of the benchmarks that come with Regretta, which take seconds to read; forget loaded tables."""
    kept = dict(registry.BENCHMARKS)
    for name in kept.keys() - {"synthetic", "nasbench201-cifar10", *known_imports()}:
        del registry.BENCHMARKS[name]
    load_benchmark.cache_clear()
    yield
    registry.BENCHMARKS.clear()
    registry.BENCHMARKS.update(kept)
    load_benchmark.cache_clear()
