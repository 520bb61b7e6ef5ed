"""What several test folders share."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import Benchmark, DataAbsentError, load_benchmark
from benchmarks.folder import write_table
from benchmarks.registry import known_imports
from benchmarks.sources import Source

RECORDED = Path(os.environ.get("REGRETTA_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """``$REGRETTA_DATA`` is an empty folder, so that no test sees or touches the user's tables."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("regretta-data")
        patch.setenv("REGRETTA_DATA", str(folder))
        yield folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of recorded development data, ``$REGRETTA_TEST_DATA``."""
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded data in {RECORDED}; set $REGRETTA_TEST_DATA")
    return RECORDED


@pytest.fixture(scope="session")
def imported_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``$REGRETTA_DATA`` that ``any_benchmark`` imports into."""
    return tmp_path_factory.mktemp("imported-data")


@pytest.fixture(scope="session")
def any_benchmark(imported_folder: Path) -> Callable[[str], Benchmark]:
    """Load any registered benchmark, imported first where it must be; skip where its data is absent."""

    imported: set[Source] = set()

    @cache
    def load(name: str) -> Benchmark:
        if name not in known_imports():
            return load_benchmark(name)
        source = known_imports()[name]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REGRETTA_DATA", str(imported_folder))
            if (path := source.find(RECORDED)) and source not in imported:
                for table in source.read(path, source.names):
                    write_table(table)
                imported.add(source)
            try:
                return load_benchmark.__wrapped__(name)
            except DataAbsentError as absent:
                pytest.skip(str(absent))

    return load


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """The builders of in-memory studies, ``tests/results/studies.py``."""
    spec = importlib.util.spec_from_file_location("studies", Path(__file__).parent / "results" / "studies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def examples():
    """The folder of the examples that the documentation shows."""
    return Path(__file__).parent.parent / "docs" / "examples"
