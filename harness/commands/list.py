"""The command ``list``."""

from __future__ import annotations

from typing import Literal

from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK

What = Literal["algorithms", "benchmarks", "protocols", "experiments", "studies"]
Listing = tuple[list[tuple[str, ...]], list[str]]
"""The rows of a table, headings first, and the notes below it."""

MOST_FIDELITIES = 8
"""Longer lists of fidelities are written as a range."""


def list_command(what: What) -> int:
    """Print a table of the algorithms, benchmarks, protocols, shipped experiments or studies."""
    rows, notes = {
        "algorithms": _algorithms,
        "benchmarks": _benchmarks,
        "protocols": _protocols,
        "experiments": _experiments,
        "studies": _studies,
    }[what]()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in rows[0]:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("benchmark", "algorithm"))
    for row in rows[1:]:
        table.add_row(*(Text(value) for value in row))
    console = make_console()
    console.print(table)
    for note in notes:
        console.print(Text(f"- {note}"))
    return OK


def _algorithms() -> Listing:
    from algorithms.registry import ALGORITHMS, algorithm_class, missing_library

    rows = []
    for name in ALGORITHMS:
        cls = algorithm_class(name)
        missing = missing_library(cls)
        reference = f"{cls.reference}; {missing}" if missing else cls.reference
        rows.append((name, reference, ", ".join(cls.presets), str(cls.version)))
    return [("algorithm", "reference", "presets", "version"), *rows], []


def _benchmarks() -> Listing:
    from benchmarks.errors import BenchmarkError, DataAbsentError
    from benchmarks.loading import benchmark_names, load_benchmark

    rows, notes = [], []
    for name in benchmark_names():
        try:
            facts = load_benchmark(name).facts
        except DataAbsentError:
            rows.append((name, "", "", "", "data missing: see `regretta data list`"))
            continue
        except BenchmarkError as error:
            rows.append((name, "", "", "", "damaged: see below"))
            notes.append(str(error))
            continue
        fidelities = "/".join(f"{fidelity:g}" for fidelity in facts.fidelities)
        if len(facts.fidelities) > MOST_FIDELITIES:
            fidelities = f"{facts.fidelities[0]:g}..{facts.fidelities[-1]:g}: {len(facts.fidelities)}"
        information = f"; also {', '.join(facts.information)}" if facts.information else ""
        rows.append((name, facts.space, fidelities, facts.provenance, facts.title + information))
    return [("benchmark", "space", "epochs", "provenance", "title"), *rows], notes


def _protocols() -> Listing:
    from harness.simulation.protocols import PRESETS

    budgets = {
        name: "; ".join(f"{budget}" + (f" ({of})" if of != "*" else "") for of, budget in preset.budgets.items())
        for name, preset in PRESETS.items()
    }
    rows = [(name, budgets[name] or "as the experiment says", preset.summary) for name, preset in PRESETS.items()]
    return [("protocol", "budget", "rules"), *rows], []


def _experiments() -> Listing:
    from harness.experiments.files import read_experiment_file, shipped_experiments

    rows = []
    for name, file in shipped_experiments().items():
        raw = read_experiment_file(file)
        rows.append((name, ("long: " if raw.get("long") else "") + str(raw.get("description", ""))))
    return [("experiment", "what it does"), *rows], []


def _studies() -> Listing:
    from harness.analyses.registry import STUDIES

    rows = [
        (name, {"results": "results folders"}.get(study.takes, study.takes), study.summary)
        for name, study in STUDIES.items()
    ]
    return [("study", "takes", "what it tells"), *rows], []
