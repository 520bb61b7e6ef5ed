"""Samples small enough for quick tests."""

from __future__ import annotations

import pytest

from benchmarks.analyses import architectures, fidelity, sampled_landscape


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw fewer architectures, resamples, climbs and sets."""
    small = {"SAMPLE": 100, "RESAMPLES": 10, "CLIMBS": 5, "WALKS": 20, "SETS": 20}
    for module in (architectures, fidelity, sampled_landscape):
        for name in small.keys() & vars(module).keys():
            monkeypatch.setattr(module, name, small[name])
