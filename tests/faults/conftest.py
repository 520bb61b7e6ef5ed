"""Counts the faults that the campaign injects, and prints the counts at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

FAULTS = "faults"


@pytest.fixture
def injected(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Return a function that counts faults of a kind."""

    def count(kind: str, number: int) -> None:
        request.node.user_properties.append((FAULTS, (kind, number)))

    return count


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many faults of each kind were injected."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call":
            for name, content in report.user_properties:
                if name == FAULTS:
                    counts[content[0]] += content[1]
    for kind, number in sorted(counts.items()):
        terminalreporter.write_line(f"{number:,} {kind}")
