"""The choices of recorded searches, as a results folder holds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.benchmark import Benchmark
from benchmarks.loading import load_benchmark
from results.storage.loading import load
from results.storage.records import INCUMBENT, ResultsError
from results.storage.study import Cell, Study

SETTINGS = ("format", "seconds_per_epoch", "skip_invalid")
"""Parameters of a recorded entry that say how it is read. The others are fields of the pattern of its files."""
COLUMNS = ("benchmark", "label", "trial", "choice", "seconds", "observed_error", "true_error", "regret", "architecture")


def choices(study: Study) -> pd.DataFrame:
    """Return every choice of the recorded entries of a study.

    Parameters
    ----------
    study : Study
        Its folder is read again, with the architectures.

    Returns
    -------
    DataFrame
        One row per choice, in the order of the experiment: ``benchmark, label, trial, choice`` (from 1, one per epoch
        in the formats that have epochs), ``seconds`` (of the search [s], 0 if they are not recorded),
        ``observed_error`` (of the shared weights, NaN if it is not recorded), ``true_error, regret`` (of the first
        reported target, in the benchmark's unit), ``architecture`` (in the literature's notation).

    Raises
    ------
    ResultsError
        If the study has no recorded entry with runs or choices, or the data of a benchmark is not that of the results.
    """
    targets = {INCUMBENT + cell.protocol["report"][0] for cell in study.cells if cell.recorded}
    if not targets:
        raise ResultsError(
            f"{study.directory}: {study.name!r} has no recorded searches; an experiment has them with"
            " use = 'trajectory:PATTERN', and `regretta score` makes one of files"
        )
    frames = []
    for cell in study.cells:
        if cell.recorded and len(cell.trials):
            alone = load(study.directory, _columns(cell), cells=[cell.id])
            frames.append(_of_cell(alone.cells[0], study, benchmark_of(study, cell.benchmark)))
    if not frames:
        raise ResultsError(f"{study.directory}: {study.name!r} has no completed runs yet: run the experiment first")
    found = pd.concat(frames, ignore_index=True)
    if found.empty:
        raise ResultsError(
            f"{study.directory}: no recorded search of {study.name!r} made a choice within the budget; give it a larger"
            " one"
        )
    return found


def _columns(cell: Cell) -> Sequence[str]:
    return ["end", "status", "observed_error", "architecture", INCUMBENT + cell.protocol["report"][0]]


def benchmark_of(study: Study, name: str) -> Benchmark:
    """Load a benchmark of a study, and check that its data is that of the results.

    Raises
    ------
    ResultsError
        If it is not.
    """
    benchmark = load_benchmark(name)
    stored = study.benchmarks[name]["data_hash"]
    if benchmark.facts.data_hash != stored:
        raise ResultsError(
            f"{study.directory}: the results are from data {stored[:12]} of {name}, the installed data is"
            f" {benchmark.facts.data_hash[:12]}; run the experiment again, or import the other data"
        )
    return benchmark


def _of_cell(cell: Cell, study: Study, benchmark: Benchmark) -> pd.DataFrame:
    target = cell.protocol["report"][0]
    rows = cell.evaluations[(cell.evaluations["status"] == "completed").to_numpy()]
    error = rows[INCUMBENT + target].to_numpy(np.float64)
    known: dict[tuple[int, ...], str] = {}
    texts = []
    for genotype in map(tuple, rows["architecture"]):
        if genotype not in known:
            known[genotype] = benchmark.space.to_string(tuple(int(value) for value in genotype))
        texts.append(known[genotype])
    return pd.DataFrame(
        {
            "benchmark": cell.benchmark,
            "label": cell.label,
            "trial": rows["trial"].to_numpy(),
            "choice": rows["number"].to_numpy() + 1,
            "seconds": rows["end"].to_numpy(),
            "observed_error": rows["observed_error"].to_numpy(),
            "true_error": error,
            "regret": np.maximum(error - float(study.target_facts(cell.benchmark, target)["optimum"]), 0.0),
            "architecture": texts,
        }
    )


def final_choices(found: pd.DataFrame) -> pd.DataFrame:
    """Return the last choice of every run, which the method would hand over.

    Parameters
    ----------
    found : DataFrame
        From `choices`.
    """
    return found.groupby(["benchmark", "label", "trial"], sort=False).tail(1).reset_index(drop=True)


def fields_of_cell(cell: Cell) -> dict[str, str]:
    """Return the fields of the pattern that a recorded entry was found by, such as ``{"wd": "0.0003"}``."""
    return {name: str(value) for name, value in cell.parameters.items() if name not in SETTINGS}
