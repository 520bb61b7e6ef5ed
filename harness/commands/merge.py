"""The verb ``merge``. It returns an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.output_paths import check_folder
from harness.running.locking import locked
from results.storage.merging import merge_results
from results.words import counted


def merge_command(folders: Sequence[Path], out: Path) -> int:
    """Merge results folders of one experiment, and print what the merged folder has."""
    console = make_console()
    check_folder("--out", out)
    for folder in folders:
        check_folder("DIR", folder)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out), console.status("") as status:
        merged = merge_results(folders, out, lambda line: status.update(Text(line)))
    for file, why in merged.damaged.items():
        console.print(Text(f"damaged, left out: {file}: {why}"))
    console.print(
        Text(
            f"{merged.done} of {counted(merged.wanted, 'trial')} are in {out};"
            f" {counted(merged.files, 'file')} copied from {counted(merged.folders, 'folder')}"
        )
    )
    if merged.failed:
        console.print(Text(f"{counted(merged.failed, 'trial')} failed: the tracebacks are in {out}/trials"))
    if merged.missing:
        lacking = counted(merged.missing, "trial")
        console.print(
            Text(f"{lacking} missing: merge the folders that have them into {out}, or `regretta run` makes them")
        )
        return TRIALS
    return OK
