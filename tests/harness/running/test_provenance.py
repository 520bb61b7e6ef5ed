"""The provenance of results."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.running import provenance

ROOT = Path(__file__).parents[3]


def git(*words):
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_commit_is_that_of_this_checkout():
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    assert provenance._commit() == {"hash": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}


@pytest.mark.parametrize(
    ("package", "found"),
    [("checkout/harness", "checkout"), ("checkout/.venv/lib/site-packages/harness", None), ("archive/harness", None)],
)
def test_only_the_checkout_around_the_package_counts(package, found, tmp_path):
    (tmp_path / package).mkdir(parents=True)
    for folder, names in {"checkout": ("pyproject.toml", ".git"), "archive": ("pyproject.toml",)}.items():
        (tmp_path / folder).mkdir(exist_ok=True)
        for name in names:
            (tmp_path / folder / name).touch()
    assert provenance._checkout(tmp_path / package) == (found and (tmp_path / found).resolve())
