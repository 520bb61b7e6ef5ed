"""Fidelities that say all, nothing, and nothing where it counts; what they save."""

from __future__ import annotations

import numpy as np
import pytest
from planted_tables import as_surrogate, planted, product, random_errors

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.analyses.architectures import Architectures
from benchmarks.analyses.fidelity import DRAWN, _costs, fidelity, read_curves, taken

SPACE = product(5, 4)
FINAL = random_errors(SPACE, 0)


def rows_of(tables, name="fidelity"):
    table = tables[name]
    keys = ["fidelity", "signal"] if name == "fidelity" else ["fidelity"]
    return table.set_index(keys)


@pytest.fixture(scope="module")
def tables():
    top = np.quantile(FINAL, 0.1) > FINAL
    blind = np.where(top, 0.01 * random_errors(SPACE, 2), FINAL)
    errors = {1.0: random_errors(SPACE, 1), 2.0: blind, 4.0: FINAL**2, 10.0: FINAL}
    return fidelity([planted(SPACE, errors)])[0]


def test_a_fidelity_with_the_final_order_says_all(tables):
    row = rows_of(tables).loc[(4.0, "mean")]
    assert row[["spearman", "kendall", "spearman_top_10", "kendall_top_1"]].to_numpy(float) == pytest.approx(1)
    assert (row["regret"], row["list_regret"], row["cost"]) == (0, 0, pytest.approx(0.4))
    assert row["architectures_at_equal_cost"] == 247
    expected = np.mean([np.random.default_rng(i).choice(FINAL, 247, replace=False).min() for i in range(500)])
    assert row["regret_at_equal_cost"] == pytest.approx(expected - FINAL.min(), abs=0.001)
    saved = rows_of(tables, "savings").loc["4"]
    assert saved["saving"] == saved["most"] == pytest.approx(DRAWN * 10 / (DRAWN * 4 + 10))


def test_a_fidelity_without_information_says_nothing(tables):
    row = rows_of(tables).loc[(1.0, "mean")]
    assert abs(row["spearman"]) < 0.1
    assert abs(row["kendall_top_10"]) < 0.2
    assert row["regret_of_100"] == pytest.approx(FINAL.mean() - FINAL.min(), abs=0.15)
    # The winner looks worse than a uniform share of the others, and every other one must be trained completely.
    saved = rows_of(tables, "savings").loc["1"]
    inverse = np.mean(1000 / (100 + 10 * np.arange(1, 101)))
    assert saved["saving_low"] - 0.1 < inverse < saved["saving_high"] + 0.1


def test_a_fidelity_that_is_blind_at_the_top_looks_good_overall_only(tables):
    row = rows_of(tables).loc[(2.0, "mean")]
    assert row["spearman"] > 0.9
    assert abs(row["spearman_top_10"]) < 0.25
    complete = rows_of(tables).loc[(10.0, "mean")]
    assert (complete["spearman"], complete["regret"], complete["architectures_at_equal_cost"]) == (1, 0, DRAWN)


def test_costs_of_a_perfect_method_by_hand():
    errors = {1.0: [0.3, 0.2, 0.5, 0.1], 2.0: [0.2, 0.4, 0.1, 0.3], 4.0: [0.1, 0.2, 0.3, 0.4]}
    seconds = {at: at * np.array([1.0, 1, 1, 2]) for at in errors}
    drawn = np.array([[0, 1, 2, 3]])
    for continuable, needed, least in ((False, [21, 18, 17], [9, 14]), (True, [17, 14, 11], [8, 12])):
        table = planted(product(1, 4), errors, seconds=seconds, continuable=continuable)
        curves = read_curves(table, Architectures(table.recorded(), complete=True))
        found = [_costs(curves, drawn, places) for places in ([0], [1], [0, 1])]
        assert [cost[0].item() for cost in found] == [20, 20, 20]
        # The first one is the best. At 1, the third one is dropped; at 2, the second and the last one.
        assert [cost[1].item() for cost in found] == needed
        assert [cost[2].item() for cost in found[:2]] == least


def test_one_run_is_compared_with_the_other_runs():
    rng = np.random.default_rng(4)
    runs = 0.3 + 0.1 * FINAL[:, np.newaxis] + rng.normal(0, 0.02, (SPACE.size, 3))
    table = planted(SPACE, {1.0: FINAL / 2, 2.0: runs})
    rows = rows_of(fidelity([table])[0])
    assert set(rows.index) == {(1.0, "mean"), (2.0, "mean"), (2.0, "one run")}
    one = rows.loc[(2.0, "one run")]
    assert 0.6 < one["spearman"] < rows.loc[(1.0, "mean"), "spearman"]
    assert one["regret_of_100"] > rows.loc[(1.0, "mean"), "regret_of_100"]


@pytest.mark.usefixtures("nothing_is_listed")
def test_a_sample_has_intervals_around_the_exact_numbers():
    noisy = FINAL + np.random.default_rng(5).normal(0, 0.3, SPACE.size)
    table = planted(SPACE, {1.0: noisy, 2.0: FINAL})
    exact = rows_of(fidelity([table])[0]).loc[(1.0, "mean")]
    row = rows_of(fidelity([as_surrogate(table)])[0]).loc[(1.0, "mean")]
    for name in ("spearman", "kendall", "spearman_top_10", "regret_of_100"):
        width = row[f"{name}_high"] - row[f"{name}_low"]
        assert row[f"{name}_low"] - width / 2 < exact[name] < row[f"{name}_high"] + width / 2
    assert np.isnan([row["regret"], row["list_regret_low"]]).all()
    assert not row["exact"]


def test_a_model_of_a_small_space_is_enumerated():
    table = planted(SPACE, {1.0: FINAL[::-1], 2.0: FINAL})
    row, recorded = (rows_of(fidelity([one])[0]).loc[(1.0, "mean")] for one in (as_surrogate(table), table))
    assert row["exact"]
    assert row["spearman"] == recorded["spearman"]


def test_benchmarks_with_one_fidelity_are_left_out_or_refused():
    single, several = planted(SPACE, FINAL, "single"), planted(SPACE, {1.0: FINAL, 2.0: FINAL}, "several")
    tables, sentences = fidelity([single, several])
    assert set(tables["fidelity"]["benchmark"]) == {"several"}
    assert "Left out, because they have a single fidelity: single." in sentences
    with pytest.raises(BenchmarkError, match="expected a benchmark with several fidelities, got single; see"):
        fidelity([single])


def test_epochs_are_the_cost_if_no_times_are_recorded():
    table = planted(SPACE, {1.0: FINAL, 4.0: FINAL}, has_seconds=False)
    assert rows_of(fidelity([table])[0]).loc[(1.0, "mean"), "cost"] == 0.25


def test_of_many_fidelities_some_are_taken():
    assert taken(range(1, 99)) == (1, 2, 4, 7, 14, 26, 51, 98)
    assert taken((1.0, 3.0)) == (1.0, 3.0)


def test_synthetic_learning_curves():
    rows = rows_of(fidelity([load_benchmark("synthetic")])[0])
    assert rows.loc[(1.0, "mean"), "spearman"] < 0.3 < 0.9 < rows.loc[(3.0, "mean"), "spearman"]


@pytest.mark.data("nasbench201-cifar10-12-200")
@pytest.mark.slow
def test_the_records_of_nasbench201(any_benchmark):
    """The numbers that the module of the modelled curves gives of the recorded 12-epoch runs."""
    regrets = {"cifar10": 0.0011, "cifar100": 0.0053, "imagenet16-120": 0.0041}
    for name, regret in regrets.items():
        row = rows_of(fidelity([any_benchmark(f"nasbench201-{name}-12-200")])[0]).loc[(12.0, "mean")]
        assert row["spearman"] == pytest.approx(0.82, abs=0.01)
        assert 0.715 < row["spearman_top_10"] < 0.815
        assert row["regret"] == pytest.approx(regret, abs=0.0006)
