"""The commands ``summary``, ``power``, ``plot`` and ``table``. Each returns an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from benchmarks.errors import BenchmarkError, unknown_name
from harness.commands.console import make_console, print_json, print_section
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.output_paths import check_file, check_folder
from harness.commands.stale_data import load_study
from harness.errors import ConfigurationError
from results.anytime.comparisons import left_out
from results.storage.files import atomic_write, refuse_links
from results.storage.study import Study

if TYPE_CHECKING:
    from harness.exact.cells import ExactCurves

DRAWINGS = "drawings"
"""The option of figures that draw architectures."""

ALL = "all"
"""The kind that stands for every figure."""

SELECTED = "selection"
"""The end of the name of a figure that shows a selection."""

CAPTION, NO_CAPTION = "caption", "no-caption"
"""The option that leaves the caption out of the picture, and the end of the name of such a figure."""

DEFAULT_WIDTH = ("width", "page")
"""The only option of a figure that does not appear in the name of its file."""


def summary_command(directory: Path, target: str | None, *, as_json: bool) -> int:
    """Print the summary of a results folder."""
    from plots.tables.terminal import summary_table
    from results.summaries.summary import summarize

    study = load_study(directory, streamed=True)
    summary = summarize(study, target=target)
    if as_json:
        print_json(asdict(summary))
    else:
        make_console().print(summary_table(summary))
    return TRIALS if summary.empty else OK


def across_command(directory: Path, target: str | None, *, as_json: bool) -> int:
    """Print the comparison of a results folder over search spaces."""
    from plots.report.across import across_section
    from results.summaries.across import summarize_across

    across = summarize_across(_load(directory), target)
    if as_json:
        print_json(asdict(across))
    else:
        print_section(across_section(across), make_console())
    return TRIALS if across.empty else OK


def power_command(directory: Path, difference: float, power: float, target: str | None, *, as_json: bool) -> int:
    """Print how many trials each pair needs to show a difference in area."""
    from plots.tables.plan import plan_table
    from results.summaries.planning import plan

    problems = []
    if not 0 < difference <= 100:
        problems.append(f"--difference: expected a number of dex above 0 and up to 100, got {difference:g}")
    if not 0.5 <= power < 1:
        problems.append(f"--power: expected a probability of at least 0.5 and below 1, got {power:g}")
    if problems:
        raise ConfigurationError(problems)
    found = plan(load_study(directory), difference, power, target)
    if as_json:
        print_json(asdict(found))
    else:
        make_console().print(plan_table(found))
    return TRIALS if found.empty else OK


def plot_command(
    directory: Path,
    kinds: Sequence[str],
    out: Path | None,
    *,
    exact: bool = False,
    caption: bool = True,
    **options: Any,
) -> int:
    """Draw figures into the results folder.

    Parameters
    ----------
    directory : Path
        The results folder.
    kinds : sequence of str
        Names of `plots.figures.registry.FIGURES`, or ``all``: those that show anything of these results.
    out : Path or None
        The folder of the figures. Default: ``figures`` in the results folder.
    exact : bool
        Whether to draw the curves that are known without simulation, in the figures that can show them.
    caption : bool
        Whether the pictures have a short caption.
    **options
        Options of the figures, and what to select (`plots.figures.registry.SELECTION`). With ``all``, every figure gets
        the options that it has.
    """
    from harness.reporting.drawings import Drawings
    from plots.drawing.selection import shared_summaries
    from plots.figures.registry import FIGURES
    from results.summaries.curve_table import EXACT

    known = (*FIGURES, ALL)
    if unknown := [kind for kind in kinds if kind not in known]:
        raise ConfigurationError([f"--kind: {unknown_name('figure', kind, known)}" for kind in unknown])
    study = _load(directory)
    folder = out or directory / "figures"
    check_folder("--out", folder)
    if out is None:
        refuse_links(folder, directory)
    _warn(study, options)
    curves = exact_curves(study) if exact else None
    given = {name: value for name, value in options.items() if value} | ({EXACT: curves} if exact else {})
    given |= {DRAWINGS: Drawings(study)} | ({} if caption else {CAPTION: False})
    everything = ALL in kinds
    shown = _drawable(study) if everything else list(dict.fromkeys(kinds))
    files: list[Path] = []
    try:
        with shared_summaries():
            for kind in _shown_progress(shown):
                files += _draw(study, kind, folder, given, everything=everything)
    finally:
        print(*files, sep="\n", end="\n" if files else "")
    print_refusals(curves)
    return OK if any(len(cell.trials) for cell in study.cells) else TRIALS


def _shown_progress(kinds: Sequence[str]) -> Iterator[str]:
    """Yield the kinds of figures, and name the one that is drawn on a terminal."""
    console = Console(stderr=True)
    columns, hidden = Progress.get_default_columns(), not console.is_terminal
    with Progress(*columns, transient=True, console=console, redirect_stdout=False, disable=hidden) as bar:
        task = bar.add_task("", total=len(kinds))
        for kind in kinds:
            bar.update(task, description=f"drawing {kind}")
            yield kind
            bar.advance(task)


def _warn(study: Study, options: Mapping[str, Any]) -> None:
    """Print on stderr which benchmarks are left out, and which letters cannot be drawn."""
    from plots.drawing.style import FONT, lacking_glyphs

    for benchmark, reason in left_out(study, options.get("target"), options.get("axis")).items():
        print(f"regretta: left out: {benchmark}: {reason}", file=sys.stderr)
    if lacking := lacking_glyphs(study):
        print(
            f"regretta: the font of the figures, {FONT}, lacks {lacking}: they are drawn as boxes. Use other letters in"
            " the labels",
            file=sys.stderr,
        )


def _drawable(study: Study) -> list[str]:
    """Return the figures that show anything of a study, and print on stderr why the others do not."""
    from plots.figures.registry import FIGURES, OF_COMMON_TRIALS, idle

    kinds = [name for name in FIGURES if study.simulated.cells or name not in OF_COMMON_TRIALS]
    reasons = {name: idle(name, study) for name in kinds}
    for name, reason in reasons.items():
        if reason:
            print(f"regretta: not drawn: {name}: {reason}", file=sys.stderr)
    return [name for name in kinds if not reasons[name]]


def _draw(study: Study, kind: str, folder: Path, given: Mapping[str, Any], *, everything: bool) -> list[Path]:
    """Draw and write one figure, named after its kind and options."""
    from plots.drawing.export import save
    from plots.figures.registry import SELECTION, draw, figure_options
    from results.summaries.curve_table import EXACT

    own = {*figure_options(kind), *SELECTION, CAPTION}
    options = {name: given[name] for name in given if name in own or not (everything or name == DRAWINGS)}
    try:
        figure, data = draw(kind, study, **options)
    except BenchmarkError as error:  # figures of architectures need the benchmarks, which may not be installed here
        if not everything:
            raise
        print(f"regretta: not drawn: {kind}: {error}", file=sys.stderr)
        return []
    if drawn_as := getattr(figure, "kind", ""):
        reason = "the tests need ten search spaces and three algorithms"
        print(f"regretta: {kind} is drawn as {drawn_as}: {reason}", file=sys.stderr)
    plain = {name: value for name, value in options.items() if name not in (EXACT, DRAWINGS, CAPTION, *SELECTION)}
    words = [str(value).replace("/", "_") for option, value in plain.items() if (option, value) != DEFAULT_WIDTH]
    words += [EXACT] if EXACT in data else []
    words += [SELECTED] if options.keys() & set(SELECTION) else []
    words += [NO_CAPTION] if CAPTION in options else []
    return save(figure, data, folder / "-".join([drawn_as or kind, *words]))


def exact_curves(study: Study) -> ExactCurves:
    """Return the callable that computes the exact curves of a study. It imports the algorithms."""
    from harness.exact.cells import ExactCurves

    return ExactCurves(study)


def print_refusals(curves: ExactCurves | None) -> None:
    """Print on stderr why some curves are not known exactly."""
    for reason in curves.reasons() if curves else ():
        print(f"regretta: no exact curve: {reason}", file=sys.stderr)


def table_command(
    directory: Path,
    format_: Literal["markdown", "latex", "csv"],
    target: str | None,
    measure: Literal["regret", "error", "area"],
    statistic: Literal["mean", "median"] | None,
    out: Path | None,
) -> int:
    """Print the results of a folder as a table for a paper, or write the table to a file."""
    from plots.tables.paper import table_text

    if out is not None:
        check_file("--out", out)
    study = _load(directory)
    if not any(len(cell.trials) for cell in study.cells):
        make_console().print(Text(f"{study.name!r} has no completed trials yet: run the experiment first"))
        return TRIALS
    text = table_text(study, format_, target, measure, statistic)
    if out is None:
        print(text, end="")
    else:
        atomic_write(out, text.encode())
        print(out)
    return OK


def _load(directory: Path) -> Study:
    """Load a results folder, and report damaged and stale data in it on stderr."""
    study = load_study(directory)
    for note in study.notes:
        print(f"regretta: {note}", file=sys.stderr)
    return study
