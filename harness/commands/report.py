"""The command ``report``, of one results folder or of two."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.commands.exit_codes import INCOMPARABLE, OK, TRIALS
from harness.commands.output_paths import check_file
from harness.commands.results import exact_curves, print_refusals
from harness.commands.stale_data import load_study
from harness.errors import ConfigurationError
from harness.reporting.drawings import SpaceDrawings
from harness.reporting.progress import progress_of
from results.storage.experiment_record import read_experiment
from results.storage.files import atomic_write

REPORT, COMPARISON = "report.html", "comparison.html"


def report_command(directory: Path, *, exact: bool = False) -> int:
    """Write ``report.html`` into a results folder, which may be incomplete.

    Without any finished trial the page is written too, and the exit code says that trials are missing. With `exact`,
    the page has the curves that are known without simulation.
    """
    from plots.report.across import across_sections
    from plots.report.page import report_page

    file = directory / REPORT
    check_file(REPORT, file)
    study, record = load_study(directory), read_experiment(directory)
    curves = exact_curves(study) if exact else None
    drawings = SpaceDrawings(study)
    with progress_of(study) as progress:
        page = report_page(
            study,
            record,
            commands(record, directory, exact=exact),
            across_sections(study),
            exact=curves,
            drawings=drawings,
            progress=progress,
        )
    print_refusals(curves)
    for reason in drawings.refusals:
        print(f"regretta: architectures are written as genotypes: {reason}", file=sys.stderr)
    atomic_write(file, page.encode(), directory)
    print(file)
    return OK if any(len(cell.trials) for cell in study.cells) else TRIALS


def comparison_command(old: Path, new: Path, *, exact: bool = False) -> int:
    """Write ``comparison.html`` into the folder of the new results: what changed, and both curves of every cell."""
    from plots.report.comparison import comparison_page
    from results.gate.check import compare
    from results.gate.snapshots import take_snapshot

    if exact:
        raise ConfigurationError(["--exact: has no effect on a comparison; report one folder"])
    if old.resolve() == new.resolve():
        raise ConfigurationError([f"expected two different results folders, got {str(old)!r} twice"])
    file = new / COMPARISON
    check_file(COMPARISON, file)
    before, now = load_study(old), load_study(new)
    for study in (before, now):
        for note in study.notes:
            print(f"regretta: {study.directory}: {note}", file=sys.stderr)
    verdicts = compare(take_snapshot(new), take_snapshot(old))
    folders = f"{shlex.quote(str(old))} {shlex.quote(str(new))}"
    lines = [f"regretta compare {folders}", f"regretta report {folders}"]
    with progress_of(before, now) as progress:
        page = comparison_page(before, now, verdicts, lines, progress)
    atomic_write(file, page.encode(), new)
    print(file)
    return INCOMPARABLE if all(cell.verdict == "not comparable" for cell in verdicts.cells) else OK


def commands(record: Mapping[str, Any], directory: Path, *, exact: bool = False) -> list[str]:
    """Return the command lines that reproduce the results of a folder, their summary, figures and report.

    The first is the last command that ran the experiment. It is left out if the experiment was run from Python.
    """
    words = (record.get("environment") or {}).get("command") or []
    ran = [shlex.join(["regretta", *words[1:]])] if words[1:2] in (["run"], ["check"]) else []
    folder = shlex.quote(str(directory))
    option = " --exact" if exact else ""
    return [*ran, f"regretta summary {folder}", *(f"regretta {verb} {folder}{option}" for verb in ("plot", "report"))]
