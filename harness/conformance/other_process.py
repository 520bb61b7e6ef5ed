"""What another process answers, to hold it against this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from harness.conformance.algorithm_checks import demand

HASH_SEED = "4242"


def elsewhere(module: str, *arguments: str, question: bytes = b"") -> Any:
    """Return what ``_answer()`` of a module prints as JSON in a new process, with another hash seed.

    Our packages are those of this process, also in a folder that has others of their names.

    Raises
    ------
    PromiseBroken
        If it fails there, with the last line of what it says.
    """
    ran = subprocess.run(
        [sys.executable, "-P", "-c", f"from {module} import _answer; _answer()", *arguments],
        input=question,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": HASH_SEED},
        check=False,
    )
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    demand(ran.returncode == 0, f"it failed there: {said[-1] if said else f'exit code {ran.returncode}'}")
    return json.loads(ran.stdout)
