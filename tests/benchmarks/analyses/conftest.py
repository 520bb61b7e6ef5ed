"""Samples small enough for quick tests."""

from __future__ import annotations

import pytest

from benchmarks.analyses import architectures, sampled_landscape, transfer


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw fewer architectures and resamples."""
    for module in (architectures, sampled_landscape, transfer):
        monkeypatch.setattr(module, "SAMPLE", 400)
    for module in (architectures, sampled_landscape):
        monkeypatch.setattr(module, "RESAMPLES", 40)
