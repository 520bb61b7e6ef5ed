"""The noise of one training run beside the differences between the best architectures."""

from __future__ import annotations

import numpy as np

from benchmarks.analyses.architectures import Measures
from benchmarks.benchmark import Benchmark
from benchmarks.table import TableBenchmark

BEST = 0.01
"""Share of the architectures among which the noise is measured."""


def noise_and_spread(benchmark: Benchmark) -> Measures:
    """Measure the noise and the spread among the best 1 % of the recorded architectures, at the highest fidelity.

    Returns
    -------
    dict
        ``noise``: standard deviation of one run, the root of the mean variance over architectures with several runs.
        ``spread``: standard deviation of the mean errors. ``noise_to_spread``: their ratio. NaN where unknown.
    """
    unknown = {"noise": np.nan, "spread": np.nan, "noise_to_spread": np.nan}
    if not isinstance(benchmark, TableBenchmark):
        return unknown
    repeats = benchmark.errors(benchmark.recorded(), benchmark.facts.fidelities[-1])
    means = np.nanmean(repeats, axis=1)
    best = np.argsort(means, kind="stable")[: max(2, round(BEST * len(means)))]
    several = best[np.isfinite(repeats[best]).sum(axis=1) >= 2]
    spread = float(means[best].std(ddof=1)) if len(best) > 1 else np.nan
    if len(several) == 0:
        return unknown | {"spread": spread}
    noise = float(np.sqrt(np.nanvar(repeats[several], axis=1, ddof=1).mean()))
    return {"noise": noise, "spread": spread, "noise_to_spread": noise / spread if spread > 0 else np.nan}
