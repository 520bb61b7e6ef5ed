"""Shards: disjoint parts of an experiment that separate runs take, for example the tasks of a job array."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import ConfigurationError

MOST_SHARDS = 1_000_000
"""The largest number of shards."""


@dataclass(frozen=True)
class Shard:
    """One of several disjoint parts of an experiment.

    Every trial of every cell belongs to exactly one shard. Which one follows from the id of the cell and the number of
    the trial alone: neither the order of the cells, nor the other cells, nor what is finished already matters. Each
    shard takes the same share of every cell, up to one trial, so that all shards take about the same time.

    Attributes
    ----------
    number : int
        From 1 to `count`.
    count : int
        Number of shards.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``.

        Raises
        ------
        ConfigurationError
            If the text is something else, or not 1 <= I <= N.
        """
        number, slash, count = text.partition("/")
        if slash and all(part.isascii() and part.isdecimal() and len(part) < 8 for part in (number, count)):
            shard = cls(int(number), int(count))
            if 1 <= shard.number <= shard.count <= MOST_SHARDS:
                return shard
        raise ConfigurationError(
            [f"--shard: expected I/N with 1 <= I <= N, such as 1/8 for the first of eight parts, got {text!r}"]
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, cell_id: str, trial: int) -> bool:
        """Return whether a trial of a cell belongs to this shard.

        The digits of the id shift the cells against each other, so that also shards beyond the number of trials per
        cell have something to do.
        """
        return (int(cell_id[:16], 16) + trial) % self.count == self.number - 1
