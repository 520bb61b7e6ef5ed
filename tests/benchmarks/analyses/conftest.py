"""Samples small enough for quick tests."""

from __future__ import annotations

import pytest

from benchmarks.analyses import architectures, sampled_landscape


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw fewer architectures and resamples."""
    for module in (architectures, sampled_landscape):
        monkeypatch.setattr(module, "SAMPLE", 400)
        monkeypatch.setattr(module, "RESAMPLES", 40)


@pytest.fixture
def nothing_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample from every space that a model answers for, however small it is."""
    monkeypatch.setattr(architectures, "LISTABLE", 0)
