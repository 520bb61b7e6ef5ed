"""Resolve an experiment into its cells, and report all mistakes at once."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Facts, Target
from benchmarks.errors import BenchmarkError, DataAbsentError, unknown_name
from benchmarks.loading import benchmark_names, load_outline
from harness.entries.grid import MOST_ENTRIES, Entry, expand
from harness.entries.hyperparameters import changed_parameters
from harness.entries.isolated import ProcessDied, fresh_process, time_limit
from harness.entries.sources import AlgorithmSource, is_custom_class
from harness.entries.trajectories.expansion import expand_trajectory
from harness.entries.trajectories.source import is_trajectory
from harness.errors import ConfigurationError
from harness.experiments.cells import CellSpec, Experiment
from harness.experiments.files import ExperimentFile, read_sections
from harness.experiments.recorded import recorded_cell
from harness.simulation.protocols import Budget, Protocol, check_protocol, resolve_protocol


def resolve_experiment(raw: Mapping[str, Any], folder: Path) -> Experiment:
    """Resolve an experiment into its cells.

    An experiment with custom classes is resolved in another process, because importing them runs their code.

    Parameters
    ----------
    raw : mapping
        The experiment as parsed from TOML.
    folder : Path
        Folder that relative paths of custom algorithms start from.

    Raises
    ------
    ConfigurationError
        If the experiment has mistakes. The error lists all of them.
    """
    if not _has_custom_classes(raw):
        return _Resolution(raw, folder).experiment()
    try:
        with fresh_process() as process:
            found = process.call(_resolve, dict(raw), folder.resolve())
    except ProcessDied as death:
        raise ConfigurationError(
            [f"algorithms: the process that imports the custom classes ended ({death}); they must neither call exit nor"
             " crash when they are imported or made"]
        ) from None  # fmt: skip
    if isinstance(found, Experiment):
        return found
    raise ConfigurationError(found)


def _has_custom_classes(raw: Mapping[str, Any]) -> bool:
    algorithms = raw.get("algorithms")
    tables = algorithms.items() if isinstance(algorithms, Mapping) else ()
    return any(is_custom_class(table.get("use", name)) for name, table in tables if isinstance(table, Mapping))


def _resolve(raw: dict[str, Any], folder: Path) -> Experiment | tuple[str, ...]:
    """Resolve in this process, and return the problems instead of raising."""
    with time_limit(RESOLUTION_LIMIT, f"did not finish within {RESOLUTION_LIMIT:g} s"):
        try:
            return _Resolution(raw, folder).experiment()
        except ConfigurationError as error:
            return error.problems


RESOLUTION_LIMIT = 120.0
"""For importing and checking the custom classes of an experiment [s]."""


class _Resolution:
    """Resolves each section as far as possible, and collects all problems."""

    def __init__(self, raw: Mapping[str, Any], folder: Path) -> None:
        self.folder = folder
        self.file, self.problems, self.lost = read_sections(dict(raw))
        self.matched: list[str] = []
        self.benchmarks = list(self._benchmarks())
        self.listed = [name for alternatives in self.benchmarks for name in alternatives]
        self.absent: list[str] = []

    def experiment(self) -> Experiment:
        """Return the resolved experiment, or raise an error with all problems."""
        file = self.file
        for section in ("benchmarks", "algorithms"):
            if not getattr(file, section) and section not in self.lost:
                self.problems.append(f"{section}: expected at least one, got none")
        trials = self._trials(file)
        facts = self._facts(file)
        protocols = self._protocols(file, facts)
        entries = self._entries(file)
        raced = any(isinstance(entry.source, AlgorithmSource) for entry in entries)
        cells = [
            cell
            for entry in entries
            for name in protocols
            if not _excluded(file, entry.label, name)
            for cell in self._cells(entry, facts[name], protocols[name], raced=raced)
        ]
        if not facts and self.absent and not self.problems:
            patterns = ", ".join(entry for entry in file.benchmarks if isinstance(entry, str))
            self.problems.append(
                f"benchmarks: the data of all matches of {patterns} is missing: see `regretta data list`"
            )
        self._check_pairs(file, cells)
        if not cells and not self.problems:
            self.problems.append("the grid is empty: every pair of algorithm and benchmark is excluded")
        if self.problems:
            raise ConfigurationError(list(dict.fromkeys(self.problems)))
        for cell in cells:
            for target in cell.protocol.report:
                if owner := Target.parse(target).benchmark:
                    facts.setdefault(owner, load_outline(owner).facts)
        absent = tuple(self.absent)
        return Experiment(file.name, file.description, file.seed, trials, tuple(cells), facts, absent, file.stopping)

    def _trials(self, file: ExperimentFile) -> range:
        """Return the trials of every cell, or those that it has at most in a run until decided."""
        start, stop = file.trials
        if stop <= start:
            self.problems.append(
                f"trials: expected a number of at least 1, or [first, end] with first below end, got [{start}, {stop}]"
            )
        return range(start, start + file.stopping.max_trials) if file.stopping else range(start, stop)

    def _check_pairs(self, file: ExperimentFile, cells: list[CellSpec]) -> None:
        """Check that a run until decided has something to decide on every benchmark."""
        counts = Counter(cell.benchmark for cell in cells)
        self.problems += [
            f"stopping: a run until decided needs at least two algorithms on every benchmark, got one on {benchmark}"
            for benchmark, count in counts.items()
            if file.stopping and count < 2
        ]
        if file.stopping and (labels := dict.fromkeys(cell.label for cell in cells if cell.recorded)):
            self.problems.append(
                "stopping: a run until decided adds trials, and recorded trajectories have no more of them; leave out"
                f" {', '.join(labels)}"
            )

    def _benchmarks(self) -> Iterator[list[str]]:
        """Expand each entry into a list of alternatives.

        A pattern expands to the matching benchmarks that no other entry names.
        """
        entries = [[entry] if isinstance(entry, str) else entry for entry in self.file.benchmarks]
        named = {entry[0] for entry in entries if len(entry) == 1}
        for entry in entries:
            if not set("*?[") & set("".join(entry)):
                yield entry
                continue
            if len(entry) > 1:
                self.problems.append(f"benchmarks: {entry!r}: a pattern cannot be one of several alternatives")
                continue
            matches = fnmatch.filter(benchmark_names(), entry[0])
            if not matches:
                self.problems.append(
                    f"benchmarks: no benchmark matches {', '.join(entry)}: see `regretta list benchmarks`"
                )
            for name in dict.fromkeys(matches):
                if name not in named:
                    named.add(name)
                    self.matched.append(name)
                    yield [name]

    def _facts(self, file: ExperimentFile) -> dict[str, Facts]:
        """Load the facts of the benchmarks. Of several alternatives, the first available one is used."""
        facts: dict[str, Facts] = {}
        for alternatives in self.benchmarks:
            try:
                found = _first_present(alternatives)
            except DataAbsentError as error:
                if alternatives[0] in self.matched:
                    self.absent.append(alternatives[0])
                else:
                    self.problems.append(f"benchmarks: {error}")
                continue
            except BenchmarkError as error:
                self.problems.append(f"benchmarks: {error}")
                continue
            if found.name in facts and found.name in self.matched:
                continue
            if found.name in facts:
                self.problems.append(f"benchmarks: {found.name!r} is listed twice")
            facts[found.name] = found
        for name in file.budgets:
            if name not in self.listed and "benchmarks" not in self.lost:
                self.problems.append(f"budgets: {unknown_name('benchmark of this experiment', name, self.listed)}")
        return facts

    def _protocols(self, file: ExperimentFile, facts: dict[str, Facts]) -> dict[str, Protocol]:
        """Resolve the protocol of each benchmark. A placeholder replaces a budget that has mistakes."""
        preset, overrides, problems = check_protocol(file.protocol)
        self.problems += problems
        unsure = preset is None or self.lost & {"budget", "budgets", "protocol"}
        placeholder = Budget(evaluations=1) if unsure else None
        protocols: dict[str, Protocol] = {}
        for name, of in facts.items():
            try:
                budget = file.budgets.get(name, file.budget) or placeholder
                protocols[name] = resolve_protocol(preset or "standard", overrides, budget, of)
            except ConfigurationError as error:
                self.problems += error.problems
        return protocols

    def _entries(self, file: ExperimentFile) -> list[Entry]:
        """Expand the algorithms into entries with distinct labels."""
        entries: dict[str, Entry] = {}
        unresolved = []
        for template, table in file.algorithms.items():
            before = len(self.problems)
            recorded = is_trajectory(table.get("use", template))
            for entry in (expand_trajectory if recorded else expand)(template, table, self.folder, self.problems):
                if entry.label in entries:
                    self.problems.append(
                        f"algorithms.{template}: two entries have the label {entry.label!r}. Put what differs"
                        " in the label, as in 'RE {population}'"
                    )
                entries[entry.label] = entry
            if len(self.problems) > before:
                unresolved.append(template)
        if (count := len(entries) * len(self.benchmarks)) > MOST_ENTRIES:
            cells = f"{count:,}: {len(entries):,} algorithms on {len(self.benchmarks):,} benchmarks"
            raise ConfigurationError([*self.problems, f"expected at most {MOST_ENTRIES:,} cells, got {cells}"])
        self._check_exclusions(file, [*entries, *unresolved])
        return list(entries.values())

    def _check_exclusions(self, file: ExperimentFile, labels: list[str]) -> None:
        """Check the exclusions. Unknown names are accepted where a section with mistakes might have defined them."""
        any_label = "algorithms" in self.lost or any("{" in label for label in labels)
        any_benchmark = "benchmarks" in self.lost
        for exclusion in file.exclude:
            label, benchmark = exclusion.algorithm, exclusion.benchmark
            if label is None and benchmark is None:
                self.problems.append("exclude: expected algorithm, benchmark or both, got neither (would exclude all)")
            if label is not None and label not in labels and not any_label:
                self.problems.append(f"exclude: {unknown_name('label', label, labels)}")
            if benchmark is not None and benchmark not in self.listed and not any_benchmark:
                self.problems.append(f"exclude: {unknown_name('benchmark', benchmark, self.listed)}")

    def _cells(self, entry: Entry, facts: Facts, protocol: Protocol, *, raced: bool) -> Iterator[CellSpec]:
        """Yield the cell of an entry on a benchmark. That of a recorded entry is left out if it has mistakes."""
        if isinstance(entry.source, AlgorithmSource):
            yield self._cell(entry, entry.source, facts, protocol, self.file.seed)
            return
        try:
            yield recorded_cell(entry, entry.source, facts.name, protocol, self.file.seed, raced=raced)
        except ConfigurationError as error:
            self.problems += [f"algorithms.{entry.label}: on {facts.name}: {problem}" for problem in error.problems]

    def _cell(self, entry: Entry, source: AlgorithmSource, facts: Facts, protocol: Protocol, seed: int) -> CellSpec:
        cls, outline = source.load(), load_outline(facts.name)
        try:
            cls(**entry.parameters).check_fits(outline.space, protocol.fidelities, facts.valid_range)
        except Exception as error:  # the constructor of a custom class can raise anything
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            self.problems.append(f"algorithms.{entry.label}: on {facts.name}: {kind}{error}")
        return CellSpec(
            label=entry.label,
            source=source,
            parameters=entry.parameters,
            changed=changed_parameters(cls, entry.parameters),
            version=cls.version,
            bitwise_stable=cls.bitwise_stable and not outline.libraries,
            libraries=(*outline.libraries, *((cls.library,) if cls.library else ())),
            benchmark=facts.name,
            data_hash=facts.data_hash,
            protocol=protocol,
            seed=seed,
            time_limit=entry.time_limit,
        )


def _excluded(file: ExperimentFile, label: str, benchmark: str) -> bool:
    return any(e.algorithm in (None, label) and e.benchmark in (None, benchmark) for e in file.exclude)


def _first_present(alternatives: list[str]) -> Facts:
    """Return the facts of the first available benchmark. If none is available, raise the error of the last one."""
    for name in alternatives[:-1]:
        try:
            return load_outline(name).facts
        except DataAbsentError:
            continue
    return load_outline(alternatives[-1]).facts
