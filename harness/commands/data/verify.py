"""The command ``regretta data verify``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.embedded import verify_embedded
from benchmarks.errors import BenchmarkError, DataAbsentError, unknown_name
from benchmarks.loading import benchmark_names
from benchmarks.storage.official_files import known_imports
from benchmarks.storage.tables import imported_names, verify_table
from harness.commands.exit_codes import OK


def verify_command(names: Sequence[str]) -> int:
    """Compare data files with their hashes. All of them are checked, even if some are damaged.

    Parameters
    ----------
    names : sequence of str
        The benchmarks to check. If empty: all imported tables and the embedded data.

    Raises
    ------
    BenchmarkError
        If data is damaged or missing, with one line per problem.
    """
    for name in names:
        if name not in benchmark_names():
            raise BenchmarkError(unknown_name("benchmark", name, benchmark_names()))
    imported = [name for name in names or imported_names() if name in {*imported_names(), *known_imports()}]
    checks: dict[str, Callable[[], None]] = {name: partial(verify_table, name) for name in imported}
    if not names or set(names) - set(imported):
        checks["embedded data"] = verify_embedded
    problems = []
    for data, check in checks.items():
        try:
            check()
            print(f"{data}: intact")
        except DataAbsentError as error:
            print(f"{data}: missing")
            problems.append(str(error))
        except (BenchmarkError, OSError) as error:
            print(f"{data}: damaged")
            problems.append(str(error))
    if problems:
        raise BenchmarkError("\n".join(problems))
    return OK
