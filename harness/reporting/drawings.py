"""The architectures of a study's benchmarks: their pictures, which of them are the same, and their ranks.

Figures and the report import no benchmark. They are given these functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Benchmark, Target
from benchmarks.drawings.pictures import Picture
from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from benchmarks.registry import SPACES, load_space
from benchmarks.spaces.base import Architecture, SearchSpace
from benchmarks.table import TableBenchmark
from results.storage.study import Study

LOWER = 1e-12
"""Errors that differ by less, relative to ``max(1, error)``, have the same rank."""


class Drawings:
    """Draws and ranks the architectures of a study.

    Parameters
    ----------
    study : Study

    Examples
    --------
    >>> from harness import Drawings, load
    >>> from plots import draw
    >>> study = load("runs/quickstart")  # doctest: +SKIP
    >>> figure, data = draw("architectures", study, drawings=Drawings(study))  # doctest: +SKIP
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self.picture = lru_cache(maxsize=4096)(self._picture)
        self._sorted_errors = lru_cache(maxsize=64)(self._find_errors)

    def _picture(self, benchmark: str, architecture: Architecture) -> Picture:
        """Draw an architecture of a benchmark; the title of the picture is its notation.

        Raises
        ------
        DataAbsentError
            If the benchmark has to be imported first.
        BenchmarkError
            If it is not an architecture of the benchmark's space.
        """
        return load_benchmark(benchmark).space.picture(architecture)

    def identities(self, benchmark: str, architectures: Sequence[Architecture]) -> NDArray[np.int64]:
        """Return numbers that are equal for architectures of the same recorded network: ``(n,)``.

        In NAS-Bench-101, isomorphic cells are the same network. Elsewhere each genotype has its own record.
        """
        genotypes = np.asarray(architectures, dtype=np.int16).reshape(len(architectures), -1)
        index = getattr(load_benchmark(benchmark), "index", None)
        if index is not None:
            rows: NDArray[np.int64] = np.asarray(index.indices(genotypes), dtype=np.int64)
            return rows
        _, numbers = np.unique(genotypes, axis=0, return_inverse=True)
        return np.asarray(numbers, dtype=np.int64).reshape(-1)

    def rank(self, benchmark: str, target: str, error: float) -> tuple[int, int] | None:
        """Return the rank of a true error among all recorded architectures, and their number.

        The rank is one more than the number of architectures with a lower error. None if the architectures cannot be
        listed, as for a surrogate, or if the table was replaced since the results were made.
        """
        errors = self._sorted_errors(benchmark, target)
        if errors is None:
            return None
        below = error - LOWER * max(1.0, abs(error))
        return int(np.searchsorted(errors, below, side="right")) + 1, len(errors)

    def _find_errors(self, benchmark: str, target: str) -> NDArray[np.float64] | None:
        """Return the true errors of all recorded architectures, ascending; None if they are not known."""
        searched = load_benchmark(benchmark)
        parsed = Target.parse(target)
        reported = self._same(parsed.benchmark or benchmark)
        if reported is None or not isinstance(searched, TableBenchmark):
            return None
        return np.sort(reported.true_errors(searched.recorded(), parsed.name))

    def _same(self, benchmark: str) -> Benchmark | None:
        """Return a benchmark, or None if its data are not those of the results."""
        found = load_benchmark(benchmark)
        same = found.facts.data_hash == self._study.benchmarks[benchmark]["data_hash"]
        return found if same else None


class SpaceDrawings:
    """Writes and draws architectures for the report, also where the data of a benchmark is missing.

    Attributes
    ----------
    refusals : list of str
        Why the architectures of some benchmarks are written as genotypes and not drawn.
    """

    def __init__(self, study: Study) -> None:
        self.refusals: list[str] = []
        self._names = {benchmark: str(facts["space"]) for benchmark, facts in study.benchmarks.items()}
        self._spaces: dict[str, SearchSpace | None] = {}
        self._texts: dict[str, dict[tuple[int, ...], str]] = {}

    def texts(self, benchmark: str, genotypes: NDArray[np.int16]) -> list[str]:
        """Write architectures ``(n, n_positions)`` in the notation of the literature, or else as tuples."""
        space = self._space(benchmark)
        if space is None:
            return [str(tuple(genotype)) for genotype in genotypes.tolist()]
        known = self._texts.setdefault(space.name, {})  # benchmarks of one space share most architectures
        architectures = list(map(tuple, genotypes.tolist()))
        known.update((one, space.to_string(one)) for one in dict.fromkeys(architectures) if one not in known)
        return [known[one] for one in architectures]

    def picture(self, benchmark: str, genotype: Sequence[int]) -> str | None:
        """Draw an architecture as an SVG element, or return None if its space is unknown."""
        space = self._space(benchmark)
        return None if space is None else space.picture(tuple(genotype)).svg()

    def _space(self, benchmark: str) -> SearchSpace | None:
        name = self._names[benchmark]
        if name not in self._spaces:
            try:
                self._spaces[name] = load_space(name) if name in SPACES else load_benchmark(benchmark).space
            except BenchmarkError as error:
                self._spaces[name] = None
                self.refusals.append(str(error))
        return self._spaces[name]
