"""What several test folders share."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import Benchmark, DataAbsentError, load_benchmark
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import write_table

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
    """The ``$REGRETTA_DATA`` that ``any_benchmark`` imports into, one for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "imported-data"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def any_benchmark(imported_folder: Path) -> Callable[[str], Benchmark]:
    """Load any registered benchmark, imported first where it must be; skip where its data is absent."""

    @cache
    def load(name: str) -> Benchmark:
        if name not in known_imports():
            return load_benchmark(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REGRETTA_DATA", str(imported_folder))
            import_once(known_imports()[name], imported_folder)
            try:
                return load_benchmark.__wrapped__(name)
            except DataAbsentError as absent:
                pytest.skip(str(absent))

    return load


def import_once(source: Source, folder: Path) -> None:
    """Import the tables of a recorded source, unless this or another process of the test run did."""
    done = folder.with_name(f"{source.names[0]}.imported")
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (path := source.find(RECORDED)) and not done.exists() and not source.missing_library():
            for table in source.read(path, source.names):
                write_table(table)
            done.touch()


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """The builders of in-memory studies, ``tests/support/studies.py``."""
    import studies

    return studies


@pytest.fixture(scope="session")
def examples():
    """The folder of the examples that the documentation shows."""
    return Path(__file__).parent.parent / "docs" / "examples"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say every reason of a skipped test once, with the number of tests."""
    reasons = Counter(str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, tests in sorted(reasons.items()):
        terminalreporter.write_line(f"{tests} skipped: {reason.removeprefix('Skipped: ')}")
