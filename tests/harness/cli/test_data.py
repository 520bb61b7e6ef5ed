"""``regretta data``: from a user's table to a run on it."""

from __future__ import annotations

import itertools
import shutil

import pytest
from commands import regretta_here

from results.storage.loading import load

EXPERIMENT = """
schema = 1
name = "own"
seed = 1
trials = 3
benchmarks = ["mine"]
budget = { evaluations = 12 }
[algorithms.random_search]
[algorithms.local_search]
[algorithms.tpe]
[algorithms.reinforce]
"""
IMPORT = (
    "data", "import", "mine.csv", "--space", "columns:depth,width,op", "--objective", "val_acc:max", "--cost",
    "train_time", "--fidelity", "epoch", "--repeat", "seed", "--name", "mine",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path, few_benchmarks):
    rows = ["depth,width,op,epoch,seed,val_acc,train_time"]
    for depth, width, op, epoch, seed in itertools.product((1, 2, 3), (8, 16), ("conv", "pool"), (1, 9), (0, 1)):
        accuracy = 50 + depth + width / 4 + 3 * (op == "conv") + epoch + seed / 10
        rows.append(f"{depth},{width},{op},{epoch},{seed},{accuracy},{epoch * depth}")
    (tmp_path / "mine.csv").write_text("\n".join(rows[:-4]) + "\n")
    (tmp_path / "own.toml").write_text(EXPERIMENT)
    return tmp_path


def test_a_users_table_is_imported_verified_listed_and_used_in_a_run(folder):
    here = {"cwd": folder, "REGRETTA_DATA": str(folder / "data")}
    done = regretta_here(*IMPORT, **here)
    assert done.returncode == 0, done.stderr
    assert "mine: 11 architectures in" in done.stdout
    assert "a pool of 11 of 12 architectures: neighbours are the nearest recorded ones" in done.stdout
    again = regretta_here(*IMPORT, **here)
    assert (again.returncode, "already exists" in again.stderr) == (2, True)
    assert regretta_here("data", "verify", "mine", **here).returncode == 0
    assert "mine" in regretta_here("list", "benchmarks", **here).stdout
    ran = regretta_here("run", "own.toml", "--out", "out", "-j", 1, **here)
    assert ran.returncode == 0, ran.stderr
    study = load(folder / "out")
    assert {cell.label for cell in study.cells} == {"random_search", "local_search", "tpe", "reinforce"}
    assert all(len(cell.trials) == 3 for cell in study.cells)


def test_a_failed_import_leaves_nothing_behind(folder):
    text = (folder / "mine.csv").read_text()
    (folder / "mine.csv").write_text(text.replace("conv,9,1,", "conv,9,1,good", 1))
    done = regretta_here(*IMPORT, cwd=folder, REGRETTA_DATA=str(folder / "data"))
    assert done.returncode == 2
    assert "expected a number, got" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("data/*"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--epochs", "3"), "--epochs 3 is for a table without a column of epochs, but --fidelity epoch names one"),
        (("--epochs", "nan"), "--epochs: expected a number above 0, got nan"),
    ],
)
def test_options_that_contradict_each_other_are_refused(folder, words, message):
    done = regretta_here(*IMPORT, *words, cwd=folder, REGRETTA_DATA=str(folder / "data"))
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_an_option_given_twice_is_refused(folder):
    words = (
        "--space",
        "nasbench201",
        "--name",
        "mine",
        "--validation",
        "val_acc@9",
        "--repeat",
        "seed",
        "--repeat",
        "r",
    )
    done = regretta_here("data", "import", "mine.csv", *words, cwd=folder, REGRETTA_DATA=str(folder / "data"))
    assert (done.returncode, "--repeat is given 2 times: seed, r; give it once" in done.stderr) == (2, True), (
        done.stderr
    )


@pytest.mark.data("ecnas_tfrecord")
def test_all_known_files_of_a_folder_are_imported_once(folder, data_folder):
    shutil.copytree(data_folder / "ecnas_tfrecord", folder / "files" / "ecnas_tfrecord")
    here = {"cwd": folder, "REGRETTA_DATA": str(folder / "data")}
    first = regretta_here("data", "import", "--all-from", "files", **here)
    assert first.returncode == 0, first.stderr
    assert "ecnas-4v: 423 architectures" in first.stdout
    assert "ecnas-5v: 22,680 architectures" in first.stdout
    second = regretta_here("data", "import", "--all-from", "files", **here)
    assert second.stdout.splitlines() == ["ecnas-4v: already imported", "ecnas-5v: already imported"]
