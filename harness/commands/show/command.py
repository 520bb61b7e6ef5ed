"""The verb ``show``. It returns an exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from benchmarks.errors import nearest, unknown_name
from benchmarks.registry import resolve
from harness.commands.console import make_console, print_json, print_parts
from harness.commands.exit_codes import OK
from harness.commands.show.names import KINDS, kinds_of, names_of
from harness.errors import ConfigurationError
from results.storage.experiment_record import EXPERIMENT

SHOWN = {
    "algorithm": "harness.commands.show.algorithms:show_algorithm,algorithm_parts",
    "benchmark": "harness.commands.show.benchmarks:show_benchmark,benchmark_parts",
    "protocol": "harness.commands.show.protocols:show_protocol,protocol_parts",
    "experiment": "harness.commands.show.experiments:show_experiment,experiment_parts",
    "study": "harness.commands.show.others:show_study,other_parts",
    "figure": "harness.commands.show.others:show_figure,other_parts",
    "model": "harness.commands.show.others:show_model,other_parts",
    "reproduction": "harness.commands.show.others:show_reproduction,other_parts",
}
"""By kind, the function that describes a name, and the function that lays the description out."""


@dataclass(frozen=True)
class Shown:
    """A name, its kind, and its description, whose content depends on the kind."""

    kind: str
    name: str
    description: dict[str, Any]


def show_command(name: str, kind: str | None, *, as_json: bool) -> int:
    """Print what is known about a name. If it has several kinds, print all of them.

    Parameters
    ----------
    name : str
        A name of any kind, a custom algorithm such as ``file.py:Class``, or an experiment in a ``.toml`` file.
    kind : str or None
        A key of `harness.commands.show.names.KINDS`. None for all kinds that have the name.
    as_json : bool
    """
    found = {one: _functions(one) for one in _kinds(name, kind)}
    described = {one: functions[0](name) for one, functions in found.items()}
    if as_json:
        print_json([asdict(Shown(one, name, asdict(description))) for one, description in described.items()])
        return OK
    console = make_console()
    for place, (one, description) in enumerate(described.items()):
        console.print(Text.assemble("\n" if place else "", (f"{one} {name}", "bold")))
        print_parts(found[one][1](description), console)
    return OK


def _functions(kind: str) -> tuple[Callable[[str], Any], Callable[[Any], Iterable[RenderableType]]]:
    module, _, functions = SHOWN[kind].partition(":")
    describe, lay_out = (resolve(f"{module}:{function}") for function in functions.split(","))
    return describe, lay_out


def _kinds(name: str, kind: str | None) -> list[str]:
    """Return the kinds to show.

    Raises
    ------
    ConfigurationError
        If no kind has the name.
    """
    if kind is not None and kind not in KINDS:
        raise ConfigurationError([f"--kind: {unknown_name('kind', kind, KINDS)}"])
    if ":" in name and kind in (None, "algorithm"):
        return ["algorithm"]
    if name.endswith(".toml") and kind in (None, "experiment"):
        return ["experiment"]
    if kinds := [one for one in kinds_of(name) if kind in (None, one)]:
        return kinds
    if (Path(name) / EXPERIMENT).is_file():
        raise ConfigurationError(
            [f"{name} is a results folder: `regretta status`, `summary`, `best` and `report` show what is in it"]
        )
    if kind:
        raise ConfigurationError([unknown_name(kind, name, names_of(kind))])
    known = dict.fromkeys(known for one in KINDS for known in names_of(one))
    raise ConfigurationError([f"unknown name {name!r}{nearest(name, known)}; `regretta list` shows what has a name"])
