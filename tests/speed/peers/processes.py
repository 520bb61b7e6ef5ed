"""Time and memory of a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import NamedTuple

WATCH = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
took, usage = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stdout, done.stderr, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""
"""Run in a small process, because the memory of a new process is at first that of the process that starts it."""
SINGLE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}


class Spent(NamedTuple):
    """What a command printed, its seconds, its processor time [s] and its largest memory [MB]."""

    output: str
    seconds: float
    processor: float
    megabytes: float


def spent(*command: object) -> Spent:
    """Run a command, and measure it with all its processes."""
    words = list(map(str, command))
    told = subprocess.run(
        [sys.executable, "-c", WATCH, *words], capture_output=True, text=True, check=True, env=os.environ | SINGLE
    )
    code, output, errors, seconds, processor, kilobytes = json.loads(told.stdout)
    if code != 0:
        raise SystemExit(f"{' '.join(words)}: expected exit code 0, got {code}\n{output}{errors}")
    return Spent(output, seconds, processor, kilobytes / 1024)
