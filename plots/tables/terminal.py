"""The summary of a study for a terminal, laid out for 100 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from plots.drawing.caption import zero_words
from plots.drawing.precision import coverage_words, panel_resolution
from plots.drawing.units import regret_unit
from results.statistics.bootstrap import Estimate
from results.summaries.decision_words import decided_words
from results.summaries.pair_words import (
    beats_words,
    equivalence_words,
    pair_names,
    undecided_words,
    untested_words,
)
from results.summaries.resolution import NO_TESTS
from results.summaries.types import AlgorithmSummary, BenchmarkSummary, PairSummary, Summary


def summary_table(summary: Summary) -> Group:
    """Lay out a summary for a terminal: a table and the test results per benchmark, then warnings and what is missing.

    Algorithms are sorted by area, the best first and bold. Regret of fractions is shown in percentage points. Labels
    are shown literally, without rich's markup.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    rich.console.Group
        For a console of 100 columns. On a narrower console, the table first leaves out the duplicates and the third
        digit of areas, then the intervals of areas, then the trials if none are missing.
    """
    parts: list[RenderableType] = []
    for benchmark in summary.benchmarks:
        parts += [
            _heading(benchmark),
            _Fitting([_table(benchmark, spared) for spared in range(4)]),
            *_verdicts(benchmark),
            Text(""),
        ]
    if any(map(_starred, summary.benchmarks)):
        parts += [_indented("* lowest area; the tests are of the area"), Text("")]
    if summary.recorded:
        parts += [*map(_indented, summary.recorded), Text("")]
    for heading, sentences in (("Warnings", summary.warnings), ("Missing", summary.missing)):
        if sentences:
            parts.append(Text(heading, style="bold yellow"))
            parts += [_indented(sentence) for sentence in sentences]
    return Group(*parts)


def _heading(benchmark: BenchmarkSummary) -> Group:
    factor, unit = regret_unit(benchmark.unit)
    horizon = f"{benchmark.horizon:,.6g} {'s' if benchmark.axis == 'seconds' else benchmark.axis}"
    floor = f"floor {benchmark.floor * factor:.2g}{' (assumed)' if benchmark.floor_assumed else ''}"
    title = Text.assemble((benchmark.title, "bold"), (f" ({benchmark.provenance} errors)", "dim"))
    zero = "" if benchmark.reference is None else f" above {zero_words(benchmark)}"
    return Group(title, _indented(f"{benchmark.target}, {horizon}; regret{zero} in {unit}, {floor}", style="dim"))


@dataclass(frozen=True)
class _Fitting:
    """The first of several ever narrower tables that fits the console, or the last one if none does."""

    tables: Sequence[Table]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        unlimited = options.update(width=1000)
        widths = ((table, Measurement.get(console, unlimited, table).maximum) for table in self.tables)
        yield next((table for table, width in widths if width <= options.max_width), self.tables[-1])


def _table(benchmark: BenchmarkSummary, spared: int) -> Table:
    """Make the table; `spared` is the number of steps by which its width is reduced."""
    ordered = sorted(benchmark.algorithms, key=_area)
    complete, starred = not any(algorithm.missing for algorithm in ordered), _starred(benchmark)
    statistic, (factor, _) = benchmark.statistic, regret_unit(benchmark.unit)
    ends = [a.mean_end_regret if statistic == "mean" else a.median_end_regret for a in ordered]
    area_digits = ".2f" if spared else ".3f"
    columns = {
        "trials": [_trials(algorithm) for algorithm in ordered],
        f"{statistic} end regret [95 %]": [_estimate(end, factor, "#.3g") for end in ends],
        "area, dex [95 %]": [_estimate(algorithm.area, 1.0, area_digits) for algorithm in ordered],
        "area, dex": [_estimate(replace(algorithm.area, low=None), 1.0, area_digits) for algorithm in ordered],
        "rank": ["–" if a.rank is None else f"{a.rank:.2f}" for a in ordered],
        "dupl.": ["–" if a.duplicates is None else f"{a.duplicates:.0%}" for a in ordered],
    }
    left_out = {
        "trials": spared > 2 and complete and not benchmark.stopping,
        "area, dex [95 %]": spared > 1,
        "area, dex": spared < 2,
        "dupl.": spared > 0,
    }
    shown = {heading: values for heading, values in columns.items() if not left_out.get(heading)}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  algorithm", overflow="fold")
    for heading in shown:
        table.add_column(Text(heading), justify="right", no_wrap=True)
    for place, algorithm in enumerate(ordered):
        best = place == 0 and starred
        label = Text(("* " if best else "  ") + algorithm.label)
        table.add_row(label, *(values[place] for values in shown.values()), style="bold" if best else "")
    return table


def _starred(benchmark: BenchmarkSummary) -> bool:
    """Return whether the first algorithm of the table is marked: only if no trial is missing, and no other is equal."""
    first, *others = sorted(map(_area, benchmark.algorithms))
    return first not in others[:1] and not any(algorithm.missing for algorithm in benchmark.algorithms)


def _area(algorithm: AlgorithmSummary) -> float:
    return float("inf") if algorithm.area.value is None else algorithm.area.value


def _trials(algorithm: AlgorithmSummary) -> str:
    return f"{algorithm.trials}" + (f" of {algorithm.wanted}" if algorithm.missing else "")


def _estimate(estimate: Estimate, factor: float, digits: str) -> str:
    if estimate.value is None:
        return "–"
    value, low, high = (
        "" if number is None else f"{number * factor:{digits}}".rstrip(".")
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]" if low else value


def _verdicts(benchmark: BenchmarkSummary) -> list[RenderableType]:
    """Write the results of the pairwise tests, winners in the order of the table, then the pairs without one."""
    coverage = [f"{words[0].lower()}{words[1:-1]}" for words in coverage_words([benchmark])]
    if benchmark.stopping:
        lines = [*decided_words(benchmark.pairs), *coverage, *_busy_words(benchmark)]
        return [*map(_indented, lines), *_rank_note(benchmark)]
    ordered = [algorithm.label for algorithm in sorted(benchmark.algorithms, key=_area)]
    lines = _wins(benchmark.pairs, ordered)
    empty = {algorithm.label for algorithm in benchmark.algorithms if not algorithm.trials}
    pairs = [pair for pair in benchmark.pairs if not {pair.a, pair.b} & empty]
    level = [pair for pair in pairs if not pair.refusal and not pair.winner]
    if level:
        lines.append(undecided_words(pair_names(level, len(pairs))))
    lines += equivalence_words(pairs, lambda found: pair_names(found, len(pairs)))
    refused = [pair for pair in pairs if pair.refusal]
    if refused:
        lines.append(untested_words(pair_names(refused, len(pairs)), (pair.refusal for pair in refused)))
    lines += coverage
    if benchmark.resolution.refusal != NO_TESTS:
        lines.append(f"resolution, the smallest difference shown four times in five: {panel_resolution(benchmark)}")
    return [*map(_indented, [*lines, *_busy_words(benchmark)]), *_rank_note(benchmark)]


def _wins(pairs: Sequence[PairSummary], ordered: Sequence[str]) -> list[str]:
    """Say which algorithm beats which, and by how much in the median over trials."""
    lines = []
    for winner in ordered:
        won = {pair.loser: abs(pair.median_difference or 0.0) for pair in pairs if pair.winner == winner}
        sizes = [f"{loser} by {won[loser]:.2g}" for loser in ordered if loser in won]
        lines += [beats_words(winner, f"{', '.join(sizes)} dex")] if won else []
    return lines


def _busy_words(benchmark: BenchmarkSummary) -> list[str]:
    """Say how much of the time of several workers each algorithm used."""
    ordered = sorted(benchmark.algorithms, key=_area)
    shares = [f"{one.label} {100 * one.busy:.0f} %" for one in ordered if one.busy is not None]
    return [f"share of the workers' time in use: {', '.join(shares)}"] if shares else []


def _rank_note(benchmark: BenchmarkSummary) -> list[RenderableType]:
    if 0 < benchmark.rank_trials < max(algorithm.trials for algorithm in benchmark.algorithms):
        return [_indented(f"ranks over the {benchmark.rank_trials} common trials")]
    return []


def _indented(line: str, style: str = "") -> Padding:
    return Padding(Text(line, style=style), (0, 0, 0, 2))
