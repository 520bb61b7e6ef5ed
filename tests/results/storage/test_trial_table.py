"""Trials as arrays: the same mapping that a dictionary of records is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from results.storage.records import ENDED
from results.storage.trial_table import combine, from_ranges, parse_columns, parse_records, to_columns, to_ranges

HASHES = st.integers(0, 2**128 - 1).map(lambda value: f"{value:032x}")
RECORDS = st.dictionaries(
    st.integers(0, 10**6).map(str),
    st.fixed_dictionaries({"ended": st.sampled_from(ENDED), "decisions": HASHES, "outcomes": HASHES}),
    max_size=8,
)


@settings(max_examples=40)
@given(RECORDS)
def test_a_table_is_the_mapping_that_it_was_made_of(records):
    table = parse_records(records)
    assert {str(trial): record.model_dump() for trial, record in table.items()} == records
    assert list(table) == sorted(map(int, records))
    assert all(int(trial) in table for trial in records)
    assert -1 not in table
    assert 10**7 not in table
    with pytest.raises(KeyError):
        table[-1]
    columns = to_columns(table)
    assert dict(parse_columns(**columns)) == dict(table)


@settings(max_examples=40)
@given(st.sets(st.integers(0, 50)))
def test_ranges(numbers):
    ascending = np.array(sorted(numbers), dtype=np.int64)
    assert from_ranges(to_ranges(ascending)).tolist() == sorted(numbers)
    table = parse_records({str(n): {"ended": "done", "decisions": "0" * 32, "outcomes": "0" * 32} for n in numbers})
    for wanted in (range(10, 30), (3, 20, 21, 49), range(0)):
        assert list(table.within(wanted)) == [n for n in sorted(numbers) if n in wanted]


@settings(max_examples=20)
@given(st.lists(RECORDS, max_size=4))
def test_tables_that_share_trials_are_combined(parts):
    table, new, contradicted = combine([parse_records(part) for part in parts])
    expected, added, wrong = {}, [], False
    for part in parts:
        added.append(len(part.keys() - expected.keys()))
        wrong |= any(expected[key]["outcomes"] != part[key]["outcomes"] for key in part.keys() & expected.keys())
        expected = part | expected
    assert {str(trial): record.model_dump() for trial, record in table.items()} == expected
    assert new.tolist() == added
    assert bool(len(contradicted)) == wrong


def test_a_contradiction_names_the_trial_and_the_second_table():
    def table(**outcomes):
        return parse_records(
            {
                key[1:]: {"ended": "done", "decisions": "0" * 32, "outcomes": digit * 32}
                for key, digit in outcomes.items()
            }
        )

    _, _, contradicted = combine([table(_1="a"), table(_2="b", _5="c"), table(_1="a", _5="d")])
    assert contradicted.tolist() == [5, 2]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ended": "never"}, "ended"),
        ({"outcomes": "0" * 31}, "outcomes"),
        ({"outcomes": "0" * 31 + "G"}, "outcomes"),
        ({"decisions": 7}, "decisions"),
        ({"decisions": None}, "decisions"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(change, where):
    record = {"ended": "done", "decisions": "0" * 32, "outcomes": "0" * 32}
    with pytest.raises(ValidationError, match=where):
        parse_records({"3": record | change})
    with pytest.raises(ValidationError):
        parse_records({"03": record})


@pytest.mark.parametrize(
    "change",
    [
        {"trials": [(0, 10**9)]},
        {"trials": [(2, 1), (3, 6)]},
        {"trials": [(0, 1), (1, 2)]},
        {"ended": [("done", 3)]},
        {"ended": [("never", 4)]},
        {"outcomes": "0" * 127},
        {"outcomes": "x" * 128},
    ],
)
def test_columns_that_do_not_fit_together_are_refused(change):
    columns = {"trials": [(0, 1), (5, 6)], "ended": [("done", 4)], "decisions": "0" * 128, "outcomes": "1" * 128}
    assert list(parse_columns(**columns)) == [0, 1, 5, 6]
    with pytest.raises((ValueError, LookupError)):
        parse_columns(**columns | change)
