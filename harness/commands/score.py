"""The command ``score``: recorded one-shot searches from their files to a figure and a table."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_folder
from harness.commands.run import print_outcome
from harness.running.runner import run_experiment
from harness.scoring.choices import choices, final_choices
from harness.scoring.score import Request, score_experiment
from results.storage.files import atomic_write
from results.storage.loading import load
from results.storage.study import Study
from results.summaries.summary import summarize

MOST_ROWS = 30
"""The largest number of final choices that are printed."""
MOST_WRITTEN_OUT = 6
"""With more final choices than this, their architectures are left to the file."""


def score_command(request: Request, out: Path | None, *, as_json: bool) -> int:
    """Score recorded searches, store them as a results folder, and print their end and their choices.

    Parameters
    ----------
    request : Request
    out : Path or None
        The results folder. Default: ``runs/score-BENCHMARK``.
    as_json : bool
        Whether to print the summary and the final choices as JSON.
    """
    experiment = score_experiment(request)
    directory = out or Path("runs") / experiment.name
    check_folder("--out", directory)
    check_folder("--out", directory / "figures")
    outcome = run_experiment(experiment, directory, 1)
    study = load(directory)
    if outcome.missing:
        return print_outcome(outcome, directory, make_console())
    final = final_choices(choices(study))
    files = _write(study, final, directory / "figures")
    if as_json:
        print_json(_content(study, final))
    else:
        _print(study, final, files, make_console())
    return OK


def _write(study: Study, final: pd.DataFrame, folder: Path) -> list[Path]:
    """Draw the curves, and write the final choices."""
    from plots.drawing.export import save, spreadsheet_safe
    from plots.figures.score import score_figure

    figure, data = score_figure(study)
    files = save(figure, data, folder / "regret")
    files.append(folder / "choices.csv")
    atomic_write(files[-1], spreadsheet_safe(final).to_csv(index=False, lineterminator="\n").encode())
    return files


def _content(study: Study, final: pd.DataFrame) -> dict[str, object]:
    return {
        "summary": asdict(summarize(study)),
        "choices": json.loads(final.to_json(orient="records", double_precision=15)),
    }


def _print(study: Study, final: pd.DataFrame, files: list[Path], console: Console) -> None:
    from plots.drawing.units import regret_unit, time_unit
    from plots.tables.terminal import summary_table

    console.print(summary_table(summarize(study)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    written = ["architecture"] if len(final) <= MOST_WRITTEN_OUT else []
    for heading in ("last choice of", "run", "choices", "search", "error", "regret", *written):
        number = heading not in ("last choice of", "architecture")
        table.add_column(heading, overflow="fold", justify="right" if number else "left", no_wrap=number)
    length, unit = time_unit(float(final["seconds"].max()))
    for row in final.head(MOST_ROWS).to_dict("records"):
        factor, _ = regret_unit(study.benchmarks[str(row["benchmark"])]["unit"])
        time = f"{row['seconds'] / length:.2f} {unit}" if row["seconds"] else "–"
        errors = [f"{factor * row['true_error']:.4g}", f"{factor * row['regret']:.3g}"]
        texts = [row["label"], row["trial"], row["choice"], time, *errors, *(row[name] for name in written)]
        table.add_row(*(Text(str(text)) for text in texts))
    console.print(table)
    if len(final) > MOST_WRITTEN_OUT:
        console.print(Text("The file choices.csv has all of them, with their architectures.", style="dim"))
    for file in files:
        if file.suffix in (".pdf", ".csv"):
            console.print(Text(str(file), style="dim"))
