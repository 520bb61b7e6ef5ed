"""Sample efficiency gain: how many evaluations a search saves, with bootstrap intervals.

Mauch et al. 2020 (arXiv 2011.12043) define such a gain, but we could not read their formula. Ours is

    gain(t) = E[evaluations random search needs] / E[evaluations the algorithm needs]

until the incumbent's true error is at most ``t``. A trial that ends earlier is right-censored: the expectation is
the total of the evaluations in all trials divided by the number of trials that reached ``t``, as with restarts until
success. For random search it is known exactly, see :func:`random_search_evaluations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from results.anytime.curves import incumbent_error
from results.statistics.bootstrap import BOOTSTRAP_SEED, TAILS, Estimate, Floats, resampling_counts
from results.storage.records import ResultsError
from results.storage.study import Cell, Study


@dataclass(frozen=True)
class SampleEfficiency:
    """The gain of one algorithm over random search on one benchmark.

    Attributes
    ----------
    benchmark, label : str
    rank : int
        Rank of the architecture whose true error is to be reached; 1 is the best.
    error : float
        That true error, in the benchmark's unit.
    trials, reached : int
        The number of trials, and of those that reached the error.
    evaluations : float
        Expected evaluations until the error is reached; infinite if no trial reached it.
    gain : Estimate
        Expected evaluations of random search divided by `evaluations`; all None without trials.
    """

    benchmark: str
    label: str
    rank: int
    error: float
    trials: int
    reached: int
    evaluations: float
    gain: Estimate


def error_of_rank(errors: ArrayLike, rank: int) -> float:
    """Return the true error of the architecture with a given rank; 1 is the best.

    Parameters
    ----------
    errors : array-like, ``(n_architectures,)``
    rank : int

    Raises
    ------
    ResultsError
        If the rank is not between 1 and n_architectures.
    """
    values = np.asarray(errors, dtype=np.float64)
    if not 1 <= rank <= len(values):
        raise ResultsError(f"expected a rank between 1 and {len(values)}, the number of architectures, got {rank}")
    return float(np.partition(values, rank - 1)[rank - 1])


def random_search_evaluations(errors: ArrayLike, error: float) -> float:
    """Return the expected evaluations of random search, with replacement, until its true error is low enough.

    If the observed error is the true error, every evaluation succeeds with a probability that is the share of good
    enough architectures. The number of evaluations is then geometrically distributed.

    Parameters
    ----------
    errors : array-like, ``(n_architectures,)``
        True errors of all architectures.
    error : float
        The true error to be reached.

    Raises
    ------
    ResultsError
        If no architecture is good enough.
    """
    values = np.asarray(errors, dtype=np.float64)
    enough = int(np.count_nonzero(values <= error))
    if enough == 0:
        raise ResultsError(
            f"no architecture has a true error of at most {error!r}; the lowest is {float(values.min())!r}"
        )
    return len(values) / enough


def evaluations_to_error(cell: Cell, target: str, error: float) -> pd.DataFrame:
    """Count the evaluations of each trial until its incumbent's true error is at most `error` for the first time.

    Returns
    -------
    DataFrame
        Indexed by ``trial``. ``evaluations``: the number completed until then, or all if the error was never reached.
        ``reached``: whether it was.

    Raises
    ------
    ResultsError
        If the cell does not report the target.
    """
    completed = cell.evaluations.loc[cell.evaluations["status"] == "completed", "trial"].value_counts()
    longest = int(completed.max()) if len(completed) else 1
    low = incumbent_error(cell, target, "evaluations", np.arange(1, longest + 1)) <= error
    reached = low.any(axis="columns")
    until = low.to_numpy().argmax(axis=1) + 1
    spent = completed.reindex(low.index, fill_value=0).to_numpy()
    return pd.DataFrame({"evaluations": np.where(reached, until, spent), "reached": reached})


def sample_efficiency(
    study: Study, errors: Mapping[str, ArrayLike], rank: int, target: str | None = None
) -> list[SampleEfficiency]:
    """Compare every algorithm of a study, complete or not, with random search.

    Parameters
    ----------
    study : Study
        Run with ``signal = "mean"``.
    errors : mapping
        By benchmark: the true errors of all architectures, ``(n_architectures,)``.
    rank : int
        Rank of the architecture whose true error is to be reached.
    target : str, optional
        The true error that counts. Default: the first reported target.

    Raises
    ------
    ResultsError
        If the signal is not the mean, if duplicates are free, or if the rank or target does not exist.
    """
    return [
        _against_random_search(cell, target or cell.protocol["report"][0], errors[cell.benchmark], rank)
        for cell in study.simulated.cells
    ]


def _against_random_search(cell: Cell, target: str, errors: ArrayLike, rank: int) -> SampleEfficiency:
    _check_protocol(cell)
    error = error_of_rank(errors, rank)
    random_search = random_search_evaluations(errors, error)
    runs = evaluations_to_error(cell, target, error)
    spent, reached = int(runs["evaluations"].sum()), int(runs["reached"].sum())
    gain = Estimate(None, None, None)
    if spent:
        low, high = np.quantile(random_search * _rates(runs, _resamples(len(runs))), TAILS).tolist()
        gain = Estimate(random_search * reached / spent, low, high)
    evaluations = spent / reached if reached else np.inf
    return SampleEfficiency(cell.benchmark, cell.label, rank, error, len(runs), reached, evaluations, gain)


def gain_ratio(a: Cell, b: Cell, error: float, target: str | None = None) -> Estimate:
    """Return the gain of `a` divided by the gain of `b`, with its interval, over their common trials.

    A number is None if it is unbounded, because `b` never reached the error.

    Parameters
    ----------
    a, b : Cell
        Of the same benchmark and protocol.
    error : float
        The true error to be reached.
    target : str, optional
        The true error that counts. Default: the first reported target.

    Raises
    ------
    ResultsError
        If the signal is not the mean, if duplicates are free, if the target is not reported, or if there is no common
        trial.
    """
    for cell in (a, b):
        _check_protocol(cell)
    chosen = target or a.protocol["report"][0]
    pair = [evaluations_to_error(cell, chosen, error) for cell in (a, b)]
    common = pair[0].index.intersection(pair[1].index)
    if not len(common):
        raise ResultsError(f"{a.label!r} and {b.label!r} have no common trial")
    weights = np.vstack([np.ones(len(common)), _resamples(len(common))])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.divide(*(_rates(runs.loc[common], weights) for runs in pair))
    low, high = np.quantile(ratios[1:], TAILS, method="inverted_cdf")
    return Estimate(*(float(number) if np.isfinite(number) else None for number in (ratios[0], low, high)))


def _check_protocol(cell: Cell) -> None:
    signal, duplicates = cell.protocol["signal"], cell.protocol["duplicates"]
    if signal != "mean" or duplicates == "cached":
        raise ResultsError(
            f"{cell.label!r} on {cell.benchmark}: the gain needs signal = 'mean' and duplicates that count, because the"
            f" evaluations of random search are known only then; got {signal!r} and {duplicates!r}"
        )


def _resamples(n_trials: int) -> Floats:
    """Draw how often each trial is resampled, ``(n_resamples, n_trials)``. All cells share it, as trials are paired."""
    return resampling_counts(n_trials, np.random.default_rng(BOOTSTRAP_SEED))


def _rates(runs: pd.DataFrame, weights: Floats) -> Floats:
    """Return the number of trials that reached the error per evaluation spent: ``(n_resamples,)``."""
    reached, spent = (weights @ runs[name].to_numpy(np.float64) for name in ("reached", "evaluations"))
    rates: Floats = reached / spent
    return rates
