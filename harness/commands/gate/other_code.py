"""Results whose code is not the present one: they are neither compared with a baseline nor frozen as one."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.entries.guest_files import changed_guest_files
from harness.entries.source_code import code_hash
from results.storage.experiment_record import read_experiment
from results.storage.presence import cell_presence
from results.words import counted

FROM_SCRATCH = {
    "check": "`regretta check EXPERIMENT` without --out",
    "run": "`regretta run EXPERIMENT` with a fresh --out",
}
"""By command, how to run every trial again, also those whose cells have the same id as before."""


def made_by_other_code(directory: Path, verb: str) -> list[str]:
    """Return a line per cell whose trials were made by other code than the present one, and warn of unknown code.

    Such trials say nothing about the present code, although its version is the same.

    Parameters
    ----------
    directory : Path
        A results folder.
    verb : {"check", "run"}
        The command that runs the trials again.
    """
    lines, unknown = [], 0
    for cell in read_experiment(directory)["cells"]:
        presence, present = cell_presence(directory, cell), code_hash(cell["algorithm"])
        others = [trial for trial, code in presence.code.items() if code not in (None, present)]
        unknown += sum(code is None for code in presence.code.values())
        if others:
            lines.append(
                f"{cell['label']} on {cell['benchmark']}: {counted(len(others), 'trial')} made by other code than the"
                f" installed one, whose version is the same: run again, {FROM_SCRATCH[verb]}"
            )
    lines += _made_by_other_files(directory, verb)
    if unknown:
        print(
            f"regretta: {directory}: {counted(unknown, 'trial')} made by a version of Regretta that did not record"
            " which code made them; whether it is the installed code is not known",
            file=sys.stderr,
        )
    return lines


def _made_by_other_files(directory: Path, verb: str) -> list[str]:
    """Return a line per cell of custom code whose files changed since, and warn of code that is not here."""
    lines, unknown = [], []
    for cell in read_experiment(directory)["cells"]:
        if ":" not in cell["algorithm"] or cell.get("recorded"):
            continue
        where, files = f"{cell['label']} on {cell['benchmark']}", cell.get("files", {})
        changed, absent = changed_guest_files(files)
        if changed:
            lines.append(
                f"{where}: {', '.join(changed)} changed after the trials were made: run again,"
                f" `regretta {verb} EXPERIMENT`"
            )
        elif absent or not files:
            unknown.append(where)
    if unknown:
        print(
            f"regretta: {directory}: the source files of {counted(len(unknown), 'cell')} of custom code are not known,"
            f" or not below the current folder (the first is {unknown[0]}). Whether the present code made the trials"
            f" is not known. {FROM_SCRATCH[verb]} runs them again",
            file=sys.stderr,
        )
    return lines
