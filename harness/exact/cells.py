"""Exact curves for the cells of a results folder, as reference lines of figures and of the report."""

from __future__ import annotations

import json

import numpy as np

from algorithms.registry import algorithm_class
from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from harness.exact.answers import LAWS, find_law
from harness.exact.errors import NotExactError
from harness.exact.laws import Law
from harness.exact.networks import Floats
from harness.simulation.protocols import Protocol
from results.anytime.curves import Axis
from results.statistics.bootstrap import Statistic
from results.storage.study import Cell, Study
from results.summaries.pair_words import MOST_NAMED
from results.words import counted


class ExactCurves:
    """Computes the exact curve of a cell where it is known, and collects the reasons where it is not.

    Parameters
    ----------
    study : Study

    Attributes
    ----------
    refusals : list of str
        Each reason once, in the order of the calls.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[tuple[str, str, bytes], Law] = {}
        self.refusals: list[str] = []

    def __call__(self, cell: Cell, target: str, axis: Axis, statistic: Statistic, grid: Floats) -> Floats:
        """Return the expected, or median, regret at each point of a grid; NaN if it is not known.

        Parameters
        ----------
        cell : Cell
        target : str
        axis : {"evaluations", "seconds"}
        statistic : {"mean", "median", "iqm"}
        grid : array, ``(n_points,)``
            Ascending counts, or [s].

        Returns
        -------
        array, ``(n_points,)``
            In the benchmark's unit.
        """
        try:
            if axis != "evaluations":
                raise NotExactError([f"exact curves are known on the axis 'evaluations', not on {axis!r}"])
            if statistic == "iqm":
                raise NotExactError(["exact curves are known for the mean and the median, not for 'iqm'"])
            law = self._law(cell, target, grid)
        except (NotExactError, BenchmarkError) as error:
            self.refusals += [line for line in str(error).splitlines() if line not in self.refusals]
            return np.full(len(grid), np.nan)
        return law.mean() if statistic == "mean" else law.median()

    def reasons(self) -> list[str]:
        """Return the refusals. Those that differ only in the benchmark are one sentence."""
        names = dict.fromkeys(f" on {cell.benchmark}" for cell in self._study.cells)
        grouped: dict[tuple[str, str], list[str]] = {}
        for reason in self.refusals:
            name = max((name for name in names if f"{name}:" in reason), key=len, default="")
            head, _, tail = reason.partition(f"{name}:" if name else "\0")
            grouped.setdefault((head, tail), []).append(name.removeprefix(" on "))
        listed = [", ".join(on) if len(on) <= MOST_NAMED else counted(len(on), "benchmark") for on in grouped.values()]
        return [f"{head} on {on}:{tail}" if on else head for (head, tail), on in zip(grouped, listed, strict=True)]

    def _law(self, cell: Cell, target: str, grid: Floats) -> Law:
        key = (cell.id, target, grid.tobytes())
        if key not in self._known:
            self._known[key] = self._find(cell, target, grid)
        return self._known[key]

    def _find(self, cell: Cell, target: str, grid: Floats) -> Law:
        at = f"{cell.label} on {cell.benchmark}"
        if cell.algorithm not in LAWS:
            raise NotExactError(
                [f"{cell.label}: {cell.algorithm} has none; the algorithms that have one are {', '.join(LAWS)}"]
            )
        if cell.version != (version := algorithm_class(cell.algorithm).version):
            raise NotExactError([f"{at}: run with version {cell.version} of {cell.algorithm}, which is now {version}"])
        benchmark = load_benchmark(cell.benchmark)
        if benchmark.facts.data_hash != self._study.benchmarks[cell.benchmark]["data_hash"]:
            raise NotExactError([f"{at}: its table was replaced since the trials were run"])
        protocol = Protocol.model_validate_json(json.dumps(cell.protocol))
        return find_law(cell.algorithm, cell.parameters, benchmark, protocol, target, grid.astype(np.int64))
