"""The algorithms that learn, with their own predictors: the same seed, the same trace, in another process too."""

from __future__ import annotations

from pathlib import Path

import learned_traces
from processes import in_another_process


def test_another_process_gives_the_same_traces(tmp_path):
    here = learned_traces.traces("nasbench201-cifar10")
    assert here == learned_traces.traces("nasbench201-cifar10")
    assert here == in_another_process(Path(learned_traces.__file__), "nasbench201-cifar10", data=tmp_path)
