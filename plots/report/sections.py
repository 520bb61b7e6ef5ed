"""Further sections of a report: sentences and tables that a command adds to the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class SectionTable(NamedTuple):
    """A table of texts.

    Attributes
    ----------
    title : str
    headings : sequence of str
        Columns after the first ``n_texts`` hold numbers.
    rows : sequence of sequence of str
    n_texts : int
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_texts: int = 1


class Section(NamedTuple):
    """A section: its heading, sentences, and tables."""

    title: str
    sentences: Sequence[str]
    tables: Sequence[SectionTable]
