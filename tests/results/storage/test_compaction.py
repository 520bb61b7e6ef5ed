"""Compaction: the same trials in fewer files, whatever happens on the way."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import traces
from faults import everything, flipped

from harness.experiments.resolution import resolve_experiment
from harness.running import compacting
from harness.running.compacting import Compactor
from harness.running.runner import experiment_record, run_experiment
from harness.running.verification import verify_results
from harness.simulation.trial import run_trial
from results.storage import compaction
from results.storage.chunks import COMPACTED_FORMAT, DamagedError, open_chunk, open_footer
from results.storage.compaction import compact_cell, remove_drafts, same_rows
from results.storage.experiment_record import read_experiment, write_experiment
from results.storage.loading import load
from results.storage.presence import cell_presence
from results.storage.records import ResultsError
from results.storage.store import cell_folder, scan, write_chunk, write_error

KEPT = Path(__file__).parent / "kept"
RAW = {
    "schema": 1,
    "name": "compaction",
    "seed": 3,
    "trials": 8,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 4},
    "algorithms": {"random_search": {}},
}


class Killed(BaseException):
    """Stands for the end of a process."""


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    return resolve_experiment(RAW, tmp_path_factory.mktemp("experiment"))


@pytest.fixture(scope="module")
def records(experiment):
    from benchmarks import load_benchmark

    (cell,) = experiment.cells
    return [
        run_trial(cell.source.load()(), cell.source.use, load_benchmark("synthetic"), cell.protocol, 3, trial)
        for trial in range(8)
    ]


def metadata_of(experiment, code="a" * 32, command="first"):
    (cell,) = experiment.cells
    return {"cell": cell.to_json(), "data": cell.data_hash, "code": code, "provenance": {"command": command},
            "real_seconds": 0.5}  # fmt: skip


@pytest.fixture
def cell(tmp_path, experiment, records):
    """Make a results folder with five files, of which the last two come from another command and other code."""
    write_experiment(tmp_path, experiment_record(experiment))
    (spec,) = experiment.cells
    folder = cell_folder(tmp_path, spec.id, spec.label, spec.benchmark)
    first, second = metadata_of(experiment), metadata_of(experiment, "b" * 32, "second")
    for numbers, metadata in (((0, 2), first), ((1,), first), ((3, 4), first), ((5, 7), second), ((6,), second)):
        write_chunk(folder, [records[number] for number in numbers], metadata)
    return folder


def state(folder):
    """Return everything that is known of the trials of a cell."""
    presence, root = scan(folder), folder.parents[1]
    origins = {
        trial: (json.dumps(origin.metadata, sort_keys=True), origin.sealed)
        for origin in presence.origins
        for trial in origin.trials.tolist()
    }
    study = load(root)
    rows = study.cells[0].evaluations.to_json(double_precision=15)
    return traces(root), presence.code, origins, presence.real_seconds, rows, study.cells[0].trials.to_json()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_fewer_files_hold_the_same_trials_with_their_provenance(cell):
    before = state(cell)
    assert len(set(before[1].values())) == 2
    compacted = compact_cell(cell)
    assert (compacted.before, compacted.after, compacted.trials, compacted.damaged) == (5, 1, 8, {})
    assert state(cell) == before
    (file,) = cell.glob("*.parquet")
    chunk = open_chunk(file)
    assert chunk.record.format == COMPACTED_FORMAT
    assert [origin.trials.tolist() for origin in chunk.origins] == [[0, 1, 2, 3, 4], [5, 6, 7]]
    assert chunk.read()["trial"].to_pylist() == sorted(chunk.read()["trial"].to_pylist())
    found = verify_results(cell.parents[1])
    assert (found.problems, found.missing, found.trials, found.files) == ([], 0, 8, 1)
    content = file.read_bytes()
    assert compact_cell(cell).after == 1
    assert file.read_bytes() == content


def test_a_run_continues_after_compaction_and_is_compacted_again(tmp_path, experiment):
    for trials in (2, 5, 8):
        run_experiment(resolve_experiment(RAW | {"trials": trials}, tmp_path), tmp_path, jobs=1)
        for folder in tmp_path.glob("trials/*"):
            assert compact_cell(folder).after == 1
    run_experiment(experiment, tmp_path / "once", jobs=1)
    assert traces(tmp_path) == traces(tmp_path / "once")
    assert verify_results(tmp_path).problems == []


class Dying:
    """Ends the process before a given operation on files: from then on, it does nothing."""

    def __init__(self, patch, at):
        self.left, self.done = at, 0
        for module, name in ((os, "replace"), (os, "fsync"), (os, "chmod"), (tempfile, "mkstemp"), (Path, "unlink")):
            patch.setattr(module, name, self.counted(getattr(module, name)))

    def counted(self, operation):
        def call(*arguments, **keywords):
            if self.left <= 0:
                raise Killed
            self.left -= 1
            self.done += 1
            return operation(*arguments, **keywords)

        return call


def test_a_kill_before_any_operation_loses_nothing_and_doubles_nothing(tmp_path, cell):
    before, root = state(cell), cell.parents[1]
    for step in range(100):
        copy = tmp_path / f"copies/{step}"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("copies"))
        (folder,) = copy.glob("trials/*")
        killed, trust = False, step % 2 == 1
        with pytest.MonkeyPatch.context() as patch:
            dying = Dying(patch, step)
            try:
                compact_cell(folder, trust_footers=trust)
            except Killed:
                killed = True
        assert state(folder) == before
        if step % 4 == 0:  # it recomputes what `state` has compared
            found = verify_results(copy)
            assert (found.problems, found.missing, found.trials) == ([], 0, 8)
        trusted = scan(folder, trust_footers=True)
        assert (len(trusted.done), trusted.real_seconds) == (8, before[3])
        assert compact_cell(folder, trust_footers=trust).after == 1
        remove_drafts(folder)
        assert len(files(folder)) == 1
        assert state(folder) == before
        if not killed:
            break
    assert step == dying.done > 10


def test_a_newer_compacted_file_supersedes_an_older_one(cell, experiment, records):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "_remove", lambda folder, files: None)
        compact_cell(cell)
    (cell / "00006-00006.parquet").unlink()
    (older,) = cell.glob("*.*.parquet")
    older_content = older.read_bytes()
    compact_cell(cell)
    (newer,) = cell.glob("*.parquet")
    assert newer == older  # of the same content
    write_chunk(cell, [replace(records[0], trial=8)], metadata_of(experiment))
    compact_cell(cell)
    older.write_bytes(older_content)
    presence = scan(cell)
    assert presence.superseded == [older]
    assert len(presence.done) == 9
    assert compact_cell(cell).after == 1


def test_a_trial_that_two_files_have_is_kept_once(cell, experiment, records):
    write_chunk(cell, [records[1], records[5]], metadata_of(experiment, "c" * 32))
    before = verify_results(cell.parents[1])
    assert (before.problems, before.missing) == ([], 0)
    first = scan(cell).code
    assert compact_cell(cell).after == 1
    assert scan(cell).code == first
    assert verify_results(cell.parents[1]).trials == 8


def test_files_that_contradict_each_other_are_left_as_they_are(cell, experiment, records):
    write_chunk(cell, [replace(records[3], trial=0), replace(records[3], trial=9)], metadata_of(experiment))
    before = everything(cell)
    with pytest.raises(ResultsError, match="trial 0 is in two files"):
        compact_cell(cell)
    assert everything(cell) == before


def test_damaged_files_and_files_with_other_columns_are_left_as_they_are(cell, experiment, records):
    broken = cell / "00003-00004.parquet"
    broken.write_bytes(flipped(broken.read_bytes(), 999))
    columns = {**records[7].columns, "incumbent_error:other": records[7].columns["observed_error"]}
    write_chunk(cell, [replace(records[7], trial=9, columns=columns)], metadata_of(experiment))
    write_error(cell, 3, {"error": "an error"})
    kept = {name: content for name, content in everything(cell).items() if name[:5] in ("00003", "00009")}
    assert list(compact_cell(cell).damaged) == [broken]
    assert len(list(cell.glob("*.parquet"))) == 3
    assert kept.items() <= everything(cell).items()


def test_a_damaged_file_with_a_sound_footer_is_left_and_named(cell):
    before = state(cell)
    first, *_ = sorted(cell.glob("*.parquet"))
    content = first.read_bytes()
    first.write_bytes(flipped(content, 8 * 100))
    compacted = compact_cell(cell, trust_footers=True)
    assert (list(compacted.damaged), compacted.after) == ([first], 2)
    first.write_bytes(content)
    assert state(cell) == before


def test_nothing_is_removed_if_the_disk_returns_other_bytes(cell, monkeypatch):
    before = everything(cell)
    write = compaction.atomic_write
    monkeypatch.setattr(compaction, "atomic_write", lambda file, content, root: write(file, flipped(content, 99), root))
    with pytest.raises(ResultsError):
        compact_cell(cell)
    assert everything(cell) == before


def test_every_flipped_bit_of_a_compacted_file_is_found(cell):
    compact_cell(cell)
    (file,) = cell.glob("*.parquet")
    content = file.read_bytes()
    for bit in np.random.default_rng(0).choice(8 * len(content), 150, replace=False).tolist():
        file.write_bytes(flipped(content, bit))
        with pytest.raises(DamagedError):
            open_chunk(file)
    file.write_bytes(content[:-9])
    assert list(scan(cell, trust_footers=True).damaged) == [file]


@pytest.mark.parametrize("name", ["format1", pytest.param("format2", marks=pytest.mark.slow)])
def test_folders_of_older_versions_are_compacted_and_keep_their_warnings(name, tmp_path):
    shutil.copytree(KEPT / name, tmp_path / "out")
    before = traces(tmp_path / "out")
    notes = len(load(tmp_path / "out").notes)
    for folder in (tmp_path / "out/trials").iterdir():
        (file,) = folder.glob("*.parquet")
        rows = open_chunk(file).read()
        split_by_trial(folder, file)
        assert compact_cell(folder).after == 1
        (file,) = folder.glob("*.parquet")
        assert same_rows(open_chunk(file).read(), rows.replace_schema_metadata(None))
        assert open_footer(file).sealed == (name != "format1")
    assert traces(tmp_path / "out") == before
    assert len(load(tmp_path / "out").notes) == notes
    found = verify_results(tmp_path / "out")
    assert found.problems == []
    assert any("without a checksum" in line for line in found.left_out) == (name == "format1")


def split_by_trial(folder, file):
    """Write a chunk as two that the same version could have written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from results.storage.chunks import METADATA
    from results.storage.sealing import BLANK, SEAL, seal

    table = pq.read_table(file)
    record = json.loads(table.schema.metadata[METADATA])
    sealed = SEAL in table.schema.metadata
    file.unlink()
    for chosen in (["0"], ["1", "2"]):
        rows = table.filter(pa.compute.is_in(table["trial"], pa.array(map(int, chosen), pa.int32())))
        part = record | {"trials": {key: record["trials"][key] for key in chosen}, "rows": rows.num_rows}
        metadata = {METADATA: json.dumps(part).encode()} | ({SEAL: BLANK} if sealed else {})
        sink = pa.BufferOutputStream()
        pq.write_table(rows.replace_schema_metadata(metadata), sink, write_page_checksum=True)
        content = sink.getvalue().to_pybytes()
        (folder / f"{chosen[0]}-part.parquet").write_bytes(seal(content) if sealed else content)


def test_a_run_compacts_cells_that_have_many_files(tmp_path, monkeypatch, experiment):
    monkeypatch.setattr(compacting, "MOST_FILES", 3)
    monkeypatch.setattr("harness.running.runner.CHUNK", 1)
    monkeypatch.setattr("harness.running.joining.TARGET", 0.0)
    run_experiment(experiment, tmp_path, jobs=1)
    (folder,) = tmp_path.glob("trials/*")
    assert len(list(folder.glob("*.parquet"))) < 8
    assert list(scan(folder).done) == list(range(8))
    assert not Compactor().look(folder)


def test_a_compaction_during_a_run_leaves_the_file_that_is_being_written(cell, monkeypatch):
    monkeypatch.setattr(compacting, "MOST_FILES", 3)
    draft = cell / ".00008-00009.parquet-ab_12c"
    draft.touch()
    assert Compactor().look(cell)
    assert (len(list(cell.glob("[0-9]*.parquet"))), draft.exists()) == (1, True)
    remove_drafts(cell)
    assert not draft.exists()


def test_a_cell_is_looked_at_again_when_it_has_twice_the_files(cell, monkeypatch):
    monkeypatch.setattr(compacting, "MOST_FILES", 3)
    monkeypatch.setattr(compacting, "compact_cell", lambda folder, **_: compaction.Compaction(5, 5, 8, {}))
    compactor = Compactor()
    looks = [compactor.look(cell)] + [compactor.look(cell, 1) for _ in range(16)]
    assert [at for at, looked in enumerate(looks) if looked] == [0, 6, 12]


def test_large_files_are_left_and_small_ones_joined_up_to_the_limit(cell):
    # The files have 8, 4, 8, 8 and 4 rows: those with at least half of the limit are left.
    assert compact_cell(cell, most_rows=8).after == 5
    assert compact_cell(cell, most_rows=18).after == 3
    assert [open_footer(file).record.rows for file in sorted(cell.glob("*.parquet"))] == [12, 16, 4]
    assert compact_cell(cell, most_rows=1000).after == 1


def test_status_reads_footers_alone_only_where_that_says_the_same(cell):
    record = read_experiment(cell.parents[1])["cells"][0]
    for _ in range(2):
        trusted, checked = (cell_presence(cell.parents[1], record, trust_footers=trust) for trust in (True, False))
        assert dict(trusted.done) == dict(checked.done)
        assert (trusted.files, trusted.code, trusted.failed) == (checked.files, checked.code, checked.failed)
        compact_cell(cell)


def test_a_chunk_of_many_trials_keeps_them_as_columns(cell, experiment, records):
    many = [replace(records[number % 8], trial=number) for number in range(10, 150)]
    file = write_chunk(cell, many, metadata_of(experiment))
    chunk = open_chunk(file)
    assert chunk.record.format == COMPACTED_FORMAT
    assert (chunk.record.code, chunk.record.real_seconds) == ("a" * 32, 0.5)
    assert chunk.record.cell.id == experiment.cells[0].id
    assert [(t, r.decisions, r.outcomes, r.ended) for t, r in chunk.trials.items()] == [
        (trial.trial, trial.decisions, trial.outcomes, trial.ended) for trial in many
    ]
    few = open_chunk(write_chunk(cell, [replace(records[0], trial=200)], metadata_of(experiment)))
    assert set(chunk.origins[0].metadata) == set(few.origins[0].metadata)
    before = scan(cell)
    compact_cell(cell)
    after = scan(cell)
    assert (dict(after.done), after.code, after.real_seconds) == (dict(before.done), before.code, before.real_seconds)


@pytest.mark.parametrize("name", [pytest.param("format1", marks=pytest.mark.slow), "format3"])
def test_a_streamed_study_has_the_same_summary_and_keeps_no_evaluations(name):
    from results.summaries.summary import summarize

    whole, streamed = load(KEPT / name), load(KEPT / name, streamed=True)
    assert summarize(streamed) == summarize(whole)
    for one, other in zip(whole.cells, streamed.cells, strict=True):
        assert other.evaluations.equals(one.evaluations)
        assert other.evaluations is not other.evaluations
        assert other.trials.equals(one.trials)
        assert list(other.loaded(["end"]).evaluations.columns) == ["trial", "number", "end"]
        assert one.loaded(["end"]) is one
