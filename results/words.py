"""Words that several folders put into their messages."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Count things: ``1 cell``, ``2 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
