"""NAS-Bench-201 against what is known of it."""

from __future__ import annotations

import math
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
from benchmarks.nasbench201.space import EDGES, OPERATIONS, NASBench201Space
from benchmarks.nasbench201.table import DATASETS
from benchmarks.storage.official_files import known_imports
from benchmarks.table import TableBenchmark

BEST_VALIDATION = {"cifar10": 91.607, "cifar100": 73.493, "imagenet16-120": 46.733}
BEST_TEST = {"cifar10": 94.373, "cifar100": 73.513, "imagenet16-120": 47.311}
FLOORS = {"cifar10": 0.00074, "cifar100": 0.0024, "imagenet16-120": 0.0028}
PREFIXES = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}
RESNET = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


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
    file = data_folder / "nasbench201.csv.gz"
    if not file.is_file():
        pytest.skip(f"{file} is absent")
    return pd.read_csv(file, dtype={"key": str})


class TestSpace:
    def test_there_are_15625_cells_with_24_neighbours_each(self, space, everything):
        assert space.size == len(everything) == 15_625
        assert {len(space.neighbours(tuple(a))) for a in everything.tolist()} == {24}

    def test_the_literature_notation(self, space):
        assert space.from_string(RESNET) == (3, 3, 3, 1, 3, 3) == space.from_string("333133")
        assert space.to_string((3, 3, 3, 1, 3, 3)) == RESNET
        assert space.to_string((0, 1, 2, 3, 4, 0)) == (
            "|none~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2|"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "33313",
            "333135",
            "3331333",
            "٣٣٣١٣٣",
            RESNET[:-1],
            RESNET + "|",
            RESNET.replace("~2", "~1"),
            RESNET.replace("nor_conv_3x3~2", "sep_conv_3x3~2"),
            RESNET.replace("+", ""),
            f" {RESNET}",
        ],
    )
    def test_anything_else_is_refused_and_the_message_shows_the_notation(self, space, text):
        with pytest.raises(BenchmarkError, match=r"is not an architecture.*\|op~0\|.*nor_conv_3x3.*six digits"):
            space.from_string(text)

    @pytest.mark.parametrize(("rule", "classes"), [("keep_zeros", 6_466), ("drop_zeros", 5_390)])
    def test_canonical_classes(self, space, everything, rule, classes):
        cells = list(map(tuple, everything.tolist()))
        representatives = [space.canonical(a, rule) for a in cells]
        assert len(set(representatives)) == classes
        assert len({space.class_string(a, rule) for a in cells}) == classes
        assert all(space.canonical(r, rule) == r for r in set(representatives))
        for row, representative in enumerate(representatives):
            assert space.index(representative) <= row

    def test_the_default_rule_is_the_literature_s(self, space):
        assert space.canonical((0, 0, 4, 1, 2, 3)) == space.canonical((0, 0, 4, 1, 2, 3), "keep_zeros")
        assert space.canonical((3, 0, 1, 0, 0, 1)) == space.canonical((0, 3, 0, 0, 0, 1))  # a node that copies another

    @pytest.mark.parametrize("rule", ["keep_zeros", "drop_zeros"])
    def test_cells_of_a_class_compute_the_same(self, space, everything, rule):
        # Feed a number through each cell, with unlike functions of f(0) = 0 in place of the trained operations.
        operations = [lambda x: 0.0, lambda x: x, lambda x: math.sin(1.7 * x), lambda x: math.atan(2.3 * x) ** 3]
        operations.append(lambda x: math.expm1(0.4 * x))
        assert len(operations) == len(OPERATIONS)
        computed: dict[str, set[float]] = {}
        for cell in everything.tolist():
            nodes = [0.83, 0.0, 0.0, 0.0]
            for value, (source, target) in zip(cell, EDGES, strict=True):
                nodes[target] += operations[value](nodes[source])
            computed.setdefault(space.class_string(tuple(cell), rule), set()).add(round(nodes[3], 9))
        assert all(len(values) == 1 for values in computed.values())
        # The converse does not hold: the strings leave a sum that a skip connection hands on in its own order.
        assert len(set().union(*computed.values())) == 4_930


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

    def test_what_is_charged_is_the_same_for_all_repeats(self, table):
        assert len({table.observe((3, 3, 3, 1, 3, 3), 200.0, draw).seconds for draw in range(3)}) == 1


@pytest.mark.data
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

    def test_every_column_lands_where_the_recipe_says(self, imported, dataset, frame, space):
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

    def test_one_record_of_12_epochs_that_cannot_be_resumed(self, imported, dataset, everything):
        assert imported.facts.fidelities == (12.0, 200.0)
        assert not imported.facts.continuable
        assert imported.facts.repeats == (2, 3)
        assert imported.errors(everything, 12.0).shape[1] == 1
        recorded = "mean of two runs" if dataset == "cifar10" else "one run"
        assert recorded in imported.facts.notes[0]

    def test_the_three_data_sets_are_sisters(self, imported, dataset):
        assert {imported.facts.name, *imported.facts.sisters} == set(SOURCES[0].names)
        assert all(a < b for a, b in pairwise(imported.facts.fidelities))


def test_a_table_that_was_not_imported_says_how_to(own_data_folder):
    for name, source in known_imports().items():
        how = f"regretta data import {name} PATH/TO/{Path(source.files[0]).name}" if source.files else source.fitted_by
        with pytest.raises(BenchmarkError, match=re.escape(how)):
            load_benchmark.__wrapped__(name)


class TestPathEncoding:
    space = NASBench201Space()

    def columns(self, architecture, encoding):
        return np.flatnonzero(self.space.encode([architecture], encoding)[0]).tolist()

    def test_shapes_and_names(self):
        assert {"path", "path_full"} < set(self.space.encodings)
        genotypes = self.space.enumerate()
        assert self.space.encode(genotypes, "path").shape == (15_625, 30)
        full = self.space.encode(genotypes, "path_full")
        assert full.shape == (15_625, 155)
        assert full.dtype == np.float32
        assert set(np.unique(full)) == {0.0, 1.0}
        assert self.space.encode([], "path").shape == (0, 30)

    def test_the_truncated_one_is_the_beginning_of_the_full_one(self):
        genotypes = self.space.enumerate()
        np.testing.assert_array_equal(
            self.space.encode(genotypes, "path"), self.space.encode(genotypes, "path_full")[:, :30]
        )

    def test_worked_by_hand(self):
        # 0->1 skip (1), 0->2 conv1x1 (2), 1->2 conv3x3 (3), 0->3 pool (4), 1->3 none (0), 2->3 conv1x1 (2)
        # length 1: 4; length 2: 5 + (1 + 5 * 0) = 6, 5 + (2 + 5 * 2) = 17; length 3: 30 + (1 + 5 * 3 + 25 * 2) = 96
        assert self.columns((1, 2, 3, 4, 0, 2), "path_full") == [4, 6, 17, 96]
        assert self.columns((1, 2, 3, 4, 0, 2), "path") == [4, 6, 17]

    def test_equal_paths_share_a_column_and_the_corners_are_the_ends(self):
        assert self.columns((0,) * 6, "path_full") == [0, 5, 30]
        assert self.columns((4,) * 6, "path_full") == [4, 29, 154]
        assert self.columns((3, 3, 0, 1, 2, 2), "path") == [1, 5 + 3 + 5 * 2]

    def test_it_is_the_set_of_the_operations_along_every_path(self):
        def paths(node, architecture):
            """All sequences of operations from this node to the output, found by walking the edges."""
            if node == 3:
                return [()]
            ends = [(value, end) for value, (start, end) in zip(architecture, EDGES, strict=True) if start == node]
            return [(value, *rest) for value, end in ends for rest in paths(end, architecture)]

        def sequence(column):
            length = 1 if column < 5 else 2 if column < 30 else 3
            rest = column - sum(5**i for i in range(1, length))
            return tuple(rest // 5**i % 5 for i in range(length))

        rng = np.random.default_rng(0)
        for _ in range(200):
            architecture = self.space.sample(rng)
            walked = set(paths(0, architecture))
            assert {sequence(c) for c in self.columns(architecture, "path_full")} == walked
            assert {sequence(c) for c in self.columns(architecture, "path")} == {p for p in walked if len(p) < 3}
