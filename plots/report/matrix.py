"""The verdict as a matrix: algorithms by benchmarks, with the difference from the best; ranks and shares likewise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from plots.drawing.caption import panel_names
from results.anytime.comparisons import comparisons
from results.anytime.runtimes import runtimes, share_reached, target_ladder
from results.statistics.bootstrap import trial_statistic
from results.storage.study import Study
from results.summaries.leading import best_label, difference
from results.summaries.types import BenchmarkSummary, PairSummary, Summary

Status = Literal["win", "tie", "loss", "open", "untested", "missing", "alone"]

WORDS: dict[Status, str] = {
    "win": "win",
    "tie": "tie",
    "loss": "loss",
    "open": "open",
    "untested": "not tested",
    "missing": "no trials",
    "alone": "alone",
}
"""The texts of the statuses."""

SHADES = 9
"""The number of shades of a heat map, besides the lightest."""
LARGEST_SHADE = 1.0
"""The difference from which a loss has the darkest shade [dex]."""
FAR_TIE = 0.3
"""The difference from which a tie has the lightest shade [dex]."""
MOST_WIDE = 6
"""With more benchmarks than this, the columns are narrow and their headings vertical."""


@dataclass(frozen=True)
class Entry:
    """One cell of a matrix.

    Attributes
    ----------
    text, note : str
        The first and the second line.
    kind : str
        The class of the cell, which gives it a colour.
    key : float or None
        The number to sort by, lower is better. None comes last.
    words : str
        The content of the cell in one sentence.
    """

    text: str
    note: str
    kind: str
    key: float | None
    words: str


@dataclass(frozen=True)
class Column:
    """A column of a matrix: a benchmark, with its title divided into the family and the rest."""

    benchmark: str
    title: str
    family: str
    name: str


@dataclass(frozen=True)
class Row:
    """A row of a matrix: an algorithm, a summary over the benchmarks, and one entry per benchmark (None if absent)."""

    label: str
    total: Entry
    entries: list[Entry | None]


@dataclass(frozen=True)
class Matrix:
    """Algorithms by benchmarks.

    Attributes
    ----------
    name : str
        For the id of its element.
    title, total : str
        The caption, and the heading of the column that sums up the benchmarks.
    note : str
        How to read it.
    columns : list of Column
    rows : list of Row
        The best first.
    """

    name: str
    title: str
    total: str
    note: str
    columns: list[Column]
    rows: list[Row]

    @property
    def families(self) -> list[tuple[str, int]]:
        """The families of the columns and the number of columns of each, in order."""
        return [(family, len(list(group))) for family, group in groupby(self.columns, lambda column: column.family)]

    @property
    def narrow(self) -> bool:
        """Whether the headings of the columns are vertical."""
        return len(self.columns) > MOST_WIDE


def columns_of(summary: Summary) -> list[Column]:
    """Return the benchmarks of a summary. The family is the part of the title before the first comma."""
    found = []
    for benchmark, title in panel_names(summary).items():
        family, comma, name = title.partition(", ")
        found.append(Column(benchmark, title, family if comma else "", name if comma else title))
    return found


def verdict_matrix(summary: Summary) -> Matrix:
    """Return the verdict on every algorithm on every benchmark, against the best algorithm of the benchmark.

    The best is the one that beats all others. If there is none, it is the unbeaten one with the lowest mean area, or
    else the one with the lowest mean area. Others win, tie or lose against it by the test of the pair.
    """
    entries = {panel.benchmark: verdict_entries(panel) for panel in summary.benchmarks}
    return Matrix(
        "verdict-matrix",
        "Win, tie or loss against the best",
        "Win / tie / loss",
        "Against the best algorithm of each benchmark, by the tests of the area under log regret. Win: it beats all"
        " others; the number is the regret of the closest one, relative to its own. Tie: no significant difference from"
        " the best (not evidence of equality); the lighter, the further away. Loss: the best beats it. The number is"
        " the regret relative to the best: 2× is twice as high, averaged on a log scale over the budget. It is a median"
        " over trials, and the best of a tie has the lowest mean, so it may be below 1×.",
        columns_of(summary),
        _rows(summary, entries, _record),
    )


def rank_matrix(summary: Summary) -> Matrix:
    """Return the mean rank by area on every benchmark."""
    entries = {}
    for panel in summary.benchmarks:
        most = max(1, sum(found.rank is not None for found in panel.algorithms) - 1)
        entries[panel.benchmark] = {
            found.label: None
            if found.rank is None
            else Entry(f"{found.rank:.1f}", "", _shade(1 - (found.rank - 1) / most), found.rank, f"{found.rank:.2f}")
            for found in panel.algorithms
        }
    return Matrix(
        "rank-matrix",
        "Mean rank by area",
        "Mean",
        "Rank 1 is the best. Ranks are by the area under log regret, averaged over the trials that all algorithms have."
        " Darker is better.",
        columns_of(summary),
        _rows(summary, entries, lambda found: _mean(found, 2)),
    )


def share_matrix(study: Study, summary: Summary) -> Matrix:
    """Return the share of target regrets that is reached at the end of the budget, on every benchmark.

    The shares are the last points of the curves of `plots.figures.ecdf.ecdf_data`.
    """
    entries: dict[str, dict[str, Entry | None]] = {}
    for one in comparisons(study):
        ladder = target_ladder(one.facts)
        shares = entries.setdefault(one.benchmark, {})
        for cell in one.present:
            times = runtimes(cell, study, one.target, one.axis, one.horizon, ladder)
            share = float(trial_statistic(share_reached(times, [one.horizon]).to_numpy(), "mean")[0])
            shares[cell.label] = Entry(f"{100 * share:.0f}", "", _shade(share), -share, f"{100 * share:.1f} %")
    return Matrix(
        "share-matrix",
        "Share of target regrets reached by the end [%]",
        "Mean",
        "51 target regrets, log-spaced from the median architecture down to the noise floor; the share of all pairs of"
        " trial and target that are reached and kept. Darker is better.",
        columns_of(summary),
        _rows(summary, entries, lambda found: _mean(found, 0)),
    )


def verdict_entries(panel: BenchmarkSummary) -> dict[str, Entry | None]:
    """Return the verdict on every algorithm of one benchmark by label."""
    areas = {found.label: found.area.value for found in panel.algorithms if found.area.value is not None}
    best = best_label(panel, areas)
    if best is None or len(panel.algorithms) == 1:
        status: Status = "alone" if areas else "missing"
        return {found.label: _plain(status) for found in panel.algorithms}
    pairs = {frozenset((pair.a, pair.b)): pair for pair in panel.pairs}
    found: dict[str, Entry | None] = {}
    for one in panel.algorithms:
        if one.label not in areas:
            found[one.label] = _plain("missing")
        elif one.label == best:
            found[one.label] = _leader(best, [pair for pair in panel.pairs if best in (pair.a, pair.b)], areas)
        else:
            found[one.label] = _follower(one.label, best, pairs[frozenset((one.label, best))], areas)
    return found


def status_of(pair: PairSummary, label: str) -> Status:
    """Return the result of the test of a pair from the view of one of its labels."""
    if pair.winner:
        return "win" if pair.winner == label else "loss"
    if pair.decision:
        return "tie" if pair.decision.outcome == "equivalent" else "open"
    return "untested" if pair.refusal else "tie"


def _leader(label: str, pairs: Sequence[PairSummary], areas: Mapping[str, float]) -> Entry:
    """Return the entry of the best: a win if it beats all others, or else the weakest result of its pairs."""
    against = {pair.b if pair.a == label else pair.a: pair for pair in pairs}
    present = {other: pair for other, pair in against.items() if other in areas}
    found = [status_of(pair, label) for pair in present.values()]
    weakest: tuple[Status, ...] = ("loss", "tie", "open", "untested")
    status: Status = next((one for one in weakest if one in found), "win")
    if not present:
        return _plain("alone")
    leads = {other: -(difference(pair, label) or 0.0) for other, pair in present.items()}
    closest = min(leads, key=lambda other: leads[other])
    if status == "win":
        words = f"win: the closest, {closest}, has {factor(leads[closest])} its regret"
        return Entry("win", factor(leads[closest]), "win", -1.0 - leads[closest], words)
    return Entry(WORDS[status], "best", f"{status} best", -0.5, f"{WORDS[status]}: lowest mean area")


def _follower(label: str, best: str, pair: PairSummary, areas: Mapping[str, float]) -> Entry:
    away, status = difference(pair, label), status_of(pair, label)
    if areas[label] == areas[best] and away in (0.0, None) and status != "loss":
        return Entry(WORDS[status], "best", f"{status} best", -0.5, f"{WORDS[status]}: the same mean area as {best}")
    if away is None:
        return Entry(WORDS[status], "", status, None, f"{WORDS[status]}: {pair.verdict}")
    shade = ""
    if status == "loss":
        shade = _shade(away / LARGEST_SHADE, "l")
    elif status == "tie":
        shade = _shade(1 - abs(away) / FAR_TIE, "t")
    words = f"{WORDS[status]}: {factor(away)} the regret of {best}"
    return Entry(WORDS[status], factor(away), f"{status} {shade}".strip(), away, words)


def factor(dex: float) -> str:
    """Write a difference [dex] as a ratio of regrets, such as ``2.20×``."""
    return f"{ratio(dex)}×"


def ratio(dex: float) -> str:
    """Write a difference [dex] as a ratio of regrets, with two decimals below ten."""
    value = 10**dex
    return f"{value:.0f}" if value >= 9.95 else f"{value:.2f}"


def _plain(status: Status) -> Entry:
    return Entry("–" if status == "missing" else WORDS[status], "", status, None, WORDS[status])


def _shade(share: float, letter: str = "h") -> str:
    """Return the class of a shade: 0 is the lightest."""
    return f"{letter}{round(SHADES * min(max(share, 0.0), 1.0))}"


def _rows(
    summary: Summary,
    entries: Mapping[str, Mapping[str, Entry | None]],
    total: Callable[[Sequence[Entry | None]], Entry],
) -> list[Row]:
    """Arrange the entries by algorithm, the best mean rank over the benchmarks first."""
    labels = dict.fromkeys(found.label for panel in summary.benchmarks for found in panel.algorithms)
    ranks: dict[str, list[float]] = {label: [] for label in labels}
    for panel in summary.benchmarks:
        for found in panel.algorithms:
            if found.rank is not None:
                ranks[found.label].append(found.rank)
    order = sorted(labels, key=lambda label: np.mean(ranks[label]) if ranks[label] else np.inf)
    rows = []
    for label in order:
        found_entries = [entries[panel.benchmark].get(label) for panel in summary.benchmarks]
        rows.append(Row(label, total(found_entries), found_entries))
    return rows


def _record(entries: Sequence[Entry | None]) -> Entry:
    counts = [sum(one is not None and one.text == word for one in entries) for word in ("win", "tie", "loss")]
    wins, ties, losses = counts
    words = f"{wins} won, {ties} tied, {losses} lost"
    return Entry(" / ".join(map(str, counts)), "", "total", losses - 1e-3 * wins - 1e-6 * ties, words)


def _mean(entries: Sequence[Entry | None], digits: int) -> Entry:
    keys = [one.key for one in entries if one is not None and one.key is not None]
    if not keys:
        return Entry("–", "", "total", None, "no trials")
    mean = float(np.mean(keys))
    text = f"{mean:.{digits}f}" if digits else f"{-100 * mean:.0f}"
    return Entry(text, "", "total", mean, text)
