"""The sentences of the study ``operations``: what its tables show, beside the findings of Lopes et al. (2023)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks.analyses.estimates import ALPHA
from benchmarks.analyses.population import POINTS
from benchmarks.analyses.sequences import ALL
from benchmarks.analyses.subspaces import STATED

PAPER = "Lopes et al. (2023)"
NEAR = {
    POINTS: (1.0, "within 1 point"),
    "way": (0.1, "within 10 % of the way from the median to it"),
    "floor": (5.0, "within five noise floors"),
}
"""The distances within which the benchmarks of a space are compared, by unit."""
MOST_SHARES = 4
"""With more benchmarks of a space than this, only the highest and the lowest share are written."""
MOST_ANSWERS = 6
"""The largest number of different answers that a sentence writes."""


def operations_sentences(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say what the tables of `benchmarks.analyses.operations.operations` show, and what they do not."""
    distribution = tables["distribution"].set_index("benchmark")
    units = dict(zip(distribution.index.astype(str), distribution["unit"].astype(str), strict=True))
    sentences = [
        *_skewness(distribution),
        *_crowding(distribution, tables["within"]),
        *_subsets(tables["smallest_sets"], units),
        *_effects(tables["operations"], units),
        *_pairs(tables["pairs"]),
        *_ngrams(tables["ngrams"], units),
        "An effect compares an operation with the others of its position, so one operation cannot gain without the"
        " others losing. The mean over the architectures that have an operation also depends on the positions that it"
        " takes from the others. Neither says how an operation would do in another space.",
    ]
    if "way" in units.values():
        sentences.append(
            "Scores other than accuracies are shares of the way from the median architecture to the best one. They say"
            " nothing about the size of the differences."
        )
    return [*sentences, *_samples(distribution)]


def _listed(names: Iterable[str]) -> str:
    """Write names with commas, and with "and" before the last one."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _grouped(answers: Mapping[str, str]) -> str:
    """Write answers by benchmark, each answer once: ``answer on a and b; other on c``."""
    groups: dict[str, list[str]] = {}
    for benchmark, answer in answers.items():
        groups.setdefault(answer, []).append(benchmark)
    written = [f"{answer} on {_listed(names)}" for answer, names in list(groups.items())[:MOST_ANSWERS]]
    left = sum(len(names) for names in list(groups.values())[MOST_ANSWERS:])
    return "; ".join([*written, f"others on {left} more"] if left else written)


def _of(n: int, benchmarks: Sequence[str] | pd.Index) -> str:
    return f"{n} of {len(benchmarks)} benchmark{'s' if len(benchmarks) != 1 else ''}"


def _distance(value: float, unit: str) -> str:
    value = max(value, 0.0)
    return f"{value:.2f} points" if unit == POINTS else f"{100 * value:.3g} % of the way"


def _skewness(distribution: pd.DataFrame) -> list[str]:
    most = distribution["high"].fillna(distribution["skewness"])
    leaning = distribution[most < 0]
    values = {str(name): f"{value:.2f}" for name, value in distribution["skewness"].dropna().items()}
    named = f": {', '.join(f'{value} on {name}' for name, value in values.items())}" if len(values) <= 8 else ""
    return [
        f"On {_of(len(leaning), distribution.index)}, more architectures are near the top than near the bottom, by"
        f" negative skewness of the scores{named}. {PAPER} found negative skewness."
    ]


def _crowding(distribution: pd.DataFrame, within: pd.DataFrame) -> list[str]:
    """Compare the benchmarks of each space by their shares of architectures near the best."""
    sentences = []
    for space, members in distribution.groupby("space", sort=False):
        data_sets = set(members["data_set"])
        if len(data_sets) < len(members) or len(members) < 2:
            continue
        parts = []
        for unit, (distance, words) in NEAR.items():
            rows = within[(within["unit"] == unit) & (within["distance"] == distance)].set_index("benchmark")["share"]
            if rows.index.isin(members.index).sum() == len(members):
                parts.append(f"{words}, {_shares(rows[members.index].set_axis(members['data_set']))}")
        sentence = f"Shares of the architectures of the space {space} that are near the best one: {'; '.join(parts)}."
        if {"cifar10", "imagenet16-120"} <= data_sets:
            sentence += (
                f" {PAPER} found that CIFAR-10 separates architectures less than ImageNet16-120. Distances in points"
                " agree. Distances in noise floors, which count what an optimizer can tell apart, need not."
            )
        sentences.append(sentence)
    return sentences


def _shares(shares: pd.Series[float]) -> str:
    """Write shares by data set, or the lowest and the highest one if there are many."""
    ordered = shares.sort_values(ascending=False, kind="stable")
    shown = ordered if len(ordered) <= MOST_SHARES else ordered.iloc[[0, -1]]
    words = [f"{100 * share:.2g} % on {data_set}" for data_set, share in shown.items()]
    return " to ".join(words) if len(shown) < len(ordered) else ", ".join(words)


def _subsets(sets: pd.DataFrame, units: Mapping[str, str]) -> list[str]:
    if not len(sets):
        return []
    smallest = sets["benchmark"].map({name: min(STATED[unit]) for name, unit in units.items()})
    closest = sets[sets["distance"] == smallest].set_index("benchmark")
    fewer = closest[closest["size"] < closest["pool"]]
    answers = {
        str(name): f"{operations} ({size:.0f} of {pool:.0f})"
        for name, operations, size, pool in fewer[["operations", "size", "pool"]].itertuples()
    }
    found = f": {_grouped(answers)}" if answers else ""
    return [
        f"On {_of(len(fewer), closest.index)}, a part of the operations reaches within 0.5 points of the best, or 5 %"
        f" of the way{found}. {PAPER} found that a part suffices."
    ]


def _effects(operations: pd.DataFrame, units: Mapping[str, str]) -> list[str]:
    largest, costly, unclear = {}, {}, {}
    for benchmark, rows in operations.groupby(operations["benchmark"].astype(str), sort=False):
        known, name = rows.dropna(subset="effect"), str(benchmark)
        sure = known["chance"] < ALPHA
        if (known["effect"][sure] > 0).any():
            largest[name] = str(known["operation"].iloc[int(known["effect"].where(sure, -np.inf).argmax())])
        gaps = rows["gap_without"].fillna(0.0)
        if gaps.max() > 0:
            costly[name] = f"{rows['operation'].iloc[int(gaps.argmax())]} ({_distance(gaps.max(), units[name])})"
        if not sure.all():
            unclear[name] = _listed(known["operation"][~sure].astype(str))
    sentences = []
    if largest:
        beside = (
            f" {PAPER} found that convolutions matter most." if any("conv" in one for one in largest.values()) else ""
        )
        sentences.append(f"The operation with the largest positive effect is {_grouped(largest)}.{beside}")
    if costly:
        sentences.append(f"Without one operation, the best score falls most without {_grouped(costly)}.")
    if unclear:
        sentences.append(f"Effects that chance could have made: {_grouped(unclear)}.")
    return sentences


def _pairs(pairs: pd.DataFrame) -> list[str]:
    different = pairs[pairs["first"] != pairs["second"]]
    favoured = different[different["chance"] < ALPHA]
    if not len(favoured):
        return [
            "No pair of operations is more frequent in the top 1 % than among the architectures that have one of both,"
            " beyond chance."
        ]
    answers, beyond = {}, {}
    for benchmark, rows in favoured.groupby("benchmark", sort=False):
        best = rows.sort_values("lift", ascending=False, kind="stable")
        answers[str(benchmark)] = _listed(
            f"{row.first} with {row.second} ({row.lift:.1f} times)" for row in best[:3].itertuples()
        )
        more = best[(best["interaction"] > 0) & (best["interaction_chance"] < ALPHA)]
        if len(more):
            beyond[str(benchmark)] = _listed(f"{row.first} with {row.second}" for row in more[:3].itertuples())
    sentences = [
        f"In the top 1 %, the pairs that are more frequent than each of their operations alone explains are, at most"
        f" three per benchmark: {_grouped(answers)}."
    ]
    if beyond:
        sentences.append(
            f"Of these, the mean score with both is higher than the sum of their effects for {_grouped(beyond)}."
        )
    return sentences


def _ngrams(ngrams: pd.DataFrame, units: Mapping[str, str]) -> list[str]:
    if not len(ngrams):
        return []
    best = ngrams[ngrams["rule"] == ALL]
    single = int((best["architectures"] == 1).sum())
    meaning = (
        ", so they say which architectures are best, and nothing about sequences" if 2 * single > len(best) else ""
    )
    sentences = [
        f"By the rule of {PAPER}, the best sequences of operations have the highest mean scores, whatever their length."
        f" Here, {single} of {len(best)} such sequences have a single architecture behind them{meaning}."
    ]
    frequent = ngrams[(ngrams["rule"] != ALL) & (ngrams["rank"] == 1)]
    answers = {
        str(row.benchmark): f"{row.sequence} ({row.architectures:,.0f} architectures)" for row in frequent.itertuples()
    }
    if answers:
        sentences.append(
            f"Of the sequences that at least 1 % of the architectures have, the best is {_grouped(answers)}."
        )
    return sentences


def _samples(distribution: pd.DataFrame) -> list[str]:
    sampled = distribution.index[distribution["sampled"].astype(bool)]
    if not len(sampled):
        return []
    return [
        f"The values of {_listed(map(str, sampled))} are of a sample, so they have 95 % intervals. For a pool, these"
        " hold if its architectures were drawn at random. The best scores are lower bounds: a better architecture may"
        " exist."
    ]
