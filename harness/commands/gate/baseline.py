"""The verbs ``baseline update`` and ``baseline show``. Each returns an exit code."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import INCOMPARABLE, OK
from harness.commands.gate.other_code import made_by_other_code
from harness.commands.gate.reports import warn
from harness.errors import ConfigurationError
from harness.running.provenance import environment
from results.gate.check import check, compare
from results.gate.snapshots import Reason, Snapshot, read_baseline, take_snapshot, write_baseline
from results.statistics.paired import MINIMUM_PAIRS
from results.words import counted


def update_command(file: Path, directory: Path, reason: str) -> int:
    """Write a baseline from a complete results folder. The reasons of the previous baseline are kept.

    Results that were made by other code than the present one are refused, as ``check`` refuses them.
    """
    if not reason.strip():
        raise ConfigurationError(["--reason: expected the reason why the results may change, got an empty text"])
    warn(directory)
    if others := made_by_other_code(directory, "run"):
        for line in others:
            make_console().print(Text(line))
        return INCOMPARABLE
    snapshot = take_snapshot(directory)
    lacking = [
        f"{cell.label} on {cell.benchmark}: {counted(len(cell.missing), 'trial')}"
        for cell in snapshot.cells
        if cell.missing
    ]
    if lacking:
        raise ConfigurationError(
            [f"{directory} is incomplete; run the experiment again. Missing: {text}" for text in lacking]
        )
    previous = read_baseline(file) if file.exists() else None
    if previous and previous.name != snapshot.name:
        raise ConfigurationError(
            [
                f"{file} is the baseline of the experiment {previous.name!r}, and {directory} has results of"
                f" {snapshot.name!r}; give another FILE, or delete the old baseline first"
            ]
        )
    reasons = previous.reasons if previous else ()
    commit = environment()["commit"]
    entry = Reason(
        reason=reason.strip(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=commit and commit["hash"][:12] + ("+" if commit["dirty"] else ""),
        version=environment()["packages"]["regretta"],
    )
    write_baseline(file, snapshot.model_copy(update={"reasons": (*reasons, entry)}))
    make_console().print(Text(f"{file}: {counted(len(snapshot.cells), 'cell')}, {counted(_count(snapshot), 'trial')}"))
    warnings = _too_small(snapshot)
    if previous:
        warnings += _losses(snapshot, previous) + _changes(snapshot, previous, file)
    for line in warnings:
        make_console().print(Text(line))
    return OK


def _too_small(snapshot: Snapshot) -> list[str]:
    """Return a warning if cells have too few trials for level 2."""
    small = [cell for cell in snapshot.cells if len(cell.trials) < MINIMUM_PAIRS]
    if not small:
        return []
    return [
        f"Warning: {counted(len(small), 'cell')} with fewer than {MINIMUM_PAIRS} trials: when the version of an"
        f" algorithm rises, its quality cannot be tested there. Run at least {MINIMUM_PAIRS} trials, better 30"
    ]


def _losses(snapshot: Snapshot, previous: Snapshot) -> list[str]:
    """Return a line for everything that is worse than in the previous baseline, is not in it any more, or differs."""
    now = {(cell.label, cell.benchmark) for cell in snapshot.cells}
    report = compare(snapshot, previous)
    lines = []
    for cell in report.cells:
        where = f"{cell.label} on {cell.benchmark}"
        if (cell.label, cell.benchmark) not in now:
            lines.append(f"Removed from the baseline: {where}")
        elif cell.verdict == "not comparable":
            lines.append(f"Not comparable with the previous baseline: {where}: {cell.detail}")
        elif cell.verdict == "regressed" and cell.effect:
            lines.append(f"Worse than in the previous baseline: {where}, by {cell.effect.median:+.3f} dex")
    return lines + [
        f"Worse than in the previous baseline: {found.label} over all its cells, by {found.effect.median:+.3f} dex"
        for found in report.algorithms
        if found.verdict == "regressed"
    ]


def _changes(snapshot: Snapshot, previous: Snapshot, file: Path) -> list[str]:
    """Return a line for every cell that differs from the previous baseline without a new version, and what to do."""
    changed = [cell for cell in check(snapshot, previous).cells if cell.verdict == "changed"]
    if not changed:
        return []
    return [
        *(f"Changed, and the version was not raised: {cell.label} on {cell.benchmark}" for cell in changed),
        "Warning: `regretta check` calls this an unintended change. If the code was changed on purpose, and not only a"
        f" hyperparameter, restore the previous {file} from version control, raise the `version` of the algorithm, run"
        " `regretta check`, and update the baseline from its results",
    ]


@dataclass(frozen=True)
class FrozenCell:
    """A cell of a baseline: its algorithm and version, benchmark, budget, number of trials and median area [dex]."""

    label: str
    version: int
    benchmark: str
    budget: dict[str, float]
    trials: int
    median_area: float | None


@dataclass(frozen=True)
class FrozenReason:
    """Why a baseline was made or changed, when, and with which version and commit of Regretta."""

    reason: str
    date: str
    commit: str | None
    version: str | None


@dataclass(frozen=True)
class BaselineContent:
    """The content of a baseline, and the reasons of its changes, the latest last."""

    name: str
    cells: list[FrozenCell]
    fingerprint: dict[str, str | None]
    reasons: list[FrozenReason]


def show_command(file: Path, *, as_json: bool) -> int:
    """Print the contents of a baseline, and the reasons for its changes."""
    snapshot = read_baseline(file)
    content = _content(snapshot)
    if as_json:
        print_json(asdict(content))
        return OK
    console = make_console()
    table = Table(title=Text(f"{snapshot.name}: {counted(_count(snapshot), 'trial')}"))
    for heading in ("algorithm", "version", "benchmark", "budget", "trials", "median area [dex]"):
        table.add_column(heading, overflow="fold")
    for cell in content.cells:
        budget = ", ".join(f"{value:,g} {key}" for key, value in cell.budget.items())
        median = "" if cell.median_area is None else f"{cell.median_area:.3f}"
        row = (cell.label, str(cell.version), cell.benchmark, budget, str(cell.trials), median)
        table.add_row(*(Text(text) for text in row))
    console.print(table)
    console.print(Text("fingerprint: " + ", ".join(f"{key} {value}" for key, value in snapshot.fingerprint.items())))
    for entry in snapshot.reasons:
        console.print(Text(f"{entry.date} ({_made_with(entry)}): {entry.reason}"))
    return OK


def _made_with(entry: Reason) -> str:
    """Return which version and commit of Regretta froze the results."""
    regretta = f"Regretta {entry.version}" if entry.version else "Regretta, version not recorded"
    return f"{regretta}, commit {entry.commit}" if entry.commit else regretta


def _content(snapshot: Snapshot) -> BaselineContent:
    cells = []
    for cell in snapshot.cells:
        areas = sorted(trial.area for trial in cell.trials)
        median = areas[len(areas) // 2] if areas else None
        cells.append(FrozenCell(cell.label, cell.version, cell.benchmark, cell.protocol["budget"], len(areas), median))
    reasons = [FrozenReason(entry.reason, entry.date, entry.commit, entry.version) for entry in snapshot.reasons]
    return BaselineContent(snapshot.name, cells, dict(snapshot.fingerprint), reasons)


def _count(snapshot: Snapshot) -> int:
    return sum(len(cell.trials) for cell in snapshot.cells)
