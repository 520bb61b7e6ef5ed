"""Findings of another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def in_another_process(script: Path, *arguments: str, data: Path) -> Any:
    """Return the JSON that a script prints, run with another PYTHONHASHSEED, from another folder."""
    environment = os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT), "REGRETTA_DATA": str(data)}
    command = [sys.executable, str(script), *arguments]
    ran = subprocess.run(command, env=environment, cwd=data, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise AssertionError(f"{script.name} failed in another process:\n{ran.stderr}")
    return json.loads(ran.stdout)
