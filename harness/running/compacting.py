"""Compact the cells of a run whose files have become many."""

from __future__ import annotations

import logging
from pathlib import Path

from results.storage.compaction import MOST_FILES, compact_cell
from results.storage.store import chunk_files

logger = logging.getLogger("regretta")


class Compactor:
    """Compacts a cell when it has more than 200 files, or twice as many as its last compaction left.

    So the time for looking at the files grows no faster than their number. Files of the cell may be written meanwhile.
    """

    def __init__(self) -> None:
        self._files: dict[Path, int] = {}
        self._left: dict[Path, int] = {}

    def look(self, folder: Path, written: int = 0) -> bool:
        """Compact the folder of a cell if it has many files.

        Parameters
        ----------
        folder : Path
        written : int
            Number of files that were written since the last look. The first look counts those that are there.

        Returns
        -------
        bool
            Whether it had many files.
        """
        found = self._files[folder] + written if folder in self._files else len(chunk_files(folder))
        self._files[folder] = found
        left = self._left.get(folder, 0)
        if found <= left + max(MOST_FILES, left):
            return False
        compacted = compact_cell(folder, trust_footers=True)
        self._files[folder] = self._left[folder] = compacted.after
        logger.info("compacted %s: %d files became %d", folder.name, compacted.before, compacted.after)
        return True
