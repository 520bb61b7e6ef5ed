"""The trials behind the curves, and their evaluations, compactly: what the page shows on request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from plots.drawing.caption import panel_names
from plots.report.data import Numbers
from plots.report.packing import pack_counts, pack_lines, pack_numbers
from results.anytime.curves import default_axis
from results.anytime.regret import area_under_log_regret, end_regret
from results.storage.completed import completed_order
from results.storage.loading import read_genotypes
from results.storage.study import INCUMBENT, Cell, Study
from results.summaries.types import Summary

MOST_EVALUATIONS = 300_000
"""With more evaluations than this, the page has those of the best, the median and the worst trial of each cell."""

MARKS = ("best", "median", "worst")
"""The trials of a cell that are marked, by the area under log regret."""
MOST_PICTURES = 12
"""The number of architectures of a benchmark that are drawn, at most."""

Genotypes = NDArray[np.int16]


class Drawings(Protocol):
    """Writes and draws the architectures of a benchmark."""

    def texts(self, benchmark: str, genotypes: Genotypes) -> list[str]:
        """Write architectures ``(n, n_positions)`` in the notation of the literature."""
        ...

    def picture(self, benchmark: str, genotype: Sequence[int]) -> str | None:
        """Draw an architecture as an SVG element, or return None if it cannot be drawn."""
        ...


@dataclass(frozen=True)
class Kept:
    """The evaluations of a cell that the page has.

    Attributes
    ----------
    cell : Cell
    marks : dict
        By kept trial, in ascending order: "best", "median" or "worst" by the area under log regret, or "".
    rows : DataFrame
        The evaluations of these trials.
    genotypes : (n_rows, n_positions) array, or None
        None if the study is not from a folder.
    """

    cell: Cell
    marks: dict[int, str]
    rows: pd.DataFrame
    genotypes: Genotypes | None


def trace_data(
    study: Study,
    summary: Summary,
    drawings: Drawings | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return all trials with their measures, and the evaluations of all trials or of three per cell, as plain JSON.

    Parameters
    ----------
    study : Study
        Its genotypes are read from its folder.
    summary : Summary
    drawings : Drawings, optional
        Writes and draws the architectures. Default: they are written as genotypes.
    progress : callable, optional
        Is told the title of every benchmark.

    Returns
    -------
    dict
        ``complete``, whether all trials have evaluations, and ``benchmarks`` by name. ``traces.js`` reads them.
    """
    names = panel_names(summary)
    complete = sum(len(cell.evaluations) for cell in study.cells) <= MOST_EVALUATIONS
    found = {}
    for benchmark, title in names.items():
        if progress:
            progress(f"{title}: trials")
        cells = [cell for cell in study.cells if cell.benchmark == benchmark and len(cell.trials)]
        found[benchmark] = _benchmark(study, cells, drawings, complete=complete) if cells else None
    return {"complete": complete, "benchmarks": found}


def _benchmark(study: Study, cells: Sequence[Cell], drawings: Drawings | None, *, complete: bool) -> dict[str, Any]:
    targets, numbers = cells[0].protocol["report"], Numbers()
    described, kept = [], []
    for cell in cells:
        areas = {target: area_under_log_regret(cell, study, target, default_axis(cell.protocol)) for target in targets}
        one = _kept(cell, areas[targets[0]], study.directory, complete=complete)
        kept.append(one)
        described.append(
            {
                "label": cell.label,
                "trials": [int(trial) for trial in cell.trials.index],
                "ended": {str(trial): ended for trial, ended in cell.trials["ended"].items() if ended != "budget"},
                "area": {target: numbers.add(area) for target, area in areas.items()},
                "end": {target: numbers.add(end_regret(cell, study, target)) for target in targets},
                "kept": {str(trial): mark for trial, mark in one.marks.items()},
            }
        )
    optima = {target: study.target_facts(cells[0].benchmark, target)["optimum"] for target in targets}
    return {
        "cells": described,
        "numbers": numbers.packed(),
        "targets": targets,
        "optima": optima,
        **_evaluations(kept, targets, drawings),
    }


def _kept(cell: Cell, areas: pd.Series[float], directory: Path, *, complete: bool) -> Kept:
    """Choose the trials whose evaluations the page has."""
    order = areas.sort_values(kind="stable").index
    places = {"worst": -1, "median": (len(order) - 1) // 2, "best": 0}
    marked = {int(order[place]): word for word, place in places.items()}
    chosen = sorted(map(int, order)) if complete else sorted(marked)
    rows, genotypes = cell.evaluations, read_genotypes(directory, cell)
    if len(chosen) < len(order):
        within = rows["trial"].isin(chosen).to_numpy()
        rows, genotypes = rows[within], None if genotypes is None else genotypes[within]
    return Kept(cell, {trial: marked.get(trial, "") for trial in chosen}, rows, genotypes)


def _evaluations(kept: Sequence[Kept], targets: Sequence[str], drawings: Drawings | None) -> dict[str, Any]:
    """Encode the evaluations of one benchmark, all cells after each other.

    Evaluations of an architecture at a fidelity that observed the same network are one row of ``distinct``. Times are
    left out if every evaluation starts where the one before ended and takes what it is charged.
    """
    rows = pd.concat([one.rows for one in kept], ignore_index=True)
    genotypes = [one.genotypes for one in kept if one.genotypes is not None and len(one.genotypes)]
    n_rows = [n for one in kept for n in _counted(one.rows["trial"], one.marks)]
    codes, architectures = _architectures(genotypes, len(rows))
    key = pd.DataFrame({"architecture": codes}).join(rows[["fidelity_to", "observed_error", "charged_seconds"]])
    groups = key.groupby(list(key.columns), sort=False, dropna=False)
    number = groups.ngroup().to_numpy()
    first = key.iloc[np.unique(number, return_index=True)[1]]
    times = None if _is_sequential(rows, n_rows) else [pack_numbers(rows[name]) for name in ("start", "end")]
    finals = _finals(kept, codes)
    return {
        "rows": n_rows,
        "distinct": pack_counts(number),
        "architecture": pack_counts(first["architecture"]),
        "fidelity": pack_numbers(first["fidelity_to"]),
        "observed": pack_numbers(first["observed_error"]),
        "charged": pack_numbers(first["charged_seconds"]),
        "times": times,
        "truncated": pack_counts(np.flatnonzero((rows["status"] != "completed").to_numpy())),
        **_incumbents(kept, targets),
        **_shown(kept[0].cell.benchmark, architectures, drawings, finals),
    }


def _counted(trials: ArrayLike, wanted: Iterable[int]) -> list[int]:
    """Return how often each of some trials occurs."""
    counts: list[int] = pd.Series(trials).value_counts().reindex(list(wanted), fill_value=0).tolist()
    return counts


def _architectures(genotypes: Sequence[Genotypes], n_rows: int) -> tuple[NDArray[np.int64], Genotypes]:
    """Return the number of each evaluation's architecture, and the architectures in the order of first appearance."""
    if not genotypes:
        return np.zeros(n_rows, dtype=np.int64), np.empty((0, 0), dtype=np.int16)
    stacked = np.concatenate(genotypes)
    table = pd.DataFrame(stacked)
    codes = table.groupby(list(table.columns), sort=False).ngroup().to_numpy().astype(np.int64)
    return codes, stacked[np.unique(codes, return_index=True)[1]]


def _is_sequential(rows: pd.DataFrame, n_rows: Sequence[int]) -> bool:
    start, end, charged = (rows[name].to_numpy(np.float64) for name in ("start", "end", "charged_seconds"))
    before = np.concatenate([[0.0], end[:-1]])[: len(end)]
    firsts = np.cumsum([0, *n_rows])[:-1]
    before[firsts[firsts < len(end)]] = 0.0
    return bool((start == before).all() and (end == start + charged).all())


def _incumbents(kept: Sequence[Kept], targets: Sequence[str]) -> dict[str, Any]:
    """Encode where the incumbent changes: the place in the order of completion, its number, and its true errors."""
    counts: list[int] = []
    places, numbers, errors = [], [], []
    for one in kept:
        rows = one.rows.iloc[completed_order(one.rows)]
        trials, held = rows["trial"].to_numpy(), rows["incumbent"].to_numpy()
        fresh = np.ones(len(rows), dtype=bool)
        fresh[1:] = trials[1:] != trials[:-1]
        starts = np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))
        fresh[1:] |= held[1:] != held[:-1]
        counts += _counted(trials[fresh], one.marks)
        places.append((np.arange(len(rows)) - starts)[fresh])
        numbers.append(held[fresh])
        errors.append(rows.loc[fresh, [INCUMBENT + target for target in targets]].to_numpy(np.float64))
    stacked = np.concatenate(errors)
    return {
        "changes": counts,
        "places": pack_counts(np.concatenate(places)),
        "incumbents": pack_counts(np.concatenate(numbers)),
        "errors": {target: pack_numbers(stacked[:, i]) for i, target in enumerate(targets)},
    }


def _finals(kept: Sequence[Kept], codes: NDArray[np.int64]) -> list[int]:
    """Return the architectures to draw: the final incumbents of the best trials, then of the median and worst ones."""
    found: dict[str, list[int]] = {mark: [] for mark in MARKS}
    offset = 0
    for one in kept:
        last = one.rows.iloc[completed_order(one.rows)].groupby("trial")["incumbent"].last()
        trials = one.rows["trial"].to_numpy()
        for trial, mark in one.marks.items():
            if mark and trial in last.index:
                found[mark].append(int(codes[offset + int(np.searchsorted(trials, trial)) + int(last[trial])]))
        offset += len(one.rows)
    return list(dict.fromkeys(number for mark in MARKS for number in found[mark]))[:MOST_PICTURES]


def _shown(
    benchmark: str, architectures: Genotypes, drawings: Drawings | None, finals: Sequence[int]
) -> dict[str, Any]:
    """Return the texts of all architectures, and the pictures of some by their number."""
    if drawings is None or not len(architectures):
        texts = [f"({', '.join(map(str, genotype))})" for genotype in architectures.tolist()]
        return {"texts": pack_lines(texts), "pictures": None}
    pictures = {number: drawings.picture(benchmark, architectures[number].tolist()) for number in finals}
    drawn = {number: picture for number, picture in pictures.items() if picture}
    return {
        "texts": pack_lines(drawings.texts(benchmark, architectures)),
        "pictures": {"numbers": list(drawn), "drawings": pack_lines(drawn.values())} if drawn else None,
    }
