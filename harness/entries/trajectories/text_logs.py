"""The text logs of DARTS and of the codes that are based on it, such as RobustDARTS.

Liu, Simonyan and Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, arXiv 1806.09055; Zela et al.,
"Understanding and Robustifying Differentiable Architecture Search", ICLR 2020, arXiv 1909.09656.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.spaces.base import SearchSpace
from harness.entries.trajectories.points import Invalid, Point, error_of_percent

STAMPED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[,.]\d{1,6})?)\s+(.*)", re.ASCII)
EPOCH = re.compile(r"epoch (\d{1,9})\b", re.ASCII)


@dataclass
class _State:
    """The state of a log before its next genotype."""

    epoch: int | None = None
    trained: bool = False
    error: float = math.nan

    @property
    def completed(self) -> int | None:
        """Number of completed epochs."""
        return None if self.epoch is None else self.epoch + self.trained


def read_darts(file: Path, space: SearchSpace) -> Iterator[Point | Invalid]:
    """Read the lines ``YYYY-MM-DD HH:MM:SS,mmm genotype = Genotype(...)`` of a log.

    Time zero is the first time stamp of the log. The log's ``epoch N`` counts from 0. DARTS writes the genotype of an
    epoch before its training, RobustDARTS after it, so an epoch counts as completed once its ``train_acc`` or
    ``valid_acc`` was written. The observed error is that of the latest ``valid_acc`` since the last genotype.

    Parameters
    ----------
    file : Path
    space : SearchSpace
        Not used: the text has the notation of its space.
    """
    state = _State()
    first = before = None
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            match = STAMPED.match(line)
            if match is None:
                continue
            place = f"{file}:{number}"
            try:
                stamp = datetime.fromisoformat(match[1])
            except ValueError:
                yield Invalid(place, f"expected a date and a time, got {match[1]!r}")
                continue
            if before is not None and stamp < before:
                yield Invalid(place, f"the clock goes backwards, from {before} to {stamp}")
            first, before = first or stamp, stamp
            yield from _line(place, match[2], (stamp - first).total_seconds(), state)


def _line(place: str, text: str, seconds: float, state: _State) -> Iterator[Point | Invalid]:
    """Update the state by a line, and yield the point if it has a genotype."""
    if found := EPOCH.match(text):
        state.epoch, state.trained = int(found[1]), False
    elif text.startswith("train_acc"):
        state.trained = True
    elif text.startswith("valid_acc"):
        state.trained = True
        try:
            state.error = error_of_percent("valid_acc", text.removeprefix("valid_acc"))
        except ValueError as error:
            yield Invalid(place, str(error))
    elif text.startswith("genotype = "):
        genotype = text.removeprefix("genotype = ").strip()
        yield Point(place, state.completed, seconds, genotype, state.error)
        state.error = math.nan
