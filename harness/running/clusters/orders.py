"""The order that every worker gets at the beginning of a run: what it has to have, the cells, and the custom code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from harness.entries.isolated import FunctionFailed, fresh_process
from harness.entries.parcels import Parcel, pack
from harness.entries.sources import AlgorithmSource
from harness.errors import ConfigurationError
from harness.experiments.cells import CellSpec
from harness.running.clusters.requirements import requirements
from harness.running.clusters.sizing import TARGET
from harness.running.clusters.worker_side import Order
from harness.running.driver import Task

LARGEST = 8 << 20
"""Bytes of the files of one algorithm, at most."""


def make_order(tasks: Sequence[Task]) -> Order:
    """Return the order for the cells of some tasks.

    Raises
    ------
    ConfigurationError
        If the files of an algorithm are too large, or have changed since the experiment was resolved.
    """
    cells = {task.cell.id: _portable(task.cell) for task in tasks}
    sources = dict.fromkeys(cell.source for cell in cells.values() if isinstance(cell.source, AlgorithmSource))
    return Order(
        requirements=requirements(cells.values()),
        cells=tuple(cells.values()),
        parcels=tuple(_packed(source) for source in sources if source.where is not None),
        metadata={
            task.cell.id: {key: value for key, value in task.metadata.items() if key != "provenance"} for task in tasks
        },
        command=sys.argv,
        write_after=TARGET,
    )


def _portable(cell: CellSpec) -> CellSpec:
    """Return a cell that does not look at the files of recorded runs, which are read already. Its id is the same."""
    if isinstance(cell.source, AlgorithmSource):
        return cell
    return replace(cell, source=AlgorithmSource(cell.source.use, revision=cell.source.revision))


def _packed(source: AlgorithmSource) -> Parcel:
    with fresh_process() as process:
        try:
            parcel = process.call(pack, source)
        except FunctionFailed as error:
            raise ConfigurationError([f"use = {source.use!r}: {error}"]) from error
    if parcel.size > LARGEST:
        raise ConfigurationError(
            [
                f"use = {source.use!r}: its files have {parcel.size:,} bytes; expected at most {LARGEST:,}. Install"
                " it on the workers as a package"
            ]
        )
    return parcel
