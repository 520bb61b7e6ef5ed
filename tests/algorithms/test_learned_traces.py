"""Algorithms with their default predictors give the same trace for the same seed, also in another process."""

from __future__ import annotations

from pathlib import Path

import learned_traces
import pytest
from processes import in_another_process


@pytest.mark.slow
def test_another_process_gives_the_same_traces(tmp_path):
    here = learned_traces.traces("nasbench201-cifar10")
    assert here == learned_traces.traces("nasbench201-cifar10")
    assert here == in_another_process(Path(learned_traces.__file__), "nasbench201-cifar10", data=tmp_path)
