"""The command ``regretta data verify``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal

from benchmarks.embedded import verify_embedded
from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.loading import benchmark_names, unknown_benchmark
from benchmarks.storage.official_files import known_imports
from benchmarks.storage.tables import imported_names, verify_table
from harness.commands.console import print_json
from harness.commands.exit_codes import OK


@dataclass(frozen=True)
class DataVerdict:
    """Whether some data is as it was imported.

    Attributes
    ----------
    data : str
        A benchmark, or ``embedded data``.
    verdict : {"intact", "missing", "damaged"}
    problem : str or None
    """

    data: str
    verdict: Literal["intact", "missing", "damaged"]
    problem: str | None = None


def verify_command(names: Sequence[str], *, as_json: bool = False) -> int:
    """Compare data files with their hashes. All of them are checked, even if some are damaged.

    Parameters
    ----------
    names : sequence of str
        The benchmarks to check. If empty: all imported tables and the embedded data.
    as_json : bool
        Whether to print the verdicts as JSON.

    Raises
    ------
    BenchmarkError
        If data is damaged or missing, with one line per problem.
    """
    for name in names:
        if name not in benchmark_names():
            raise BenchmarkError(unknown_benchmark(name))
    imported = [name for name in names or imported_names() if name in {*imported_names(), *known_imports()}]
    checks: dict[str, Callable[[], None]] = {name: partial(verify_table, name) for name in imported}
    if not names or set(names) - set(imported):
        checks["embedded data"] = verify_embedded
    verdicts = []
    for data, check in checks.items():
        verdicts.append(_verdict(data, check))
        if not as_json:
            print(f"{data}: {verdicts[-1].verdict}")
    if as_json:
        print_json([asdict(verdict) for verdict in verdicts])
    if problems := [verdict.problem for verdict in verdicts if verdict.problem]:
        raise BenchmarkError("\n".join(problems))
    return OK


def _verdict(data: str, check: Callable[[], None]) -> DataVerdict:
    try:
        check()
    except DataAbsentError as error:
        return DataVerdict(data, "missing", str(error))
    except (BenchmarkError, OSError) as error:
        return DataVerdict(data, "damaged", str(error))
    return DataVerdict(data, "intact")
