"""The studies by name. Importing this module imports nothing heavy: the command line lists the names in its help.

A study is computed by one function and drawn by another. ``compute(targets)`` takes a sequence of benchmarks
(`benchmarks.benchmark.Benchmark`) or of results (`results.storage.study.Study`). It returns tidy DataFrames by name,
and sentences that say what the numbers show and what they do not. ``draw(tables)`` takes these DataFrames, and returns
a figure for some of them, by the same names. Studies of benchmarks are computed in ``benchmarks/analyses``, studies of
results in ``results/analyses``, and both are drawn in ``plots/analyses``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Finding(NamedTuple):
    """The result of a study.

    Attributes
    ----------
    tables : dict
        DataFrames by name, one observation per row. A name is part of a file's name.
    sentences : list of str
        What the numbers show, and what they do not.
    """

    tables: dict[str, pd.DataFrame]
    sentences: list[str]


@dataclass(frozen=True)
class AnalysisStudy:
    """A study of benchmarks or of results folders.

    Attributes
    ----------
    summary : str
        What it tells, in one line.
    takes : {"benchmarks", "results"}
        What its targets are.
    computed, drawn : str
        ``module:function`` of the two functions, which are imported on first use.
    shown : mapping
        By table: the columns that are printed. The files have all tables with all columns.
    """

    summary: str
    takes: Literal["benchmarks", "results"]
    computed: str
    drawn: str
    shown: Mapping[str, Sequence[str]]

    def compute(self, targets: Sequence[Any]) -> Finding:
        """Compute the study.

        Parameters
        ----------
        targets : sequence of Benchmark or of Study
            At least one.

        Raises
        ------
        BenchmarkError or ResultsError
            If the study cannot be made of these targets.
        """
        from benchmarks.registry import resolve

        function: Callable[[Sequence[Any]], tuple[dict[str, pd.DataFrame], list[str]]] = resolve(self.computed)
        return Finding(*function(targets))

    def draw(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
        """Draw the tables of a finding: a figure by the name of the table that it shows."""
        from benchmarks.registry import resolve

        figures: dict[str, Figure] = resolve(self.drawn)(tables)
        return figures


STUDIES = {
    "oneshot": AnalysisStudy(
        "how recorded one-shot searches go, what they choose, and what their shared weights tell",
        "results",
        "harness.scoring.oneshot:oneshot",
        "plots.analyses.oneshot:oneshot_figures",
        {
            "settings": (
                "label",
                "runs",
                "first",
                "best_choice",
                "best",
                "last",
                "last_low",
                "last_high",
                "skips_first",
                "skips_last",
            )
        },
    ),
    "saturation": AnalysisStudy(
        "which benchmarks of results folders still tell algorithms apart",
        "results",
        "results.analyses.saturation:saturation",
        "plots.analyses.saturation:saturation_figures",
        {
            "saturation": (
                "benchmark",
                "at_floor",
                "leader_at_floor",
                "leader",
                "runner_up",
                "trials",
                "trials_needed",
                "most_needed",
                "split_half",
            )
        },
    ),
    "operations": AnalysisStudy(
        "how scores are distributed, and which operations they depend on",
        "benchmarks",
        "benchmarks.analyses.operations:operations",
        "plots.analyses.operations:operations_figures",
        {
            "distribution": (
                "benchmark",
                "unit",
                "architectures",
                "sampled",
                "best",
                "median",
                "mean",
                "skewness",
                "low",
                "high",
            ),
            "operations": (
                "benchmark",
                "operation",
                "architectures",
                "mean",
                "effect",
                "chance",
                "best_without",
                "gap_without",
            ),
            "smallest_sets": ("benchmark", "distance", "operations", "size", "pool", "best", "gap", "architectures"),
        },
    ),
    "transfer": AnalysisStudy(
        "what the order of architectures on one data set says about another data set of the space",
        "benchmarks",
        "benchmarks.analyses.transfer:transfer",
        "plots.analyses.transfer:transfer_figures",
        {
            "transfer": (
                "searched",
                "judged",
                "kendall",
                "kendall_top_10",
                "kendall_top_1",
                "relative_regret",
            )
        },
    ),
    "landscape": AnalysisStudy(
        "how hard the space is for local search: local optima, basins, correlations along edits, noise",
        "benchmarks",
        "benchmarks.analyses.landscape:landscape",
        "plots.analyses.landscape:landscape_figures",
        {
            "landscape": (
                "benchmark",
                "exact",
                "local_optima",
                "reach_best",
                "near_best",
                "rank_autocorrelation",
                "rank_fitness_distance",
                "noise_to_spread",
            )
        },
    ),
    "fidelity": AnalysisStudy(
        "what cheap training says about the final error, and what it can save",
        "benchmarks",
        "benchmarks.analyses.fidelity:fidelity",
        "plots.analyses.fidelity:fidelity_figures",
        {
            "fidelity": (
                "benchmark",
                "fidelity",
                "signal",
                "cost",
                "spearman",
                "spearman_top_10",
                "spearman_top_1",
                "regret",
                "regret_of_100",
                "regret_at_equal_cost",
            ),
            "savings": ("benchmark", "fidelity", "saving", "saving_low", "saving_high", "most"),
        },
    ),
}
"""By name. A new study is one file that computes it, one file that draws it, and one entry here."""
