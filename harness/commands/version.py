"""The option ``--version``: the version and, for an issue, what else decides the results of this installation."""

from __future__ import annotations

import re
import textwrap
from importlib.metadata import distribution, version
from typing import Any

from harness.commands.exit_codes import OK

SHOWN = 12
"""Number of digits of hashes."""


def version_command(*, verbose: bool = False) -> int:
    """Print the version; with `verbose`, also commit, Python, platform, packages and imported data."""
    if not verbose:
        print(f"regretta {version('regretta')}")
        return OK
    from harness.running.provenance import environment

    found = environment()
    print(f"regretta {version('regretta')}{_commit_words(found['commit'])}")
    print(f"Python {found['python']}, {found['platform']}")
    print(f"linear algebra: {found['fingerprint']['blas'] or 'unknown'}")
    print(textwrap.fill(f"packages: {', '.join(_packages())}", 100, subsequent_indent="  ", break_on_hyphens=False))
    for line in _data_lines():
        print(line)
    return OK


def _commit_words(commit: dict[str, Any] | None) -> str:
    if commit is None:
        return ""
    return f", commit {commit['hash'][:SHOWN]}{', with changes' if commit['dirty'] else ''}"


def _packages() -> list[str]:
    """Return the installed distributions that Regretta requires or can use, with their versions."""
    from harness.running.provenance import version_of

    required = distribution("regretta").requires or []
    names = {re.split(r"[^\w.-]", line)[0] for line in required if "extra == 'dev'" not in line}
    return [f"{name} {found}" for name in sorted(names) if (found := version_of(name))]


def _data_lines() -> list[str]:
    """Return the data folder, and a line for every imported table with the start of its data hash."""
    from benchmarks.errors import BenchmarkError
    from benchmarks.storage.tables import data_folder, imported_names, read_manifest

    names = imported_names()
    lines = [f"data: {data_folder()}{'' if names else ', no imported tables'}"]
    for name in names:
        try:
            lines.append(f"  {name} {read_manifest(name).facts.data_hash[:SHOWN]}")
        except BenchmarkError as error:
            lines.append(f"  {name}: {error}")
    return lines
