"""Transfer: orders that agree, that do not, and that agree except where it counts."""

from __future__ import annotations

import numpy as np
import pytest
from planted_tables import as_surrogate, planted, product, random_errors

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.analyses.transfer import by_space, transfer
from benchmarks.spaces.pool import PoolSpace

SPACE = product(5, 4)
ERRORS = random_errors(SPACE, 0)


def pair(table, searched, judged):
    (row,) = table[(table["searched"] == searched) & (table["judged"] == judged)].to_dict("records")
    return row


@pytest.fixture(scope="module")
def table():
    reversed_top = ERRORS.copy()
    best = np.argsort(ERRORS)[:102]
    reversed_top[best] = np.sort(ERRORS)[:102][::-1]
    worlds = {
        "a": ERRORS,
        "same": 0.5 + ERRORS**3 / 4,
        "other": random_errors(SPACE, 1),
        "reversed-top": reversed_top,
    }
    return transfer([planted(SPACE, errors, name) for name, errors in worlds.items()])[0]["transfer"]


def test_an_equal_order_transfers_completely(table):
    for a, b in (("a", "same"), ("same", "a")):
        row = pair(table, a, b)
        ones = [row[name] for name in ("spearman", "kendall", "kendall_top_10", "kendall_top_1", "shared_top_1")]
        assert ones == pytest.approx([1] * 5)
        assert [row["regret"], row["relative_list_regret"], row["better"]] == [0, 0, 0]
        assert row["exact"]
        assert np.isnan(row["kendall_low"])


def test_independent_orders_do_not_transfer(table):
    row = pair(table, "a", "other")
    assert abs(row["spearman"]) < 3 / np.sqrt(SPACE.size)
    assert abs(row["kendall_top_10"]) < 0.2
    assert 0.02 < row["shared_top_10"] < 0.2
    errors, best = random_errors(SPACE, 1), int(ERRORS.argmin())
    assert row["regret"] == pytest.approx(errors[best] - errors.min())
    assert row["relative_regret"] == pytest.approx(row["regret"] / (np.median(errors) - errors.min()))
    assert row["better"] == np.mean(errors < errors[best])


def test_an_order_that_is_reversed_at_the_top_looks_good_overall_only(table):
    row = pair(table, "a", "reversed-top")
    assert row["spearman"] > 0.99
    assert row["kendall_top_10"] == pytest.approx(-1)
    assert row["shared_top_10"] == 1
    assert row["shared_top_1"] == 0
    assert row["regret"] == pytest.approx(np.sort(ERRORS)[101] - ERRORS.min())


def test_the_diagonal_is_the_agreement_of_one_run_with_the_others():
    rng = np.random.default_rng(3)
    runs = 0.3 + 0.1 * ERRORS[:, np.newaxis] + rng.normal(0, 0.02, (SPACE.size, 3))
    runs[:100, 1:] = np.nan
    quiet = planted(SPACE, np.repeat(ERRORS[:, np.newaxis], 2, axis=1), "quiet")
    rows, _ = transfer([planted(SPACE, runs, "noisy"), quiet])
    itself = pair(rows["transfer"], "noisy", "noisy")
    assert itself["architectures"] == SPACE.size - 100
    assert 0.6 < itself["spearman"] < 0.95
    assert itself["spearman_top_10"] < itself["spearman"] - 0.2
    assert np.isnan(itself["regret"])
    assert pair(rows["transfer"], "quiet", "quiet")["kendall"] == pytest.approx(1)


def test_pools_are_compared_on_their_common_members():
    members = SPACE.enumerate()[np.random.default_rng(4).permutation(SPACE.size)]
    first, second = PoolSpace("one", SPACE, members[:300]), PoolSpace("two", SPACE, members[200:600])
    found = {
        "a": planted(first, ERRORS[SPACE.indices(first.members)], "a"),
        "b": planted(second, ERRORS[SPACE.indices(second.members)], "b"),
        "c": planted(SPACE, ERRORS, "c"),
        "d": as_surrogate(planted(SPACE, ERRORS, "d")),
    }
    tables, sentences = transfer(list(found.values()))
    others = tables["transfer"].query("searched != judged")
    assert len(others) == 12
    assert (others["architectures"] == 100).all()
    assert (others["kendall"] > 0.999).all()
    assert "12 ordered pairs over 100 architectures" in sentences[0]
    assert "Nothing was trained twice" in sentences[0]
    apart = PoolSpace("three", SPACE, members[700:])
    with pytest.raises(BenchmarkError, match=r"expected at least two common architectures of a, e, got 0"):
        transfer([found["a"], planted(apart, ERRORS[SPACE.indices(apart.members)], "e")])


@pytest.mark.usefixtures("nothing_is_listed")
def test_surrogates_are_compared_on_a_sample_with_intervals():
    noisy = ERRORS + np.random.default_rng(5).normal(0, 0.2, SPACE.size)
    tables = [planted(SPACE, ERRORS, "a"), planted(SPACE, np.clip(noisy, 0, 1), "b")]
    exact = pair(transfer(tables)[0]["transfer"], "a", "b")
    row = pair(transfer([as_surrogate(one) for one in tables])[0]["transfer"], "a", "b")
    assert not row["exact"]
    for name in ("spearman", "kendall", "kendall_top_10"):
        assert row[f"{name}_low"] < exact[name] < row[f"{name}_high"]


def test_benchmarks_alone_on_their_space_are_left_out_or_refused():
    lone = planted(product(2, 3, "lone"), random_errors(product(2, 3), 0), "lone")
    tables, sentences = transfer([lone, planted(SPACE, ERRORS, "a"), planted(SPACE, ERRORS, "b")])
    assert set(tables["transfer"]["searched"]) == {"a", "b"}
    assert "Left out, because they are alone on their space: lone." in sentences
    with pytest.raises(BenchmarkError, match="expected at least two benchmarks on one space, got lone"):
        transfer([lone])
    renamed = planted(product(3, 3, "lone"), random_errors(product(3, 3), 0), "other")
    assert len(by_space([lone, renamed])) == 2


def test_data_sets_of_nasbench201_agree_less_than_they_seem_to():
    names = ("nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120")
    rows = transfer([load_benchmark(name) for name in names])[0]["transfer"]
    others, itself = rows[rows["searched"] != rows["judged"]], rows[rows["searched"] == rows["judged"]]
    assert others["spearman"].min() > 0.95
    assert others["kendall_top_10"].max() < 0.5
    assert itself["kendall"].min() > others["kendall"].max()
