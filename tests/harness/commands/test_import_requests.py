"""The requests of ``regretta data import``: what the options describe, and which combinations are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import BenchmarkError
from benchmarks.user_tables.architecture_rows import ColumnSpec, ImportSpec
from benchmarks.user_tables.run_rows import TableSpec
from harness.commands.import_requests import (
    ArchitectureTable,
    OfficialFile,
    OfficialFolder,
    RunTable,
    TableOptions,
    import_request,
)

RUNS = {"space": "columns:depth,width", "name": "mine", "objective": "accuracy:max"}
ROWS = {"space": "nasbench201", "name": "mine", "validation": ("v0,v1@200",)}


def request(*arguments, all_from=None, **options):
    return import_request(arguments, all_from, TableOptions(**options))


def test_official_files():
    assert request("ecnas-4v", "x.tfrecord") == OfficialFile("ecnas-4v", Path("x.tfrecord"))
    assert request(all_from=Path("files")) == OfficialFolder(Path("files"))


def test_a_table_of_architectures():
    validation = (ColumnSpec(("v0", "v1"), 200.0),)
    assert request("x.csv", **ROWS) == ArchitectureTable(
        ImportSpec("mine", "nasbench201", "arch_str", validation), Path("x.csv")
    )
    full = request(
        "x.csv", **ROWS, architecture="cell", test=("t@200",), cost=("2*s@200",), scale="error", licence="MIT",
        citation="me",
    )  # fmt: skip
    assert full.spec == ImportSpec(
        "mine", "nasbench201", "cell", validation, (ColumnSpec(("t",), 200.0),), (ColumnSpec(("s",), 200.0, 2.0),),
        "error", licence="MIT", citation="me",
    )  # fmt: skip


def test_a_table_of_runs():
    assert request("x.csv", **RUNS) == RunTable(
        TableSpec("mine", "columns:depth,width", "accuracy", True), Path("x.csv")
    )
    full = request(
        "x.csv", **RUNS | {"space": "nasbench201", "objective": "test_loss:min"}, architecture="cell", fidelity="epoch",
        repeat="seed", test=("t",), cost=("s",), scale="error", test_signal="test_loss", licence="MIT", citation="me",
    )  # fmt: skip
    assert full.spec == TableSpec(
        "mine", "nasbench201", "test_loss", False, "error", "cell", "t", "s", "epoch", "seed", 1.0, "test_loss",
        licence="MIT", citation="me",
    )  # fmt: skip
    assert request("x.csv", **RUNS, epochs=27.0).spec.epochs == 27.0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([], {}, "expected NAME FILE, got nothing. NAME is one of "),
        (["ecnas-4v"], {}, "expected NAME FILE, got ecnas-4v"),
        (["ecnas-4", "x"], {}, "unknown benchmark to import 'ecnas-4'; did you mean 'ecnas-4v'?"),
        (["ecnas-4v", "x"], {"licence": "MIT", "validation": ("a@1",)}, "--validation, --licence: only with --space"),
        (["ecnas-4v", "x"], {"test_signal": "a", "epochs": 0.0}, "--epochs, --test-signal: only with --space"),
        (["x"], {"all_from": Path("y")}, "with --all-from, expected no NAME and no FILE, got x"),
        ([], {"all_from": Path("y"), "scale": "error"}, "--scale: it cannot be combined with --all-from"),
        ([], RUNS, "with --space, expected one FILE, got none"),
        (["a", "b"], ROWS, "with --space, expected one FILE, got a b"),
        (["x"], RUNS | {"name": None}, "--name is missing"),
        (["x"], RUNS | {"name": "synthetic"}, "is the name of a known benchmark"),
        (["x"], RUNS | {"objective": None}, "--space columns:depth,width needs --objective COLUMN:max or COLUMN:min"),
        (["x"], RUNS | {"objective": None, "space": "darts"}, "--space darts needs --objective"),
        (["x"], RUNS | {"objective": "accuracy"}, "--objective: expected COLUMN:max or COLUMN:min, got 'accuracy'"),
        (["x"], RUNS | {"validation": ("a@1",)}, "--objective is for a table with one row per training run"),
        (["x"], RUNS | {"fidelity": "epoch", "epochs": 3.0}, "--epochs 3 is for a table without a column of epochs"),
        (["x"], RUNS | {"architecture": "cell"}, "--architecture: only with a known space, got --space columns:"),
        (["x"], RUNS | {"cost": ("a", "b")}, "--cost a b: with --objective, expected one column without @EPOCHS"),
        (["x"], RUNS | {"test": ("a@3",)}, "--test a@3: with --objective, expected one column without @EPOCHS"),
        (["x"], ROWS | {"fidelity": "e", "repeat": "r"}, "--fidelity, --repeat: only with --objective"),
        (["x"], ROWS | {"epochs": 0.0}, "--epochs: only with --objective"),
        (["x"], ROWS | {"validation": ("test_acc@200",)}, "--test-signal test_acc"),
        (["x"], ROWS | {"space": "nasbench202"}, "did you mean 'nasbench201'?"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(arguments, options, message):
    with pytest.raises(BenchmarkError) as caught:
        request(*arguments, **options)
    assert message in str(caught.value)
