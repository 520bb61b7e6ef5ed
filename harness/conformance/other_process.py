"""Answers computed in another process, to compare with those of this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from harness.conformance.checks import demand

HASH_SEED = "4242"


def elsewhere(module: str, *arguments: str, question: bytes = b"") -> Any:
    """Run ``_answer()`` of a module in a new process with another hash seed, and return what it prints as JSON.

    The new process imports the same packages of Regretta as this one, even if the working directory holds other
    packages of their names.

    Raises
    ------
    CheckFailed
        If the process fails, with the last line that it wrote to stderr.
    """
    ran = subprocess.run(
        [sys.executable, "-P", "-c", f"from {module} import _answer; _answer()", *arguments],
        input=question,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": HASH_SEED},
        check=False,
    )
    lines = ran.stderr.decode(errors="replace").strip().splitlines()
    demand(ran.returncode == 0, f"another process failed: {lines[-1] if lines else f'exit code {ran.returncode}'}")
    return json.loads(ran.stdout)
