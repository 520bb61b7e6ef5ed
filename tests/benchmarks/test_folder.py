"""The data folder: tables are written whole or not at all, and damage is found and said."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError, DataAbsentError, Facts, TargetFacts, benchmark_names, folder, load_benchmark
from benchmarks.folder import (
    data_folder,
    facts_from_json,
    imported_names,
    open_table,
    read_manifest,
    verify_table,
    write_table,
)
from benchmarks.table import TableBenchmark, build_table


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def table() -> TableBenchmark:
    """A table of NAS-Bench-201's space with two fidelities and test errors."""
    source = load_benchmark("nasbench201-cifar10")
    everything = source.space.enumerate()
    errors = {f: source.errors(everything, 200.0) * scale for f, scale in ((12.0, 1.0), (200.0, 0.5))}
    seconds = {f: source.seconds(everything, 200.0)[:, None] * f for f in errors}
    facts = replace(source.facts, name="mine", fidelities=(12.0, 200.0), data_hash="")
    return build_table(facts, source.space, errors, seconds, {200.0: source.true_errors(everything, "validation@200")})


def files(kind="*"):
    return sorted(path.relative_to(data_folder()).as_posix() for path in data_folder().rglob(kind))


class TestWriting:
    def test_what_was_written_is_opened_memory_mapped_and_equal(self, table):
        assert write_table(table) == data_folder() / "mine"
        opened = open_table("mine")
        everything = table.space.enumerate()
        for fidelity in (12.0, 200.0):
            assert np.array_equal(
                opened.errors(everything, fidelity), table.errors(everything, fidelity), equal_nan=True
            )
            assert np.array_equal(opened.seconds(everything, fidelity), table.seconds(everything, fidelity))
        for target in table.facts.targets:
            assert np.array_equal(opened.true_errors(everything, target), table.true_errors(everything, target))
        assert all(isinstance(a, np.memmap) and not a.flags.writeable for a in opened.arrays()["errors"].values())
        assert opened.facts == replace(table.facts, data_hash=opened.facts.data_hash)
        assert len(opened.facts.data_hash) == 64
        assert imported_names() == ["mine"]
        assert benchmark_names()[-1] == "mine"
        assert load_benchmark.__wrapped__("mine").facts == opened.facts

    def test_the_data_hash_follows_from_the_arrays_alone(self, table):
        write_table(table)
        first = open_table("mine").facts.data_hash
        other = TableBenchmark(
            replace(table.facts, title="other", licence="other"), table.space, table._errors, table._seconds,
            table._true_errors,
        )  # fmt: skip
        write_table(other, replace=True)
        assert open_table("mine").facts.title == "other"
        assert open_table("mine").facts.data_hash == first
        changed = {fidelity: values * 0.9 for fidelity, values in table._errors.items()}
        write_table(build_table(table.facts, table.space, changed, table._seconds), replace=True)
        assert open_table("mine").facts.data_hash != first

    def test_a_name_that_is_there_is_kept_unless_told_otherwise(self, table):
        write_table(table)
        before = {name: (data_folder() / name).read_bytes() for name in files("*.*")}
        with pytest.raises(BenchmarkError, match=r"a table 'mine' is in .* already; pass --replace"):
            write_table(table)
        assert {name: (data_folder() / name).read_bytes() for name in files("*.*")} == before
        write_table(table, replace=True)
        assert {name: (data_folder() / name).read_bytes() for name in files("*.*")} == before

    def test_a_failure_half_way_leaves_nothing(self, table, monkeypatch):
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

    @pytest.mark.parametrize("failing", [1, 2])
    def test_a_failed_replacement_leaves_the_old_table(self, table, monkeypatch, failing):
        write_table(table)
        calls, rename = [], os.replace

        def flaky(source, target):
            calls.append(source)
            if len(calls) == failing:
                raise OSError("device lost")
            rename(source, target)

        monkeypatch.setattr(folder.os, "replace", flaky)
        with pytest.raises(OSError, match="device lost"):
            write_table(table, replace=True)
        assert verify_table("mine") == []
        assert imported_names() == ["mine"]
        assert [path for path in files() if "importing" in path] == []

    def test_an_import_that_was_killed_is_not_taken_for_a_table(self, table):
        write_table(table)
        (data_folder() / "mine").rename(data_folder() / ".importing-killed")
        assert imported_names() == []
        assert "mine" not in benchmark_names()
        with pytest.raises(DataAbsentError, match=r"'mine': its data is not in .*regretta data list"):
            open_table("mine")


def overwrite(name, change):
    file = data_folder() / "mine" / name
    file.write_bytes(change(file.read_bytes()))


def edit_manifest(change):
    file = data_folder() / "mine" / "manifest.json"
    manifest = json.loads(file.read_text())
    changed = change(manifest)
    file.write_text(json.dumps(manifest if changed is None else changed))


def save(values, name="errors-200.npy"):
    np.save(data_folder() / "mine" / name, values)


def lower_one(content):
    return content[:-8] + np.float64(1e-5).tobytes()


DAMAGES = {
    "truncated array": lambda: overwrite("errors-200.npy", lambda content: content[: len(content) // 2]),
    "empty array": lambda: overwrite("seconds-12.npy", lambda content: b""),
    "cut in the array's header": lambda: overwrite("seconds-12.npy", lambda content: content[:50]),
    "array of another shape": lambda: save(np.zeros((15_625, 2))),
    "array of objects": lambda: save(np.array([{}], dtype=object)),
    "no array": lambda: overwrite("errors-200.npy", lambda content: b"not an array"),
    "missing array": lambda: (data_folder() / "mine" / "errors-12.npy").unlink(),
    "lower optimum": lambda: overwrite("true_errors-test@200.npy", lower_one),
    "manifest of another optimum": lambda: edit_manifest(
        lambda m: m["facts"]["targets"]["validation@200"].update(optimum=0.01)
    ),
    "manifest cut": lambda: overwrite("manifest.json", lambda content: content[:-30]),
    "manifest empty": lambda: overwrite("manifest.json", lambda content: b""),
    "manifest not text": lambda: overwrite("manifest.json", lambda content: b"\xff\xfe\x00"),
    "manifest a list": lambda: edit_manifest(lambda m: [m]),
    "manifest without arrays": lambda: edit_manifest(lambda m: {k: v for k, v in m.items() if k != "arrays"}),
    "manifest of another format": lambda: edit_manifest(lambda m: m.update(format=2)),
    "no list of arrays": lambda: edit_manifest(lambda m: m.update(arrays=None)),
    "arrays that are no records": lambda: edit_manifest(lambda m: m.update(arrays=["errors-200.npy"])),
    "no errors among the arrays": lambda: edit_manifest(
        lambda m: m.update(arrays=[entry for entry in m["arrays"] if entry["kind"] != "errors"])
    ),
    "no true errors among the arrays": lambda: edit_manifest(
        lambda m: m.update(arrays=[entry for entry in m["arrays"] if entry["kind"] != "true_errors"])
    ),
    "a key that is no number": lambda: edit_manifest(lambda m: m["arrays"][0].update(key="long")),
    "no facts": lambda: edit_manifest(lambda m: m.update(facts=None)),
    "a fact too many": lambda: edit_manifest(lambda m: m["facts"].update(colour="red")),
    "a fact too few": lambda: edit_manifest(lambda m: m["facts"].pop("licence") and None),
    "targets that are no records": lambda: edit_manifest(lambda m: m["facts"].update(targets=[1])),
    "a range of one": lambda: edit_manifest(lambda m: m["facts"].update(valid_range=[0.0])),
    "an unknown space": lambda: edit_manifest(lambda m: m.update(space="nasbench909")),
}


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_a_damaged_table_is_not_opened_and_the_way_out_is_said(self, table, damage):
        write_table(table)
        DAMAGES[damage]()
        with pytest.raises(BenchmarkError, match=r"mine.*import (it|the table) again") as caught:
            open_table("mine")
        assert not isinstance(caught.value, DataAbsentError)

    def test_a_sound_table_has_no_problems(self, table):
        write_table(table)
        assert verify_table("mine") == []

    @pytest.mark.parametrize("position", [0.001, 0.5, 0.9999])
    def test_one_flipped_bit_is_found(self, table, position):
        write_table(table)
        file = data_folder() / "mine" / "errors-200.npy"
        content = bytearray(file.read_bytes())
        content[int(position * len(content))] ^= 1
        file.write_bytes(content)
        (problem,) = verify_table("mine")
        assert str(file) in problem
        assert problem.endswith("import the table again with --replace")

    def test_a_missing_file_is_found(self, table):
        write_table(table)
        (data_folder() / "mine" / "seconds-12.npy").unlink()
        assert [p for p in verify_table("mine") if "seconds-12.npy is missing" in p]

    def test_what_is_not_there_cannot_be_verified(self):
        with pytest.raises(DataAbsentError, match="'yours': its data is not in"):
            verify_table("yours")

    def test_a_manifest_cannot_reach_outside_its_folder(self, table, tmp_path):
        write_table(table)
        np.save(tmp_path / "outside.npy", table.arrays()["errors"]["200"])
        edit_manifest(lambda m: m["arrays"][1].update(file="../../outside.npy"))
        with pytest.raises(BenchmarkError, match="import it again"):
            open_table("mine")


class TestPlace:
    def test_the_environment_names_the_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
        assert data_folder() == tmp_path
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("REGRETTA_DATA", "~/tables")
        assert data_folder() == tmp_path / "tables"
        monkeypatch.delenv("REGRETTA_DATA")
        assert data_folder().name == "regretta"

    def test_a_folder_that_does_not_exist_holds_nothing(self):
        assert not data_folder().exists()
        assert imported_names() == []
        with pytest.raises(DataAbsentError):
            read_manifest("mine")


numbers = st.floats(allow_nan=False, allow_infinity=False)
bounds = st.tuples(numbers | st.just(-np.inf), numbers | st.just(np.inf))
targets = st.dictionaries(st.text(max_size=5), st.builds(TargetFacts, numbers, numbers, numbers), max_size=2)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.builds(Facts, valid_range=bounds, targets=targets, fidelities=st.lists(numbers, max_size=3).map(tuple)))
def test_any_facts_survive_json(facts):
    assert facts_from_json(json.loads(json.dumps(facts.to_json(), allow_nan=False))) == facts
