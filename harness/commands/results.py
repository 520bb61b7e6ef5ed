"""What the verbs ``summary``, ``plot`` and ``table`` do. Each returns an exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.output_paths import check_file, check_folder
from results.anytime.comparisons import left_out
from results.storage.loading import load
from results.storage.store import atomic_write
from results.storage.study import Study

PAGE = ("width", "page")
"""The option of a figure that its file is not named after."""


def summary_command(directory: Path, target: str | None, *, as_json: bool) -> int:
    """Print the summary of a result folder."""
    from plots.tables.terminal import summary_table
    from results.summaries.summary import summarize

    study = load(directory)
    summary = summarize(study, target=target)
    if as_json:
        print(json.dumps(asdict(summary), indent=1))
    else:
        make_console().print(summary_table(summary))
    return TRIALS if summary.empty else OK


def plot_command(directory: Path, kind: str, out: Path | None, **options: Any) -> int:
    """Draw a figure, or all of them, into the result folder."""
    from plots.drawing.export import save
    from plots.drawing.style import FONT, lacking_glyphs
    from plots.figures.registry import FIGURES, draw, figure_options

    study = _load(directory)
    folder = out or directory / "figures"
    check_folder("--out", folder)
    for benchmark, reason in left_out(study, options.get("target"), options.get("axis")).items():
        print(f"regretta: left out: {benchmark}: {reason}", file=sys.stderr)
    if lacking := lacking_glyphs(study):
        print(
            f"regretta: the figures' font {FONT} lacks {lacking}: drawn as boxes; write labels without", file=sys.stderr
        )
    words = [str(value).replace("/", "_") for name, value in options.items() if value and (name, value) != PAGE]
    for figure_kind in FIGURES if kind == "all" else [kind]:
        known = figure_options(figure_kind) if kind == "all" else options.keys()
        figure, data = draw(figure_kind, study, **{name: value for name, value in options.items() if name in known})
        for file in save(figure, data, folder / "-".join([figure_kind, *words])):
            print(file)
    return OK if any(len(cell.trials) for cell in study.cells) else TRIALS


def table_command(
    directory: Path,
    format_: Literal["markdown", "latex", "csv"],
    target: str | None,
    measure: Literal["regret", "error", "area"],
    statistic: Literal["mean", "median"] | None,
    out: Path | None,
) -> int:
    """Print the table of a result folder for a paper, or write it to a file."""
    from plots.tables.paper import table_text

    if out is not None:
        check_file("--out", out)
    study = _load(directory)
    if not any(len(cell.trials) for cell in study.cells):
        make_console().print(Text(f"{study.name!r} has no completed trials yet: run the experiment first"))
        return TRIALS
    text = table_text(study, format_, target, measure, statistic)
    if out is None:
        print(text, end="")
    else:
        atomic_write(out, text.encode())
        print(out)
    return OK


def _load(directory: Path) -> Study:
    """Read a result folder, and say what is damaged or left over in it beside what is printed."""
    study = load(directory)
    for note in study.notes:
        print(f"regretta: {note}", file=sys.stderr)
    return study
