"""The verb ``check``. It returns an exit code."""

from __future__ import annotations

import shutil
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from benchmarks.loading import load_benchmark
from harness.commands.console import make_console
from harness.commands.exit_codes import INCOMPARABLE, INTERRUPTED, OK, REGRESSION, TRIALS
from harness.commands.gate.other_code import made_by_other_code
from harness.commands.gate.reports import print_content, warn
from harness.commands.output_paths import check_file, check_folder
from harness.commands.run import run_command
from harness.errors import ConfigurationError
from harness.experiments.opening import open_experiment
from plots.tables.gate import CONCLUSIONS, conclusion_of, gate_markdown, gate_table, unchecked_markdown
from results.gate.check import check
from results.gate.snapshots import Snapshot, read_baseline, take_snapshot
from results.gate.verdicts import CellVerdict, GateReport
from results.statistics.paired import MINIMUM_PAIRS
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.files import atomic_write
from results.storage.records import ResultsError

CODES = {
    "fine": OK,
    "regression": REGRESSION,
    "missing": TRIALS,
    "not tested": TRIALS,
    "not comparable": INCOMPARABLE,
}
LEFT_BY_REFUSED_RUNS = {".lock", "run.log"}
"""Files of a folder in which no trial was run."""


def check_command(
    results: str,
    baseline: Path,
    out: Path | None,
    jobs: int | None,
    significance: float,
    markdown: Path | None,
    *,
    as_json: bool,
) -> int:
    """Compare results with a baseline, and write the reports that are asked for.

    Parameters
    ----------
    results : str
        A results folder, or an experiment that is run first.
    baseline : Path
        The baseline file.
    out : Path or None
        Folder in which to run the experiment. Default: ``runs/check-NAME``, emptied before.
    jobs : int or None
        Number of worker processes of the run.
    significance : float
        The probability of a false alarm that level 2 accepts.
    markdown : Path or None
        Where to write the report as Markdown; or, if nothing can be compared, the reason.
    as_json : bool
        Whether to print the report as JSON, and everything else on stderr.
    """
    if markdown is not None:
        check_file("--markdown", markdown)
    try:
        code, text = _check(results, baseline, out, jobs, significance, as_json=as_json)
    except (ValueError, OSError, RuntimeError) as error:  # the command line prints them
        if markdown is not None:
            atomic_write(markdown, unchecked_markdown(str(error)).encode())
        raise
    if markdown is not None:
        atomic_write(markdown, text.encode())
    return code


def _check(
    results: str, baseline: Path, out: Path | None, jobs: int | None, significance: float, *, as_json: bool
) -> tuple[int, str]:
    """Compare results with a baseline, print the report, and return the exit code and the report as Markdown."""
    frozen = _frozen(baseline)
    directory = Path(results)
    if not directory.is_dir():
        open_experiment(results)  # mistakes are reported before a folder is touched
        directory = _used(out) if out else _fresh(Path("runs") / f"check-{frozen.name}", frozen.name)
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            code = run_command(results, directory, jobs, None, [], dry_run=False, verbose=False)
        if code == INTERRUPTED:
            return code, unchecked_markdown("The run was interrupted.")
    warn(directory)
    if others := made_by_other_code(directory, "check"):
        if as_json:
            print_content(GateReport(frozen.name, [], [], others), INCOMPARABLE, CONCLUSIONS["not comparable"])
        else:
            for line in others:
                make_console().print(Text(line))
        return INCOMPARABLE, unchecked_markdown("\n".join(others))
    report = _with_queries(check(take_snapshot(directory), frozen, significance))
    conclusion = conclusion_of(report) + _next_step(report, baseline, directory)
    if as_json:
        print_content(report, CODES[report.outcome], conclusion)
    else:
        make_console().print(gate_table(report, conclusion))
    return CODES[report.outcome], gate_markdown(report, conclusion)


def _frozen(baseline: Path) -> Snapshot:
    """Read the baseline, and say what to do with a folder in its place."""
    if not baseline.is_dir():
        return read_baseline(baseline)
    hint = f"`regretta compare {baseline} DIR` compares two folders, and"
    raise ConfigurationError(
        [
            f"--baseline: expected a baseline file, got the folder {str(baseline)!r}; {hint} `regretta baseline update"
            f" FILE --from {baseline} --reason '...'` makes a baseline of a results folder"
        ]
    )


def _is_unused(directory: Path) -> bool:
    """Return whether a folder holds nothing, or only what a run leaves that was refused before its first trial."""
    return directory.is_dir() and {file.name for file in directory.iterdir()} <= LEFT_BY_REFUSED_RUNS


def _used(directory: Path) -> Path:
    """Check that a folder given with ``--out`` is new or holds results, and say that existing trials are used."""
    check_folder("--out", directory)
    if not directory.exists() or _is_unused(directory):
        return directory
    if not (directory / EXPERIMENT).exists():
        raise ConfigurationError(
            [f"--out: expected a new folder or a results folder, got {str(directory)!r}, which holds other files"]
        )
    read_experiment(directory)
    print(
        f"regretta: {directory} exists: its trials are used, and only missing ones are run. To run everything from"
        " scratch, give a new --out",
        file=sys.stderr,
    )
    return directory


def _fresh(directory: Path, name: str) -> Path:
    """Remove the folder of the last check, whose trials may come from other code, and return its path."""
    if directory.exists():
        if not _is_unused(directory) and read_experiment(directory)["name"] != name:
            raise ConfigurationError([f"{directory} does not belong to the experiment {name!r}; give another --out"])
        shutil.rmtree(directory)
    return directory


def _next_step(report: GateReport, baseline: Path, directory: Path) -> str:
    """Return what the user can do next, as a sentence that follows the conclusion."""
    update = f"run `regretta baseline update {baseline} --from {directory} --reason '...'`."
    verdicts = {cell.verdict for cell in report.cells} | {algorithm.verdict for algorithm in report.algorithms}
    if report.shared:
        return (
            f" Every trace of {len(report.shared)} algorithms changed, so that code which they share is the cause: the"
            " simulator, the random streams, a space, or a benchmark. If that is intended, it alters all results: say"
            f" so in your release notes, and {update}"
        )
    if "changed" in verdicts:
        return f" If the change is intended, raise the `version` of the algorithm, check again, then {update}"
    if report.outcome == "not tested":
        return (
            f" Freeze a baseline of at least {MINIMUM_PAIRS} trials from the code before the change, and check again."
            f" If the change is intended whatever its quality, {update}"
        )
    if report.outcome == "not comparable":
        return f" If the experiment was changed on purpose, {update}"
    if report.outcome == "fine" and report.algorithms:
        better = " Some results improved." if "improved" in verdicts else ""
        return f"{better} To freeze the new results, {update}"
    return ""


def _with_queries(report: GateReport) -> GateReport:
    """Add to each unintended change what was asked before, and what is asked now, in the notation of the space."""
    return replace(report, cells=[_with_query(cell) for cell in report.cells])


def _with_query(cell: CellVerdict) -> CellVerdict:
    difference = cell.difference
    if difference is None or difference.old is None:
        return cell
    space = load_benchmark(cell.benchmark).space
    if not space.is_valid(difference.old.architecture):
        raise ResultsError(
            f"the baseline is damaged: a query of {cell.label} on {cell.benchmark} is no architecture of the space"
            f" {space.name!r}; restore it from version control, or make a new one: regretta baseline update"
        )
    words = [
        "nothing, the trial had ended"
        if asked is None
        else f"{space.to_string(asked.architecture)} at {asked.fidelity:g} epochs"
        for asked in (difference.old, difference.new)
    ]
    return replace(cell, detail=f"{cell.detail}\nbefore: {words[0]}\nnow:    {words[1]}")
