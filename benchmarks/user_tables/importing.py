"""Import a user's table: read its columns, list its runs, check them, and arrange them as a benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.benchmark import Facts
from benchmarks.errors import BenchmarkError, few
from benchmarks.spaces.base import SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.table import TableBenchmark, build_table
from benchmarks.user_tables import checks, failed_runs
from benchmarks.user_tables.architectures import architectures, genotype_codes, recorded_space, unordered_notes
from benchmarks.user_tables.files import open_source
from benchmarks.user_tables.notation import Array, ColumnSpec
from benchmarks.user_tables.reading import Progress, Rows, read_rows
from benchmarks.user_tables.runs import (
    Arrangement,
    Index,
    Values,
    arrange,
    expanded,
    iterate_columns,
    refuse_twice,
    run_labels,
    values_of,
)
from benchmarks.user_tables.specification import DOUBTS, TableSpec, check_spec

Bools = NDArray[np.bool_]


def import_table(spec: TableSpec, file: Path, progress: Progress | None = None) -> TableBenchmark:
    """Read one table. See :func:`import_tables`."""
    (table,) = import_tables(spec, file, progress)
    return table


def import_tables(spec: TableSpec, file: Path, progress: Progress | None = None) -> list[TableBenchmark]:
    """Read a user's table, as a whole space or as a pool.

    Parameters
    ----------
    spec : TableSpec
    file : Path
        A CSV file with any delimiter, a Parquet file, JSON records or JSON lines.
    progress : callable, optional
        Called with the share of the file that has been read.

    Returns
    -------
    list of TableBenchmark
        One; or, if ``spec.where`` has several values for a column, one for each of them, on one space.

    Raises
    ------
    BenchmarkError
        If the settings do not fit together or do not fit the file, or a value is missing, impossible or recorded twice.
        The message names the file, column and row.
    """
    check_spec(spec)
    source = open_source(file)
    names = source.names
    spec = replace(
        spec,
        signal=expanded(spec.signal, names),
        cost=expanded(spec.cost, names),
        tests=tuple(replace(test, column=column) for test in spec.tests for column in expanded([test.column], names)),
    )
    check_spec(spec)
    checks.check_columns(spec, source, [*_text_columns(spec), *_number_columns(spec)])
    rows = _selected(read_rows(source, _text_columns(spec), _number_columns(spec), progress), spec)
    space, genotypes = architectures(rows, spec)
    codes = genotype_codes(space, genotypes)
    parts = [_Part(one, rows, codes, chosen) for one, chosen in _parts(spec, rows)]
    kept = checks.common_architectures([part.kept() for part in parts], [part.spec for part in parts], rows, codes)
    first = np.unique(codes, return_index=True)
    found = np.ascontiguousarray(genotypes[first[1][np.searchsorted(first[0], kept)]], dtype=np.int16)
    del rows, genotypes, codes, first  # they are large
    recorded, places = recorded_space(spec, space, found, file)
    return [part.table(recorded, kept, places) for part in parts]


def _text_columns(spec: TableSpec) -> list[str]:
    return [*spec.keys, *([spec.repeat] if spec.repeat else []), *(column for column, _ in spec.where)]


def _number_columns(spec: TableSpec) -> list[str]:
    parts = (*spec.signal, *spec.cost, *(test.column for test in spec.tests), *(one.column for one in spec.information))
    return [*iterate_columns(parts), *([spec.fidelity] if spec.fidelity else [])]


def _selected(rows: Rows, spec: TableSpec) -> Rows:
    """Return the rows that have one of the wanted values in each column of ``spec.where``."""
    chosen = np.ones(rows.n, dtype=np.bool_)
    for column, values in spec.where:
        text = rows.texts[column]
        for value in values:
            if value not in text.levels:
                raise BenchmarkError(
                    f"{rows.file}: no row has {column} = {value!r}; the values are {few(sorted(text.levels))}"
                )
        wanted = np.array([level in values for level in text.levels] + [False])
        chosen &= wanted[text.codes]
    if not chosen.any():
        raise BenchmarkError(f"{rows.file}: no row has all of --where {' '.join(f'{c}={v[0]}' for c, v in spec.where)}")
    return rows if chosen.all() else rows.chosen(np.flatnonzero(chosen))


def _parts(spec: TableSpec, rows: Rows) -> Iterator[tuple[TableSpec, Index | None]]:
    """Yield the settings and the rows of each table: all, or those of one value of the column that has several."""
    several = [(column, values) for column, values in spec.where if len(values) > 1]
    if not several:
        yield spec, None
        return
    ((column, _),) = several
    text = rows.texts[column]
    for value, name in spec.tables.items():
        sisters = tuple(other for other in spec.tables.values() if other != name)
        chosen = np.flatnonzero(text.codes == text.levels.index(value))
        one = replace(spec, name=name, dataset=value, sisters=sisters, title=f"{spec.title or spec.name}, {value}")
        yield one, chosen


class _Part:
    """The rows of one table, before and after failed runs were settled."""

    def __init__(self, spec: TableSpec, rows: Rows, codes: Index, chosen: Index | None) -> None:
        self.spec = spec
        self._rows = rows if chosen is None else rows.chosen(chosen)
        self._codes = codes if chosen is None else codes[chosen]
        values = checks.located(values_of(spec.signal, self._rows, spec), spec)
        if spec.missing.policy == "worst":
            values = failed_runs.with_unrecorded(values, self._codes, self._rows, spec)
        costs = checks.costs(values, self._rows, spec)
        self._outcome = failed_runs.settle(values, costs, self._rows, self._codes, spec)
        settled = self._outcome.values
        refuse_twice(settled, self._codes[settled.row], run_labels(settled, self._rows, spec), self._rows, spec)

    def kept(self) -> Index:
        """Return the codes of the architectures that are kept, ascending."""
        codes = np.unique(self._codes[self._outcome.values.row])
        return np.setdiff1d(codes, self._outcome.dropped)

    def table(self, space: SearchSpace, kept: Index, places: Index) -> TableBenchmark:
        """Arrange the runs of the kept architectures as a benchmark."""
        spec, rows = self.spec, self._rows
        at = np.minimum(np.searchsorted(kept, self._codes), len(kept) - 1)
        known = kept[at] == self._codes
        of = np.where(known, places[at], -1)
        del at
        outcome = self._outcome.of_rows(known)
        values = outcome.values
        architecture = of[values.row]
        label = run_labels(values, rows, spec)
        arrangement = arrange(values, architecture, len(kept), label, matched=spec.matched, rows=rows)
        seconds = {} if outcome.costs is None else arrangement.spread(outcome.costs)
        if spec.repeat is None and all(len(part.columns) == 1 for part in spec.cost):
            seconds = {fidelity: np.ascontiguousarray(times[:, :1]) for fidelity, times in seconds.items()}
        checks.check_costs(seconds, values, arrangement, rows, spec)
        errors = arrangement.spread(checks.errors_of(values, spec.scale, spec.maximised, rows, spec))
        targets = dict(self._targets(values, outcome.failed, of, len(kept)))
        averaged = [target for target, known in targets.items() if known.most > 1]
        information = {}
        for one in spec.information:
            information[one.name], several = _mean(one.column, rows, of, len(kept))
            averaged += [one.name] if several else []
        facts = _facts(spec, space, rows.file, arrangement, outcome, errors, bool(seconds))
        if averaged and not spec.official:
            facts = replace(facts, notes=(*facts.notes, f"means over the runs of an architecture: {few(averaged)}"))
        return build_table(
            facts,
            space,
            errors,
            seconds,
            others={target: known.means for target, known in targets.items()},
            floors={} if spec.official else {target: known.floor for target, known in targets.items()},
            information=information,
        )

    def _targets(self, signal: Values, failed: Bools, of: Index, n: int) -> Iterator[tuple[str, checks.Reported]]:
        """Yield the errors of further targets."""
        spec, rows = self.spec, self._rows
        failed_rows = np.zeros(rows.n, dtype=np.bool_)
        failed_rows[signal.row[failed]] = True
        for name in dict.fromkeys(test.name for test in spec.tests):
            group = [spec.scaled(test) for test in spec.tests if test.name == name]
            values = values_of([test.column for test in group], rows, spec)
            values = checks.reported_values(values, signal, of, failed_rows, group[0], rows, spec)
            errors = checks.errors_of(values, group[0].scale, bool(group[0].maximise), rows, spec)
            yield from checks.reported(name, values, errors, of, n, rows, spec)


def _mean(column: ColumnSpec, rows: Rows, of: Index, n: int) -> tuple[Array, bool]:
    """Return the mean of a column over the rows of each architecture, and whether the rows of any of them differ.

    The mean is ``(n,)``, and NaN where nothing was recorded.
    """
    cells = rows.numbers[column.columns[0]]
    if isinstance(cells, list):
        raise BenchmarkError(f"{rows.file}: --info {column}: expected numbers, got lists")
    given = np.isfinite(cells) & (of >= 0)
    counts = np.bincount(of[given], minlength=n)
    sums = np.bincount(of[given], weights=cells[given] * column.factor, minlength=n)
    means: Array = np.full(n, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    differ = cells[given] * column.factor != means[of[given]]
    return means, bool(differ.any())


def _facts(
    spec: TableSpec,
    space: SearchSpace,
    file: Path,
    arrangement: Arrangement,
    outcome: failed_runs.Outcome,
    errors: dict[float, Array],
    has_seconds: bool,
) -> Facts:
    columns = few(list(iterate_columns(spec.signal)))
    title, notes = _title(spec, space, columns, arrangement.holes, outcome)
    if not (spec.official or spec.continuable) and _rows_hold_curves(outcome.values):
        notes = (*notes, "the fidelities are taken as separate trainings; --continuable says that a run continues")
    basis, assumed = ((), False) if spec.official else checks.floor_basis(errors[max(errors)])
    unit = f"{columns}{', negated' if spec.maximised else ''}" if spec.scale is None else "fraction"
    direction = "maximised" if spec.maximised else "minimised"
    return Facts(
        name=spec.name,
        title=title,
        dataset=spec.dataset or spec.name,
        space=space.name,
        metric=f"{columns}, {direction}" + (f" ({spec.scale})" if spec.scale else ""),
        unit=spec.unit or unit,
        valid_range=spec.valid_range if spec.scale is None else (0.0, 1.0),
        fidelities=arrangement.fidelities,
        continuable=spec.continuable,
        provenance="recorded",
        licence=spec.licence,
        citation=spec.citation,
        source=f"imported from {file.name}",
        data_hash="",
        repeats=(0, 0),
        has_seconds=has_seconds,
        validation_share=spec.validation_share,
        sisters=spec.sisters,
        notes=(*notes, *unordered_notes(spec, space), *basis),
        signal=spec.signal_kind,
        matched_runs=bool(arrangement.holes),
        floor_assumed=assumed,
        information=tuple(one.name for one in spec.information),
        command=spec.command,
    )


def _rows_hold_curves(values: Values) -> bool:
    """Whether a row tells the values of a run at several fidelities."""
    row = int(values.row[0])
    return len(np.unique(values.fidelity[values.row == row])) > 1


def _modelled_costs(costs: Sequence[ColumnSpec]) -> list[ColumnSpec]:
    """Return the costs that are a share of a column which also is the cost of a longer training."""
    return [
        part for part in costs if any(part.columns == other.columns and part.factor < other.factor for other in costs)
    ]


def _title(
    spec: TableSpec, space: SearchSpace, columns: str, holes: int, outcome: failed_runs.Outcome
) -> tuple[str, tuple[str, ...]]:
    """Return the title of a table and the notes on it, which say what is not as usual."""
    title, notes = spec.title or spec.name, list(spec.notes)
    if spec.signal_kind == "test":
        title += ", searched by test values"
        notes.append(f"the search signal, {columns}, is a test value")
    if outcome.n_failed and spec.missing.policy == "worst":
        what = "the worst error recorded at that fidelity" if spec.missing.value is None else f"{spec.missing.value:g}"
        title += f", failed runs count as {what}"
        notes.append(f"failed runs: {outcome.n_failed:,}; they count as {what}")
    shares = [] if spec.official else _modelled_costs(spec.cost)
    if shares:
        epochs = few([f"{part.fidelity:g}" for part in shares])
        title += f", seconds to {epochs} epochs modelled"
        notes.append(f"modelled as a share of the seconds of a longer training: {few(shares)}")
    if len(outcome.dropped):
        title += ", without architectures of failed runs"
        notes.append(f"architectures left out because a run failed or lacks a fidelity: {len(outcome.dropped):,}")
    if holes:
        notes.append(f"runs that lack a fidelity: {holes:,}; they are never drawn")
    if not spec.official:
        notes += [f"accepted at import: {what}" for doubt, what in DOUBTS.items() if doubt in spec.accept]
    if isinstance(space, PoolSpace):
        whole = f" of {space.of.size:,}" if space.of.size else ""
        notes.append(f"a pool of {space.size:,}{whole} architectures: neighbours are the nearest recorded ones")
    return title, tuple(notes)
