"""The verb ``best``. It returns an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from harness.analyses.best import BestOfBenchmark, best_architectures
from harness.commands.console import make_console, plain_table, print_json, print_parts, verbatim
from harness.commands.exit_codes import OK, TRIALS
from harness.commands.stale_data import load_study
from harness.errors import ConfigurationError
from results.words import counted

MOST_FINDERS = 3
"""The largest number of algorithms that are named per architecture."""


def best_command(directory: Path, target: str | None, most: int, benchmarks: list[str], *, as_json: bool) -> int:
    """Print the best architectures that the trials of a results folder ended with.

    Parameters
    ----------
    directory : Path
    target : str or None
        The true error to sort by. Default: the first one that the protocol reports.
    most : int
        Number of architectures per benchmark, at most.
    benchmarks : list of str
        The benchmarks to show. Empty for all.
    as_json : bool
    """
    study = load_study(directory)
    for note in study.notes:
        print(f"regretta: {note}", file=sys.stderr)
    known = dict.fromkeys(cell.benchmark for cell in study.cells)
    if unknown := [name for name in benchmarks if name not in known]:
        raise ConfigurationError(
            [f"--benchmark: expected a benchmark of {directory}, one of {', '.join(known)}, got {unknown[0]!r}"]
        )
    found = best_architectures(study, target, most, benchmarks)
    if as_json:
        print_json([asdict(one) for one in found])
        return OK if found else TRIALS
    console = make_console()
    for place, one in enumerate(found):
        if place:
            console.print()
        print_parts(_parts(one), console)
    if not found:
        console.print(Text(f"{study.name!r} has no completed trials yet: run the experiment first"))
        return TRIALS
    return OK


def _parts(found: BestOfBenchmark) -> Iterator[RenderableType]:
    from plots.drawing.units import regret_unit

    factor, unit = regret_unit(found.unit)
    kind = "" if found.provenance == "recorded" else f" ({found.provenance})"
    heading = f"{counted(found.trials, 'trial')} ended with {counted(found.different, 'different architecture')}"
    yield Text.assemble((f"{found.title}{kind}", "bold"), f": {heading}; errors in {unit}")
    headings = [*found.targets, "regret", "observed"]
    table = plain_table("rank", *headings, "found by", kept=1, right=("rank", *headings))
    for one in found.architectures:
        numbers = [factor * error for error in (*one.errors.values(), one.regret, one.observed_error)]
        rank = "–" if one.rank is None else f"{one.rank:,}"
        table.add_row(*map(Text, (rank, *(f"{number:.4g}" for number in numbers), _finders(one.found_by))))
    yield table
    for one in found.architectures:
        yield verbatim(f"{'–' if one.rank is None else one.rank}: {one.architecture}")
    if found.size is not None:
        yield Text(f"The rank is that by {found.targets[0]} among {found.size:,} recorded architectures.", style="dim")


def _finders(found_by: dict[str, int]) -> str:
    names = [f"{label} {count}" for label, count in list(found_by.items())[:MOST_FINDERS]]
    more = f" and {len(found_by) - MOST_FINDERS} more" if len(found_by) > MOST_FINDERS else ""
    return ", ".join(names) + more
