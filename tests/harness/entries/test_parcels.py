"""Custom code that travels: the same source, with the same hash, from another folder."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from custom_class import MINE

from harness.entries.isolated import fresh_process
from harness.entries.parcels import PackedFile, Parcel, pack
from harness.entries.sources import AlgorithmSource, find_source
from harness.running.clusters.requirements import failing_source


def travelled(use, home, away):
    """Pack a source in one process, remove its folder, and load it from another folder in another process."""
    with fresh_process() as process:
        parcel = process.call(pack, process.call(find_source, use, home))
    shutil.rmtree(home)
    source = parcel.unpack(away)
    with fresh_process() as process:
        assert process.call(failing_source, source, 10.0) is None
    return parcel, source


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_a_class_travels_with_the_modules_of_its_folder(home, tmp_path):
    (home / "search.py").write_text("import helper\nfrom tools.deep import thing\n" + MINE)
    (home / "helper.py").write_text("x = 1\n")
    (home / "unused.py").write_text("x = 2\n")
    (home / "tools").mkdir()
    (home / "tools" / "deep.py").write_text("thing = 3\n")
    parcel, source = travelled("search.py:Mine", home, tmp_path / "away")
    assert [file.name for file in parcel.files] == ["helper.py", "search.py", "tools/deep.py"]
    assert source.where.name == "search.py"
    assert source.revision == parcel.source.revision


def test_a_module_travels_as_a_file_or_a_package(home, tmp_path):
    (home / "single.py").write_text(MINE)
    (home / "package").mkdir()
    (home / "package" / "__init__.py").write_text("")
    (home / "package" / "search.py").write_text("from package import other\n" + MINE)
    (home / "package" / "other.py").write_text("x = 1\n")
    with fresh_process() as process:
        single = process.call(pack, process.call(find_source, "single:Mine", home))
    assert [file.name for file in single.files] == ["single.py"]
    parcel, _ = travelled("package.search:Mine", home, tmp_path / "away")
    assert [file.name for file in parcel.files] == ["package/__init__.py", "package/other.py", "package/search.py"]


def test_a_program_travels_with_the_files_that_its_command_names(home, tmp_path):
    (home / "search.sh").write_text("#!/bin/sh\n")
    (home / "search.sh").chmod(0o755)
    (home / "data.csv").write_text("1\n")
    (tmp_path / "outside.py").write_text("\n")
    source = find_source("program:./search.sh data.csv ../outside.py --fast", home)
    parcel = pack(source)
    assert [(file.name, file.executable) for file in parcel.files] == [("data.csv", False), ("search.sh", True)]
    unpacked = parcel.unpack(tmp_path / "away")
    assert (unpacked.where / "search.sh").stat().st_mode & 0o111
    with pytest.raises(ImportError, match="has changed"):  # the file outside is not there, and its hash is missing
        unpacked.load()


def test_other_content_is_refused_by_its_hash(home, tmp_path):
    (home / "search.py").write_text(MINE)
    with fresh_process() as process:
        parcel = process.call(pack, process.call(find_source, "search.py:Mine", home))
    forged = replace(parcel, files=(parcel.files[0]._replace(content=("x = 1\n" + MINE).encode()),))
    with fresh_process() as process:
        why = process.call(failing_source, forged.unpack(tmp_path / "away"), 10.0)
    assert "the source of 'search.py:Mine' has changed" in why


def test_registered_algorithms_need_no_files(tmp_path):
    source = find_source("random_search", tmp_path)
    assert pack(source) == Parcel(source)
    assert Parcel(source).unpack(tmp_path / "away") == source


@pytest.mark.parametrize("name", ["../search.py", "/tmp/search.py", "a/../../b.py"])
def test_paths_that_lead_out_are_refused(tmp_path, name):
    source = AlgorithmSource("search.py:Mine", tmp_path / "search.py", "0" * 64)
    with pytest.raises(ValueError, match="expected a path inside the folder"):
        Parcel(source, (PackedFile(name, b"", False),)).unpack(tmp_path / "away")
