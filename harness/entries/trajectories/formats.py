"""The formats of recorded trajectories by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.spaces.base import SearchSpace
from harness.entries.trajectories.epoch_files import (
    CONFOPT,
    ONE_SHOT,
    files_by_epoch,
    read_confopt,
    read_nasbench1shot1,
)
from harness.entries.trajectories.points import Invalid, Point
from harness.entries.trajectories.tables import read_csv
from harness.entries.trajectories.text_logs import read_darts


class Format(NamedTuple):
    """A format of recorded runs.

    Attributes
    ----------
    read : callable
        ``read(path, space)`` yields the points of a run, and what is invalid, in the order of the search.
    names : pattern or None
        The names of the files of a run that is a folder. None if a run is a file.
    """

    read: Callable[[Path, SearchSpace], Iterator[Point | Invalid]]
    names: re.Pattern[str] | None = None

    def files(self, path: Path) -> list[Path]:
        """Return the files of a run."""
        return [path] if self.names is None else [file for _, file in files_by_epoch(path, self.names)]


FORMATS = {
    "darts": Format(read_darts),
    "csv": Format(read_csv),
    "confopt": Format(read_confopt, CONFOPT),
    "nasbench1shot1": Format(read_nasbench1shot1, ONE_SHOT),
}
"""By name. A new format is one reader and one entry here."""
