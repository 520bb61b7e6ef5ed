"""Messages about records that look wrong, and the treatment of records that are unusual but right."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import BenchmarkError, load_benchmark
from harness.commands.data.show import export_command
from harness.conformance.benchmark_checks import check_runs
from harness.conformance.checks import CheckFailed

RUNS = pd.DataFrame(
    [
        (depth, size, seed, 70 + depth + len(size) / 4 + seed / 10, 69 + depth + seed / 5, 10.0 * depth + seed)
        for depth, size, seed in itertools.product((1, 2, 3), ("small", "mid", "large"), (3, 7))
    ],
    columns=["depth", "size", "seed", "val", "test", "time"],
)
GIVEN = {
    "space": "columns:depth,size", "validation": "val", "scale": "accuracy-percent", "cost": "time", "repeat": "seed",
    "epochs": "20",
}  # fmt: skip


class TestOrders:
    def test_words_have_the_stated_order(self, imported):
        table = imported(RUNS, **GIVEN, ordered="depth,size:small<mid<large")
        space = table.space
        assert space.choices["size"] == ("small", "mid", "large")
        near = [space.to_string(one) for one in space.neighbours(space.from_string("depth=1,size=small"))]
        assert near == ["depth=2,size=small", "depth=1,size=mid"]
        shown = {space.to_string(tuple(row)): table.observe(tuple(row), 20.0, 0).error for row in space.enumerate()}
        assert shown["depth=3,size=mid"] == pytest.approx(1 - (73 + 3 / 4 + 0.3) / 100)

    def test_words_without_an_order_are_refused_with_the_notation(self, imported):
        with pytest.raises(BenchmarkError, match="state the order, as in --ordered 'size:large<mid<small'"):
            imported(RUNS, **GIVEN, ordered="size")

    def test_a_recorded_word_must_be_listed(self, imported):
        with pytest.raises(
            BenchmarkError, match="the stated order lacks mid; the recorded values are large, mid, small"
        ):
            imported(RUNS, **GIVEN, ordered="size:small<large")

    def test_a_note_names_the_numbers_without_an_order(self, imported):
        rows = RUNS.assign(width=RUNS.depth * 16, bias=RUNS.depth % 2)
        given = GIVEN | {"space": "columns:depth,width,size,bias"}
        note = "the numbers in depth, width are unordered; --ordered depth,width orders them"
        assert any(one.startswith(note) for one in imported(rows, **given).facts.notes)
        assert any("numbers in width are" in one for one in imported(rows, **given, ordered="depth").facts.notes)
        assert "unordered" not in str(imported(rows, **given, ordered="depth,width").facts.notes)

    def test_a_choice_that_does_not_always_apply_is_a_number_all_the_same(self, imported):
        rows = RUNS[RUNS.seed == 3].assign(kernel=lambda rows: rows.val.round().where(rows.depth > 1))
        notes = imported(rows, **GIVEN | {"space": "columns:depth,size,kernel"}, absent="").facts.notes
        assert any("the numbers in depth, kernel are unordered" in one for one in notes)

    @pytest.mark.parametrize("order", ["size:small", "size:small<small", "size:small<", "size:"])
    def test_an_order_is_of_different_words(self, imported, order):
        with pytest.raises(BenchmarkError, match="expected CHOICE, or different values as in CHOICE:low<medium<high"):
            imported(RUNS, **GIVEN, ordered=order)


class TestReportedErrors:
    def test_their_floor_is_their_own_noise_and_the_mean_is_stated(self, imported):
        table = imported(RUNS, **GIVEN, test="test")
        assert table.facts.targets["validation@20"].floor == pytest.approx(0.002)
        assert table.facts.targets["test@20"].floor == pytest.approx(0.004)
        assert "means over the runs of an architecture: test@20" in table.facts.notes

    def test_a_run_without_a_value_is_left_out_of_the_mean_if_another_has_one(self, imported):
        rows = RUNS.copy()
        rows.loc[(rows.depth == 1) & (rows["size"] == "mid") & (rows.seed == 3), "test"] = np.nan
        table = imported(rows, **GIVEN, test="test")
        architecture = table.space.from_string("depth=1,size=mid")
        assert table.true_errors([architecture], "test@20") == pytest.approx([1 - 0.714])
        rows.loc[(rows.depth == 1) & (rows["size"] == "mid"), "test"] = np.nan
        with pytest.raises(BenchmarkError, match=r"row 4: test is missing; give every architecture a value"):
            imported(rows, **GIVEN, test="test")

    @pytest.mark.parametrize(("spec", "expected"), [("test", 0.9), ("other=test:min:error-percent", 0.734)])
    def test_a_failed_run_gets_the_stated_value_where_the_scale_is_the_same(self, imported, spec, expected):
        rows = RUNS.copy()
        rows.loc[(rows.depth == 1) & (rows["size"] == "mid"), ["val", "test"]] = np.nan
        table = imported(rows, **GIVEN, test=spec, missing="worst=10")
        architecture = table.space.from_string("depth=1,size=mid")
        target = list(table.facts.targets)[1]
        assert table.true_errors([architecture], target) == pytest.approx([expected])

    def test_information_of_several_runs_is_averaged_and_said_so(self, imported):
        rows = RUNS.assign(latency=RUNS.depth + RUNS.seed / 10, params=RUNS.depth)
        table = imported(rows, **GIVEN, info="latency,params")
        assert "means over the runs of an architecture: latency" in table.facts.notes
        assert table.information["latency"][0] == pytest.approx(1.5)


class TestDoubts:
    def test_a_maximised_error(self, imported):
        rows = RUNS.rename(columns={"val": "val_err"})
        with pytest.raises(BenchmarkError, match="val_err is maximised, although its name says error or loss"):
            imported(rows, **GIVEN | {"validation": "val_err"})
        table = imported(rows, **GIVEN | {"validation": "val_err"}, accept="maximised-error")
        assert "accepted at import: a maximised column whose name says error or loss" in table.facts.notes

    def test_a_stated_worst_value_that_is_no_percentage(self, imported):
        with pytest.raises(BenchmarkError, match=r"--missing worst=0\.1 is at most 1, but --scale accuracy-percent"):
            imported(RUNS, **GIVEN, missing="worst=0.1")

    @pytest.mark.parametrize(
        ("cell", "hint"),
        [("70.5%", "remove the percent sign"), ("70,5", "write decimals with a point"), ("1:02:03", "such as seconds")],
    )
    def test_texts_that_are_nearly_numbers(self, imported, cell, hint):
        rows = RUNS.astype({"val": object})
        rows.loc[2, "val"] = cell
        with pytest.raises(BenchmarkError, match=f"row 4: val: expected a number, got '{cell}'.*{hint}"):
            imported(rows, **GIVEN)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"space": "depth,size"}, "write --space columns:depth,size"),
            ({"cost": "time,seed"}, "--cost: expected one column, got 2: time,seed"),
            ({"space": ()}, "--space is missing: for your own table, give --space columns:A,B"),
        ],
    )
    def test_options_that_were_nearly_right(self, imported, changes, message):
        with pytest.raises(BenchmarkError, match=message):
            imported(RUNS, **GIVEN | changes)

    def test_a_condition_that_a_row_contradicts_is_explained(self, imported):
        rows = RUNS.assign(op=["x" if depth > 1 else "" for depth in RUNS.depth])
        given = GIVEN | {"space": "columns:depth,size,op", "conditional": "op if depth>=2"}
        assert imported(rows, **given).space.size == 9
        rows.loc[0, "op"] = "x"
        with pytest.raises(
            BenchmarkError, match=r"row 2: op is 'x', but depth is '1'; op applies only if depth is in {2, 3}"
        ):
            imported(rows, **given)

    def test_times_that_fall_within_a_run_break_a_promise(self, imported):
        curves = [
            {"depth": d, "seed": s, "val": [0.1, 0.2 + d / 10 + s / 90], "time": [10 - 5 * s, 12 + d]}
            for d, s in itertools.product((1, 2, 3), (0, 1))
        ]
        given = GIVEN | {"space": "columns:depth", "scale": "accuracy", "epochs": ()}
        table = imported(json.dumps(curves), "mine.json", **given, continuable=True)
        check_runs(table)
        table._seconds[2.0] = table._seconds[2.0] - np.array([[10.0, 0.0]])
        with pytest.raises(CheckFailed, match="the time of repeat 0 falls with the fidelity"):
            check_runs(table)


class TestTables:
    def test_a_value_with_a_space_names_a_table(self, imported):
        rows = pd.concat([RUNS.assign(task="Cifar 10"), RUNS.assign(task="svhn")])
        first, _ = imported(rows, **GIVEN, where=("task=Cifar 10", "task=svhn"))
        assert (first.facts.name, first.facts.dataset) == ("mine-Cifar-10", "Cifar 10")

    def test_two_values_must_not_give_one_name(self, imported):
        rows = pd.concat([RUNS.assign(task="a b"), RUNS.assign(task="a/b")])
        with pytest.raises(BenchmarkError, match="would give tables of the same name, mine-a-b, mine-a-b"):
            imported(rows, **GIVEN, where=("task=a b", "task=a/b"))

    @pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
    def test_an_exported_table_can_be_imported_again(self, imported, tmp_path, suffix):
        table = imported(RUNS, **GIVEN, test="test", ordered="depth")
        load_benchmark.cache_clear()
        file = tmp_path / f"out.{suffix}"
        export_command("mine", file)
        content = pd.read_parquet(file) if suffix == "parquet" else pd.read_csv(file)
        assert list(content) == ["depth", "size", "epochs", "repeat", "error", "seconds", "test_error"]
        again = imported(
            content, space="columns:depth,size", ordered="depth", validation="error", scale="error", cost="seconds",
            repeat="repeat", fidelity="epochs", test="test_error",
        )  # fmt: skip
        for kind, arrays in table.arrays().items():
            for key, values in arrays.items():
                np.testing.assert_allclose(again.arrays()[kind][key], values, rtol=1e-12)

    def test_an_exported_pool_can_be_imported_again(self, imported, tmp_path):
        incomplete = RUNS[(RUNS["depth"] > 1) | (RUNS["size"] == "large")]
        table = imported(incomplete, **GIVEN)
        load_benchmark.cache_clear()
        file = tmp_path / "out.csv"
        export_command("mine", file)
        content = pd.read_csv(file)
        keys = ["depth", "size", "seed"]
        exported = content.sort_values([*keys[:2], "repeat"])
        recorded = incomplete.sort_values(keys)
        assert exported[keys[:2]].to_numpy().tolist() == recorded[keys[:2]].to_numpy().tolist()
        np.testing.assert_allclose(exported["error"], 1 - recorded["val"] / 100)
        again = imported(
            content, space="columns:depth,size", validation="error", scale="error", cost="seconds", repeat="repeat",
            fidelity="epochs",
        )  # fmt: skip
        assert again.space.of.choices == table.space.of.choices
        np.testing.assert_array_equal(again.space.members, table.space.members)
        np.testing.assert_allclose(again.arrays()["errors"]["20"], table.arrays()["errors"]["20"], rtol=1e-12)
