"""The command ``report``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.commands.exit_codes import OK, TRIALS
from harness.commands.output_paths import check_file
from harness.commands.results import exact_curves, print_refusals
from harness.commands.stale_data import load_study
from results.storage.experiment_record import read_experiment
from results.storage.files import atomic_write

REPORT = "report.html"


def report_command(directory: Path, *, exact: bool = False) -> int:
    """Write ``report.html`` into a results folder, which may be incomplete.

    Without any finished trial the page is written too, and the exit code says that trials are missing. With `exact`,
    the page has the curves that are known without simulation.
    """
    from plots.report.across import across_sections
    from plots.report.page import report_page

    study, record = load_study(directory), read_experiment(directory)
    file = directory / REPORT
    check_file(REPORT, file)
    curves = exact_curves(study) if exact else None
    page = report_page(study, record, commands(record, directory, exact=exact), across_sections(study), exact=curves)
    print_refusals(curves)
    atomic_write(file, page.encode(), directory)
    print(file)
    return OK if any(len(cell.trials) for cell in study.cells) else TRIALS


def commands(record: Mapping[str, Any], directory: Path, *, exact: bool = False) -> list[str]:
    """Return the command lines that reproduce the results of a folder, their summary, figures and report.

    The first is the last command that ran the experiment. It is left out if the experiment was run from Python.
    """
    words = (record.get("environment") or {}).get("command") or []
    ran = [shlex.join(["regretta", *words[1:]])] if words[1:2] in (["run"], ["check"]) else []
    folder = shlex.quote(str(directory))
    option = " --exact" if exact else ""
    return [*ran, f"regretta summary {folder}", *(f"regretta {verb} {folder}{option}" for verb in ("plot", "report"))]
