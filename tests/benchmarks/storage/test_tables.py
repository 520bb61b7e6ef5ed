"""The data folder: tables are written completely or not at all, and damage is found and reported."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import tiny

from benchmarks import BenchmarkError, DataAbsentError, benchmark_names, load_benchmark, registry
from benchmarks.storage import tables as folder
from benchmarks.storage.tables import data_folder, imported_names, open_table, read_manifest, verify_table, write_table
from benchmarks.table import TableBenchmark, build_table

DAMAGED = r"the table in .*mine is damaged: .*Replace it .*, or delete the folder"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    for name, reference in tiny.SPACES.items():
        monkeypatch.setitem(registry.SPACES, name, reference)


@pytest.fixture
def table(tmp_path) -> TableBenchmark:
    return tiny.table(tmp_path)


def files():
    """List the content of the data folder, without its lock."""
    return sorted(
        path.relative_to(data_folder()).as_posix() for path in data_folder().rglob("*") if path.name != ".lock"
    )


def contents():
    return {name: (data_folder() / name).read_bytes() for name in files() if (data_folder() / name).is_file()}


def array(beginning):
    """Return the file of an array, such as ``errors-9``."""
    (file,) = (data_folder() / "mine").glob(f"{beginning}-*.npy")
    return file


class TestWriting:
    def test_a_written_table_is_opened_memory_mapped_and_equal(self, table):
        assert write_table(table) == data_folder() / "mine"
        opened = open_table("mine")
        everything = table.space.enumerate()
        for fidelity in (1.0, 9.0):
            assert np.array_equal(opened.errors(everything, fidelity), table.errors(everything, fidelity))
            assert np.array_equal(opened.seconds(everything, fidelity), table.seconds(everything, fidelity))
        for target in table.facts.targets:
            assert np.array_equal(opened.true_errors(everything, target), table.true_errors(everything, target))
        assert all(isinstance(values, np.memmap) for group in opened.arrays().values() for values in group.values())
        assert opened.facts == replace(table.facts, data_hash=opened.facts.data_hash)
        assert len(opened.facts.data_hash) == 64
        assert imported_names() == ["mine"]
        assert benchmark_names()[-1] == "mine"
        assert load_benchmark.__wrapped__("mine").facts == opened.facts

    def test_the_data_hash_depends_only_on_what_determines_a_trial(self, table):
        def data_hash(arrays=table, **facts):
            groups = arrays.arrays()
            errors, seconds = ({float(f): v for f, v in groups[kind].items()} for kind in ("errors", "seconds"))
            other = TableBenchmark(replace(arrays.facts, **facts), table.space, errors, seconds, groups["true_errors"])
            write_table(other, replace=True)
            assert all(getattr(open_table("mine").facts, key) == value for key, value in facts.items())
            return open_table("mine").facts.data_hash

        first = data_hash()
        assert data_hash(title="other", licence="other", citation="other", source="other", notes=("other",)) == first
        decisive = [{"validation_share": 0.5}, {"continuable": True}, {"unit": "hours"}]
        everything = table.space.enumerate()
        errors = {f: table.errors(everything, f) * 0.9 for f in (1.0, 9.0)}
        seconds = {f: table.seconds(everything, f)[:, None] for f in (1.0, 9.0)}
        changed = build_table(table.facts, table.space, errors, seconds)
        hashes = [first, data_hash(changed), *(data_hash(**facts) for facts in decisive)]
        assert len(set(hashes)) == len(hashes)

    def test_an_existing_table_is_kept_unless_replace_is_set(self, table):
        write_table(table)
        before = contents()
        with pytest.raises(BenchmarkError, match=r"a table 'mine' already exists in .*; pass --replace"):
            write_table(table)
        assert contents() == before
        write_table(table, replace=True)
        assert contents() == before

    def test_a_replaced_table_leaves_no_array_behind_and_an_open_one_does_not_change(self, table):
        write_table(table)
        opened, before = open_table("mine"), set(files())
        held = {key: values.copy() for key, values in opened.arrays()["errors"].items()}
        doubled = {f: 0.5 * table.errors(table.space.enumerate(), f) for f in (1.0, 9.0)}
        write_table(build_table(replace(table.facts, has_seconds=False), table.space, doubled, {}), replace=True)
        verify_table("mine")
        assert len(files()) == 1 + 1 + 2 + 2  # folder, manifest, errors, true errors
        assert not [name for name in files() if "seconds" in name or (name in before and "errors" in name)]
        assert all(np.array_equal(values, held[key]) for key, values in opened.arrays()["errors"].items())

    def test_files_of_others_are_left_alone(self, table):
        (data_folder() / "mine").mkdir(parents=True)
        for name in ("notes.txt", "my-errors.npy"):
            (data_folder() / "mine" / name).write_text("keep")
        write_table(table)
        write_table(table, replace=True)
        assert {"mine/notes.txt", "mine/my-errors.npy"} <= set(files())

    def test_a_failed_import_leaves_nothing_behind(self, table, monkeypatch):
        saved = []

        def full(file, values):
            if len(saved) == 2:
                raise OSError("no space left on device")
            saved.append(file)
            file.write_bytes(b"part")

        monkeypatch.setattr(folder.np, "save", full)
        with pytest.raises(OSError, match="no space left"):
            write_table(table)
        assert len(saved) == 2
        assert files() == []
        assert imported_names() == []

    @pytest.mark.parametrize("failing", [1, 3, 7, 8])
    def test_a_failed_replacement_keeps_the_old_table(self, table, monkeypatch, failing):
        write_table(table)
        before, calls, rename = contents(), [], os.replace

        def flaky(source, target):
            calls.append(source)
            if len(calls) == failing:
                raise OSError("device lost")
            rename(source, target)

        monkeypatch.setattr(folder.os, "replace", flaky)
        with pytest.raises(OSError, match="device lost"):
            write_table(halved(table), replace=True)
        assert len(calls) == failing
        verify_table("mine")
        assert contents().items() >= before.items()
        assert [path for path in files() if "importing" in path] == []

    def test_facts_that_cannot_be_read_back_are_not_written(self, table):
        odd = [{"licence": "\udcff"}, {"fidelities": (9.0, 1.0)}, {"repeats": (1.5, 2)}, {"space": "toy"}]
        for facts in odd:
            groups = table.arrays()
            errors, seconds = ({float(f): v for f, v in groups[kind].items()} for kind in ("errors", "seconds"))
            other = TableBenchmark(replace(table.facts, **facts), table.space, errors, seconds, groups["true_errors"])
            with pytest.raises(BenchmarkError):
                write_table(other)
            assert files() == []

    def test_a_data_folder_that_is_a_file_is_rejected(self, table):
        data_folder().write_text("a file")
        assert imported_names() == []
        message = r"REGRETTA_DATA: expected a folder for imported tables, got .*data, which is a file"
        with pytest.raises(BenchmarkError, match=message):
            write_table(table)


def halved(table):
    everything = table.space.enumerate()
    errors = {f: 0.5 * table.errors(everything, f) for f in (1.0, 9.0)}
    seconds = {f: table.seconds(everything, f)[:, None] for f in errors}
    return build_table(table.facts, table.space, errors, seconds, {9.0: table.true_errors(everything, "test@9")})


KILLED = """
import os, signal, sys
from pathlib import Path
import tiny
from benchmarks import registry
from benchmarks.storage import tables as folder
registry.SPACES |= tiny.SPACES
steps, last = 0, int(sys.argv[2])

def counted(step):
    def one(*arguments, **options):
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **options)
    return one

table = tiny.table(Path(sys.argv[1]), tiny.CSV.replace("60,", "99,").encode(), "other.csv")
folder.np.save = counted(folder.np.save)
folder.os.replace = counted(folder.os.replace)
folder.Path.unlink = counted(folder.Path.unlink)
folder.write_table(table, replace=True)
print(steps)
"""


def killed(tmp_path, step):
    """Import another version of the table in a process that is killed at this step of writing."""
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(step)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


class TestKilled:
    @pytest.mark.parametrize("step", [4, pytest.param(8, marks=pytest.mark.slow), 15])
    def test_a_killed_first_import_leaves_no_table_and_does_not_block_the_next(self, tmp_path, table, step):
        assert killed(tmp_path, step).returncode == -signal.SIGKILL
        assert imported_names() == []
        with pytest.raises(DataAbsentError, match=r"'mine': its data is missing from .*regretta data list"):
            open_table("mine")
        write_table(table)
        after = contents()
        shutil.rmtree(data_folder())
        write_table(table)
        assert after == contents()

    @pytest.mark.parametrize(
        "step", [pytest.param(7, marks=pytest.mark.slow), 15, 16, pytest.param(17, marks=pytest.mark.slow)]
    )
    def test_a_killed_replacement_leaves_the_old_or_the_new_table(self, tmp_path, table, step):
        write_table(table)
        old = open_table("mine").facts
        ran = killed(tmp_path, step)
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        verify_table("mine")
        assert (open_table("mine").facts == old) == (step <= 15)
        write_table(table, replace=True)
        assert open_table("mine").facts == old
        assert not [name for name in files() if "importing" in name]
        assert len(files()) == 2 + 7

    def test_the_number_of_steps_of_a_complete_import(self, tmp_path, table):
        write_table(table)
        ran = killed(tmp_path, 0)
        assert ran.returncode == 0, ran.stderr
        assert int(ran.stdout) == 7 + 8 + 2  # arrays written; moved with the manifest; two old ones deleted

    def test_concurrent_imports_take_turns(self, table):
        other = threading.Thread(target=write_table, args=(table,))
        with folder._drafts():
            other.start()
            other.join(0.3)
            assert other.is_alive()
            assert imported_names() == []
        other.join(60)
        verify_table("mine")


def overwrite(file, change):
    file.write_bytes(change(file.read_bytes()))


def manifest_file():
    return data_folder() / "mine" / "manifest.json"


DAMAGES = {
    "truncated array": (lambda: overwrite(array("errors-9"), lambda content: content[: len(content) // 2]), "errors-9"),
    "empty array": (lambda: overwrite(array("seconds-1"), lambda content: b""), "seconds-1"),
    "cut in the array's header": (lambda: overwrite(array("seconds-1"), lambda content: content[:50]), "seconds-1"),
    "array of another shape": (
        lambda: np.save(array("errors-9"), np.zeros((8, 3))),
        r"shape \(8, 2\), got float64 of shape \(8, 3\)",
    ),
    "array of another type": (lambda: np.save(array("errors-9"), np.zeros((8, 2), "f4")), "got float32 of shape"),
    "array of objects": (lambda: np.save(array("errors-9"), np.array([{}], dtype=object)), "errors-9"),
    "no array": (lambda: overwrite(array("errors-9"), lambda content: b"not an array"), "errors-9"),
    "a zip": (lambda: overwrite(array("errors-9"), lambda content: b"PK\3\4" + content), "errors-9"),
    "an invalid header": (
        lambda: overwrite(array("errors-9"), lambda content: content[:10] + b"-" * 118 + content[128:]),
        "errors-9",
    ),
    "missing array": (lambda: array("errors-1").unlink(), r"errors-1-.*npy: the file is missing"),
    "a folder for an array": (
        lambda: [array("errors-1").unlink(), ghost("errors-1")],
        r"errors-1-.*npy: the file is missing",
    ),
    "lower optimum": (
        lambda: overwrite(array("true_errors-test@9"), lambda content: content[:-8] + np.float64(1e-5).tobytes()),
        r"the lowest error is 1e-05, but the manifest states 0\.2",
    ),
    "not a number": (
        lambda: overwrite(array("true_errors-test@9"), lambda content: content[:-8] + np.float64("nan").tobytes()),
        "the lowest error is nan",
    ),
    "an architecture without errors": (
        lambda: overwrite(array("errors-1"), lambda content: content[:-8] + np.float64("nan").tobytes()),
        "an architecture has no error at 1 epochs",
    ),
    "manifest cut": (lambda: overwrite(manifest_file(), lambda content: content[:-30]), "manifest.json: invalid JSON"),
    "manifest of another table": (
        lambda: (data_folder() / "mine").rename(data_folder() / "other"),
        "expected the manifest of 'other', got that of 'mine'",
    ),
}


def ghost(beginning):
    """Make a folder in place of a file that the manifest names."""
    (entry,) = [e for e in tiny.read_manifest()["arrays"] if e["file"].startswith(beginning)]
    (data_folder() / "mine" / entry["file"]).mkdir()


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_a_damaged_table_is_not_opened_and_the_message_says_what_to_do(self, table, damage):
        write_table(table)
        harm, message = DAMAGES[damage]
        harm()
        (name,) = imported_names()
        for look in (open_table, verify_table):
            with pytest.raises(BenchmarkError, match=DAMAGED.replace("mine", name)) as caught:
                look(name)
            assert not isinstance(caught.value, DataAbsentError)
        with pytest.raises(BenchmarkError, match=message):
            open_table(name)

    def test_every_flipped_bit_is_found(self, table):
        write_table(table)
        rng = np.random.default_rng(0)
        for file in sorted((data_folder() / "mine").iterdir()):
            sound = file.read_bytes()
            positions = [0, len(sound) - 1, *rng.integers(len(sound), size=20).tolist()]
            for position in positions:
                content = bytearray(sound)
                content[position] ^= 1 << int(rng.integers(8))
                file.write_bytes(content)
                if file.suffix == ".json" and same_json(content, sound):
                    continue  # a blank became other white space
                with pytest.raises(BenchmarkError, match=DAMAGED):
                    verify_table("mine")
            file.write_bytes(sound)
        verify_table("mine")

    def test_a_missing_table_cannot_be_verified(self):
        with pytest.raises(DataAbsentError, match="'yours': its data is missing from"):
            verify_table("yours")

    def test_a_folder_without_a_manifest_is_not_a_table(self, table):
        write_table(table)
        manifest_file().unlink()
        manifest_file().mkdir()
        assert imported_names() == []
        with pytest.raises(DataAbsentError):
            read_manifest("mine")


def same_json(one, other):
    try:
        return json.loads(bytes(one)) == json.loads(other)
    except ValueError:
        return False


class TestPlace:
    def test_the_environment_variable_sets_the_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
        assert data_folder() == tmp_path
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("REGRETTA_DATA", "~/tables")
        assert data_folder() == tmp_path / "tables"
        monkeypatch.delenv("REGRETTA_DATA")
        assert data_folder().name == "regretta"

    def test_a_missing_folder_has_no_tables(self):
        assert not data_folder().exists()
        assert imported_names() == []
        with pytest.raises(DataAbsentError):
            read_manifest("mine")
