"""Contents of records: curves, failed runs, several targets, other numbers, ordered and conditional"
" choices."""

from __future__ import annotations

import io
import itertools
import json
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from harness.conformance.suite import benchmark_verdicts


def sound(table):
    """Check every promise of a table."""
    failures = [verdict for verdict in benchmark_verdicts(load_benchmark(table.facts.name)) if not verdict.passed]
    assert failures == []


CURVES = """depth,seed,val_acc_ep1,val_acc_ep5,val_acc_ep20,t1,t5,t20
1,0,0.30,0.50,0.70,10,50,200
1,1,0.31,0.52,0.71,11,51,201
2,0,0.40,0.60,0.80,20,100,400
2,1,0.41,0.61,0.81,21,101,401
3,0,0.35,0.55,0.75,30,150,600
3,1,0.36,0.56,0.76,31,151,601
"""
LONG = pd.DataFrame(
    [
        (d, s, e, 0.2 + d / 10 + s / 100 + e / 200, e * d * 10 + s)
        for d, s, e in itertools.product((1, 2, 3), (0, 1), (1, 5, 20))
    ],
    columns=["depth", "seed", "epoch", "val", "time"],
)  # fmt: skip
AS_LONG = {
    "space": "columns:depth", "validation": "val", "scale": "accuracy", "cost": "time", "fidelity": "epoch",
    "repeat": "seed",
}  # fmt: skip


class TestCurves:
    OPTIONS: ClassVar = {
        "space": "columns:depth", "validation": "val_acc_ep{fidelity}", "cost": "t{fidelity}", "scale": "accuracy",
        "repeat": "seed", "continuable": True,
    }  # fmt: skip

    def test_columns_by_pattern(self, imported):
        table = imported(CURVES, **self.OPTIONS)
        assert (table.facts.fidelities, table.facts.continuable) == ((1.0, 5.0, 20.0), True)
        seen = [table.observe((1,), fidelity, 1) for fidelity in (1.0, 5.0, 20.0)]
        assert [(round(1 - o.error, 6), o.seconds, o.repeat) for o in seen] == [
            (0.41, 21, 1),
            (0.61, 101, 1),
            (0.81, 401, 1),
        ]
        sound(table)

    def test_a_pattern_is_compared_with_costs_of_each_fidelity(self, imported):
        pattern = imported(CURVES, **self.OPTIONS)
        written = self.OPTIONS | {"cost": ("0.05*t20@1", "0.25*t20@5", "t20@20")}
        table = imported(CURVES, **written)
        assert table.facts.fidelities == pattern.facts.fidelities
        assert table.observe((1,), 5.0, 1).seconds == 0.25 * table.observe((1,), 20.0, 1).seconds
        with pytest.raises(
            BenchmarkError, match=r"signal has 1, 5, 20 epochs; the costs have 20; missing: 1, 5\. Give"
        ):
            imported(CURVES, **self.OPTIONS | {"cost": "t20@20"})

    @pytest.mark.parametrize(
        ("emptied", "words"),
        [(["val_acc_ep5"], "val_acc_ep5 is missing"), (["val_acc_ep1", "t5"], "val_acc_ep1 is missing"),
         (["val_acc_ep1", "val_acc_ep20"], "val_acc_ep1, val_acc_ep20 are missing")],
    )  # fmt: skip
    def test_only_the_empty_columns_are_named(self, imported, emptied, words):
        rows = pd.read_csv(io.StringIO(CURVES))
        rows.loc[1, emptied] = np.nan
        with pytest.raises(BenchmarkError, match=f"row 3: {words}"):
            imported(rows, **self.OPTIONS)

    def test_only_the_empty_column_of_a_test_is_named(self, imported):
        rows = pd.read_csv(io.StringIO(CURVES)).assign(**{f"test_ep{e}": 0.5 for e in (1, 5, 20)})
        rows.loc[rows["depth"] == 1, "test_ep5"] = np.nan
        with pytest.raises(BenchmarkError, match="row 2: test_ep5 is missing; give every architecture a value"):
            imported(rows, **self.OPTIONS, test="test_ep{fidelity}")

    def test_lists_in_cells(self, imported):
        rows = [
            {"depth": depth, "seed": seed, "val": [0.1 * depth + 0.01 * seed + 0.1 * e for e in range(3)],
             "time": [depth * (e + 1) + seed for e in range(3)]}
            for depth, seed in itertools.product((1, 2, 3), (0, 1))
        ]  # fmt: skip
        given = self.OPTIONS | {"validation": "val", "cost": "time"}
        for name, content in (
            ("mine.json", json.dumps(rows)),
            ("mine.jsonl", "\n".join(map(json.dumps, rows))),
            ("mine.csv", pd.DataFrame(rows)),
            ("mine.parquet", pd.DataFrame(rows)),
        ):
            table = imported(content, name, **given)
            assert table.facts.fidelities == (1.0, 2.0, 3.0)
            for row in rows:
                architecture = (row["depth"] - 1,)
                seen = [table.observe(architecture, float(e + 1), row["seed"]) for e in range(3)]
                assert [1 - o.error for o in seen] == pytest.approx(row["val"])
                assert [o.seconds for o in seen] == row["time"]

    def test_lists_with_their_epochs(self, imported):
        rows = [{"depth": d, "val": [0.1 * d, 0.2 + 0.1 * d, 0.3 + 0.1 * d], "epochs": [1, 10, 100]} for d in (1, 2, 3)]
        given = {"space": "columns:depth", "validation": "val", "scale": "accuracy", "fidelity": "epochs"}
        assert imported(json.dumps(rows), "mine.json", **given).facts.fidelities == (1.0, 10.0, 100.0)
        rows[1]["epochs"] = [1, 10]
        with pytest.raises(BenchmarkError, match=r"row 2: epochs: expected 3 epochs, as many as values, got 2"):
            imported(json.dumps(rows), "mine.json", **given)

    def test_costs_that_fall_or_stand_still(self, imported):
        fallen = CURVES.replace("21,101,401", "21,20,401")
        with pytest.raises(
            BenchmarkError, match=r"row 5: t5@5 falls from 21 s at 1 to 20 s at 5 epochs, but.*omit --continuable"
        ):
            imported(fallen, **self.OPTIONS)
        with pytest.raises(BenchmarkError, match="--accept falling-costs if that is so"):
            imported(fallen, **self.OPTIONS | {"continuable": ()})
        assert imported(fallen, **self.OPTIONS | {"continuable": (), "accept": "falling-costs"}).facts.has_seconds
        with pytest.raises(
            BenchmarkError,
            match="t5@5 goes from 21 s at 1 to 21 s at 5 epochs; with --continuable, expected times that rise",
        ):
            imported(CURVES.replace("21,101,401", "21,21,401"), **self.OPTIONS)


class TestRuns:
    def test_a_run_that_lacks_a_fidelity_shifts_no_other(self, imported):
        whole = imported(LONG, **AS_LONG)
        gap = LONG[~((LONG.depth == 2) & (LONG.seed == 0) & (LONG.epoch == 20))]
        table = imported(gap, **AS_LONG)
        assert table.facts.matched_runs
        assert "runs that lack a fidelity: 1; they are never drawn" in table.facts.notes
        for draw in range(4):
            seen = [table.observe((1,), fidelity, draw) for fidelity in (1.0, 5.0, 20.0)]
            assert [o.error for o in seen] == [whole.observe((1,), f, 1).error for f in (1.0, 5.0, 20.0)]
            assert len({o.repeat for o in seen}) == 1
            assert table.observe((0,), 5.0, draw) == whole.observe((0,), 5.0, draw)
        assert np.isfinite(table.errors([(1,)], 1.0)).sum() == 2
        assert table.true_errors([(1,)], "validation@1") == whole.true_errors([(1,)], "validation@1")
        sound(table)

    def test_a_complete_table_keeps_its_data_hash_whatever_the_order_of_its_rows(self, imported):
        whole = imported(LONG, **AS_LONG)
        assert not whole.facts.matched_runs
        shuffled = imported(LONG.sample(frac=1.0, random_state=1), **AS_LONG)
        assert shuffled.facts.data_hash == whole.facts.data_hash

    def test_without_a_repeat_column_the_rows_that_collide_are_named(self, imported):
        given = AS_LONG | {"repeat": ()}
        with pytest.raises(
            BenchmarkError, match=r"row 5: this run is already in row 2; the rows differ in seed \('0', '1'\)"
        ):
            imported(LONG, **given)

    def test_an_architecture_without_a_complete_run_is_refused_or_dropped(self, imported):
        gap = LONG[~((LONG.depth == 2) & (LONG.epoch == 20))]
        with pytest.raises(BenchmarkError, match=r"has no run at 20 epochs.*--missing drop-architecture"):
            imported(gap, **AS_LONG)
        assert imported(gap, **AS_LONG, missing="drop-architecture").space.size == 2


class TestFailedRuns:
    @pytest.fixture
    def diverged(self):
        frame = LONG.copy()
        frame.loc[(frame.depth == 1) & (frame.seed == 1) & (frame.epoch == 20), "val"] = np.nan
        return frame

    def test_they_are_refused(self, imported, diverged):
        with pytest.raises(BenchmarkError, match=r"row 7: val is missing\. If the run failed, deleting it would bias"):
            imported(diverged, **AS_LONG)

    def test_they_count_as_the_worst_error_and_are_charged_their_time(self, imported, diverged):
        table = imported(diverged, **AS_LONG, missing="worst")
        worst = 1 - diverged[diverged.epoch == 20].val.min()
        assert table.observe((0,), 20.0, 1)[:2] == (pytest.approx(worst), 201)
        assert table.facts.title == "mine, failed runs count as the worst error recorded at that fidelity"
        assert "failed runs: 1; they count as the worst error recorded at that fidelity" in table.facts.notes
        sound(table)
        stated = imported(diverged, **AS_LONG, missing="worst=0.1")
        assert stated.observe((0,), 20.0, 1).error == pytest.approx(0.9)
        assert "failed runs count as 0.1" in stated.facts.title

    def test_without_a_recorded_cost_they_are_refused(self, imported, diverged):
        diverged.loc[diverged.val.isna(), "time"] = np.nan
        with pytest.raises(BenchmarkError, match=r"row 7: time: got nan.*Failed runs need the time that they took"):
            imported(diverged, **AS_LONG, missing="worst")

    def test_their_architectures_can_be_left_out(self, imported, diverged):
        table = imported(diverged, **AS_LONG, missing="drop-architecture")
        assert isinstance(table.space, PoolSpace)
        assert table.space.size == 2
        sound(table)


class TestRunsThatEndEarly:
    """A crashed run has shorter lists, or fewer rows, than the others."""

    ROWS: ClassVar = [
        {"depth": d, "seed": s, "val": [0.1 + d / 10 + s / 100, 0.2 + d / 10, 0.3 + d / 10], "t": [10, 20, 30 + s]}
        for d in (1, 2, 3) for s in (0, 1)
    ]  # fmt: skip
    OPTIONS: ClassVar = {
        "space": "columns:depth", "validation": "val", "scale": "accuracy", "cost": "t", "repeat": "seed",
    }  # fmt: skip

    def cut(self, *, times):
        rows = [dict(row) for row in self.ROWS]
        rows[3] |= {"val": rows[3]["val"][:1]} | ({} if times else {"t": rows[3]["t"][:1]})
        return json.dumps(rows)

    def test_without_a_word_they_are_kept_for_the_means_and_the_note_says_so(self, imported):
        table = imported(self.cut(times=False), "mine.json", **self.OPTIONS)
        assert "runs that lack a fidelity: 1; they are never drawn" in table.facts.notes
        assert [table.observe((1,), 3.0, draw).error for draw in range(4)] == pytest.approx([0.5] * 4)

    def test_they_count_as_the_worst_from_there_on(self, imported):
        table = imported(self.cut(times=True), "mine.json", **self.OPTIONS, missing="worst")
        assert "failed runs: 1; they count as the worst error recorded at that fidelity" in table.facts.notes
        seen = [table.observe((1,), fidelity, 1) for fidelity in (1.0, 2.0, 3.0)]
        assert [(o.error, o.seconds) for o in seen] == [
            (pytest.approx(0.69), 10), (pytest.approx(0.7), 20), (pytest.approx(0.6), 31),
        ]  # fmt: skip
        sound(table)

    def test_without_their_times_they_are_refused_or_left_out(self, imported):
        with pytest.raises(BenchmarkError, match="Failed runs need the time that they took, too, or --missing drop"):
            imported(self.cut(times=False), "mine.json", **self.OPTIONS, missing="worst")
        table = imported(self.cut(times=False), "mine.json", **self.OPTIONS, missing="drop-architecture")
        assert table.space.size == 2
        assert table.facts.title == "mine, without architectures of failed runs"
        assert "architectures left out because a run failed or lacks a fidelity: 1" in table.facts.notes


def test_separate_trainings_with_unequal_repeats_are_no_incomplete_runs(imported):
    frame = pd.DataFrame(
        {"depth": [1, 2, 3], "early": [0.3, 0.4, 0.5], "a": [0.6, np.nan, 0.8], "b": [0.61, 0.7, 0.81]}
    )
    given = {"space": "columns:depth", "validation": ("early@12", "a,b@200"), "scale": "accuracy"}
    for missing, size in (((), 3), ("worst", 3), ("drop-architecture", 2)):
        table = imported(frame, **given, accept="unequal-repeats", missing=missing)
        assert table.space.size == size
        assert not table.facts.matched_runs


class TestTargets:
    ROWS = pd.DataFrame(
        {"depth": range(1, 9), "val": np.linspace(0.5, 0.9, 8), "test": np.linspace(0.4, 0.8, 8),
         "cifar10.1": np.linspace(60, 30, 8), "lat": np.linspace(1, 8, 8), "params": [1e6] * 7 + [np.nan]}
    )  # fmt: skip
    OPTIONS: ClassVar = {"space": "columns:depth", "validation": "val", "scale": "accuracy", "epochs": "20"}

    def test_several_of_them_with_scales_of_their_own(self, imported):
        table = imported(self.ROWS, **self.OPTIONS, test=("test", "shifted=cifar10.1:error-percent"))
        assert list(table.facts.targets) == ["validation@20", "test@20", "shifted@20"]
        assert table.true_errors([(0,), (7,)], "shifted@20") == pytest.approx([0.6, 0.3])
        assert table.true_errors([(0,), (7,)], "test@20") == pytest.approx([0.6, 0.2])

    def test_information_is_kept_as_it_was_recorded(self, imported):
        plain = imported(self.ROWS, **self.OPTIONS)
        table = imported(self.ROWS, **self.OPTIONS, info="params,latency_ms:1000*lat")
        assert table.facts.information == ("params", "latency_ms")
        assert table.information["latency_ms"].tolist() == pytest.approx(np.linspace(1000, 8000, 8))
        assert np.isnan(table.information["params"]).tolist() == [False] * 7 + [True]
        assert table.facts.data_hash == plain.facts.data_hash  # information changes no result
        sound(table)

    def test_test_values_alone_are_not_called_validation(self, imported):
        rows = self.ROWS[["depth", "test"]]
        table = imported(rows, space="columns:depth", test_signal="test", scale="accuracy", epochs="20")
        assert list(table.facts.targets) == ["test@20"]
        assert table.facts.title == "mine, searched by test values"
        sound(table)

    def test_sister_tables_of_one_space(self, imported):
        tasks = pd.concat([self.ROWS.assign(task="ninapro"), self.ROWS.assign(task="svhn", val=self.ROWS.val / 2)])
        first, second = imported(tasks, **self.OPTIONS, where=("task=ninapro", "task=svhn"))
        assert (first.facts.name, second.facts.name) == ("mine-ninapro", "mine-svhn")
        assert (first.facts.sisters, second.facts.sisters) == (("mine-svhn",), ("mine-ninapro",))
        assert first.facts.space == second.facts.space == "mine-choices"
        assert second.true_errors([(7,)], "validation@20") == pytest.approx([0.55])
        only = imported(tasks, **self.OPTIONS, where="task=svhn", name="one")
        assert only.facts.name == "one"
        assert only.true_errors([(7,)], "validation@20") == pytest.approx([0.55])

    def test_sister_tables_need_the_same_architectures(self, imported):
        tasks = pd.concat([self.ROWS.assign(task="a"), self.ROWS[:5].assign(task="b")])
        given = self.OPTIONS | {"where": ("task=a", "task=b")}
        with pytest.raises(BenchmarkError, match=r"row 7: this architecture is recorded for 'a', but not for all of"):
            imported(tasks, **given)
        first, second = imported(tasks, **given, missing="drop-architecture")
        assert first.space.size == second.space.size == 5
        assert (first.space.members == second.space.members).all()


class TestChoices:
    def test_an_order_gives_neighbours_one_step_away(self, imported):
        rows = pd.DataFrame(
            [(d, w, op, d + w / 100) for d, w, op in itertools.product((1, 2, 10), (8, 16, 32), ("conv", "pool"))],
            columns=["depth", "width", "op", "loss"],
        )
        table = imported(rows, space="columns:depth,width,op", objective="loss:min", ordered="depth,width")
        assert isinstance(table.space, StructuredChoiceSpace)
        near = [
            table.space.to_string(one)
            for one in table.space.neighbours(table.space.from_string("depth=1,width=16,op=conv"))
        ]
        assert near == [
            "depth=2,width=16,op=conv",
            "depth=1,width=8,op=conv",
            "depth=1,width=32,op=conv",
            "depth=1,width=16,op=pool",
        ]
        far = table.space.encode([(0, 0, 0), (2, 0, 0), (2, 2, 1)], "thermometer")
        assert [int((far[0] != one).sum()) for one in far] == [0, 2, 6]
        sound(table)

    LAYERS = "layers,op1,op2,loss\n1,a,,3\n1,b,,4\n2,a,a,1\n2,a,b,2\n2,b,a,5\n2,b,b,6\n"

    @pytest.mark.parametrize("told", [{"conditional": "op2 if layers>=2"}, {"absent": ""}])
    def test_a_choice_that_does_not_always_apply(self, imported, told):
        table = imported(self.LAYERS, space="columns:layers,op1,op2", objective="loss:min", **told)
        assert isinstance(table.space, StructuredChoiceSpace)
        assert table.space.size == 6
        assert table.space.conditions["op2"][0] == "layers"
        one = table.space.from_string("layers=1,op1=a,op2=")
        assert [table.space.to_string(near) for near in table.space.neighbours(one)] == [
            "layers=2,op1=a,op2=a", "layers=2,op1=a,op2=b", "layers=1,op1=b,op2=",
        ]  # fmt: skip
        sound(table)

    def test_an_empty_choice_without_a_word_is_refused(self, imported):
        with pytest.raises(BenchmarkError, match=r"row 2: op2 is missing; if the choice does not apply there, say so"):
            imported(self.LAYERS, space="columns:layers,op1,op2", objective="loss:min")
        with pytest.raises(BenchmarkError, match=r"row 2: op2 is '', but layers is 1; op2 applies if"):
            imported(self.LAYERS, space="columns:layers,op1,op2", objective="loss:min", conditional="op2 if layers>=1")

    def test_words_that_mean_nothing_elsewhere_are_values(self, imported):
        rows = "norm,loss\nNone,1\nnull,2\nNA,3\nnan,4\n"
        table = imported(rows, space="columns:norm", objective="loss:min")
        assert table.space.choices["norm"] == ("NA", "None", "nan", "null")

    def test_the_marks_of_the_notation_are_refused(self, imported):
        with pytest.raises(BenchmarkError, match=r"op has the value 'a,b'; ',' and '=' belong to the notation"):
            imported('op,loss\n"a,b",1\nc,2\n', space="columns:op", objective="loss:min")


def test_official_numbers_of_nasbench201(imported):
    space = NASBench201Space()
    frame = pd.DataFrame({"arch_index": range(15_625), "loss": np.arange(15_625) / 1000})
    table = imported(frame, space="nasbench201", architecture_index="arch_index", objective="loss:min")
    first = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    assert table.observe(space.from_string(first), 1.0, 0).error == 0.0  # arch_index 0 in NATS-Bench
    with pytest.raises(BenchmarkError, match="expected the number of an architecture from 0 to 15,624, got '15625'"):
        imported(frame.assign(arch_index=frame.arch_index + 1), space="nasbench201", architecture_index="arch_index",
                 objective="loss:min")  # fmt: skip
    with pytest.raises(BenchmarkError, match="the numbers of space 'natsbench-size' are not known"):
        imported(frame, space="natsbench-size", architecture_index="arch_index", objective="loss:min")


@pytest.mark.data("nasbench201.csv.gz")
def test_official_numbers_are_those_of_the_record(data_folder, imported):
    record = pd.read_csv(data_folder / "nasbench201.csv.gz", usecols=["arch_index", "arch_str", "c10_val200_0"])
    given = {"space": "nasbench201", "validation": "c10_val200_0@200", "scale": "accuracy-percent"}
    by_number = imported(record.sample(frac=1.0, random_state=2), **given, architecture_index="arch_index")
    by_text = imported(record, **given)
    assert by_number.facts.data_hash == by_text.facts.data_hash


MORE = " architectures that were trained more than once, "


class TestFloor:
    def frame(self, n, repeated):
        rng = np.random.default_rng(0)
        rows = [
            (i, s, 0.5 + i / n / 3 + rng.normal() / 1000) for i in range(n) for s in range(3 if i in repeated else 1)
        ]
        return pd.DataFrame(rows, columns=["depth", "seed", "val"])

    @pytest.mark.parametrize(
        ("repeated", "assumed", "words"),
        [
            (
                range(3000),
                False,
                f"3,000{MORE}30 of them among the best 1 % (30 architectures)",
            ),
            (
                range(2980),
                True,
                f"2,980{MORE}10 of them among the best 1 % (30 architectures)",
            ),
            (
                range(2990),
                False,
                f"2,990{MORE}20 of them among the best 1 % (30 architectures)",
            ),
            ([], True, "nothing was trained twice"),
        ],
    )
    def test_it_says_what_it_rests_on(self, imported, repeated, assumed, words):
        table = imported(
            self.frame(3000, set(repeated)), space="columns:depth", validation="val", scale="accuracy", repeat="seed"
        )
        assert table.facts.floor_assumed == assumed
        assert any(words in note for note in table.facts.notes)


DOUBTS = {
    "small-values": ("depth,val\n1,0.91\n2,0.93\n3,0.95\n", {"validation": "val", "scale": "accuracy-percent"}, "are"
    " they --scale accuracy"),
    "minimised-accuracy": ("depth,val_acc\n1,91\n2,93\n3,95\n", {"objective": "val_acc:min"}, "its name says accuracy"),
}  # fmt: skip


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_looks_like_a_mistake_is_refused_unless_it_is_accepted_by_name(imported, doubt):
    content, options, words = DOUBTS[doubt]
    with pytest.raises(BenchmarkError, match=f"{words}.*--accept {doubt}"):
        imported(content, space="columns:depth", **options)
    assert imported(content, space="columns:depth", **options, accept=doubt).space.size == 3
