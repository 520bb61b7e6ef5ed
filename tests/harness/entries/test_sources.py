"""The hash of a custom class covers what it is made of."""

from __future__ import annotations

import subprocess
import sys

import pytest
from custom_class import MINE

SOURCE = "import json, numpy\nimport {helper}\n" + MINE + "\n    def end(self):\n        from late_mine import moved\n"
FIND = """
import sys
from pathlib import Path
from harness.entries.sources import find_source
source = find_source(sys.argv[2], Path(sys.argv[1]))
print(source.revision, *sorted(file.relative_to(sys.argv[1]).as_posix() for file in source.files()))
"""


def revision(folder, use="mine:Mine"):
    """Find the class in a process of its own, and return the hash and the files that it covers."""
    done = subprocess.run([sys.executable, "-c", FIND, str(folder), use], capture_output=True, text=True, check=True)
    digest, *files = done.stdout.split()
    return digest, files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE.format(helper="near_mine"))
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
    (folder / "mine.py").write_text("import math\n" + MINE)
    assert revision(folder)[1] == ["mine.py"]


def test_a_package_is_hashed_with_what_it_imports_from_the_folder_around_it(folder):
    (folder / "mine_package").mkdir()
    (folder / "mine_package" / "__init__.py").touch()
    (folder / "mine_package" / "mine.py").write_text("import near_mine\n" + MINE)
    digest, files = revision(folder, "mine_package.mine:Mine")
    assert files == [
        "far_mine/__init__.py", "far_mine/part.py", "mine_package/__init__.py", "mine_package/mine.py", "near_mine.py"
    ]  # fmt: skip
    (folder / "near_mine.py").write_text("from far_mine.part import NUMBER  # edited\n")
    assert revision(folder, "mine_package.mine:Mine")[0] != digest
