"""The tables of checks: every row tells a user what it verifies and what to do."""

from __future__ import annotations

import pytest

from harness.conformance.benchmark_checks import BENCHMARK_CHECKS
from harness.conformance.checks import Check, CheckFailed, DoesNotApply, Verdict, demand
from harness.conformance.space_checks import SPACE_CHECKS
from harness.conformance.suite import ALGORITHM_CHECKS, PROGRAM_ANSWERS, PROGRAM_CHECKS

TABLES = {
    "algorithms": ALGORITHM_CHECKS,
    "programs": (PROGRAM_ANSWERS, *PROGRAM_CHECKS),
    "spaces": SPACE_CHECKS,
    "benchmarks": BENCHMARK_CHECKS,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_statement_a_hint_and_a_check_of_its_own(table):
    rows = TABLES[table]
    assert len({row.run for row in rows}) == len({row.statement for row in rows}) == len(rows) >= 8
    for row in rows:
        assert row.statement[0].isupper()
        assert row.statement.endswith(".")
        assert len(row.statement) > 30
        assert row.hint[0].islower()
        assert not row.hint.endswith(".")
        assert len(row.hint) > 20
        assert row.statement != row.run.__doc__


def test_a_verdict_says_what_failed_and_names_errors_that_no_check_raised():
    def positive(number):
        demand(1 / number > 0, f"{number} is negative")

    check = Check("The number is positive.", "change its sign", positive)
    assert check.verdict(2.0) == Verdict("The number is positive.", True)
    failed = check.verdict(-1.0, "here: ")
    assert failed == Verdict("The number is positive.", False, "here: -1.0 is negative", "change its sign")
    assert check.verdict(0).failure == "ZeroDivisionError: division by zero"
    with pytest.raises(CheckFailed, match="-1 is negative"):
        check.run(-1)


def test_custom_code_that_exits_fails_its_check():
    def leave(_):
        raise SystemExit(3)

    assert Check("It stays.", "do not exit", leave).verdict(None).failure == "SystemExit: 3"


def test_a_check_that_does_not_apply_is_skipped():
    def needs_two(number):
        if number < 2:
            raise DoesNotApply("it needs two")

    check = Check("Two are enough.", "take two", needs_two)
    assert check.verdict(1, "here: ") == Verdict("Two are enough.", True, skipped="here: it needs two")
    assert check.verdict(2) == Verdict("Two are enough.", True)
