"""Bands of ten algorithms: 1,000 resamples of 500 whole trials at 200 points each, for every statistic."""

from __future__ import annotations

from time import perf_counter, process_time
from typing import get_args

import numpy as np
from threadpoolctl import threadpool_limits

from results.statistics.bootstrap import BOOTSTRAP_SEED, Statistic, bootstrap_band

LIMIT = 3.0
ALGORITHMS, TRIALS, POINTS, RESAMPLES = 10, 500, 200, 1000

if __name__ == "__main__":
    curves = np.random.default_rng(1).gamma(2.0, size=(ALGORITHMS, TRIALS, POINTS))
    with threadpool_limits(1):
        for statistic in get_args(Statistic):
            began, busy = perf_counter(), process_time()
            for values in curves:
                bootstrap_band(values, statistic, np.random.default_rng(BOOTSTRAP_SEED), RESAMPLES)
            seconds, used = perf_counter() - began, process_time() - busy
            print(f"{statistic}: {seconds:.2f} s ({used:.2f} s of CPU); limit: {LIMIT} s")
