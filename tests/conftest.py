"""Fixtures that several test folders share, and the tests that this machine cannot run."""

from __future__ import annotations

import fcntl
import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from available import RECORDED, SOURCES, unmet

import benchmarks.fcnet
import benchmarks.hpobench
import benchmarks.nasbench201.table
from benchmarks import Benchmark, SearchSpace, load_benchmark
from benchmarks.embedded import EmbeddedRecords, load_embedded
from benchmarks.storage.official_files import Source
from benchmarks.storage.tables import write_table


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of all tests that lack the same file or library, keep the first: it is skipped and says how many there are."""
    lacking: dict[str, list[pytest.Item]] = {}
    for item in items:
        if reason := unmet(item):
            lacking.setdefault(reason, []).append(item)
    for reason, tests in lacking.items():
        tests[0].add_marker(pytest.mark.skip(reason=f"{reason}; tests that need it: {len(tests)}"))
    if left_out := [item for tests in lacking.values() for item in tests[1:]]:
        dropped = set(left_out)
        items[:] = [item for item in items if item not in dropped]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)  # long tests of the documentation first


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection, and collect rarely; it takes a tenth of the time else."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors, because some tests wait for other processes."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Set ``$REGRETTA_DATA`` to an empty folder, so that no test sees or touches the user's tables."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("regretta-data")
        patch.setenv("REGRETTA_DATA", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def embedded_files_are_read_once() -> Iterator[None]:
    """Keep the contents of the embedded files, because many tests load the same benchmarks from scratch."""
    contents: dict[tuple[object, ...], EmbeddedRecords] = {}

    def load(file: str, space: SearchSpace, *columns: tuple[str, ...]) -> EmbeddedRecords:
        key = (file, space.name, *columns)
        if key not in contents:
            contents[key] = load_embedded(file, space, *columns)
        return contents[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (benchmarks.fcnet, benchmarks.hpobench, benchmarks.nasbench201.table):
            patch.setattr(module, "load_embedded", load)
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of recorded development data. Tests say in ``mark.data`` which of its files they need."""
    return RECORDED


@pytest.fixture(scope="session")
def imported_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``$REGRETTA_DATA`` that ``any_benchmark`` imports into. All processes of a test run share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "imported-data"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def any_benchmark(imported_folder: Path) -> Callable[[str], Benchmark]:
    """Load any registered benchmark. It is imported first if need be; tests say in ``mark.data`` that they need it."""

    @cache
    def load(name: str) -> Benchmark:
        if name not in SOURCES:
            return load_benchmark(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REGRETTA_DATA", str(imported_folder))
            import_once(SOURCES[name], imported_folder)
            return load_benchmark.__wrapped__(name)

    return load


def import_once(source: Source, folder: Path) -> None:
    """Import the tables of a recorded source, unless this or another process of the test run did."""
    done = folder.with_name(f"{source.names[0]}.imported")
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (path := source.find(RECORDED)) and not done.exists():
            for table in source.read(path, source.names):
                write_table(table)
            done.touch()


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """Return the builders of in-memory studies, ``tests/support/studies.py``."""
    import studies

    return studies


@pytest.fixture(scope="session")
def examples() -> Path:
    """Return the folder of the examples that the documentation shows."""
    return Path(__file__).parent.parent / "docs" / "examples"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the reasons of skipped tests, each once."""
    reasons = Counter(str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, tests in sorted(reasons.items()):
        terminalreporter.write_line(f"{tests} skipped: {reason.removeprefix('Skipped: ')}")
