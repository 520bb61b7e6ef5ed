"""The hash of a custom class covers what it is made of."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.entries.sources import _imported_beside

MINE = """
from algorithms import Algorithm, Query
import json, numpy
import {helper}


class Mine(Algorithm):
    reference = "none"

    def ask(self):
        from late_mine import moved
        return Query(self.space.sample(self.rng), self.fidelities[-1])

    def tell(self, query, observed_error):
        pass
"""
FIND = """
import sys
from pathlib import Path
from harness.entries.sources import find_source
source = find_source("mine:Mine", Path(sys.argv[1]))
print(source.revision, *sorted(file.relative_to(sys.argv[1]).as_posix() for file in source.files()))
"""


def revision(folder):
    """Find the class in a process of its own, and return the hash and the files that it covers."""
    done = subprocess.run([sys.executable, "-c", FIND, str(folder)], capture_output=True, text=True, check=True)
    digest, *files = done.stdout.split()
    return digest, files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(MINE.format(helper="near_mine"))
    (tmp_path / "near_mine.py").write_text("from far_mine.part import NUMBER\n")
    (tmp_path / "far_mine").mkdir()
    (tmp_path / "far_mine" / "__init__.py").touch()
    (tmp_path / "far_mine" / "part.py").write_text("import near_mine\nNUMBER = 1\n")
    (tmp_path / "late_mine.py").write_text("moved = None\n")
    (tmp_path / "unrelated.py").write_text("1 / 0\n")
    return tmp_path


def test_a_module_is_hashed_with_all_that_it_imports_from_its_folder(folder):
    digest, files = revision(folder)
    assert files == ["far_mine/__init__.py", "far_mine/part.py", "late_mine.py", "mine.py", "near_mine.py"]
    (folder / "unrelated.py").write_text("edited = True\n")
    assert revision(folder)[0] == digest
    (folder / "far_mine" / "part.py").write_text("NUMBER = 2\n")
    assert revision(folder)[0] != digest


def test_a_module_without_neighbours_is_hashed_alone(folder):
    (folder / "mine.py").write_text(MINE.format(helper="math").replace("from late_mine import moved", "pass"))
    assert _imported_beside(folder / "mine.py") == []
