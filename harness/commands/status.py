"""The verb ``status``. It returns an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.stale_data import stale_data
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.presence import cell_presence, stale_folders, trials_size, unsealed_note
from results.storage.stopping import wanted_trials
from results.storage.store import Presence
from results.words import counted, duration, printable

MOST_CHECKED = 100_000_000
"""Bytes of trials up to which every byte is checked."""


@dataclass(frozen=True)
class CellStatus:
    """The trials of a cell.

    Attributes
    ----------
    label, benchmark : str
    done, missing, failed : int
        Numbers of trials. Failed ones are also missing.
    seconds_left : float or None
        What the missing trials take one process, about [s]. None if no trial is finished.
    """

    label: str
    benchmark: str
    done: int
    missing: int
    failed: int
    seconds_left: float | None


@dataclass(frozen=True)
class Status:
    """The state of a results folder.

    Attributes
    ----------
    name : str
        The name of the experiment.
    trials : int
        Number of trials per cell; the largest one, if it is run until decided.
    until_decided : bool
    done, missing, failed : int
    cells : list of CellStatus
    damaged : list of str
        Files whose trials count as missing, and why.
    notes : list of str
        What else is wrong with the folder.
    stale : list of str
        Folders of trials that are not in the grid.
    """

    name: str
    trials: int
    until_decided: bool
    done: int
    missing: int
    failed: int
    cells: list[CellStatus]
    damaged: list[str]
    notes: list[str]
    stale: list[str]


def status_of(directory: Path) -> Status:
    """Find the finished, missing and failed trials of a results folder."""
    record = read_experiment(directory)
    size = trials_size(directory)
    presences = [cell_presence(directory, cell, trust_footers=size > MOST_CHECKED) for cell in record["cells"]]
    rows = zip(record["cells"], presences, wanted_trials(record), strict=True)
    cells = [_cell(cell, presence, wanted) for cell, presence, wanted in rows]
    unsealed = [] if record["sealed"] else [directory / EXPERIMENT]
    unsealed += [file for presence in presences for file in presence.unsealed]
    return Status(
        name=record["name"],
        trials=record["trials"][1] - record["trials"][0],
        until_decided=record.get("stopping") is not None,
        done=sum(cell.done for cell in cells),
        missing=sum(cell.missing for cell in cells),
        failed=sum(cell.failed for cell in cells),
        cells=cells,
        damaged=[f"{file}: {why}" for presence in presences for file, why in presence.damaged.items()],
        notes=[*([unsealed_note(unsealed)] if unsealed else []), *stale_data(record["benchmarks"]), *_unread(size)],
        stale=[printable(folder.name) for folder in stale_folders(directory, record["cells"])],
    )


def _cell(cell: dict[str, Any], presence: Presence, wanted: Sequence[int]) -> CellStatus:
    here = len(presence.done.within(wanted))
    missing = len(wanted) - here
    rate = presence.real_seconds / len(presence.done) if presence.done else None
    left = 0.0 if not missing else None if rate is None else rate * missing
    failed = sum(trial in wanted for trial in presence.failed)
    return CellStatus(cell["label"], cell["benchmark"], here, missing, failed, left)


def _unread(size: int) -> list[str]:
    """Return what was not checked, because the trials have so many bytes."""
    if size <= MOST_CHECKED:
        return []
    megabytes = f"{size / 1e6:,.0f} MB"
    return [
        f"Only the footers of the files were read, because they have {megabytes}. `regretta verify` checks every byte."
    ]


def status_command(directory: Path, *, as_json: bool = False) -> int:
    """Print the finished, missing and failed trials of each cell, and stale folders."""
    status = status_of(directory)
    if as_json:
        print_json(asdict(status))
    else:
        _print(status, directory)
    return TRIALS if status.missing or status.damaged else OK


def _print(status: Status, directory: Path) -> None:
    console = make_console()
    each = f"{counted(status.trials, 'trial')} per cell"
    table = Table(title=Text(f"{status.name}: {'until decided, at most ' if status.until_decided else ''}{each}"))
    table.add_column("algorithm", overflow="fold")
    table.add_column("benchmark", overflow="fold")
    for heading in ("done", "missing", "failed", "time left"):
        table.add_column(heading, justify="right")
    for cell in status.cells:
        left = "unknown" if cell.seconds_left is None else duration(cell.seconds_left) if cell.missing else ""
        row = (cell.label, cell.benchmark, str(cell.done), str(cell.missing), str(cell.failed), left)
        table.add_row(*(Text(value) for value in row))
    console.print(table)
    if status.until_decided:
        from harness.commands.decisions import print_decisions  # imports pandas, which other folders do not need

        print_decisions(directory, console)
    for line in (*(f"damaged: {line}" for line in status.damaged), *status.notes):
        console.print(Text(line))
    for name in status.stale:
        console.print(Text(f"stale, not in the current grid: {name}"))
    counts = f"{status.done} done, {status.missing} missing, {status.failed} of them failed"
    console.print(f"{counts}. Times are for one process.")
