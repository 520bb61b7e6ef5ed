"""Experiments: a grid of cells, read from TOML and resolved, with every mistake found at once."""

from __future__ import annotations

import hashlib
import itertools
import json
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmarks.errors import BenchmarkError, DataAbsentError, unknown_name
from benchmarks.facts import Facts
from benchmarks.registry import load_benchmark
from harness.errors import ConfigurationError, validation_problems
from harness.experiment_files import ExperimentFile
from harness.guests import Contender, changed_parameters, find_contender, hyperparameters
from harness.protocols import Protocol, check_protocol, resolve_protocol
from results.records import SCHEMA_VERSION


@dataclass(frozen=True)
class CellSpec:
    """One algorithm with its parameters on one benchmark under one protocol.

    Attributes
    ----------
    label : str
    contender : Contender
    parameters, changed : dict
        All hyperparameters, and those that differ from the defaults.
    version : int
        The algorithm's.
    benchmark, data_hash : str
    protocol : Protocol
    seed : int
        The experiment's.
    """

    label: str
    contender: Contender
    parameters: dict[str, Any]
    changed: dict[str, Any]
    version: int
    benchmark: str
    data_hash: str
    protocol: Protocol
    seed: int

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON of all that decides the result; never of the label."""
        decisive = {
            "algorithm": self.contender.use,
            "source": self.contender.source_hash,
            "parameters": self.changed,
            "version": self.version,
            "benchmark": self.benchmark,
            "data": self.data_hash,
            "protocol": self.protocol.model_dump(mode="json", exclude_defaults=True, exclude_none=True),
            "seed": self.seed,
            "schema": SCHEMA_VERSION,
        }
        canonical = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The cell as ``experiment.json`` holds it."""
        return {
            "id": self.id,
            "label": self.label,
            "algorithm": self.contender.use,
            "parameters": json.loads(json.dumps(self.parameters)),
            "version": self.version,
            "benchmark": self.benchmark,
            "protocol": self.protocol.to_json(),
        }


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment.

    Attributes
    ----------
    name, description : str
    seed : int
    trials : range
    cells : tuple of CellSpec
    facts : dict
        By benchmark, those of the sisters reported on among them.
    """

    name: str
    description: str
    seed: int
    trials: range
    cells: tuple[CellSpec, ...]
    facts: dict[str, Facts]


def resolve_experiment(raw: Mapping[str, Any], folder: Path) -> Experiment:
    """Resolve an experiment into its cells.

    Parameters
    ----------
    raw : mapping
        As TOML gives it.
    folder : Path
        What relative paths of guests start from.

    Raises
    ------
    ConfigurationError
        With every mistake in it.
    """
    return _Resolution(raw, folder).experiment()


@dataclass(frozen=True)
class _Entrant:
    label: str
    contender: Contender
    parameters: dict[str, Any]


class _Resolution:
    """Collects problems while it resolves each section as far as it goes."""

    def __init__(self, raw: Mapping[str, Any], folder: Path) -> None:
        self.problems: list[str] = []
        self.folder = folder
        self.file = self._validated(dict(raw))

    def _validated(self, raw: dict[str, Any]) -> ExperimentFile | None:
        """Check the top level; where a part is wrong, note it and go on with the rest."""
        known = [field.alias or name for name, field in ExperimentFile.model_fields.items()]
        try:
            return ExperimentFile.model_validate(raw)
        except ValidationError as error:
            self.problems += validation_problems("", error, known)
            wrong = {str(found["loc"][0]) for found in error.errors()}
        stand_in = {"schema": 1, "name": "unnamed", "trials": 1}
        rest = stand_in | {key: value for key, value in raw.items() if key not in wrong}
        try:
            return ExperimentFile.model_validate(rest | ({"budget": {"evaluations": 1}} if "budget" in wrong else {}))
        except ValidationError:  # without benchmarks or algorithms there is no rest to check; the problems are noted
            return None

    def experiment(self) -> Experiment:
        file = self.file
        if file is None:
            raise ConfigurationError(self.problems)
        start, stop = file.trials
        if stop <= start:
            self.problems.append(f"trials: wanted is a number of at least 1 or [first, end); got [{start}, {stop}]")
        facts = self._facts(file)
        protocols = self._protocols(file, facts)
        entrants = list(self._entrants(file))
        self._check_names(file, entrants)
        cells = [
            self._cell(entrant, facts[name], protocols[name], file.seed)
            for entrant in entrants
            for name in facts
            if name in protocols and not self._excluded(file, entrant.label, name)
        ]
        if not cells and not self.problems:
            self.problems.append("the grid is empty: every pair of algorithm and benchmark is excluded")
        if self.problems:
            raise ConfigurationError(list(dict.fromkeys(self.problems)))
        for cell in cells:
            for target in cell.protocol.report:
                if owner := target.rpartition("/")[0]:
                    facts.setdefault(owner, load_benchmark(owner).facts)
        return Experiment(file.name, file.description, file.seed, range(start, stop), tuple(cells), facts)

    def _facts(self, file: ExperimentFile) -> dict[str, Facts]:
        """The benchmarks' facts; of a list of alternatives, those of the first whose data is here."""
        facts: dict[str, Facts] = {}
        for entry in file.benchmarks:
            alternatives = [entry] if isinstance(entry, str) else entry
            try:
                found = _first_present(alternatives)
            except BenchmarkError as error:
                self.problems.append(f"benchmarks: {error}")
                continue
            if found.name in facts:
                self.problems.append(f"benchmarks: {found.name!r} stands twice")
            facts[found.name] = found
        return facts

    def _protocols(self, file: ExperimentFile, facts: dict[str, Facts]) -> dict[str, Protocol]:
        overrides = dict(file.protocol)
        preset = overrides.pop("preset", "standard")
        protocols: dict[str, Protocol] = {}
        try:
            check_protocol(str(preset), overrides)
        except ConfigurationError as error:
            self.problems += error.problems
            return protocols
        for name, of in facts.items():
            try:
                budget = file.budgets.get(name, file.budget)
                protocols[name] = resolve_protocol(str(preset), overrides, budget, of)
            except ConfigurationError as error:
                self.problems += error.problems
        return protocols

    def _entrants(self, file: ExperimentFile) -> Iterator[_Entrant]:
        labels: set[str] = set()
        for template, table in file.algorithms.items():
            for entrant in self._expand(template, dict(table)):
                if entrant.label in labels:
                    self.problems.append(
                        f"algorithms.{template}: the label {entrant.label!r} stands twice; name what differs in it, as"
                        " in 'RE {population}'"
                    )
                labels.add(entrant.label)
                yield entrant

    def _expand(self, template: str, table: dict[str, Any]) -> Iterator[_Entrant]:
        """One entrant a combination of ``grid`` and ``zip``."""
        place = f"algorithms.{template}"
        grid, zipped = table.pop("grid", {}), table.pop("zip", {})
        try:
            use = table.pop("use", template)
            if not isinstance(use, str):
                raise ConfigurationError([f"use: wanted is a name or 'file.py:Class'; got {use!r}"])
            contender = find_contender(use, self.folder)
            combinations = list(_combinations(grid, zipped, place))
        except ConfigurationError as error:
            self.problems += [f"{place}: {problem}".replace(f"{place}: {place}", place) for problem in error.problems]
            return
        for combination in combinations:
            try:
                parameters = hyperparameters(contender.load(), table | combination, place)
                yield _Entrant(_label(template, parameters, place), contender, parameters)
            except ConfigurationError as error:
                self.problems += error.problems

    def _check_names(self, file: ExperimentFile, entrants: list[_Entrant]) -> None:
        labels = [entrant.label for entrant in entrants]
        listed = [name for entry in file.benchmarks for name in ([entry] if isinstance(entry, str) else entry)]
        for name in file.budgets:
            if name not in listed:
                self.problems.append(f"budgets: {unknown_name('benchmark of this experiment', name, listed)}")
        for number, exclusion in enumerate(file.exclude):
            place = f"exclude.{number}"
            if exclusion.algorithm is None and exclusion.benchmark is None:
                self.problems.append(f"{place}: names neither an algorithm nor a benchmark, and would exclude all")
            if exclusion.algorithm is not None and exclusion.algorithm not in labels:
                self.problems.append(f"{place}: {unknown_name('label', exclusion.algorithm, labels)}")
            if exclusion.benchmark is not None and exclusion.benchmark not in listed:
                self.problems.append(f"{place}: {unknown_name('benchmark', exclusion.benchmark, listed)}")

    @staticmethod
    def _excluded(file: ExperimentFile, label: str, benchmark: str) -> bool:
        return any(e.algorithm in (None, label) and e.benchmark in (None, benchmark) for e in file.exclude)

    def _cell(self, entrant: _Entrant, facts: Facts, protocol: Protocol, seed: int) -> CellSpec:
        cls = entrant.contender.load()
        if len(protocol.fidelities) < cls.minimum_fidelities:
            self.problems.append(
                f"algorithms.{entrant.label}: needs {cls.minimum_fidelities} fidelities, {facts.name} offers"
                f" {len(protocol.fidelities)}; exclude the pair, or search on a benchmark with more"
            )
        changed = changed_parameters(cls, entrant.parameters)
        return CellSpec(
            entrant.label, entrant.contender, entrant.parameters, changed, cls.version, facts.name, facts.data_hash,
            protocol, seed,
        )  # fmt: skip


def _first_present(alternatives: list[str]) -> Facts:
    """Facts of the first benchmark whose data is here; the error of the last one if none is."""
    for name in alternatives[:-1]:
        try:
            return load_benchmark(name).facts
        except DataAbsentError:
            continue
    return load_benchmark(alternatives[-1]).facts


def _combinations(grid: Any, zipped: Any, place: str) -> Iterator[dict[str, Any]]:
    """Every choice of the grid's values with every position of the zipped lists."""
    for kind, tables in (("grid", grid), ("zip", zipped)):
        if not isinstance(tables, dict) or not all(isinstance(v, list) and v for v in tables.values()):
            raise ConfigurationError(
                [f"{place}.{kind}: wanted is a table of lists with at least one value; got {tables!r}"]
            )
    if len({len(values) for values in zipped.values()}) > 1:
        raise ConfigurationError([f"{place}.zip: the lists differ in length: {zipped!r}"])
    both = sorted(grid.keys() & zipped.keys())
    if both:
        raise ConfigurationError([f"{place}: {', '.join(both)} stands in grid and in zip"])
    rows = [dict(zip(zipped, values, strict=True)) for values in zip(*zipped.values(), strict=True)] or [{}]
    for row in rows:
        for values in itertools.product(*grid.values()):
            yield row | dict(zip(grid, values, strict=True))


def _label(template: str, parameters: dict[str, Any], place: str) -> str:
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        unknown = [name for name in fields if name not in parameters]
        if unknown:
            raise ConfigurationError(
                [f"{place}: {unknown_name('hyperparameter in the label', unknown[0], parameters)}"]
            )
        return template.format_map(parameters)
    except (ValueError, LookupError, AttributeError) as error:
        raise ConfigurationError([f"{place}: the label is no template ({error}); write {{{{ for a brace"]) from None
