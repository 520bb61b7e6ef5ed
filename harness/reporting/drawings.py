"""The architectures of a study, written and drawn by the spaces of its benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from benchmarks.registry import SPACES, load_space
from benchmarks.spaces.base import SearchSpace
from results.storage.study import Study


class SpaceDrawings:
    """Writes and draws architectures; see `plots.report.traces.Drawings`.

    Attributes
    ----------
    refusals : list of str
        Why the architectures of some benchmarks are written as genotypes and not drawn.
    """

    def __init__(self, study: Study) -> None:
        self.refusals: list[str] = []
        self._names = {benchmark: str(facts["space"]) for benchmark, facts in study.benchmarks.items()}
        self._spaces: dict[str, SearchSpace | None] = {}

    def texts(self, benchmark: str, genotypes: NDArray[np.int16]) -> list[str]:
        """Write architectures ``(n, n_positions)`` in the notation of the literature, or else as tuples."""
        space = self._space(benchmark)
        if space is None:
            return [str(tuple(genotype)) for genotype in genotypes.tolist()]
        return [space.to_string(tuple(genotype)) for genotype in genotypes.tolist()]

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
