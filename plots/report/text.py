"""The background of the report in words: protocol, algorithms, data, and how to reproduce the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plots.drawing.caption import (
    budget_words,
    clipped_words,
    common_protocol,
    incumbent_words,
    leader_words,
    protocol_words,
    zero_words,
)
from plots.drawing.precision import coverage_words, panel_resolution, resolution_sentence
from plots.drawing.units import regret_unit
from plots.report.verdict import listed
from results.anytime.comparisons import cells_by_benchmark
from results.statistics.bootstrap import ALPHA, RESAMPLES, Statistic
from results.storage.study import Cell, Study
from results.summaries.decision_words import stopping_words
from results.summaries.types import BenchmarkSummary
from results.target import Target
from results.words import counted

LISTED = 8
"""More fidelities than this are summarized by the lowest and the highest."""


def background(study: Study, record: Mapping[str, Any], commands: Sequence[str]) -> dict[str, Any]:
    """Return the texts below the numbers.

    Parameters
    ----------
    study : Study
    record : mapping
        The content of ``experiment.json``.
    commands : sequence of str

    Returns
    -------
    dict
        ``description``, ``scope`` and ``rules`` (pairs of a name and texts), ``algorithms``, ``data``, ``provenance``
        (pairs of a name and a text), ``commands``.
    """
    first, stop = record["trials"]
    protocols = {name: common_protocol(cells) for name, cells in cells_by_benchmark(study).items()}
    titles = {name: str(study.benchmarks[name]["title"]) for name in protocols}
    budgets = list(dict.fromkeys(map(budget_words, protocols.values())))
    rules: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "Budget": budget_words,
        "Accounting": protocol_words,
        "Incumbent": incumbent_words,
        "Fidelities": fidelity_words,
        "Reported errors": lambda protocol: ", ".join(protocol["report"]),
    }
    return {
        "description": record.get("description") or "",
        "scope": [
            counted(len({cell.label for cell in study.cells}), "algorithm"),
            counted(len(protocols), "benchmark"),
            ("until decided, at most " if study.stopping else "") + counted(stop - first, "trial") + " per cell",
            *(budgets if len(budgets) == 1 else ["budget by benchmark"] if budgets else []),
        ],
        "rules": [
            (name, _by_benchmark({titles[b]: words(protocol) for b, protocol in protocols.items()}))
            for name, words in rules.items()
        ],
        "resamples": f"{RESAMPLES:,}",
        "algorithms": _algorithms(study),
        "data": _data(study),
        "provenance": _provenance(record),
        "commands": list(commands),
    }


def curves_caption(
    cells: Sequence[Cell], panel: BenchmarkSummary, statistic: Statistic, recorded: Sequence[str] = ()
) -> str:
    """Write the caption of the curves of one benchmark. Budget and accounting rules are elsewhere on the page.

    Parameters
    ----------
    cells : sequence of Cell
        The cells of the benchmark.
    panel : BenchmarkSummary
        Its summary by the target that is shown.
    statistic : {"mean", "median"}
        The statistic of the curves.
    recorded : sequence of str
        Sentences about recorded entries.
    """
    factor, unit = regret_unit(panel.unit)
    assumed = f", assumed: {panel.floor_reason}" if panel.floor_assumed else ""
    start = max(panel.median - panel.optimum, 0.0) * factor
    tests = (
        "Paired Wilcoxon tests of the area under log regret (clipped at the floor; before the first completion"
        f" {start:.3g} {unit}), Holm-adjusted within the benchmark, at level {ALPHA:g}"
    )
    if panel.stopping:
        tests = stopping_words(panel.stopping)
    sentences = [
        f"{statistic.capitalize()} simple regret of the incumbent: its true error ({panel.target}) minus"
        f" {zero_words(panel)}.",
        f"Incumbent: {incumbent_words(common_protocol(cells))}; its true error may rise.",
        f"Bands: 95 % bootstrap intervals ({RESAMPLES:,} resamples of whole trials).",
        _trials_words(panel),
        *coverage_words([panel], statistic),
        f"Curves begin where all their trials have an incumbent. Data: {panel.provenance}.",
        f"Shaded: below the noise floor ({panel.floor * factor:.2g} {unit}{assumed}).",
        f"{tests}: {leader_words(panel)}.",
        *resolution_sentence([panel], panel_resolution(panel)),
    ]
    return " ".join([*sentences, *recorded, *clipped_words([panel])])


def _trials_words(panel: BenchmarkSummary) -> str:
    wanted = " or ".join(map(str, sorted({algorithm.wanted for algorithm in panel.algorithms})))
    lacking = [f"{found.label} {found.trials} of {found.wanted}" for found in panel.algorithms if found.missing]
    noun = "trial" if wanted == "1" else "trials"
    return f"{wanted} {noun} per curve{f', incomplete: {listed(lacking)}' if lacking else ''}."


def fidelity_words(protocol: Mapping[str, Any]) -> str:
    """Write the available fidelities in words."""
    fidelities = [f"{fidelity:g}" for fidelity in protocol.get("fidelities", ())]
    if len(fidelities) > LISTED:
        return f"{len(fidelities)} from {fidelities[0]} to {fidelities[-1]} epochs"
    return f"{', '.join(fidelities)} epoch{'' if fidelities == ['1'] else 's'}" if fidelities else "not stated"


def _by_benchmark(texts: Mapping[str, str]) -> list[str]:
    """Return one text if all benchmarks agree, otherwise one per benchmark with its title."""
    if len(set(texts.values())) <= 1:
        return list(texts.values())[:1]
    return [f"{title}: {text}" for title, text in texts.items()]


def _algorithms(study: Study) -> list[dict[str, Any]]:
    """Return every entry with its hyperparameters: once if all benchmarks share them, or else by benchmark."""
    cells: dict[str, list[Cell]] = {}
    for cell in study.cells:
        cells.setdefault(cell.label, []).append(cell)
    rows = []
    for label, its in cells.items():
        settings: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for cell in its:
            parameters = tuple((name, str(value)) for name, value in cell.parameters.items())
            settings.setdefault(parameters, []).append(str(study.benchmarks[cell.benchmark]["title"]))
        several = len(settings) > 1
        rows.append(
            {
                "label": label,
                "algorithm": its[0].algorithm,
                "version": its[0].version,
                "settings": [(listed(titles) if several else "", chosen) for chosen, titles in settings.items()],
            }
        )
    return rows


def _data(study: Study) -> list[dict[str, Any]]:
    """Return the facts of every data set, including sibling data sets that were only reported on."""
    owners = dict.fromkeys(
        owner
        for cell in study.cells
        for owner in (cell.benchmark, *(Target.parse(target).benchmark for target in cell.protocol["report"]))
        if owner
    )
    return [
        {"name": owner, "title": facts["title"], "provenance": facts["provenance"], "facts": _facts(facts)}
        for owner, facts in ((owner, study.benchmarks[owner]) for owner in owners)
    ]


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    fewest, most = facts.get("repeats") or (None, None)
    repeats = None if fewest is None else "" if fewest == most else f"{fewest} to "
    modelled = facts.get("provenance") == "surrogate"
    network = "modelled network" if modelled else "network"
    rows = [
        ("Predicted" if modelled else "Recorded", facts.get("metric")),
        (
            "Repeats",
            most and f"{repeats}{counted(most, network)} per architecture",
        ),
        ("Citation", facts.get("citation")),
        ("Licence", facts.get("licence")),
        ("Source", facts.get("source")),
        ("SHA-256", facts.get("data_hash")),
        ("Also recorded", ", ".join(facts.get("information") or ())),
        ("Notes", "; ".join(facts.get("notes") or ())),
    ]
    return [(name, str(text)) for name, text in rows if text]


def _trials_range(record: Mapping[str, Any]) -> str:
    first, end = record["trials"]
    if record.get("stopping") is None:
        return f"{first} to {end - 1}"
    return f"from {first} until decided, at most {counted(end - first, 'trial')} per cell"


def _provenance(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    environment = record.get("environment") or {}
    commit = environment.get("commit")
    state = " with uncommitted changes" if commit and commit["dirty"] else ""
    packages = (environment.get("packages") or {}).items()
    rows = [
        ("Seed", str(record["seed"])),
        ("Trials", _trials_range(record)),
        ("Commit", f"{commit['hash']}{state}" if commit else "installed without a repository"),
        ("Python", environment.get("python")),
        ("Packages", ", ".join(f"{name} {version}" for name, version in packages)),
        ("Linear algebra", (environment.get("fingerprint") or {}).get("blas")),
        ("Platform", environment.get("platform")),
        ("Earlier grids", str(len(record.get("history", ()))) if record.get("history") else None),
    ]
    return [(name, text) for name, text in rows if text]
