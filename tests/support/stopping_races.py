"""Replay races that run until decided, from a pool of trials, and print the tables of docs/guides/stopping.md.

The pool is a results folder with many trials, such as that of ``regretta run quickstart --trials 3000``. A race gives
every label its own trials of the pool, in random order. The script takes the folder as its argument.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from results.anytime.comparisons import comparisons
from results.anytime.regret import area_under_log_regret, largest_difference
from results.statistics.bootstrap import ALPHA
from results.statistics.sequential import SequentialTest
from results.storage.loading import load

Floats = NDArray[np.float64]

RACES, TRIALS, BLOCK, MARGIN = 2_000, 500, 10, 0.1
RULES = ("symmetric", "bounded")
PLANTED = ((0.05, MARGIN), (0.05, 0.02), (0.1, MARGIN), (0.2, MARGIN))
"""Differences and margins of equivalence [dex]."""
PAIRS = 3
"""Number of pairs of three labels, over which alpha is divided."""
SEED = 191


class Pool(NamedTuple):
    """The areas of one algorithm on one benchmark, `(n_trials,)` [dex]: as they are, and capped; and their bound."""

    benchmark: str
    label: str
    symmetric: Floats
    bounded: Floats
    bound: float

    def areas(self, rule: str) -> Floats:
        """Return the areas that a rule uses."""
        return self.bounded if rule == "bounded" else self.symmetric

    def test(self, rule: str, margin: float = MARGIN) -> SequentialTest:
        """Return the test of one of three pairs."""
        return SequentialTest(ALPHA / PAIRS, margin, self.bound if rule == "bounded" else None)


def pools(folder: Path) -> list[Pool]:
    """Return the areas in a results folder."""
    study = load(folder)
    found = []
    for one in comparisons(study):
        for cell in one.cells:
            asked = (cell, study, one.target, one.axis, one.horizon)
            plain, capped = (area_under_log_regret(*asked, capped=capped).to_numpy() for capped in (False, True))
            found.append(Pool(one.benchmark, cell.label, plain, capped, largest_difference(one.facts)))
    return found


def dealt(areas: Floats, labels: int, races: int, trials: int, rng: np.random.Generator) -> Floats:
    """Deal the trials of a pool to labels, none twice in a race: `(races, labels, trials)`."""
    chosen = [rng.choice(len(areas), (labels, trials), replace=False) for _ in range(races)]
    return areas[np.stack(chosen)]


class Decisions(NamedTuple):
    """The end of every race, `(races,)`: the sign of the direction or 0, whether equivalent, and the trials."""

    direction: Floats
    equivalent: NDArray[np.bool_]
    trials: Floats


def decisions(differences: Floats, test: SequentialTest) -> Decisions:
    """Decide races, `(races, trials)`, at the ends of blocks. Open ones have all trials."""
    direction, inside = (one[:, BLOCK - 1 :: BLOCK] for one in test.outcomes(differences))
    decided = (direction != 0) | (inside != 0)
    at = np.where(decided.any(axis=1), decided.argmax(axis=1), decided.shape[1] - 1)
    rows = np.arange(len(at))
    signs = direction[rows, at]
    return Decisions(signs, (inside[rows, at] != 0) & (signs == 0), (at + 1.0) * BLOCK)


def same_against_same(pool: Pool, rule: str, races: int = RACES, trials: int = TRIALS) -> tuple[float, float, float]:
    """Race three labels of one algorithm.

    Returns
    -------
    winners : float
        Share of the races in which any pair had a winner at any look.
    every_trial : float
        The same with a look after every trial.
    mean_trials : float
        Mean number of trials until a pair is decided.
    """
    areas = dealt(pool.areas(rule), 3, races, trials, np.random.default_rng(SEED))
    test = pool.test(rule)
    at_looks, after_every, ends = np.zeros(races, bool), np.zeros(races, bool), []
    for a, b in combinations(range(3), 2):
        differences = areas[:, a] - areas[:, b]
        direction, _ = test.outcomes(differences)
        at_looks |= (direction[:, BLOCK - 1 :: BLOCK] != 0).any(axis=1)
        after_every |= (direction != 0).any(axis=1)
        ends.append(decisions(differences, test).trials)
    return float(at_looks.mean()), float(after_every.mean()), float(np.mean(ends))


def peeking(pool: Pool, races: int, trials: int = TRIALS) -> float:
    """Return the share of races of three labels of one algorithm with a winner if a fixed-n test looks at every block.

    The test is the paired Wilcoxon test, Holm-adjusted over the three pairs.
    """
    areas = dealt(pool.symmetric, 3, races, trials, np.random.default_rng(SEED))
    pairs = [areas[:, a] - areas[:, b] for a, b in combinations(range(3), 2)]
    won = np.zeros(races, bool)
    for end in range(BLOCK, trials + 1, BLOCK):
        p = np.stack([stats.wilcoxon(one[:, :end], axis=1, method="asymptotic").pvalue for one in pairs])
        won |= 3 * p.min(axis=0) < ALPHA
    return float(won.mean())


def planted(
    pool: Pool, rule: str, shift: float, margin: float = MARGIN, races: int = RACES, trials: int = TRIALS
) -> Decisions:
    """Race two labels of one algorithm, of which the first is worse by `shift` [dex]."""
    areas = dealt(pool.areas(rule), 2, races, trials, np.random.default_rng(SEED))
    limit = np.inf if rule == "symmetric" else pool.bound
    return decisions(np.minimum(areas[:, 0] + shift - areas[:, 1], limit), pool.test(rule, margin))


def fixed_trials(pool: Pool, shift: float, races: int = RACES, power: float = 0.8) -> int:
    """Return the number of trials with which a Wilcoxon test at the level 0.05 / 3 finds a shift four times in five."""
    areas = dealt(pool.symmetric, 2, races, TRIALS, np.random.default_rng(SEED))
    differences = areas[:, 0] + shift - areas[:, 1]

    def found(n: int) -> float:
        p = stats.wilcoxon(differences[:, :n], axis=1, method="asymptotic").pvalue
        return float(np.mean((p < ALPHA / PAIRS) & (differences[:, :n].mean(axis=1) > 0)))

    low, high = 8, TRIALS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high


def skewed(name: str, size: int) -> Floats:
    """Return differences with a skewed distribution, the mean 0 and a standard deviation of 0.25 dex."""
    rng = np.random.default_rng(SEED)
    values = {
        "exponential": lambda: rng.exponential(size=size),
        "lognormal": lambda: rng.lognormal(sigma=1.0, size=size),
        "one trial in 20 is 1 dex worse": lambda: rng.normal(0, 0.1, size) + (rng.random(size) < 0.05),
    }[name]()
    return 0.25 * (values - values.mean()) / values.std()


SKEWED = ("exponential", "lognormal", "one trial in 20 is 1 dex worse")


def wrong_winners(differences: Floats, test: SequentialTest, races: int = RACES, trials: int = TRIALS) -> float:
    """Return how often differences, whose mean over the pool is 0, are called different from 0 at any look."""
    drawn = dealt(differences, 1, races, trials, np.random.default_rng(SEED))[:, 0]
    return float((decisions(drawn, test).direction != 0).mean())


def different_algorithms(found: list[Pool]) -> Iterator[tuple[str, Floats, Pool]]:
    """Yield the differences of two algorithms in random order of the trials, without their mean difference."""
    rng = np.random.default_rng(SEED)
    for a, b in combinations(found, 2):
        if a.benchmark == b.benchmark:
            difference = rng.permutation(a.symmetric) - rng.permutation(b.symmetric)
            yield f"{a.label} - {b.label}, {a.benchmark}", difference - difference.mean(), a


def main(folder: Path) -> None:
    """Print all tables."""
    found = pools(folder)
    print("A/A races of three labels: share with a winner at any look (after every trial), mean trials of a pair")
    for pool in found:
        texts = []
        for rule in RULES:
            looks, every, mean = same_against_same(pool, rule)
            texts.append(f"{rule} {looks:.2%} ({every:.2%}), {mean:.0f}")
        print(f"  {pool.benchmark}, {pool.label}: {'; '.join(texts)}")
    print(f"  a Wilcoxon test at every block: {peeking(found[0], RACES // 4):.1%}")
    print("Planted differences: trials until decided, mean [10 %, 90 %]; better / equivalent / open / wrong; fixed n")
    for shift, margin in PLANTED:
        fixed = np.mean([fixed_trials(pool, shift, RACES // 4) for pool in found])
        for rule in RULES:
            all_of = [planted(pool, rule, shift, margin) for pool in found]
            direction, equivalent, trials = (np.concatenate(column) for column in zip(*all_of, strict=True))
            right, wrong = np.mean(direction > 0), np.mean(direction < 0)
            is_open = np.mean((direction == 0) & ~equivalent)
            low, high = np.quantile(trials, [0.1, 0.9])
            print(
                f"  {shift:g} dex, margin {margin:g}, {rule}: {trials.mean():.0f} [{low:.0f}, {high:.0f}];"
                f" {right:.2%} / {equivalent.mean():.2%} / {is_open:.2%} / {wrong:.2%}; fixed n {fixed:.0f}"
            )
    print(f"Mean 0, but skewed: share of pairs with a winner, of which {ALPHA / PAIRS:.2%} are allowed")
    for name, differences, pool in different_algorithms(found):
        rate = wrong_winners(differences, pool.test("symmetric"))
        print(f"  {name} (skewness {stats.skew(differences):+.2f}): {rate:.2%}")
    for name in SKEWED:
        differences = skewed(name, 1_000_000)
        rates = []
        for bound in (None, float(np.abs(differences).max())):
            rates.append(f"{wrong_winners(differences, SequentialTest(ALPHA / PAIRS, MARGIN, bound)):.2%}")
        print(f"  {name} (skewness {stats.skew(differences):+.2f}): symmetric {rates[0]}, bounded {rates[1]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
