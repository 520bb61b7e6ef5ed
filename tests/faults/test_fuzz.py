"""Edited files and messages are read or refused in one clear line, within a ceiling of memory and of time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fuzzing import TARGETS, fuzz

from harness.entries.isolated import fresh_process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads the memory in use under /proc, and limits it"),
]
KEPT = Path(__file__).parents[1] / "results" / "storage" / "kept"
EXAMPLES = 2000


@pytest.mark.parametrize("name", TARGETS)
def test_edited_input_is_read_or_refused(tmp_path, injected, name):
    with fresh_process() as process:
        counts = process.call(fuzz, name, tmp_path, KEPT, EXAMPLES)
    injected("edited files and messages read or refused", sum(counts.values()))
    assert counts["refused"] > EXAMPLES // 20
    assert sum(counts.values()) >= EXAMPLES // 2
