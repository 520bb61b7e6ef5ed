"""Measure how often the signed-rank test shows a normal mean difference that is exactly the resolution.

It prints a Markdown table by number of tested pairs and number of trials.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from results.statistics.bootstrap import ALPHA
from results.statistics.power import fewest_pairs, smallest_difference

TESTS = (1, 3, 10, 36)
SIZES = (8, 9, 10, 11, 13, 16, 20, 30, 60, 100)
RACES = 10_000


def power(n: int, tests: int) -> str:
    """Return the share of races of n pairs whose p-value is below the level of the tests, or a dash if none can be."""
    level = ALPHA / tests
    if n < fewest_pairs(level):
        return "–"
    shift = smallest_difference(1.0, n, level)
    differences = np.random.default_rng(n).normal(shift, 1.0, (RACES, n))
    return f"{(stats.wilcoxon(differences, axis=1).pvalue < level).mean():.2f}"


if __name__ == "__main__":
    print(f"| pairs tested | {' | '.join(map(str, SIZES))} |\n|---|{'--:|' * len(SIZES)}")
    for tests in TESTS:
        print(f"| {tests} | {' | '.join(power(n, tests) for n in SIZES)} |")
