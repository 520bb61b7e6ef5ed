"""The report of one small race, shared by the tests that read it and those that open it in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import empty, partial, race


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return race(tmp_path_factory.mktemp("race"))


@pytest.fixture(scope="session")
def partial_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return partial(folder, tmp_path_factory.mktemp("race") / "partial")


@pytest.fixture(scope="session")
def empty_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty(folder, tmp_path_factory.mktemp("race") / "empty")
