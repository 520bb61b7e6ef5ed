"""Small functions for the wording of messages."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``1 cell`` or ``2 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
