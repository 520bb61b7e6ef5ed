"""Arbitrary bytes in a CSV, a manifest or an array give a sound benchmark or a BenchmarkError.

Warnings are errors here, as in all tests. ``tests/faults/test_fuzz.py`` tries many more inputs.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import gzip
import io
import json
import math
import shutil

import numpy as np
import pytest
import tiny
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError, registry
from benchmarks.storage.tables import MANIFEST, data_folder, open_table, verify_table, write_table

fuzz = settings(
    derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    for name, reference in tiny.SPACES.items():
        monkeypatch.setitem(registry.SPACES, name, reference)


@pytest.fixture
def imported(tmp_path):
    """Import the tiny table, and return its folder."""
    return write_table(tiny.table(tmp_path))


def query_all(benchmark):
    """Yield the results of all queries, and check that the facts can be written."""
    facts = benchmark.facts
    json.dumps(facts.to_json(), allow_nan=False)
    for architecture in map(tuple, benchmark.space.enumerate().tolist()):
        for fidelity in facts.fidelities:
            for draw in (0, 1, None):
                error, seconds, _ = benchmark.observe(architecture, fidelity, draw)
                yield error
                if facts.has_seconds:
                    yield seconds


def edited(content: bytes):
    """Return a strategy that cuts bytes out and puts others in, one to four times."""
    place = st.integers(0, len(content))
    piece = st.binary(max_size=6) | st.sampled_from(
        [b",", b"\n", b'"', b"\0", b"nan", b"-", b"1e999", b"True", b"\xff"]
    )
    edits = st.lists(st.tuples(place, st.integers(0, 12), piece), min_size=1, max_size=4)

    def apply(changes):
        result = content
        for start, length, inserted in changes:
            result = result[:start] + inserted + result[start + length :]
        return result

    return edits.map(apply)


CELLS = st.text(max_size=6) | st.floats().map(repr) | st.integers(-200, 200).map(str) | st.sampled_from(
    ["", "True", "False", "nan", "inf", "-inf", "NA", "None", "0", "-0.0", "1e400", "1e-400", "1_0", "0x10", "9000",
     "9%", "1,5", "5 ", "2020-01-01", "1+2j", "9" * 400, "depth=0,skip=0", "depth=9,skip=0"]
)  # fmt: skip


@st.composite
def tables(draw):
    """Draw a CSV with some cells replaced, and rows removed or duplicated."""
    rows = list(csv.reader(io.StringIO(tiny.CSV)))
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
    if draw(st.booleans()):
        rows = draw(st.permutations(rows[1:]).map(lambda rest: [rows[0], *rest]))
    if draw(st.booleans()):
        rows = [*rows[: draw(st.integers(0, 9))], *rows[draw(st.integers(0, 9)) :]]
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def imported_or_rejected(folder, content, name="tiny.csv"):
    """Import bytes. Check that they give a sound table, or an error and no file. Return which."""
    try:
        table = tiny.table(folder, content, name)
    except BenchmarkError:
        assert not data_folder().exists()
        return False
    write_table(table)
    verify_table("mine")
    assert all(math.isfinite(value) and value >= 0 for value in query_all(open_table("mine")))
    assert list(query_all(open_table("mine"))) == list(query_all(table))
    shutil.rmtree(data_folder())
    return True


class TestCSV:
    @fuzz
    @given(tables())
    @example(tiny.CSV.encode())
    def test_any_cells(self, tmp_path, content):
        imported_or_rejected(tmp_path, content)

    @fuzz
    @given(st.binary(max_size=80) | edited(tiny.CSV.encode()))
    @example(b"\xef\xbb\xbf" + tiny.CSV.encode())
    @example(tiny.CSV.replace("\n", "\r\n").encode())
    @example(tiny.CSV.encode("utf-16"))
    @example(b"\n" + tiny.CSV.encode())
    @example(b"\n\n,\n" + tiny.CSV.encode())
    @example(b"")
    def test_any_bytes(self, tmp_path, content):
        imported_or_rejected(tmp_path, content)

    @fuzz
    @given(st.binary(max_size=80) | edited(gzip.compress(tiny.CSV.encode(), mtime=0)) | tables().map(gzip.compress))
    @example(tiny.CSV.encode())
    def test_any_gzipped_bytes(self, tmp_path, content):
        imported_or_rejected(tmp_path, content, "tiny.csv.gz")

    def test_the_table_is_imported_with_and_without_a_byte_order_mark(self, tmp_path):
        assert imported_or_rejected(tmp_path, tiny.CSV.encode())
        assert imported_or_rejected(tmp_path, b"\xef\xbb\xbf" + tiny.CSV.encode())
        assert imported_or_rejected(tmp_path, gzip.compress(tiny.CSV.encode()), "tiny.csv.gz")
        assert not imported_or_rejected(tmp_path, tiny.CSV.replace("60,", "9000,").encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts, max_size=3),
    max_leaves=6,
)


def places(node, path=()):
    """Yield every place in a JSON document."""
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


@st.composite
def manifests(draw, original):
    """Draw a manifest with some parts replaced or removed, with a matching hash or without."""
    manifest = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from([place for place in places(manifest) if place]))
        parent = manifest
        for step in path:
            parent = parent[step]
        change = draw(st.sampled_from(["replace", "delete", "swap"]))
        if change == "delete":
            del parent[last]
        elif change == "swap":
            parent[last] = copy.deepcopy(draw(st.sampled_from(list(values_of(original)))))
        else:
            parent[last] = draw(JSON)
    if draw(st.booleans()) and isinstance(manifest, dict) and {"facts", "arrays"} <= manifest.keys():
        tiny.sign(manifest)
    return manifest


def values_of(node):
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield child
        yield from values_of(child)


def opened_or_rejected():
    """Return a usable benchmark, or None if it is rejected. Check that verification rejects it too."""
    try:
        benchmark = open_table("mine")
    except BenchmarkError:
        with pytest.raises(BenchmarkError, match="or delete the folder"):
            verify_table("mine")
        return None
    assert all(map(math.isfinite, query_all(benchmark)))
    return benchmark


class TestManifest:
    @fuzz
    @given(data=st.data())
    def test_any_json(self, imported, data):
        original = json.loads((imported / MANIFEST).read_text())
        facts = open_table("mine").facts
        try:
            changed = data.draw(manifests(original))
            tiny.write_manifest(changed)
            benchmark = opened_or_rejected()
            if benchmark is not None and changed["sha256"] == original["sha256"]:
                assert benchmark.facts == facts
        finally:
            tiny.write_manifest(original)

    @fuzz
    @given(data=st.data())
    def test_any_bytes(self, imported, data):
        original = (imported / MANIFEST).read_bytes()
        facts = open_table("mine").facts
        try:
            (imported / MANIFEST).write_bytes(data.draw(st.binary(max_size=40) | edited(original)))
            benchmark = opened_or_rejected()
            assert benchmark is None or benchmark.facts == facts
        finally:
            (imported / MANIFEST).write_bytes(original)


class TestArray:
    @fuzz
    @given(data=st.data())
    def test_any_bytes(self, imported, data):
        file = data.draw(st.sampled_from(sorted(imported.glob("*.npy"))))
        original = file.read_bytes()
        value = st.floats(width=64).map(lambda number: original[:-8] + np.float64(number).tobytes())
        changed = data.draw(st.binary(max_size=40) | edited(original) | edited(original[:128]) | value)
        try:
            file.write_bytes(changed)
            with contextlib.suppress(BenchmarkError):
                list(query_all(open_table("mine")))
            if changed != original:
                with pytest.raises(BenchmarkError, match="SHA-256"):
                    verify_table("mine")
        finally:
            file.write_bytes(original)
