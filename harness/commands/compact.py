"""The verb ``compact``. It returns an exit code."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK, TRIALS
from harness.running.locking import locked
from results.storage.compaction import compact_cell, remove_drafts
from results.storage.experiment_record import read_experiment
from results.storage.store import TRIALS as TRIALS_FOLDER
from results.words import counted


def compact_command(directory: Path) -> int:
    """Join the small files of trials of a results folder, and print how many files are left."""
    console = make_console()
    read_experiment(directory)
    before = after = trials = 0
    damaged: dict[Path, str] = {}
    with locked(directory), console.status("") as status:
        for folder in sorted((directory / TRIALS_FOLDER).glob("*--*")):
            status.update(Text(folder.name))
            remove_drafts(folder)
            cell = compact_cell(folder)
            before, after, trials = before + cell.before, after + cell.after, trials + cell.trials
            damaged |= cell.damaged
    for file, why in damaged.items():
        console.print(Text(f"damaged, left as it is: {file}: {why}"))
    console.print(Text(f"{counted(before, 'file')} became {after:,}, with the same {counted(trials, 'trial')}."))
    return TRIALS if damaged else OK
