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
from harness.commands.exit_codes import INCOMPARABLE, INTERRUPTED, OK, REGRESSION, TRIALS, USAGE
from harness.commands.gate.reports import print_content, warn
from harness.commands.output_paths import check_file, check_folder
from harness.commands.run import run_command
from harness.entries.guest_files import changed_guest_files
from harness.entries.source_code import code_hash
from harness.errors import ConfigurationError
from harness.experiments.opening import open_experiment
from plots.tables.gate import CONCLUSIONS, gate_markdown, gate_table
from results.gate.check import CellVerdict, GateReport, check
from results.gate.snapshots import Snapshot, read_baseline, take_snapshot
from results.statistics.paired import MINIMUM_PAIRS
from results.storage.experiment_record import EXPERIMENT, read_experiment
from results.storage.files import atomic_write
from results.storage.presence import cell_presence
from results.storage.records import ResultsError
from results.words import counted

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
        Where to write the report as Markdown.
    as_json : bool
        Whether to print the report as JSON, and everything else on stderr.
    """
    if markdown is not None:
        check_file("--markdown", markdown)
    frozen = _frozen(baseline)
    directory = Path(results)
    if not directory.is_dir():
        open_experiment(results)  # mistakes are reported before a folder is touched
        directory = _used(out) if out else _fresh(Path("runs") / f"check-{frozen.name}", frozen.name)
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            code = run_command(results, directory, jobs, None, [], dry_run=False, verbose=False)
        if code in (USAGE, INTERRUPTED):
            return code
    warn(directory)
    if others := _made_by_other_code(directory):
        if as_json:
            print_content(GateReport(frozen.name, [], [], others), INCOMPARABLE, CONCLUSIONS["not comparable"])
        else:
            for line in others:
                make_console().print(Text(line))
        return INCOMPARABLE
    report = _with_queries(check(take_snapshot(directory), frozen, significance))
    conclusion = CONCLUSIONS[report.outcome] + _next_step(report, baseline, directory)
    if as_json:
        print_content(report, CODES[report.outcome], conclusion)
    else:
        make_console().print(gate_table(report, conclusion))
    if markdown:
        atomic_write(markdown, gate_markdown(report, conclusion).encode())
    return CODES[report.outcome]


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


def _made_by_other_code(directory: Path) -> list[str]:
    """Return a line per cell whose trials were made by other code than the installed one, and warn of unknown code.

    Such trials say nothing about the installed code, although its version is the same.
    """
    lines, unknown = [], 0
    for cell in read_experiment(directory)["cells"]:
        presence, present = cell_presence(directory, cell), code_hash(cell["algorithm"])
        others = [trial for trial, code in presence.code.items() if code not in (None, present)]
        unknown += sum(code is None for code in presence.code.values())
        if others:
            lines.append(
                f"{cell['label']} on {cell['benchmark']}: {counted(len(others), 'trial')} made by other code than the"
                f" installed one, whose version is the same: run again, `regretta check EXPERIMENT` with a fresh --out"
            )
    lines += _made_by_other_files(directory)
    if unknown:
        print(
            f"regretta: {directory}: {counted(unknown, 'trial')} made by a version of Regretta that did not record"
            " which code made them; whether it is the installed code is not known",
            file=sys.stderr,
        )
    return lines


def _made_by_other_files(directory: Path) -> list[str]:
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
                " `regretta check EXPERIMENT` with a fresh --out"
            )
        elif absent or not files:
            unknown.append(where)
    if unknown:
        print(
            f"regretta: {directory}: the source files of {counted(len(unknown), 'cell')} of custom code are not known,"
            f" or not below the current folder (the first is {unknown[0]}). Whether the present code made the trials"
            " is not known. `regretta check EXPERIMENT` runs them again",
            file=sys.stderr,
        )
    return lines


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
        "nothing" if asked is None else f"{space.to_string(asked.architecture)} at {asked.fidelity:g}"
        for asked in (difference.old, difference.new)
    ]
    return replace(cell, detail=f"{cell.detail}: {words[0]} before, {words[1]} now")
