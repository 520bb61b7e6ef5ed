"""Processor time that the command takes before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter

ROUNDS = 7
CASES = [(["--help"], "wall", 0.3), (["list", "algorithms"], "cpu", 1.0)]


def measure(words: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    before, began = os.times(), perf_counter()
    launch = [sys.executable, "-c", "from harness.cli.app import main; main()"]
    subprocess.run([*launch, *words], check=True, stdout=subprocess.DEVNULL)
    after, wall = os.times(), perf_counter() - began
    return wall, (after.children_user + after.children_system) - (before.children_user + before.children_system)


if __name__ == "__main__":
    for words, kind, limit in CASES:
        times = sorted(measure(words)[kind == "cpu"] for _ in range(ROUNDS))
        print(f"regretta {' '.join(words)}: {times[ROUNDS // 2]:.2f} s ({kind}, median); limit: {limit} s")
