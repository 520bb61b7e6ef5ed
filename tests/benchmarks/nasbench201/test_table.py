"""The tables of NAS-Bench-201: comparison with published facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.nasbench201.recorded import SOURCES
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.nasbench201.table import DATASETS
from benchmarks.storage.official_files import known_imports
from benchmarks.table import TableBenchmark

BEST_VALIDATION = {"cifar10": 91.607, "cifar100": 73.493, "imagenet16-120": 46.733}
BEST_TEST = {"cifar10": 94.373, "cifar100": 73.513, "imagenet16-120": 47.311}
FLOORS = {"cifar10": 0.00074, "cifar100": 0.0024, "imagenet16-120": 0.0028}
PREFIXES = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}


@pytest.fixture(scope="module")
def space() -> NASBench201Space:
    return NASBench201Space()


@pytest.fixture(scope="module")
def everything(space):
    return space.enumerate()


@pytest.fixture(scope="module", params=DATASETS)
def dataset(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def table(dataset) -> TableBenchmark:
    return load_benchmark(f"nasbench201-{dataset}")


@pytest.fixture(scope="module")
def frame(data_folder) -> pd.DataFrame:
    return pd.read_csv(data_folder / "nasbench201.csv.gz", dtype={"key": str})


class TestEmbedded:
    def test_best_mean_validation_accuracy(self, table, dataset):
        assert 100 * (1 - table.facts.targets["validation@200"].optimum) == pytest.approx(
            BEST_VALIDATION[dataset], abs=5e-4
        )

    def test_noise_floor(self, table, dataset):
        assert table.facts.targets["validation@200"].floor == pytest.approx(FLOORS[dataset], rel=0.02)

    def test_two_or_three_repeats_and_the_worse_ones_have_three(self, table, everything):
        counts = np.isfinite(table.errors(everything, 200.0)).sum(axis=1)
        assert np.bincount(counts).tolist() == [0, 0, 7_456, 8_169]
        errors = table.true_errors(everything, "validation@200")
        assert errors[counts == 3].mean() > errors[counts == 2].mean()

    def test_there_is_no_test_error(self, table, everything):
        assert list(table.facts.targets) == ["validation@200"]
        assert table.facts.notes == ("no test error: the source has none",)
        with pytest.raises(BenchmarkError, match="unknown target of nasbench201"):
            table.true_errors(everything[:1], "test@200")

    def test_200_epochs_are_not_continuable_and_recorded(self, table):
        assert (table.facts.fidelities, table.facts.continuable) == ((200.0,), False)
        assert (table.facts.provenance, table.facts.unit) == ("recorded", "fraction")

    def test_twins_were_trained_separately(self, dataset, table, space, everything):
        errors = table.true_errors(everything, "validation@200")
        rows = np.array([space.index(space.canonical(tuple(a))) for a in everything.tolist()])
        twins = pd.Series(errors).groupby(rows)
        spread = 100 * (twins.max() - twins.min())
        widest = {"cifar10": 21.7, "cifar100": 6.1, "imagenet16-120": 14.5}
        assert spread.max() == pytest.approx(widest[dataset], abs=0.05)
        assert (spread[twins.size() > 1] > 0).mean() > 0.9

    def test_a_network_of_zeros_has_chance_accuracy(self, dataset, table):
        chance = {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}[dataset]
        assert table.true_errors([(0, 0, 0, 0, 0, 0)], "validation@200")[0] == pytest.approx(1 - 1 / chance, abs=0.005)

    def test_all_repeats_are_charged_the_same_time(self, table):
        assert len({table.observe((3, 3, 3, 1, 3, 3), 200.0, draw).seconds for draw in range(3)}) == 1


@pytest.mark.data("nasbench201.csv.gz")
class TestRecorded:
    @pytest.fixture
    def imported(self, dataset, data_folder, any_benchmark: Callable) -> TableBenchmark:
        return any_benchmark(f"nasbench201-{dataset}-12-200")

    def test_the_two_notations_of_the_source_agree(self, frame, space):
        assert [space.from_string(t) for t in frame["arch_str"]] == [space.from_string(t) for t in frame["key"]]

    def test_best_accuracies(self, imported, dataset):
        best = {target: 100 * (1 - facts.optimum) for target, facts in imported.facts.targets.items()}
        assert best["validation@200"] == pytest.approx(BEST_VALIDATION[dataset], abs=5e-4)
        assert best["test@200"] == pytest.approx(BEST_TEST[dataset], abs=5e-4)

    def test_twelve_epochs_rank_like_200_with_spearman_82(self, imported, everything):
        short, long = (imported.true_errors(everything, f"validation@{epochs}") for epochs in (12, 200))
        assert stats.spearmanr(short, long).statistic == pytest.approx(0.82, abs=0.01)

    def test_equals_the_embedded_table_at_200_epochs(self, imported, table, everything):
        assert np.array_equal(imported.errors(everything, 200.0), table.errors(everything, 200.0), equal_nan=True)
        assert np.array_equal(
            imported.true_errors(everything, "validation@200"), table.true_errors(everything, "validation@200")
        )
        assert np.allclose(imported.seconds(everything, 200.0), table.seconds(everything, 200.0), rtol=1e-12, atol=0)

    def test_every_column_is_stored_where_the_recipe_says(self, imported, dataset, frame, space):
        prefix = PREFIXES[dataset]
        rows = frame.sample(60, random_state=3)
        genotypes = [space.from_string(text) for text in rows["key"]]
        for target, column in {
            "validation@12": f"{prefix}_val12",
            "test@12": f"{prefix}_test12",
            "test@200": f"{prefix}_test200_mean",
        }.items():
            assert np.allclose(100 * (1 - imported.true_errors(genotypes, target)), rows[column], rtol=0, atol=1e-9)
        seeds = rows[[f"{prefix}_val200_{i}" for i in range(3)]].to_numpy()
        assert np.allclose(imported.true_errors(genotypes, "validation@200"), 1 - np.nanmean(seeds, axis=1) / 100)
        assert np.allclose(imported.seconds(genotypes, 200.0), rows[f"{prefix}_train_time200"])
        assert np.allclose(imported.seconds(genotypes, 12.0), rows[f"{prefix}_train_time200"] * 12 / 200)

    def test_the_12_epoch_run_has_one_record_and_cannot_be_resumed(self, imported, dataset, everything):
        assert imported.facts.fidelities == (12.0, 200.0)
        assert not imported.facts.continuable
        assert imported.facts.repeats == (2, 3)
        assert imported.errors(everything, 12.0).shape[1] == 1
        recorded = "mean of two runs" if dataset == "cifar10" else "one run"
        assert recorded in imported.facts.notes[0]

    def test_the_three_data_sets_are_siblings(self, imported, dataset):
        assert {imported.facts.name, *imported.facts.sisters} == set(SOURCES[0].names)
        assert all(a < b for a, b in pairwise(imported.facts.fidelities))


def test_the_message_on_a_missing_table_says_how_to_import_it(own_data_folder):
    for name, source in known_imports().items():
        how = f"regretta data import {name} PATH/TO/{Path(source.files[0]).name}" if source.files else source.fitted_by
        with pytest.raises(BenchmarkError, match=re.escape(how)):
            load_benchmark.__wrapped__(name)
