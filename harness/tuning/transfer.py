"""Whether a setting that was tuned on one benchmark is good on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from harness.tuning.configurations import Configuration
from harness.tuning.racing import Stage, race, trial_areas
from results.statistics.paired import paired_wilcoxon

FINAL = "final"
CHOSEN_ON = "tuned on {benchmark}"


def race_transfer(
    stage: Stage, label: str, table: Mapping[str, Any], running: Sequence[Configuration], first: int, last: int
) -> dict[str, Configuration]:
    """Tune on each benchmark of a stage alone, and race all these settings on all of them with fresh trials.

    Parameters
    ----------
    stage : Stage
    label, table, running, first
        As for `harness.tuning.racing.race`.
    last : int
        Number of fresh trials.

    Returns
    -------
    dict
        The setting by the benchmark that it was tuned on.
    """
    winners, begin = {}, 0
    for name in stage.benchmarks:
        alone = replace(stage, benchmarks=(name,), directory=stage.directory / name)
        found = race(alone, label, table, running, first)
        winners[name], begin = found.winner, max(begin, found.end)
    entries = {CHOSEN_ON.format(benchmark=name): {"use": label, **table, **one.values} for name, one in winners.items()}
    stage.run(FINAL, entries, range(begin, begin + last))
    return winners


def transfer_matrix(directory: Path) -> pd.DataFrame:
    """Compare, on each benchmark, the settings that were tuned on each of them.

    Parameters
    ----------
    directory : Path
        That of the stage.

    Returns
    -------
    DataFrame
        A row per pair: ``tuned_on``, ``raced_on``, and ``behind`` [dex]: the median of the paired differences of the
        area, that setting's minus that of the setting tuned on ``raced_on``, with its interval ``low`` to ``high``.
    """
    areas = trial_areas(directory / FINAL)
    rows = []
    for raced_on, frame in areas.items():
        own = frame[CHOSEN_ON.format(benchmark=raced_on)]
        for tuned_on in areas:
            test = paired_wilcoxon(frame[CHOSEN_ON.format(benchmark=tuned_on)], own)
            rows.append(
                {
                    "tuned_on": tuned_on,
                    "raced_on": raced_on,
                    "behind": test.median_difference,
                    "low": test.low,
                    "high": test.high,
                }
            )
    return pd.DataFrame(rows)
