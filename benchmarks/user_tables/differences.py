"""Advice on two rows that describe the same run, which depends on the columns in which they differ."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.errors import few
from benchmarks.user_tables.reading import Rows, all_cells
from benchmarks.user_tables.specification import TableSpec


def way_out(rows: Rows, first: int, second: int, spec: TableSpec) -> str:
    """Name the columns in which two rows differ, and what to do, as the end of a sentence."""
    differing = list(_differing(rows, first, second, spec))
    if not differing:
        return "the two rows are equal: remove one of them"
    told = few([f"{name} ({one!r}, {other!r})" for name, one, other in differing])
    measured = _measured(spec)
    names = [name for name, *_ in differing if name not in measured]
    if not names:
        return f"the rows differ only in {told}, so that the run was recorded twice: keep the right one"
    advice = [f"if {names[0]!r} tells the repeats apart, pass --repeat {names[0]}"] if spec.repeat is None else []
    value = next(one for name, one, _ in differing if name == names[0])
    advice.append(f"if it names a task or a setting, import one of them with --where '{names[0]}={value}'")
    if spec.choices:
        advice.append(f"if it is a choice, add it to --space {spec.space}")
    return f"the rows differ in {told}; {'; '.join(advice)}"


def _measured(spec: TableSpec) -> set[str]:
    """Return the columns with measurements, which tell no run apart from another."""
    parts = (*spec.signal, *spec.cost, *(test.column for test in spec.tests), *(one.column for one in spec.information))
    return {column for part in parts for column in part.columns}


def _differing(rows: Rows, first: int, second: int, spec: TableSpec) -> Iterator[tuple[str, str, str]]:
    """Yield the columns in which two rows differ, labels before measurements, with both cells."""
    measured = _measured(spec)
    one, other = all_cells(rows.file, [int(rows.read[first]), int(rows.read[second])])
    different = [name for name in one if one[name] != other[name]]
    for name in sorted(different, key=lambda name: name in measured):
        yield name, one[name], other[name]
