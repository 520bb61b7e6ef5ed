"""The headline of the report, over all benchmarks."""

from __future__ import annotations

from dataclasses import replace

from plots.report.overall import overall
from plots.report.verdict import Verdict

WON = Verdict("one", "One", "recorded", "a", [], True, True, "a wins.", [])
NONE = replace(WON, winner=None)


def tie(*labels: str) -> Verdict:
    return replace(NONE, first=list(labels))


def test_winners_are_counted() -> None:
    assert overall([WON]) == ""
    assert overall([WON, WON]) == "a wins on both benchmarks."
    other = replace(WON, winner="b", complete=False)
    assert overall([WON, WON, other]) == "So far, a wins on 2 of 3 benchmarks and b on 1."
    assert overall([WON, NONE]) == "a wins on 1 of 2 benchmarks; 1 has no single winner."
    assert overall([replace(NONE, tested=False)] * 2) == "No conclusion yet."


def test_the_same_few_that_tie_everywhere_are_named() -> None:
    assert overall([tie("b", "a"), tie("b", "a")]) == (
        "Two algorithms tie for first on both benchmarks: b (lowest area) and a."
    )
    assert overall([tie("a", "b", "c"), tie("b", "a", "c"), tie("b", "c", "a")]) == (
        "Three algorithms tie for first on all 3 benchmarks: b (lowest area on 2), a (lowest area on 1) and c."
    )
    assert overall([replace(tie("b", "a"), complete=False)] * 2).startswith("So far, two algorithms tie for first")


def test_others_that_tie_are_counted() -> None:
    assert overall([NONE, NONE]) == "No algorithm wins on either benchmark."
    assert overall([tie("a", "b"), tie("b", "c"), NONE]) == (
        "No algorithm wins on any of the 3 benchmarks. Most often tied for first: b (on 2), a (1), c (1)."
    )
    assert overall([WON, tie("b", "c")]) == (
        "a wins on 1 of 2 benchmarks; 1 has no single winner. There, b and c tie for first."
    )
    many = overall([tie(*"abcdefgh"), *[tie(*"abcdefgh"[i:]) for i in range(7)] * 2])
    assert many == (
        "No algorithm wins on any of the 15 benchmarks. Most often tied for first: g (on 15), h (15), f (13), e (11)"
        " and 4 more."
    )
    assert overall([tie(*"abcdef"), tie(*"fedcba"), tie(*"badcfe")]) == (
        "No algorithm wins on any of the 3 benchmarks. 6 algorithms tie for first on each of 3: the trials do not tell"
        " them apart."
    )
