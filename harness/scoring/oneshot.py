"""The study ``oneshot``: how recorded one-shot searches go, what they choose, and what their shared weights tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.scoring.choices import choices, fields_of_cell
from harness.scoring.correlations import by_choice, by_setting, t_interval, with_interval
from harness.scoring.operations import skips_and_free_share
from results.storage.records import ResultsError
from results.storage.study import Study
from results.summaries.recorded_words import recorded_words
from results.words import counted

MAIN_CELLS = ("normal", "cell")
"""The cell whose operations are counted: the normal one of the DARTS space, or the only one."""


def oneshot(studies: Sequence[Study]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Study the recorded searches of results folders.

    Parameters
    ----------
    studies : sequence of Study
        Their recorded entries, on one benchmark, are the settings of the searches.

    Returns
    -------
    tables : dict
        ``settings`` has one row per setting: the fields of the pattern of its files (with an underscore, if a column
        has the same name); ``label, unit, runs, choices``; ``skipped``, the invalid parts that were left out; the mean
        true errors ``first, best, last``, the last with its interval ``last_low, last_high``; ``best_choice``, at
        which the mean is least; ``rise``, last minus best, with its interval ``rise_low, rise_high``; ``skips_first,
        skips_last`` (skip connections of the normal or only cell) and ``free_last`` (share of parameter-free
        operations).

        ``trajectories`` has one row per setting and choice: ``label, choice, runs``, and with intervals ``error``,
        ``skips`` and ``free``.

        ``correlation`` and ``within`` are from `harness.scoring.correlations`: over runs at each choice, and over the
        choices of each run.

        Errors are in the benchmark's unit. Intervals are 95 % t-intervals over the runs, if nothing else is said.
    sentences : list of str

    Raises
    ------
    ResultsError
        If there are no recorded searches, they are on several benchmarks, or two folders use the same label.
    """
    parts = [choices(study) for study in studies]
    found = pd.concat(parts, ignore_index=True)
    if len(names := found["benchmark"].unique()) > 1:
        raise ResultsError(f"expected recorded searches on one benchmark, got some on {', '.join(names)}")
    _check_labels(studies, parts)
    found = found.join(_operations(found["architecture"]))
    trajectories = _trajectories(found)
    tables = {
        "settings": _settings(studies, found, trajectories),
        "trajectories": trajectories,
        "correlation": by_choice(found),
        "within": by_setting(found),
    }
    notes = [text for study in studies for text in recorded_words(study, [[c for c in study.cells if c.recorded]])]
    return tables, [*_sentences(tables, names[0]), *dict.fromkeys(notes)]


def _check_labels(studies: Sequence[Study], parts: Sequence[pd.DataFrame]) -> None:
    """Refuse a label that two folders use: their runs would be taken for runs of one setting."""
    folders: dict[str, Study] = {}
    for study, part in zip(studies, parts, strict=True):
        for label in part["label"].unique():
            if (other := folders.setdefault(label, study)) is not study:
                raise ResultsError(
                    f"expected different labels in all folders, got {label!r} in {other.directory} and"
                    f" {study.directory}; score one of them with another --label, or put both in one experiment"
                )


def _operations(texts: pd.Series[str]) -> pd.DataFrame:
    """Count what the main cell is made of: ``skips`` and ``free``, NaN if the notation does not name operations."""
    known: dict[str, tuple[float, float]] = {}
    for text in texts.unique():
        counts = skips_and_free_share(text)
        known[text] = next((counts[name] for name in MAIN_CELLS if name in counts), (np.nan, np.nan))
    return pd.DataFrame([known[text] for text in texts], index=texts.index, columns=["skips", "free"])


def _trajectories(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (label, number), part in found.groupby(["label", "choice"], sort=False):
        row: dict[str, Any] = {"label": label, "choice": number, "runs": len(part)}
        for column, name in (("true_error", "error"), ("skips", "skips"), ("free", "free")):
            row |= with_interval(part[column], name)
        rows.append(row)
    return pd.DataFrame(rows)


def _settings(studies: Sequence[Study], found: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    cells = {cell.label: (study, cell) for study in studies for cell in study.cells if cell.recorded}
    rows = []
    for label, part in found.groupby("label", sort=False):
        errors = part.pivot_table("true_error", "trial", "choice").dropna(axis="columns")
        means = errors.mean()
        best = int(means.index[int(np.argmin(means))])
        last = part.groupby("trial").tail(1)
        rise = last["true_error"].to_numpy() - errors[best].to_numpy()
        course = trajectories[trajectories["label"] == label]
        study, cell = cells[str(label)]
        row: dict[str, Any] = {
            "label": label,
            "unit": study.benchmarks[cell.benchmark]["unit"],
            "runs": len(errors),
            "choices": part["choice"].max(),
            "skipped": (cell.recorded or {})["skipped"],
        }
        row |= {"first": means.iloc[0], "best": means[best], "best_choice": best}
        row |= dict(with_interval(last["true_error"], "last")) | dict(with_interval(rise, "rise"))
        row |= {"skips_first": course["skips"].iloc[0], "skips_last": last["skips"].mean()}
        row |= {"free_last": last["free"].mean()}
        fields = {f"{name}_" if name in row else name: value for name, value in fields_of_cell(cell).items()}
        rows.append(fields | row)
    return pd.DataFrame(rows)


def _sentences(tables: dict[str, pd.DataFrame], benchmark: str) -> list[str]:
    settings = tables["settings"]
    n, runs = len(settings), int(settings["runs"].sum())
    rising = settings[settings["rise_low"] > 0]
    scored = f"{counted(runs, 'run')} of {counted(n, 'setting')}, scored on {benchmark}."
    lowest, highest = _named(settings.nsmallest(1, "last")), _named(settings.nlargest(1, "last"))
    if n == 1:
        ends = f"The mean error of its last choice: {lowest}."
    else:
        ends = f"The last choice has the lowest mean error in {lowest}, and the highest in {highest}."
    sentences = [f"{scored} {ends}"]
    if (known := int(settings["rise_low"].notna().sum())) > 0:
        sentences.append(
            f"The error at the end is above that of the best choice by more than its interval over the runs in"
            f" {_share(len(rising), known)}. The best choice was picked by the same runs, which favours a rise."
        )
    return [*sentences, *_operation_sentences(settings), *_correlation_sentences(tables)]


def _share(number: int, of: int) -> str:
    return f"{number} of {counted(of, 'setting')}"


def _named(row: pd.DataFrame) -> str:
    """Name a setting with its last error."""
    values = row.iloc[0]
    factor, unit = (100.0, " %") if values["unit"] == "fraction" else (1.0, f" ({values['unit']})")
    last, low, high = (f"{factor * values[name]:.3g}" for name in ("last", "last_low", "last_high"))
    return f"{values['label']} ({last}{unit}" + ("" if np.isnan(values["last_low"]) else f" [{low}, {high}]") + ")"


def _operation_sentences(settings: pd.DataFrame) -> list[str]:
    if settings["skips_last"].isna().all():
        return ["The notation of the space does not name operations, so that they are not counted."]
    grown = settings[settings["skips_last"] >= settings["skips_first"] + 2]
    most = settings.nlargest(1, "skips_last").iloc[0]
    ends = f"{most['skips_first']:.1f} at first, {most['skips_last']:.1f} at the end"
    if len(settings) == 1:
        return [f"The normal or only cell has these mean numbers of skip connections: {ends}."]
    return [
        "The skip connections of the normal or only cell grow by two or more in"
        f" {_share(len(grown), len(settings))}; most are in {most['label']} ({ends})."
    ]


def _correlation_sentences(tables: dict[str, pd.DataFrame]) -> list[str]:
    course, within = tables["correlation"], tables["within"]
    if course.empty:
        return ["No errors of shared weights are recorded for enough runs, so nothing is correlated with them."]
    first, last = course.iloc[0], course.iloc[-1]
    sentences = [
        "The rank correlation between the error of the shared weights and the true error of the choice, over all runs,"
        f" is {_estimate(first)} at choice {first['choice']:.0f} and {_estimate(last)} at choice {last['choice']:.0f}"
        f" (Kendall: {_decimals(first['kendall'])} and {_decimals(last['kendall'])})."
    ]
    if last["settings"] > 1:
        sentences.append(
            "It compares settings as well: one that changes the shared weights and the choice, such as regularisation,"
            f" causes it by itself. Without the means of the settings it is {_estimate(first, 'within')} and"
            f" {_estimate(last, 'within')}."
        )
    if len(within):
        low, high = t_interval(within["spearman"])
        spread = "" if np.isnan(low) else f" [{low:.2f}, {high:.2f}]"
        negative = int((within["spearman"] < 0).sum())
        sentences.append(
            f"Over the choices of one run, it is {within['spearman'].mean():.2f}{spread} in the mean over settings, and"
            f" below 0 in {_share(negative, len(within))}. The weights train all the time, so that their error falls"
            " whatever is chosen."
        )
    return sentences


def _estimate(row: pd.Series[float], name: str = "spearman") -> str:
    low, high = ("low", "high") if name == "spearman" else (f"{name}_low", f"{name}_high")
    return _decimals(row[name]) + ("" if np.isnan(row[low]) else f" [{row[low]:.2f}, {row[high]:.2f}]")


def _decimals(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.2f}"
