"""The command ``regretta tune``."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_folder
from harness.commands.run import logging_to, print_outcome
from harness.experiments.cells import Experiment
from harness.running.driver import Report
from harness.running.progress import Progress
from harness.running.runner import Outcome
from harness.tuning.choice import this_version
from harness.tuning.racing import UnfinishedError
from harness.tuning.settings import open_tuning
from harness.tuning.tuned_file import TUNED_FILE, tuned_experiment
from harness.tuning.tuning import Tuned, Tuning, final_entries, tune
from results.storage.files import atomic_write
from results.words import counted

SHOWN = 6
"""The largest number of hyperparameters and pairs whose importance is printed."""


def tune_command(name: str, out: Path | None, jobs: int | None, *, verbose: bool, as_json: bool) -> int:
    """Tune the algorithms of a file, and print, draw and store what was found."""
    console = Console(stderr=True, highlight=False) if as_json else make_console()
    file = open_tuning(name)
    directory = out or Path("runs") / file.name
    check_folder("--out", directory)
    directory.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def watch(experiment: Experiment) -> Iterator[tuple[Callable[[Report], None], Callable[[Outcome], None]]]:
        with Progress(console, experiment) as progress:
            yield progress.observe, progress.begin

    try:
        with logging_to(directory / "run.log", verbose):
            tuning = tune(file, directory, jobs, watch)
    except UnfinishedError as unfinished:
        return print_outcome(unfinished.outcome, unfinished.directory, console)
    text = tuned_experiment(file, final_entries(file, tuning.algorithms), tuning.seal, this_version())
    atomic_write(directory / TUNED_FILE, text.encode())
    figures = _draw(tuning)
    if as_json:
        print(json.dumps(_content(tuning), indent=1))
        return OK
    _print(tuning, figures, console)
    return OK


def _draw(tuning: Tuning) -> list[Path]:
    from plots.drawing.export import save
    from plots.figures.tuning import tuning_figure

    importance = pd.concat(
        [tuning.importance(label).assign(algorithm=label) for label in tuning.algorithms], ignore_index=True
    )
    figure, data = tuning_figure(tuning.gains(), importance)
    return save(figure, data, tuning.directory / "figures" / "tuning")


def _print(tuning: Tuning, figures: list[Path], console: Console) -> None:
    for label, tuned in tuning.algorithms.items():
        _print_choice(label, tuned, console)
        console.print(_importance(label, tuning.importance(label)))
        if (transfer := tuning.transfer(label)) is not None:
            console.print(_transfer(label, transfer))
    gains = tuning.gains()
    for label in tuning.algorithms:
        console.print(_gains(label, gains[gains["algorithm"] == label], tuning.file.section.final_trials))
    console.print(Text(f"The choice was sealed before a test benchmark was opened: {tuning.seal[:16]}"))
    console.print(Text(f"{tuning.directory / TUNED_FILE} races the settings; {tuning.final} has the final trials"))
    console.print(Text(f"figures: {', '.join(str(figure) for figure in figures[:3])}"))


def _print_choice(label: str, tuned: Tuned, console: Console) -> None:
    choices = tuned.choices
    which = "all combinations" if choices.complete else "a sample"
    spent = counted(tuned.train.trials, "trial")
    console.print(
        Text(
            f"{label}: tuned to {tuned.train.winner}, of {counted(len(choices.valid), 'configuration')} ({which}), in"
            f" {spent}" + (f"; the oracle, {tuned.test.winner}, took {counted(tuned.test.trials, 'trial')} of the test"
                           " benchmarks" if tuned.test else "")
        )
    )  # fmt: skip
    if choices.invalid:
        first, _ = next(iter(choices.invalid.items()))
        console.print(Text(f"  invalid combinations: {sum(choices.invalid.values()):,}; for example, {first}"))


def _importance(label: str, frame: pd.DataFrame) -> Table:
    table = Table(title=Text(f"{label}: shares of the variance of the area ({frame['method'].iloc[0]})"))
    table.add_column("hyperparameter or pair")
    table.add_column("share", justify="right")
    for row in frame.head(SHOWN).itertuples():
        table.add_row(Text(str(row.effect)), f"{row.share:.3f}")
    return table


def _transfer(label: str, frame: pd.DataFrame) -> Table:
    table = Table(title=Text(f"{label}: dex behind the setting that was tuned on the benchmark itself"))
    names = list(dict.fromkeys(frame["tuned_on"]))
    table.add_column("tuned on", overflow="fold")
    for number in range(1, len(names) + 1):
        table.add_column(f"on {number}", justify="right")
    behind = frame.set_index(["tuned_on", "raced_on"])["behind"]
    for number, name in enumerate(names, 1):
        table.add_row(Text(f"{number} {name}"), *(f"{behind[name, other]:+.3f}" for other in names))
    return table


def _gains(label: str, frame: pd.DataFrame, trials: int) -> Table:
    title = f"{label}: area under log regret [dex], means of {trials} fresh trials; lower is better"
    table = Table(title=Text(title))
    table.add_column("test benchmark", overflow="fold")
    for heading in ("default", "tuned", "oracle", "default - tuned", "p (Holm)", "of the oracle's lead"):
        table.add_column(heading, justify="right")
    for row in frame.to_dict("records"):
        numbers = ["-" if math.isnan(row[role]) else f"{row[role]:.3f}" for role in ("default", "tuned", "oracle")]
        interval = f"{row['gain']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
        share = "-" if math.isnan(row["share"]) else f"{row['share']:.0%}"
        p_value = "-" if math.isnan(row["p_holm"]) else f"{row['p_holm']:.2g}"
        table.add_row(Text(str(row["benchmark"])), *numbers, interval, p_value, share)
    return table


def _content(tuning: Tuning) -> dict[str, Any]:
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
                "importance": rows(tuning.importance(label)),
                "transfer": None if (matrix := tuning.transfer(label)) is None else rows(matrix),
            }
            for label, tuned in tuning.algorithms.items()
        },
        "gains": rows(tuning.gains()),
    }
