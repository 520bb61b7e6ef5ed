"""The trials of a chunk or a cell as arrays, so that a million of them take 70 MB instead of a gigabyte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from results.storage.records import ENDED

HASH_LENGTH = 32
"""Hexadecimal digits of the hash of a trace."""
_NUMBER = "^(0|[1-9][0-9]{0,9})$"
_is_number = re.compile(_NUMBER.removeprefix("^").removesuffix("$")).fullmatch
_is_hexadecimal = re.compile("[0-9a-f]*").fullmatch

_FIELDS = ("ended", "decisions", "outcomes")

Numbers = NDArray[np.int64]
Ranges = list[tuple[int, int]]
"""Ascending, disjoint ranges of trials, each ``(first, last)``, both included."""


class TrialRecord(BaseModel):
    """The record of one trial in a chunk's metadata."""

    model_config = ConfigDict(frozen=True, strict=True)

    ended: Literal["budget", "done", "stalled"]
    decisions: Annotated[str, Field(pattern=f"^[0-9a-f]{{{HASH_LENGTH}}}$")]
    outcomes: Annotated[str, Field(pattern=f"^[0-9a-f]{{{HASH_LENGTH}}}$")]


class _Records(BaseModel):
    """The trials in the metadata of a chunk of format 1 or 2."""

    model_config = ConfigDict(strict=True)

    trials: dict[Annotated[str, Field(pattern=_NUMBER)], TrialRecord]


@dataclass(frozen=True, eq=False)
class TrialTable(Mapping[int, TrialRecord]):
    """Trials by number, in ascending order.

    Attributes
    ----------
    numbers : (n_trials,) array of int64
        Ascending, without repetition.
    ended : (n_trials,) array of int8
        The position in `results.storage.records.ENDED`.
    decisions, outcomes : (n_trials,) array of S32
        The hashes of the traces.
    """

    numbers: Numbers
    ended: NDArray[np.int8]
    decisions: NDArray[np.bytes_]
    outcomes: NDArray[np.bytes_]

    def __getitem__(self, trial: int) -> TrialRecord:
        """Return the record of a trial."""
        at = int(np.searchsorted(self.numbers, trial))
        if at == len(self.numbers) or self.numbers[at] != trial:
            raise KeyError(trial)
        decisions, outcomes = self.decisions[at].decode(), self.outcomes[at].decode()
        values = {"ended": ENDED[self.ended[at]], "decisions": decisions, "outcomes": outcomes}
        return TrialRecord.model_construct(None, **values)

    def __contains__(self, trial: object) -> bool:
        """Return whether a trial is in the table."""
        at = int(np.searchsorted(self.numbers, trial))  # type: ignore[call-overload]
        return at < len(self.numbers) and bool(self.numbers[at] == trial)

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of the trials."""
        return iter(self.numbers.tolist())

    def __len__(self) -> int:
        """Return the number of trials."""
        return len(self.numbers)

    def within(self, wanted: Sequence[int]) -> TrialTable:
        """Return those of some trials that are in the table."""
        if isinstance(wanted, range) and wanted.step == 1:
            first, last = np.searchsorted(self.numbers, (wanted.start, wanted.stop))
            return self.take(slice(first, last))
        return self.take(np.isin(self.numbers, np.fromiter(wanted, dtype=np.int64)))

    def take(self, positions: Any) -> TrialTable:
        """Return the trials at ascending positions, or where a mask holds."""
        return TrialTable(*(values[positions] for values in self.columns))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """The four arrays."""
        return self.numbers, self.ended, self.decisions, self.outcomes


def trial_table(
    numbers: Iterable[int], ended: Sequence[str], decisions: Sequence[str] | str, outcomes: Sequence[str] | str
) -> TrialTable:
    """Return a table of trials in any order.

    Parameters
    ----------
    numbers : iterable of int
        Without repetition.
    ended : sequence of str
    decisions, outcomes : sequence of str, or str
        The hashes, or all hashes one after another.
    """
    found = np.fromiter(numbers, dtype=np.int64)
    codes = {word: code for code, word in enumerate(ENDED)}
    hashes = (np.frombuffer("".join(words).encode("ascii"), dtype=f"S{HASH_LENGTH}") for words in (decisions, outcomes))
    table = TrialTable(found, np.array([codes[word] for word in ended], dtype=np.int8), *hashes)
    return table if bool(np.all(found[1:] > found[:-1])) else table.take(np.argsort(found, kind="stable"))


def parse_records(records: Mapping[str, Any]) -> TrialTable:
    """Return the trials in the metadata of a chunk of format 1 or 2.

    Raises
    ------
    pydantic.ValidationError
        If a number, an end or a hash is not valid.
    """
    columns = _columns_of(records)
    if columns is None:
        checked = _Records.model_validate({"trials": records}).trials  # says what is wrong, and where
        columns = [[str(getattr(record, name)) for record in checked.values()] for name in _FIELDS]
    return trial_table(map(int, records), *columns)


def _columns_of(records: Mapping[str, Any]) -> list[list[str]] | None:
    """Return the three columns of valid records, or None: six times as fast as a model of each record."""
    try:
        columns = ended, decisions, outcomes = [[record[name] for record in records.values()] for name in _FIELDS]
        valid = all(map(_is_number, records)) and set(ended) <= set(ENDED)
        return columns if valid and _hashes(decisions) and _hashes(outcomes) else None
    except (LookupError, TypeError):
        return None


def _hashes(texts: Sequence[str]) -> bool:
    return set(map(len, texts)) <= {HASH_LENGTH} and _is_hexadecimal("".join(texts)) is not None


def parse_columns(trials: Ranges, ended: Sequence[tuple[str, int]], decisions: str, outcomes: str) -> TrialTable:
    """Return the trials in the metadata of a compacted chunk; the inverse of `to_columns`.

    Raises
    ------
    ValueError
        If the columns do not fit together or are not hashes.
    """
    n = sum(last - first + 1 for first, last in trials)
    if {len(decisions), len(outcomes), HASH_LENGTH * sum(count for _, count in ended)} != {HASH_LENGTH * n}:
        raise ValueError(f"expected the ends and hashes of {n:,} trials, got other numbers of them")
    if not (_is_hexadecimal(decisions) and _is_hexadecimal(outcomes)):
        raise ValueError("expected hashes of hexadecimal digits")
    return trial_table(from_ranges(trials).tolist(), [word for word, n in ended for _ in range(n)], decisions, outcomes)


def to_columns(table: TrialTable) -> dict[str, Any]:
    """Return a table as JSON: trials as ranges, ends with their counts, and the hashes one after another."""
    starts = np.flatnonzero(np.diff(table.ended, prepend=np.int8(-1)))
    counts = np.diff(starts, append=len(table)).tolist()
    return {
        "trials": to_ranges(table.numbers),
        "ended": [[ENDED[code], n] for code, n in zip(table.ended[starts].tolist(), counts, strict=True)],
        "decisions": table.decisions.tobytes().decode("ascii"),
        "outcomes": table.outcomes.tobytes().decode("ascii"),
    }


def to_ranges(numbers: Numbers) -> Ranges:
    """Write ascending numbers as ranges; the inverse of `from_ranges`."""
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts, lasts = numbers[np.append(0, breaks + 1)], numbers[np.append(breaks, len(numbers) - 1)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def from_ranges(ranges: Ranges) -> Numbers:
    """Return the numbers of ranges.

    Raises
    ------
    ValueError
        If the ranges are not ascending and disjoint.
    """
    flat = [end for pair in ranges for end in pair]
    ascending = all(first <= last for first, last in ranges)
    if not ascending or any(later <= end for end, later in zip(flat[1::2], flat[2::2], strict=False)):
        raise ValueError("expected ascending, disjoint ranges of trials")
    parts = [np.arange(first, last + 1, dtype=np.int64) for first, last in ranges]
    return np.concatenate(parts) if parts else np.array([], dtype=np.int64)


EMPTY = trial_table([], [], "", "")
"""No trials."""


def combine(tables: Sequence[TrialTable]) -> tuple[TrialTable, Numbers, Numbers]:
    """Combine tables that may share trials.

    Returns
    -------
    table : TrialTable
        Every trial once, from the first table that has it.
    new : (n_tables,) array
        The number of trials that each table adds to those before it.
    contradicted : (2,) or (0,) array
        The first trial whose outcomes differ between two tables, and the position of the second table.
    """
    columns = [np.concatenate(parts) for parts in zip(*(t.columns for t in (EMPTY, *tables)), strict=True)]
    owner = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    order = np.argsort(columns[0], kind="stable")
    numbers, outcomes = columns[0][order], columns[3][order]
    first = np.append(True, numbers[1:] != numbers[:-1])[: len(numbers)]
    reference = outcomes[np.flatnonzero(first)][np.cumsum(first) - 1] if len(numbers) else outcomes
    wrong = np.flatnonzero(outcomes != reference)
    contradicted = np.array([numbers[wrong[0]], owner[order[wrong[0]]]] if len(wrong) else [], dtype=np.int64)
    kept = order[first]
    new = np.bincount(owner[kept], minlength=len(tables)).astype(np.int64)
    return TrialTable(*(column[kept] for column in columns)), new, contradicted
