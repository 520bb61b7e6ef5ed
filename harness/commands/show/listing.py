"""The command ``list``."""

from __future__ import annotations

from rich.text import Text

from harness.commands.console import make_console, plain_table, print_json
from harness.commands.exit_codes import OK
from harness.commands.show.names import KINDS, PLURALS, names_of

Listing = tuple[list[tuple[str, ...]], list[str]]
"""The rows of a table, headings first, and the notes below it."""

MOST_FIDELITIES = 8
"""Longer lists of fidelities are written as a range."""


def list_command(what: str | None, *, as_json: bool = False, names_only: bool = False) -> int:
    """Print a table of all names of a kind, or of the kinds.

    Parameters
    ----------
    what : str or None
        A kind in the plural, such as ``algorithms``. None for the kinds and the numbers of their names.
    as_json : bool
        Whether to print the rows as JSON objects, with the headings as keys.
    names_only : bool
        Whether to print the first column alone, one name per line.
    """
    if names_only:
        kind = next((kind for kind, plural in PLURALS.items() if plural == what), None)
        print(*(PLURALS.values() if kind is None else names_of(kind)), sep="\n")
        return OK
    rows, notes = _kinds() if what is None else LISTINGS[what]()
    headings = rows[0]
    if as_json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows[1:]])
        return OK
    table = plain_table(*headings, kept=1)
    for row in rows[1:]:
        table.add_row(*(Text(value) for value in row))
    console = make_console()
    console.print(table)
    for note in notes:
        console.print(Text(f"- {note}"))
    return OK


def _kinds() -> Listing:
    rows = [(PLURALS[kind], str(len(names_of(kind))), f"regretta list {PLURALS[kind]}") for kind in KINDS]
    return [("kind", "number", "to list them"), *rows], ["`regretta show NAME` shows all about one of them"]


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


def _figures() -> Listing:
    from harness.commands.show.others import show_figure

    return [("figure", "what it shows"), *((name, show_figure(name).text[0]) for name in names_of("figure"))], []


def _models() -> Listing:
    from harness.commands.show.others import show_model

    return [("model", "what it is"), *((name, show_model(name).text[0]) for name in names_of("model"))], []


def _reproductions() -> Listing:
    from harness.commands.show.others import show_reproduction

    rows = [(name, show_reproduction(name).text[0]) for name in names_of("reproduction")]
    return [("reproduction", "what it compares"), *rows], []


LISTINGS = {
    "algorithms": _algorithms,
    "benchmarks": _benchmarks,
    "protocols": _protocols,
    "experiments": _experiments,
    "studies": _studies,
    "figures": _figures,
    "models": _models,
    "reproductions": _reproductions,
}
"""By kind in the plural, the function that makes its rows."""
