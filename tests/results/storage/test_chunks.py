"""Chunks: sealed content, older files without a seal, and the hashes of their rows."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.chunks import (
    CHUNK_FORMAT,
    COMPACTED_FORMAT,
    METADATA,
    DamagedError,
    check_hashes,
    open_chunk,
    trial_columns,
)
from results.storage.loading import load
from results.storage.sealing import BLANK, SEAL, is_intact, is_sealed, seal

RAW = {
    "schema": 1,
    "name": "chunks",
    "seed": 3,
    "trials": 3,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 6},
    "algorithms": {"random_search": {}},
}


@pytest.fixture
def folder(tmp_path):
    run_experiment(resolve_experiment(RAW, tmp_path), tmp_path, jobs=1)
    return tmp_path


@pytest.fixture
def file(folder):
    (found,) = folder.glob("trials/*/*.parquet")
    return found


def rewrite(file: Path, change, *, sealed: bool, rows=lambda table: table):
    """Write the file again with other metadata, as an older version did or with a new seal."""
    table = pq.read_table(file)
    record = json.loads(table.schema.metadata[METADATA])
    record = change(record)
    metadata = {METADATA: json.dumps(record).encode()} | ({SEAL: BLANK} if sealed else {})
    sink = pa.BufferOutputStream()
    pq.write_table(rows(table).replace_schema_metadata(metadata), sink, compression="zstd", write_page_checksum=True)
    content = sink.getvalue().to_pybytes()
    file.write_bytes(seal(content) if sealed else content)


def as_before(record):
    """Return the metadata as format 1 had it."""
    return {key: value for key, value in record.items() if key not in ("format", "code")}


def test_a_seal_covers_every_byte(file):
    content = file.read_bytes()
    assert is_sealed(content)
    assert is_intact(content)
    for at in range(0, len(content), 97):
        assert not is_intact(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(ValueError, match="blank seal"):
        seal(content)


def test_a_chunk_says_which_trials_it_has_and_which_code_made_them(file):
    chunk = open_chunk(file)
    assert chunk.sealed
    assert list(chunk.trials) == [0, 1, 2]
    assert chunk.record.format == CHUNK_FORMAT
    assert set(map(len, chunk.code.values())) == {32}
    table = chunk.read()
    check_hashes(table, chunk.trials)
    assert [len(columns["number"]) for columns in trial_columns(table, chunk.trials).values()] == [6, 6, 6]


def test_an_older_file_is_read_and_named_in_a_warning(folder, file):
    before = load(folder).cells[0].evaluations
    rewrite(file, as_before, sealed=False)
    study = load(folder)
    assert study.cells[0].evaluations.equals(before)
    assert any(str(file) in note and "without a checksum" in note for note in study.notes)


def one_more_error(table):
    at = table.schema.get_field_index("observed_error")
    values = table["observed_error"].to_pylist()
    return table.set_column(at, "observed_error", pa.array([values[0] + 1.0, *values[1:]]))


WRONG = {
    "a trial renumbered": (lambda r: r | {"trials": {"8": r["trials"]["0"], **r["trials"]}}, None, "trial 8"),
    "another trial's hashes": (
        lambda r: r | {"trials": r["trials"] | {"0": r["trials"]["1"]}}, None, "do not give the hashes"
    ),
    "no count of rows": (lambda r: {k: v for k, v in r.items() if k != "rows"}, None, "wrong at 'rows'"),
    "a wrong count of rows": (lambda r: r | {"rows": 17}, None, "expected 17 rows, got 18"),
    "a hash that is none": (
        lambda r: r | {"trials": r["trials"] | {"0": r["trials"]["0"] | {"outcomes": "x"}}}, None, "wrong at"
    ),
    "another cell": (lambda r: r | {"cell": r["cell"] | {"id": "0" * 64}}, None, "not of cell"),
    "a changed row": (lambda r: r, one_more_error, "do not give the hashes"),
    "a new format without a seal": (lambda r: r | {"format": 2}, None, "its checksum is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_older_file_with_wrong_content_is_damaged(folder, file, name):
    change, rows, message = WRONG[name]
    rewrite(file, lambda record: change(as_before(record)), sealed=False, rows=rows or (lambda table: table))
    with pytest.raises(DamagedError, match=message):
        open_chunk(file)
    study = load(folder)
    assert study.cells[0].missing == (0, 1, 2)
    assert any(str(file) in note and "damaged" in note for note in study.notes)


def test_a_file_of_a_newer_version_is_not_called_damaged(file):
    rewrite(file, lambda record: record | {"format": COMPACTED_FORMAT + 1}, sealed=True)
    with pytest.raises(ValueError, match="Install a newer version") as raised:
        open_chunk(file)
    assert not isinstance(raised.value, DamagedError)
