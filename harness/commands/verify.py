"""The verb ``verify``. It returns an exit code."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK, REGRESSION, TRIALS
from harness.running.verification import verify_results
from results.words import counted

MOST_SHOWN = 20
"""Lines of a kind that are printed, at most."""


def verify_command(directory: Path, sample: int, *, as_json: bool = False) -> int:
    """Check a results folder, and print what was checked and what was found."""
    console = Console(stderr=True, highlight=False) if as_json else make_console()
    with console.status("") as status:
        found = verify_results(directory, sample, lambda line: status.update(Text(line)))
    if as_json:
        print_json(asdict(found))
        return REGRESSION if found.problems else TRIALS if found.missing else OK
    console.print(
        Text(
            f"{directory}: {counted(found.files, 'file')} with {counted(found.trials, 'trial')} and"
            f" {counted(found.evaluations, 'evaluation')}: every checksum and both hashes of every trial recomputed;"
            f" {counted(found.true_errors, 'true error')} of incumbents recomputed from the tables;"
            f" {counted(found.rerun, 'trial')} run again with the same trace."
        )
    )
    for heading, lines in (("not checked", found.left_out), ("wrong", found.problems)):
        for line in lines[:MOST_SHOWN]:
            console.print(Text(f"{heading}: {line}"))
        if len(lines) > MOST_SHOWN:
            console.print(Text(f"{heading}: and {len(lines) - MOST_SHOWN} more"))
    if found.problems:
        return REGRESSION
    if found.missing:
        console.print(Text(f"{counted(found.missing, 'trial')} missing: `regretta run` makes them"))
        return TRIALS
    console.print("Everything that was checked is as it was measured.")
    return OK
