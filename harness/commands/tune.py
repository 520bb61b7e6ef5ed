"""The command ``regretta tune``."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from rich.console import Console
from rich.text import Text

from harness.commands.console import make_console, print_json, print_section
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_folder
from harness.commands.report import REPORT
from harness.commands.run import logging_to, print_outcome
from harness.commands.stale_data import load_study
from harness.experiments.cells import Experiment
from harness.running.progress import Progress
from harness.tuning.choice import this_version
from harness.tuning.racing import UnfinishedError
from harness.tuning.settings import open_tuning
from harness.tuning.tuned_file import TUNED_FILE, tuned_experiment
from harness.tuning.tuning import Tuned, Tuning, final_entries, tune
from plots.report.sections import Section, SectionTable
from results.statistics.paired import MINIMUM_PAIRS
from results.storage.experiment_record import read_experiment
from results.storage.files import atomic_write
from results.words import counted

STAGES = {
    "train": "choosing on the train benchmarks",
    "oracle": "the oracle on the test benchmarks",
    "transfer": "transfer between benchmarks",
    "final": "the final comparison",
}
"""By folder of a stage: what it does."""
SHOWN = 6
"""The largest number of hyperparameters and pairs whose importance is printed."""


def tune_command(name: str, out: Path | None, jobs: int | None, *, verbose: bool, as_json: bool) -> int:
    """Tune the algorithms of a file, and print, draw and store what was found."""
    from plots.report.page import report_page

    console = Console(stderr=True, highlight=False) if as_json else make_console()
    file = open_tuning(name)
    directory = out or Path("runs") / file.name
    check_folder("--out", directory)
    directory.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def watch(experiment: Experiment, folder: Path) -> Iterator[dict[str, Any]]:
        inside = folder.relative_to(directory)
        title = f"{file.name}, {STAGES[inside.parts[0]]} ({inside.as_posix()})"
        with Progress(console, experiment, jobs, title) as progress:
            yield {"observe": progress.observe, "announce": progress.begin, "ticked": progress.trial}

    try:
        with logging_to(directory / "run.log", verbose):
            tuning = tune(file, directory, jobs, watch)
    except UnfinishedError as unfinished:
        return print_outcome(unfinished.outcome, unfinished.directory, console)
    entries = final_entries(file, tuning.algorithms)
    text = tuned_experiment(file, entries, tuning.fresh, directory, tuning.seal, this_version())
    atomic_write(directory / TUNED_FILE, text.encode())
    found = _Found.of(tuning)
    _draw(tuning, found)
    sections = _sections(tuning, found)
    study, record = load_study(tuning.final), read_experiment(tuning.final)
    page = report_page(study, record, [f"regretta tune {shlex.quote(name)}"], lead=sections)
    atomic_write(directory / REPORT, page.encode())
    if as_json:
        print_json(_content(tuning, found))
        return OK
    _print(tuning, sections, console)
    return OK


class _Found(NamedTuple):
    """The findings of a tuning, computed once: they read results folders."""

    gains: pd.DataFrame
    importance: dict[str, pd.DataFrame]
    transfer: dict[str, pd.DataFrame | None]

    @classmethod
    def of(cls, tuning: Tuning) -> _Found:
        """Compute all of them."""
        importance = {label: tuning.importance(label) for label in tuning.algorithms}
        transfer = {label: tuning.transfer(label) for label in tuning.algorithms}
        return cls(tuning.gains(), importance, transfer)


def _draw(tuning: Tuning, found: _Found) -> None:
    from plots.drawing.export import save
    from plots.figures.tuning import tuning_figure

    shares = [frame.assign(algorithm=label) for label, frame in found.importance.items()]
    figure, data = tuning_figure(found.gains, pd.concat(shares, ignore_index=True))
    save(figure, data, tuning.directory / "figures" / "tuning")


def _print(tuning: Tuning, sections: list[Section], console: Console) -> None:
    for section in sections:
        print_section(section, console)
    folder = tuning.directory
    console.print(Text(f"{folder / REPORT}, {folder / 'figures'}, and {folder / TUNED_FILE}, which races the settings"))


def _sections(tuning: Tuning, found: _Found) -> list[Section]:
    """Return what was found, for the terminal and for the report."""
    gains, sections = found.gains, []
    for label, tuned in tuning.algorithms.items():
        tables = [
            gains_table(gains[gains["algorithm"] == label], tuning.file.section.final_trials),
            _importance(found.importance[label]),
        ]
        if (transfer := found.transfer[label]) is not None:
            tables.append(_transfer(transfer))
        sections.append(Section(f"Tuning of {label}", list(_sentences(label, tuned, tuning)), tables))
    return sections


def _sentences(label: str, tuned: Tuned, tuning: Tuning) -> Iterator[str]:
    choices = tuned.choices
    which = "all combinations" if choices.complete else "a sample"
    yield (
        f"{label}: tuned to {tuned.train.winner}, of {counted(len(choices.valid), 'configuration')} ({which}), in"
        f" {counted(tuned.train.trials, 'trial')} on {', '.join(tuning.file.section.train)}."
    )
    if choices.invalid:
        first, _ = next(iter(choices.invalid.items()))
        yield f"Invalid combinations, which were left out: {sum(choices.invalid.values()):,}; for example, {first}."
    if tuned.test:
        yield (
            f"The oracle, which was chosen on the test benchmarks themselves, is {tuned.test.winner}; it took"
            f" {counted(tuned.test.trials, 'trial')}."
        )
    for train, test in tuning.shared_data():
        yield (
            f"Warning: {test} has the same search space and data set as the train benchmark {train}: it does not show"
            " whether the choice transfers."
        )
    yield f"The choice was sealed before a test benchmark was opened: {tuning.seal[:16]}."


def _importance(frame: pd.DataFrame) -> SectionTable:
    how = {"exact": "exact", "forest": "by a random forest"}[frame["method"].iloc[0]]
    rows = [(str(row.effect), f"{row.share:.3f}") for row in frame.head(SHOWN).itertuples()]
    return SectionTable(
        f"Shares of the variance of the area over the configurations ({how})", ("effect", "share"), rows
    )


def _transfer(frame: pd.DataFrame) -> SectionTable:
    names = list(dict.fromkeys(frame["tuned_on"]))
    behind = frame.set_index(["tuned_on", "raced_on"])["behind"]
    return SectionTable(
        "Area behind the setting that was tuned on the benchmark itself [dex]",
        ("tuned on", *(f"on {number}" for number in range(1, len(names) + 1))),
        [
            (f"{number} {name}", *(f"{behind[name, other]:+.3f}" for other in names))
            for number, name in enumerate(names, 1)
        ],
    )


def gains_table(frame: pd.DataFrame, trials: int) -> SectionTable:
    """Return the comparison of default, tuned and oracle on the test benchmarks, as text."""
    rows = []
    for row in frame.to_dict("records"):
        areas = ["-" if math.isnan(row[role]) else f"{row[role]:.3f}" for role in ("default", "tuned", "oracle")]
        few = row["trials"] < MINIMUM_PAIRS
        sure = f"{MINIMUM_PAIRS} trials are needed" if few else f"{row['low']:+.3f}, {row['high']:+.3f}"
        interval = f"{row['gain']:+.3f} [{sure}]"
        p_value = "-" if math.isnan(row["p_holm"]) else f"{row['p_holm']:.2g}"
        share = "-" if math.isnan(row["share"]) else f"{row['share']:.0%}"
        rows.append((str(row["benchmark"]), *areas, interval, p_value, share))
    return SectionTable(
        f"Area under log regret on the test benchmarks [dex], {trials} fresh trials; lower is better",
        ("benchmark", "default", "tuned", "oracle", "default - tuned", "p (Holm)", "oracle's lead"),
        rows,
    )


def _content(tuning: Tuning, found: _Found) -> dict[str, Any]:
    """Return what is printed, as JSON. Numbers that are not known are null."""

    def rows(frame: pd.DataFrame) -> Any:
        return json.loads(frame.to_json(orient="records", double_precision=15))

    return {
        "name": tuning.file.name,
        "choice": tuning.seal,
        "train": tuning.file.section.train,
        "test": tuning.file.section.test,
        "algorithms": {
            label: {
                "tuned": tuned.train.winner.values,
                "oracle": tuned.test.winner.values if tuned.test else None,
                "configurations": len(tuned.choices.valid),
                "complete": tuned.choices.complete,
                "invalid": tuned.choices.invalid,
                "trials": tuned.train.trials,
                "oracle_trials": tuned.test.trials if tuned.test else 0,
                "importance": rows(found.importance[label]),
                "transfer": None if (matrix := found.transfer[label]) is None else rows(matrix),
            }
            for label, tuned in tuning.algorithms.items()
        },
        "shared_data": [{"train": train, "test": test} for train, test in tuning.shared_data()],
        "gains": rows(found.gains),
    }
