"""Import of user-defined tables with one row per training run."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import BenchmarkError, ChoiceSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.storage.tables import open_table, write_table
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec, TestSpec
from benchmarks.user_tables.specification import TableSpec

SPEC = TableSpec(
    name="mine", space="columns:depth,width,op", signal=(ColumnSpec(("val",)),), maximise=True, scale="accuracy",
    cost=(ColumnSpec(("seconds",)),), fidelity="epoch", repeat="seed", tests=(TestSpec(ColumnSpec(("test",))),),
)  # fmt: skip
DEPTHS, WIDTHS, OPS = (1, 2, 10), (8, 16), ("conv", "pool")


def made_up(depth, width, op, epoch, seed):
    return {
        "depth": depth, "width": width, "op": op, "epoch": epoch, "seed": f"s{seed}",
        "val": 0.3 + depth / 100 + width / 1000 + (op == "pool") / 50 + epoch / 100 + seed / 10_000,
        "test": 0.2 + depth / 100 + seed / 100, "seconds": epoch * (depth + seed),
    }  # fmt: skip


@pytest.fixture
def frame():
    return pd.DataFrame(made_up(*row) for row in itertools.product(DEPTHS, WIDTHS, OPS, (1, 3), (0, 1)))


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))

    def write(frame, name="mine.csv"):
        file = tmp_path / name
        if file.suffix == ".parquet":
            frame.to_parquet(file)
        else:
            frame.to_csv(file, index=False)
        return file

    return write


def check(table, skip=()):
    """Check that every number of the synthetic table is stored in its place."""
    for depth, width, op in itertools.product(DEPTHS, WIDTHS, OPS):
        if (depth, width, op) in skip:
            continue
        architecture = table.space.from_string(f"depth={depth},width={width},op={op}")
        for epoch in (1, 3):
            rows = [made_up(depth, width, op, epoch, seed) for seed in (0, 1)]
            assert table.errors([architecture], float(epoch))[0] == pytest.approx([1 - row["val"] for row in rows])
            mean_test = np.mean([row["test"] for row in rows])
            assert table.true_errors([architecture], f"test@{epoch}") == pytest.approx(1 - mean_test)
            assert [table.observe(architecture, float(epoch), seed).seconds for seed in (0, 1)] == [
                row["seconds"] for row in rows
            ]


class TestRight:
    @pytest.mark.parametrize("name", ["mine.csv", "mine.csv.gz", "mine.parquet"])
    def test_a_complete_table_in_any_order_of_its_rows(self, frame, write, name):
        shuffled = frame.sample(frac=1.0, random_state=3)
        table = import_table(SPEC, write(shuffled, name))
        assert isinstance(table.space, ChoiceSpace)
        assert dict(table.space.choices) == {"depth": ("1", "2", "10"), "width": ("8", "16"), "op": ("conv", "pool")}
        assert table.facts.fidelities == (1.0, 3.0)
        assert table.facts.unit == "fraction"
        check(table)
        write_table(table)
        check(open_table("mine"))

    def test_an_incomplete_table_becomes_a_pool(self, frame, write):
        part = frame[~((frame["depth"] == 2) & (frame["width"] == 8) & (frame["op"] == "conv"))]
        table = import_table(SPEC, write(part))
        assert isinstance(table.space, PoolSpace)
        assert (table.space.size, table.space.of.size) == (11, 12)
        assert any("a pool of 11 of 12 architectures" in note for note in table.facts.notes)
        check(table, skip={(2, 8, "conv")})
        write_table(table)
        check(open_table("mine"), skip={(2, 8, "conv")})

    def test_a_known_space(self, write):
        cells = ["000000", "111111", "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"]
        table = import_table(
            TableSpec(
                "mine", "nasbench201", (ColumnSpec(("loss",)),), maximise=False, architecture="cell", epochs=12.0
            ),
            write(pd.DataFrame({"cell": cells, "loss": [3.0, 1.0, 2.0]})),
        )
        assert isinstance(table.space, PoolSpace)
        errors = [table.observe(table.space.from_string(cell), 12.0, 0).error for cell in cells]
        assert errors == [3.0, 1.0, 2.0]
        assert (table.facts.unit, table.facts.valid_range) == ("loss", (-np.inf, np.inf))
        assert not table.facts.has_seconds

    def test_a_score_is_negated(self, frame, write):
        table = import_table(replace(SPEC, scale=None), write(frame))
        assert table.facts.unit == "val, negated"
        assert table.facts.targets["validation@3"].optimum == pytest.approx(-frame.groupby(
            ["depth", "width", "op", "epoch"])["val"].mean().max())  # fmt: skip

    def test_repeats_may_be_missing(self, frame, write):
        table = import_table(SPEC, write(frame.drop(index=1)))
        assert table.facts.repeats == (2, 2)
        assert np.isnan(table.errors([(0, 0, 0)], 1.0)[0]).tolist() == [False, True]

    def test_a_search_by_test_values_is_allowed_by_name_and_stated_in_the_title(self, frame, write):
        table = import_table(replace(SPEC, signal=(ColumnSpec(("test",)),), signal_kind="test", tests=()), write(frame))
        assert table.facts.title == "mine, searched by test values"
        assert "is a test value" in table.facts.notes[0]


def changed(row, column, value):
    def change(frame):
        frame = frame.astype({column: object})
        frame.loc[row, column] = value
        return frame

    return change


WRONG = {
    "no rows": (lambda f: f.iloc[:0], {}, "has no rows"),
    "no column": (lambda f: f.drop(columns="val"), {}, "unknown column 'val'"),
    "no choice": (lambda f: f.drop(columns="width"), {}, "unknown column 'width'"),
    "twice": (
        lambda f: pd.concat([f, f.iloc[[4]]]),
        {},
        "row 50: this run is already in row 6; the two rows are equal: remove one",
    ),
    "repeats without a name": (
        lambda f: f,
        {"repeat": None},
        r"row 3: this run is already in row 2; the rows differ in seed \('s0', 's1'\), .* pass --repeat seed",
    ),
    "no run at a fidelity": (
        lambda f: f.drop(index=[2, 3]),
        {},
        r"architecture in row 2 has no run at 3 epochs\. .*Architectures like it: 1$",
    ),
    "value missing": (changed(5, "val", None), {}, "row 7: val is missing"),
    "not a number": (changed(5, "val", "good"), {}, "row 7: val: expected a number, got 'good'"),
    "accuracy of 9,000 %": (changed(5, "val", 90.0), {}, r"row 7: val must lie in \[0, 1\] \(got .*90"),
    "boolean": (changed(5, "val", True), {}, "row 7: val: expected a number, got 'True'"),
    "infinite": (changed(5, "val", np.inf), {"scale": None}, "row 7: val is inf. If the run failed"),
    "test outside": (changed(5, "test", -1.0), {}, r"row 7: test must lie in \[0, 1\]"),
    "no seconds": (changed(5, "seconds", 0.0), {}, "row 7: seconds: got 0, which is not a time above 0 s"),
    "bad name": (lambda f: f, {"name": "../mine"}, "cannot be the name of a benchmark"),
    "epoch of 0": (changed(5, "epoch", 0), {}, "row 7: epoch must be above 0"),
    "repeat missing": (changed(5, "seed", None), {}, "row 7: seed is missing"),
    "choice missing": (changed(5, "op", None), {}, "row 7: op is missing"),
    "unknown scale": (lambda f: f, {"scale": "acuracy"}, "unknown scale 'acuracy'; did you mean 'accuracy'"),
    "scale of another direction": (
        lambda f: f,
        {"maximise": False},
        "scale 'accuracy' is maximised, but the objective 'val' is not; omit --scale",
    ),
    "test as signal": (
        lambda f: f,
        {"signal": (ColumnSpec(("test",)),), "tests": ()},
        "column 'test' looks like test values.* pass --test-signal test",
    ),
    "unknown space": (lambda f: f, {"space": "nasbench909"}, "unknown space 'nasbench909'; did you mean"),
    "wrong cell": (
        lambda f: f.assign(arch_str="x"),
        {"space": "nasbench201"},
        "row 2: arch_str: 'x' is not an architecture of space 'nasbench201'",
    ),
}


class TestWrong:
    @pytest.mark.parametrize("case", WRONG)
    def test_a_wrong_table_is_rejected_and_the_message_names_the_place(self, frame, write, case):
        change, fields, message = WRONG[case]
        with pytest.raises(BenchmarkError, match=message):
            import_table(replace(SPEC, **fields), write(change(frame)))

    def test_a_damaged_parquet_file(self, tmp_path):
        file = tmp_path / "mine.parquet"
        file.write_bytes(b"PAR1 and no more")
        with pytest.raises(BenchmarkError, match=r"mine\.parquet cannot be read as Parquet"):
            import_table(SPEC, file)
