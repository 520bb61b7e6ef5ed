"""The comparison over search spaces, as a section of the report and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plots.drawing.caption import named
from plots.report.sections import Section, SectionTable
from plots.report.verdict import listed
from results.storage.study import Study
from results.summaries.across import Across, AlgorithmAcross, PairAcross, summarize_across
from results.summaries.pair_words import MOST_NAMED, beats_words, undecided_words, versus
from results.words import counted

DASH = "–"


def across_sections(study: Study) -> list[Section]:
    """Return the section of a study with trials on several benchmarks, or nothing."""
    across = summarize_across(study)
    return [across_section(across)] if len(across.benchmarks) > 1 else []


def across_section(across: Across) -> Section:
    """Write a comparison over search spaces in words and tables.

    Differences are written with the better algorithm first, so that they are negative. Over a single space there is
    nothing to compare, and no table.
    """
    title = "Over search spaces"
    if across.empty:
        return Section(title, [f"{across.name!r} has no completed trials yet: run the experiment first"], [])
    if len(across.spaces) == 1:
        return Section(title, list(_sentences(across)), [])
    tables = [_shares(across.algorithms)]
    if across.pairs:
        tables = [_pairs(across.pairs), _by_space(across), *tables]
    return Section(title, list(_sentences(across)), tables)


def _sentences(across: Across) -> Iterator[str]:
    spaces = [f"{space.space} ({counted(len(space.data_sets), 'data set')})" for space in across.spaces]
    yield (
        f"{counted(len(across.benchmarks), 'benchmark')} of {counted(len(spaces), 'search space')}: {listed(spaces)}."
        " The data sets of a space are not independent, so they are averaged first."
    )
    if across.refusal:
        yield f"No claim over spaces: {across.refusal}."
    elif across.pairs:
        yield from _verdicts(across.pairs)
    if across.wide:
        yield f"The intervals are {across.wide}."
    if across.left_out:
        yield f"Left out: {listed([f'{name} ({reason})' for name, reason in across.left_out.items()])}."
    if across.incomplete:
        yield f"No common trial of all algorithms, so not in the shares: {named(across.incomplete)}."
    if across.missing:
        yield f"Incomplete: {counted(across.missing, 'trial')} missing."


def _verdicts(pairs: Sequence[PairAcross]) -> Iterator[str]:
    """Say which algorithms win over spaces, and which pairs are open."""
    decided = [pair for pair in pairs if pair.winner]
    for winner in dict.fromkeys(str(pair.winner) for pair in decided):
        losers = [str(pair.loser) for pair in decided if pair.winner == winner]
        yield f"On average over spaces, {beats_words(winner, listed(losers))}."
    level = [pair for pair in pairs if not pair.winner and not pair.refusal]
    if level:
        sentence = undecided_words(_names(level, len(pairs)), caution=True)
        yield f"{sentence[0].upper()}{sentence[1:]}."
    predicted = [versus(str(pair.winner), str(pair.loser)) for pair in decided if pair.predicted_winner]
    if predicted:
        yield f"The winner is also predicted to be ahead on a space that was not raced: {named(predicted)}."
    elif len(level) < len(pairs):
        yield "No winner is predicted to be ahead on a space that was not raced: those intervals include 0."
    refused = [pair for pair in pairs if pair.refusal]
    if refused:
        reasons = "; ".join(dict.fromkeys(str(pair.refusal) for pair in refused))
        yield f"No claim for {_names(refused, len(pairs))}: {reasons}."


def _names(pairs: Sequence[PairAcross], total: int) -> str:
    if len(pairs) > MOST_NAMED:
        return f"{len(pairs)} of {total} pairs"
    return ", ".join(versus(pair.a, pair.b) for pair in pairs)


def _pairs(pairs: Sequence[PairAcross]) -> SectionTable:
    rows = []
    for pair in pairs:
        flip = (pair.difference or 0.0) > 0
        sign = -1.0 if flip else 1.0
        rows.append(
            (
                versus(pair.b, pair.a) if flip else versus(pair.a, pair.b),
                str(len(pair.by_space)),
                _interval(pair.difference, pair.low, pair.high, sign),
                _range(pair.predicted_low, pair.predicted_high, sign),
                _range(pair.least, pair.greatest, sign),
                DASH if pair.p_holm is None else f"{pair.p_holm:.2g}",
            )
        )
    return SectionTable(
        "Difference of the area under log regret [dex]; negative if the first is better",
        (
            "algorithms",
            "spaces",
            "mean over spaces [95 %]",
            "space not raced, 95 %",
            "leaving one out",
            "p (Holm)",
        ),
        rows,
    )


def _by_space(across: Across) -> SectionTable:
    spaces = [space.space for space in across.spaces]
    rows = []
    for pair in across.pairs:
        sign = -1.0 if (pair.difference or 0.0) > 0 else 1.0
        values = [_signed(pair.by_space[name], sign) if name in pair.by_space else DASH for name in spaces]
        rows.append((versus(pair.b, pair.a) if sign < 0 else versus(pair.a, pair.b), *values))
    return SectionTable("The same difference by space [dex]", ("algorithms", *spaces), rows)


def _shares(algorithms: Sequence[AlgorithmAcross]) -> SectionTable:
    rows = [
        (
            one.label,
            _share(one.best_data_sets, one.data_sets_range),
            _share(one.best_spaces, one.spaces_range),
        )
        for one in algorithms
    ]
    return SectionTable(
        "Share on which an algorithm has the lowest mean area; in brackets, without any one space (not tested)",
        ("algorithm", "of the data sets", "of the spaces"),
        rows,
    )


def _share(share: float | None, bounds: tuple[float, float] | None) -> str:
    if share is None:
        return DASH
    return f"{share:.0%}" + (f" [{bounds[0]:.0%}, {bounds[1]:.0%}]" if bounds else "")


def _interval(value: float | None, low: float | None, high: float | None, sign: float) -> str:
    if value is None:
        return DASH
    bounds = _range(low, high, sign)
    return _signed(value, sign) + ("" if bounds == DASH else f" {bounds}")


def _range(low: float | None, high: float | None, sign: float) -> str:
    if low is None or high is None:
        return DASH
    first, last = sorted((sign * low, sign * high))
    return f"[{first:+.3f}, {last:+.3f}]"


def _signed(value: float, sign: float) -> str:
    return f"{sign * value + 0.0:+.3f}"
