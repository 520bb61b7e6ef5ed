"""Import of user-defined tables with one row per architecture: valid ones are stored, and others are rejected."""

from __future__ import annotations

import gzip
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.storage.tables import data_folder, write_table
from benchmarks.table import TableBenchmark
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import SCALES, ColumnSpec, TestSpec
from benchmarks.user_tables.specification import TableSpec

SIZE = 15_625
HEADER = "arch,v0,v1,v12,test,time,slow"
SPEC = TableSpec(
    name="mine",
    space="nasbench201",
    architecture="arch",
    signal=(ColumnSpec.parse("v0,v1@200"), ColumnSpec.parse("v12@12")),
    tests=(TestSpec.parse("test@200"),),
    cost=(ColumnSpec.parse("time@200"), ColumnSpec.parse("0.06*time@12")),
    scale="accuracy-percent",
    accept=frozenset({"unequal-repeats"}),
    official=True,
)


def value(row, column):
    """Return rows of numbers that identify their row and column."""
    return round(10 + 80 * row / SIZE + column, 4)


@pytest.fixture(scope="module")
def lines():
    space = NASBench201Space()
    cells = ["".join(map(str, cell)) for cell in space.enumerate().tolist()]
    return [HEADER, *(f"{cell},{','.join(str(value(i, c)) for c in range(6))}" for i, cell in enumerate(cells))]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    return tmp_path


def write(folder, lines):
    file = folder / "mine.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


class TestRight:
    def test_every_value_is_stored_with_its_architecture_for_any_order_of_rows(self, folder, lines):
        shuffled = [HEADER, *np.random.default_rng(1).permutation(lines[1:]).tolist()]
        table = import_table(SPEC, write(folder, shuffled))
        everything, rows = table.space.enumerate(), np.arange(SIZE)
        columns = [np.round(10 + 80 * rows / SIZE + column, 4) for column in range(6)]
        assert np.allclose(table.errors(everything, 200.0), 1 - np.array(columns[:2]).T / 100)
        assert np.allclose(table.errors(everything, 12.0), 1 - columns[2][:, None] / 100)
        assert np.allclose(table.true_errors(everything, "test@200"), 1 - columns[3] / 100)
        assert np.allclose(table.seconds(everything, 200.0), columns[4])
        assert np.allclose(table.seconds(everything, 12.0), 0.06 * columns[4])
        assert table.facts.fidelities == (12.0, 200.0)
        assert list(table.facts.targets) == ["validation@12", "validation@200", "test@200"]
        assert (table.facts.provenance, table.facts.licence) == ("recorded", "not stated")

    def test_gzip_and_the_long_notation_are_read(self, folder, lines):
        space = NASBench201Space()
        long = [f"{space.to_string(tuple(map(int, line[:6])))}{line[6:]}" for line in lines[1:]]
        file = folder / "mine.csv.gz"
        file.write_bytes(gzip.compress("\n".join([HEADER, *long]).encode(), 1))
        table, plain = import_table(SPEC, file), import_table(SPEC, write(folder, lines))
        everything = space.enumerate()
        assert np.array_equal(table.errors(everything, 200.0), plain.errors(everything, 200.0))

    def test_blank_lines_are_left_out(self, folder, lines):
        plain = import_table(SPEC, write(folder, lines))
        table = import_table(SPEC, write(folder, [*lines[:5], "", *lines[5:], "", ",,,,,,"]))
        for kind, group in plain.arrays().items():
            for key, values in group.items():
                assert np.array_equal(table.arrays()[kind][key], values)

    def test_a_repeat_may_be_missing_and_the_others_move_to_the_front(self, folder, lines):
        gap = [*lines[:1], lines[1].replace(f",{value(0, 0)}", ",", 1), *lines[2:]]
        table = import_table(SPEC, write(folder, gap))
        assert table.facts.repeats == (1, 2)
        only = 1 - value(0, 1) / 100
        first = (0,) * 6
        assert table.errors([first], 200.0)[0].tolist() == pytest.approx([only, np.nan], nan_ok=True)
        assert {table.observe(first, 200.0, draw)[::2] for draw in range(5)} == {(only, 0)}

    def test_the_time_charged_is_that_of_the_repeat_seen(self, folder, lines):
        spec = replace(
            SPEC,
            signal=(ColumnSpec.parse("v0,v1@200"),),
            cost=(ColumnSpec.parse("time,slow@200"),),
        )
        gap = [*lines[:1], lines[1].replace(f",{value(0, 0)}", ",", 1), *lines[2:]]
        table = import_table(spec, write(folder, gap))
        assert table.observe((0,) * 6, 200.0, 0) == (1 - value(0, 1) / 100, value(0, 5), 0)
        assert table.observe((0,) * 6, 200.0, None).seconds == value(0, 5)
        second = [table.observe((0, 0, 0, 0, 0, 1), 200.0, draw).seconds for draw in range(2)]
        assert second == [value(1, 4), value(1, 5)]

    def test_without_costs_there_are_no_seconds(self, folder, lines):
        table = import_table(replace(SPEC, cost=()), write(folder, lines))
        assert not table.facts.has_seconds
        assert np.isnan(table.seconds([(0,) * 6], 200.0)).all()
        assert math.isnan(table.observe((0,) * 6, 200.0, 0).seconds)

    @pytest.mark.parametrize(
        ("scale", "factor", "error"),
        [
            ("accuracy-percent", 1, 1 - 0.1),
            ("accuracy", 0.01, 1 - 0.1),
            ("error-percent", 1, 0.1),
            ("error", 0.01, 0.1),
        ],
    )
    def test_scales(self, folder, lines, scale, factor, error):
        spec = replace(SPEC, signal=(ColumnSpec(("v0",), 200.0, factor),), tests=(), cost=(), scale=scale)
        assert import_table(spec, write(folder, lines)).errors([(0,) * 6], 200.0)[0, 0] == pytest.approx(error)
        assert set(SCALES) == {"accuracy-percent", "accuracy", "error-percent", "error"}


def edited(row, column, text):
    """Return an edit that changes one cell. Row 1 is the first architecture."""

    def edit(lines):
        cells = lines[row].split(",")
        cells[column] = text
        lines = list(lines)
        lines[row] = ",".join(cells)
        return lines

    return edit


def column(number, *texts):
    """Return an edit that fills a column with these texts in turn."""

    def edit(lines):
        rows = [line.split(",") for line in lines[1:]]
        for row, text in zip(rows, itertools.cycle(texts), strict=False):
            row[number] = text
        return [lines[0], *map(",".join, rows)]

    return edit


WRONG_TABLES = {
    "no CSV": (lambda lines: ['arch,v0\n"unclosed'], r"unknown column 'v1'|cannot be read as CSV"),
    "empty": (lambda lines: [""], r"mine.csv is empty; expected a line with the names"),
    "a decimal comma": (
        lambda lines: [*lines[:9], lines[9].replace(".", ",", 1), *lines[10:]],
        r"mine\.csv, line 10: more fields than the header: expected 7, got 8; .* decimals with a point",
    ),
    "decimal commas everywhere": (
        lambda lines: [HEADER, *(line.replace(".", ",", 1) for line in lines[1:])],
        r"mine\.csv, line 2: more fields than the header: expected 7, got 8",
    ),
    "missing column": (
        lambda lines: [HEADER.replace("time", "tim_e"), *lines[1:]],
        r"mine\.csv: unknown column 'time'; did you mean 'tim_e'\? Known: arch",
    ),
    "missing architecture column": (
        lambda lines: ["architecture" + HEADER[4:], *lines[1:]],
        r"unknown column 'arch'; did you mean 'architecture'",
    ),
    "duplicate architecture": (
        lambda lines: [*lines[:5], lines[2], *lines[6:]],
        r"mine\.csv, row 6: this run is already in row 3; the two rows are equal: remove one of them\. Rows like it: 1",
    ),
    "missing architecture": (
        lambda lines: [*lines[:2], *lines[4:]],
        r"2 of the 15625 architectures .* are missing, the first is \|none~0\|.*; give a complete table",
    ),
    "no rows": (lambda lines: lines[:1], r"mine\.csv has no rows"),
    "invalid architecture": (edited(3, 0, "000005"), r"mine\.csv, row 4: arch: '000005' is not an architecture"),
    "no architecture": (edited(3, 0, ""), r"mine\.csv, row 4: arch: '' is not an architecture"),
    "both repeats missing": (
        lambda lines: edited(4, 1, "")(edited(4, 2, "NaN")(lines)),
        r"csv, row 5: v0, v1 are missing\. If the run failed, .* --missing worst .*Rows like it: 1$",
    ),
    "test missing": (edited(4, 4, ""), r"mine\.csv, row 5: test is missing; give every architecture a value"),
    "cost missing": (
        edited(4, 5, ""),
        r"mine\.csv, row 5: time@200, 0\.06\*time@12: got nan, which is not a time above 0 s",
    ),
    "accuracy 9000": (
        edited(7, 2, "9000"),
        r"mine\.csv, row 8: v0, v1, v12 must lie in \[0, 100\] \(got 9000\).* --scale",
    ),
    "accuracy below 0": (edited(7, 1, "-0.5"), r"mine\.csv, row 8: v0, v1, v12 must lie in \[0, 100\] \(got -0\.5\)"),
    "infinite": (edited(7, 3, "inf"), r"mine\.csv, row 8: v12 is inf\. If the run failed"),
    "infinite cost": (edited(7, 5, "inf"), r"mine\.csv, row 8: time@200, .*: got inf, which is not a time above 0 s"),
    "negative cost": (edited(7, 5, "-1"), r"mine\.csv, row 8: time@200, .*: got -1, which is not a time above 0 s"),
    "no cost": (edited(7, 5, "0"), r"mine\.csv, row 8: time@200, .*: got 0, .*not a time above 0 s; .*omit --cost"),
    "a cost that underflows": (
        edited(7, 5, "5e-324"),
        r"row 8: time@200, 0\.06\*time@12: got 0, which is not a time above 0 s",
    ),
    "the first of several in the file, for any order of the space": (
        lambda lines: [lines[0], *edited(0, 5, "-2")(edited(-1, 5, "-3")(lines[:0:-1]))],
        r"mine\.csv, row 2: time@200, .*: got -2, .*Rows like it: 2",
    ),
    "a row below blank lines": (
        lambda lines: [*lines[:2], "", "", *edited(7, 5, "-1")(lines)[2:], "", ""],
        r"mine\.csv, row 10: time@200, .*: got -1",
    ),
    "not numeric": (edited(7, 2, "good"), r"mine\.csv, row 8: v1: expected a number, got 'good'; leave the cell empty"),
    "digits with a grouping mark": (edited(7, 2, "1_0"), r"mine\.csv, row 8: v1: expected a number, got '1_0'"),
    "a boolean": (edited(7, 4, "False"), r"mine\.csv, row 8: test: expected a number, got 'False'"),
    "booleans": (column(1, "True", "False"), r"mine\.csv, row 2: v0: expected a number, got 'True'"),
    "booleans and gaps": (column(1, "", "True"), r"mine\.csv, row 3: v0: expected a number, got 'True'"),
    "a column twice": (
        lambda lines: [HEADER.replace("slow", "v1"), *lines[1:]],
        r"mine\.csv: column 'v1' occurs 2 times in the header",
    ),
}

WRONG_SPECS = {
    "missing column": ({"cost": ("tine@200", "v12@12")}, r"unknown column 'tine'; did you mean 'time'"),
    "scale": ({"scale": "acuracy"}, r"unknown scale 'acuracy'; did you mean 'accuracy'"),
    "space": ({"space": "nasbanch201"}, r"unknown space 'nasbanch201'; did you mean 'nasbench201'"),
    "percent taken for a fraction": (
        {"scale": "accuracy"},
        r"row 2: v0, v1, v12 must lie in \[0, 1\] \(got 10\).* --scale",
    ),
    "nothing to search by": ({"signal": ()}, r"nothing to search by: give --validation COLUMN@EPOCHS"),
    "validation twice": ({"signal": ("v0@200", "v1@200"), "cost": ()}, r"fidelity is given twice.*COLUMN,COLUMN@"),
    "test twice": ({"tests": ("test@200", "v1@200")}, r"fidelity is given twice"),
    "cost twice": ({"cost": ("time@200", "slow@200", "time@12")}, r"fidelity is given twice"),
    "cost of too few": (
        {"cost": ("time@200",)},
        r"--cost: the signal has 12, 200 epochs; the costs have 200; missing: 12\. Give each fidelity.*"
        r" If all epochs take the same time, write --cost '12/200\*time@12' --cost time@200$",
    ),
    "cost of another": (
        {"cost": ("time@200", "time@13")},
        r"the costs have 13, 200; missing: 12; not in the signal: 13\. Give.*'12/200\*time@12' --cost time@200$",
    ),
    "cost of none but a longer training": (
        {"cost": ("time@300",)},
        r"missing: 12, 200; not in the signal: 300\. Give .* or omit all costs$",
    ),
    "cost without epochs": (
        {"cost": ("60*time",)},
        r"the costs have no @EPOCHS; missing: 12, 200\. Give.* --cost '720/200\*time@12' --cost '60\*time@200'$",
    ),
    "the same cost for short and long trainings": (
        {"cost": ("time@200", "time@12")},
        r"--cost: time@200 and time@12 charge the same time for different epochs; charge a share of it for the shorter"
        r" training\. If all epochs take the same time, write --cost '12/200\*time@12' --cost time@200$",
    ),
    "a repeat twice": (
        {"signal": ("v0,v0@200",), "cost": ()},
        r"column 'v0' is given twice; give each role, and each repeat",
    ),
    "name": ({"name": "*"}, r"'\*' cannot be the name of a benchmark: use at most 80 letters, digits"),
    "cost of some repeats": (
        {"signal": ("v0,v1,v12@200",), "cost": ("time,slow@200",)},
        r"--cost at 200 epochs: expected 1 column for all repeats or 3, one for each, got 2",
    ),
}


class TestWrong:
    @pytest.mark.parametrize("case", WRONG_TABLES)
    def test_a_wrong_table_is_rejected_and_the_message_names_the_place(self, folder, lines, case):
        edit, message = WRONG_TABLES[case]
        with pytest.raises(BenchmarkError, match=message):
            import_table(SPEC, write(folder, edit(lines)))
        assert not data_folder().exists()

    @pytest.mark.parametrize("case", WRONG_SPECS)
    def test_wrong_settings_are_rejected_and_the_message_says_what_to_do(self, folder, lines, case):
        fields, message = WRONG_SPECS[case]
        columns = {
            key: tuple(map((TestSpec if key == "tests" else ColumnSpec).parse, texts))
            for key, texts in fields.items()
            if not isinstance(texts, str)
        }
        with pytest.raises(BenchmarkError, match=message):
            import_table(replace(SPEC, **(fields | columns)), write(folder, lines))
        assert not data_folder().exists()

    def test_a_missing_file(self, folder):
        with pytest.raises(BenchmarkError, match=r"absent\.csv does not exist"):
            import_table(SPEC, folder / "absent.csv")

    def test_a_folder(self, folder):
        with pytest.raises(BenchmarkError, match="is a folder; expected a file with a table"):
            import_table(SPEC, folder)

    @pytest.mark.parametrize(
        "damage", ["truncated", "truncated in the header", "flipped", "flipped early", "not gzip", "not text"]
    )
    def test_a_damaged_file(self, folder, lines, damage):
        content = gzip.compress("\n".join(lines).encode(), 1)
        middle = len(content) // 2
        file = folder / "mine.csv.gz"
        file.write_bytes(
            {
                "truncated": content[:middle],
                "truncated in the header": content[:14],
                "flipped": content[:middle] + bytes([content[middle] ^ 255]) * 40 + content[middle + 40 :],
                "flipped early": content[:12] + bytes(byte ^ 255 for byte in content[12:40]) + content[40:],
                "not gzip": "\n".join(lines).encode(),
                "not text": gzip.compress(bytes(range(256)) * 50),
            }[damage]
        )
        with pytest.raises(BenchmarkError, match=r"mine\.csv\.gz(, line \d+)?(:| cannot be read as CSV| is not UTF-8)"):
            import_table(SPEC, file)

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", ".hidden", "a/b", "/tmp/a", "a\\b", "../up", "a\0b", "*", "a b", "mine\n", "-x", "é", "a" * 81],
    )
    def test_a_name_with_a_path_is_rejected_before_anything_is_written(self, folder, name):
        table = load_benchmark("nasbench201-cifar10")
        table = TableBenchmark(replace(table.facts, name=name), table.space, {}, {}, {})
        with pytest.raises(BenchmarkError, match=r"cannot be the name of a benchmark: use at most 80 letters"):
            write_table(table)
        assert list(folder.rglob("*")) == []


class TestColumnSpec:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("val", ColumnSpec(("val",))),
            ("val@200", ColumnSpec(("val",), 200.0)),
            (" a , b,c @ 12 ", ColumnSpec(("a", "b", "c"), 12.0)),
            ("0.06*time@12", ColumnSpec(("time",), 12.0, 0.06)),
            ("1e-3*a b@0.5", ColumnSpec(("a b",), 0.5, 1e-3)),
            ("1/3*time@3", ColumnSpec(("time",), 3.0, 1 / 3)),
            ("0.5 / 9 * time", ColumnSpec(("time",), None, 0.5 / 9)),
        ],
    )
    def test_notation(self, text, expected):
        assert ColumnSpec.parse(text) == expected

    @pytest.mark.parametrize(
        "text",
        ["", "val@", "@12", "val@epochs", "val@-1", "val@0", "val@inf", "val@nan", "a,,b@12", "0*a@12",
         "val@1234567", "val@0.1234567", "-1*a@12", "nan*a@12", "x*a@12", "a@b@12", "2*3*a@12", "*a@12",
         "1/0*a@12", "1/*a@12", "/3*a@12", "1/2/3*a@12", "1/-3*a@12"],
    )  # fmt: skip
    def test_anything_else_is_rejected(self, text):
        with pytest.raises(
            BenchmarkError, match=r"expected COLUMN@EPOCHS, COLUMN,COLUMN@EPOCHS for repeats, or FACTOR"
        ):
            ColumnSpec.parse(text)

    @settings(derandomize=True, deadline=None)
    @given(st.text(max_size=20))
    @example("1_0*a@1_0")
    def test_arbitrary_text_raises_no_other_error(self, text):
        try:
            spec = ColumnSpec.parse(text)
        except BenchmarkError:
            return
        assert spec.columns
        assert all(spec.columns)
        assert spec.fidelity is None or 0 < spec.fidelity < math.inf
        assert 0 < spec.factor < math.inf
