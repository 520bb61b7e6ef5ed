"""Compact the cells of a run whose files have become many."""

from __future__ import annotations

import logging
from pathlib import Path

from results.storage.compaction import MOST_FILES, compact_cell
from results.storage.store import chunk_files

logger = logging.getLogger("regretta")


class Compactor:
    """Compacts a cell when it has more than 200 files besides those that its last compaction left."""

    def __init__(self) -> None:
        self._left: dict[Path, int] = {}

    def look(self, folder: Path) -> bool:
        """Compact the folder of a cell if it has many files, and return whether it had."""
        if len(chunk_files(folder)) <= MOST_FILES + self._left.get(folder, 0):
            return False
        compacted = compact_cell(folder)
        self._left[folder] = compacted.after
        logger.info("compacted %s: %d files became %d", folder.name, compacted.before, compacted.after)
        return True
