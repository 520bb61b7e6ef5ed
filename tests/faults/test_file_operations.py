"""Every file operation of the store fails in turn: nothing stored is lost, and the same run completes later."""

from __future__ import annotations

import os

import pytest
from commands import traces
from faults import ERRORS, OPERATIONS, Unreadable, everything, failing

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.files import atomic_write
from results.storage.loading import load
from results.storage.records import ResultsError

pytestmark = pytest.mark.slow

RAW = {
    "schema": 1,
    "name": "operations",
    "seed": 3,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 5},
    "algorithms": {"random_search": {}, "local_search": {"initial": 2}},
}


def run(folder, trials):
    return run_experiment(resolve_experiment(RAW | {"trials": trials}, folder), folder, jobs=1)


@pytest.mark.parametrize("code", ERRORS, ids=os.strerror)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_failed_operation_loses_nothing(tmp_path, injected, operation, code):
    run(tmp_path / "reference", 6)
    failures = 0
    for call in range(4):
        folder = tmp_path / f"{call}"
        run(folder, 3)
        before = traces(folder)
        raised = []
        with failing(operation, code, call) as fault:
            try:
                run(folder, 6)
            except OSError as error:
                raised.append(error.errno)
        assert raised == ([code] if fault.calls > call else [])
        failures += len(raised)
        after = traces(folder)
        assert all(after[cell].items() >= trials.items() for cell, trials in before.items())
        assert [note for note in load(folder).notes if "damaged" in note] == []
        assert not run(folder, 6).missing
        assert traces(folder) == traces(tmp_path / "reference")
        assert not [
            name for name in everything(folder) if os.path.basename(name).startswith(".") and ".lock" not in name
        ]
    injected("file operations that failed", failures)
    assert failures


def test_a_read_error_of_the_machine_is_not_damage(tmp_path, monkeypatch):
    run(tmp_path, 3)
    before = everything(tmp_path)
    for code in (5, 116, 13, 24):
        with monkeypatch.context() as patch:
            patch.setattr("results.storage.files.os", Unreadable(code))
            with pytest.raises(ResultsError, match=r"cannot be read now .* Nothing was changed"):
                run(tmp_path, 6)
    assert everything(tmp_path) == before


def test_an_earlier_damaged_file_is_not_overwritten(tmp_path):
    run(tmp_path, 3)
    file = sorted(tmp_path.glob("trials/*/*.parquet"))[0]
    for text in (b"first", b"second", b"third"):
        file.write_bytes(text)
        run(tmp_path, 3)
    kept = sorted(tmp_path.glob("trials/*/*.damaged*"))
    assert [path.read_bytes() for path in kept] == [b"first", b"second", b"third"]


def test_a_link_is_never_written_through(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    run(tmp_path / "out", 3)
    for place, target in ((".lock", "file"), ("trials/{cell}", "."), ("experiment.json", "file")):
        folder = tmp_path / f"of-{target}-{len(place)}"
        run(folder, 3)
        cell = sorted(folder.glob("trials/*"))[0].name
        link = folder / place.format(cell=cell)
        aside = tmp_path / f"aside-{len(place)}"
        link.rename(aside)
        link.symlink_to(elsewhere / target)
        if place == "experiment.json":
            atomic_write(link, b"{}", folder)  # takes the place of the link
            assert not link.is_symlink()
        else:
            with pytest.raises((ResultsError, OSError), match="symbolic link"):
                run(folder, 6)
        assert everything(elsewhere) == {"file": b"mine"}
