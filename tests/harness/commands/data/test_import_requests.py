"""The requests of ``regretta data import``: what the options describe, and which combinations are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import BenchmarkError
from benchmarks.user_tables.notation import ColumnSpec, Condition, InformationSpec, Missing, TestSpec
from benchmarks.user_tables.specification import TableSpec
from harness.commands.data.import_requests import (
    OfficialFile,
    OfficialFolder,
    TableOptions,
    UserTable,
    import_request,
    parse_objective,
)

RUNS = {"space": "columns:depth,width", "name": "mine", "objective": "speed:max"}
ROWS = {"space": "nasbench201", "name": "mine", "validation": "v0,v1@200", "scale": "accuracy"}


def options_of(given):
    texts = {name: (text,) if isinstance(text, str) else text for name, text in given.items()}
    return TableOptions(**{name: value for name, value in texts.items() if value is not None})


def request(*arguments, all_from=None, **options):
    return import_request(arguments, all_from, options_of(options))


def test_official_files():
    assert request("ecnas-4v", "x.tfrecord") == OfficialFile("ecnas-4v", Path("x.tfrecord"))
    assert request(all_from=Path("files")) == OfficialFolder(Path("files"))


def test_a_table_with_a_row_per_architecture():
    found = request(
        "x.csv", **ROWS, architecture="cell", test=("t@200", "second=u@200:error-percent"), cost="2*s@200",
        info="params,latency:1000*lat_s", licence="MIT", citation="me",
    )  # fmt: skip
    assert found == UserTable(
        TableSpec(
            name="mine", space="nasbench201", signal=(ColumnSpec(("v0", "v1"), 200.0),), scale="accuracy",
            architecture="cell", cost=(ColumnSpec(("s",), 200.0, 2.0),), licence="MIT", citation="me",
            tests=(
                TestSpec(ColumnSpec(("t",), 200.0)),
                TestSpec(ColumnSpec(("u",), 200.0), "second", None, "error-percent"),
            ),
            information=(
                InformationSpec("params", ColumnSpec(("params",))),
                InformationSpec("latency", ColumnSpec(("lat_s",), None, 1000.0)),
            ),
            command="--space nasbench201 --name mine --architecture cell --validation v0,v1@200 --test t@200 --test"
            " second=u@200:error-percent --cost '2*s@200' --info 'params,latency:1000*lat_s' --scale accuracy --licence"
            " MIT --citation me",
        ),
        Path("x.csv"),
    )  # fmt: skip


def test_a_table_with_a_row_per_run():
    spec = request(
        "x.csv", **RUNS, fidelity="epoch", repeat="seed", missing="worst=0.5", continuable=True, ordered="depth,width",
        conditional="width if depth>=2", absent="", where=("task=a", "task=b", "lr=1"), accept="falling-costs",
    ).spec  # fmt: skip
    assert (spec.signal, spec.maximise, spec.scale) == ((ColumnSpec(("speed",)),), True, None)
    assert (spec.fidelity, spec.repeat, spec.missing, spec.continuable) == (
        "epoch",
        "seed",
        Missing("worst", 0.5),
        True,
    )
    assert [order.choice for order in spec.ordered] == ["depth", "width"]
    assert spec.absent == ""
    assert spec.conditions == (Condition("width", "depth", ">=", "2"),)
    assert spec.where == (("task", ("a", "b")), ("lr", ("1",)))
    assert spec.accept == {"falling-costs"}
    assert request("x.csv", **RUNS, epochs="27").spec.epochs == 27.0


@pytest.mark.parametrize("more", [{}, {"objective": "test_acc:max"}])
def test_test_values_alone_are_enough(more):
    given = {"space": "columns:depth", "name": "mine", "test_signal": "test_acc", "scale": "accuracy"} | more
    spec = request("x.csv", **given).spec
    assert (spec.signal, spec.signal_kind) == ((ColumnSpec(("test_acc",)),), "test")


def test_numbers_of_architectures():
    spec = request("x.csv", **ROWS, architecture_index="arch_index").spec
    assert (spec.architecture, spec.architecture_index) == ("arch_index", True)


@pytest.mark.parametrize("text", ["", "val", "val:", ":max", "val:up", "max"])
def test_an_objective_needs_a_direction(text):
    with pytest.raises(BenchmarkError, match="expected COLUMN:max or COLUMN:min, got"):
        parse_objective(text)
    assert parse_objective("a:b:min") == ("a:b", False)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([], {}, "expected NAME FILE, got nothing. NAME is one of "),
        (["ecnas-4v"], {}, "expected NAME FILE, got ecnas-4v"),
        (["ecnas-4", "x"], {}, "unknown benchmark to import 'ecnas-4'; did you mean 'ecnas-4v'?"),
        (["ecnas-4v", "x"], {"licence": "MIT", "validation": "a@1"}, "official file, omit --validation, --licence"),
        (["ecnas-4v", "x"], {"test_signal": "a", "epochs": "0"}, "official file, omit --test-signal, --epochs"),
        (["x"], {"all_from": Path("y")}, "with --all-from, expected no NAME and no FILE, got x"),
        ([], {"all_from": Path("y"), "scale": "error"}, "--scale: it cannot be combined with --all-from"),
        ([], RUNS, "with --space, expected one FILE, got none"),
        (["a", "b"], ROWS, "with --space, expected one FILE, got a b"),
        (["x"], RUNS | {"name": None}, "--name is missing"),
        (["x"], RUNS | {"name": "synthetic"}, "is the name of a known benchmark"),
        (["x"], RUNS | {"name": "../mine"}, "cannot be the name of a benchmark"),
        (["x"], RUNS | {"name": "n" * 300}, "use at most 80 letters"),
        (["x"], RUNS | {"name": ("a", "b")}, "--name is given 2 times: a, b; give it once"),
        (["x"], RUNS | {"objective": None}, "nothing to search by"),
        (["x"], RUNS | {"objective": "accuracy"}, "--objective: expected COLUMN:max or COLUMN:min, got 'accuracy'"),
        (["x"], RUNS | {"validation": "a@1"}, "--objective and --validation both name the search signal"),
        (["x"], RUNS | {"fidelity": "epoch", "epochs": "3"}, "--epochs 3 is for a table without a column of epochs"),
        (["x"], RUNS | {"epochs": "many"}, "--epochs: expected a number, got 'many'"),
        (["x"], RUNS | {"epochs": "0"}, "--epochs: expected a number above 0, got 0"),
        (["x"], RUNS | {"architecture": "cell"}, "--architecture: only with a known space, got --space columns:"),
        (["x"], RUNS | {"cost": ("a", "b")}, "a fidelity is given twice"),
        (["x"], RUNS | {"test": "a:accuracy"}, "expected no scale, as the search signal has"),
        (["x"], RUNS | {"test": "validation=a"}, "the search signal is already called 'validation'"),
        (["x"], RUNS | {"test": "speed"}, "column 'speed' is both the search signal and --test test"),
        (["x"], RUNS | {"repeat": "depth"}, "column 'depth' is both --space and --repeat"),
        (["x"], RUNS | {"objective": "val_acc:min"}, "its name says accuracy; correct it, or pass --accept minimised"),
        (["x"], RUNS | {"accept": "all"}, "--accept: unknown doubt 'all'"),
        (["x"], RUNS | {"missing": "ignore"}, "--missing: expected refuse, worst, worst=VALUE or drop-architecture"),
        (["x"], RUNS | {"where": "task"}, "--where: expected COLUMN=VALUE, got 'task'"),
        (["x"], RUNS | {"where": ("a=1", "a=2", "b=1", "b=2")}, "expected several values of one column at most"),
        (["x"], RUNS | {"conditional": "width when depth"}, "expected 'CHOICE if OTHER >= VALUE'"),
        (["x"], RUNS | {"conditional": "height if depth>1"}, "--conditional: unknown choice 'height'"),
        (["x"], RUNS | {"ordered": "height"}, "--ordered: unknown choice 'height'"),
        (["x"], RUNS | {"info": "a@3"}, "--info a@3: expected one column"),
        (["x"], RUNS | {"test_signal": "b"}, "nothing else is searched by; omit speed"),
        (["x"], ROWS | {"scale": None}, "--scale is missing: say whether v0,v1@200 holds accuracy-percent"),
        (["x"], ROWS | {"scale": "percent"}, "unknown scale 'percent'"),
        (["x"], ROWS | {"fidelity": "e"}, "--fidelity: the columns of the search signal already tell the epochs"),
        (["x"], ROWS | {"epochs": "9"}, "--epochs: the columns of the search signal already tell the epochs"),
        (["x"], ROWS | {"validation": ("a,b@200", "c@12")}, "different numbers of repeats"),
        (["x"], ROWS | {"validation": "test_acc@200"}, "--test-signal test_acc"),
        (["x"], ROWS | {"space": "nasbench202"}, "did you mean 'nasbench201'?"),
        (["x"], ROWS | {"ordered": "depth"}, "--ordered: only with --space columns:..."),
        (["x"], ROWS | {"architecture": "a", "architecture_index": "b"}, "give one of them"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit_together_are_refused(arguments, options, message):
    with pytest.raises(BenchmarkError) as caught:
        request(*arguments, **options)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 1500
