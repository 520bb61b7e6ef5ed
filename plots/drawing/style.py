"""The look of all figures: sizes, the font, and how it breaks texts. The looks of algorithms are in `colours`."""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Literal

import matplotlib.style
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from results.storage.study import Study

LEGEND_SIZE = 7.0
LABEL_SIZE = 7.0
TICK_LABEL_SIZE = 6.5
TITLE_SIZE = 7.5

FONT = "DejaVu Sans"
"""Included in matplotlib, so that all machines draw the same glyphs. A fallback font would differ by machine."""

STYLE = {
    "font.family": FONT,
    "font.size": 7,
    "axes.titlesize": TITLE_SIZE,
    "axes.labelsize": LABEL_SIZE,
    "figure.labelsize": LABEL_SIZE,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.92",
    "grid.linewidth": 0.5,
    "xtick.labelsize": TICK_LABEL_SIZE,
    "ytick.labelsize": TICK_LABEL_SIZE,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "legend.fontsize": LEGEND_SIZE,
    "legend.columnspacing": 1.6,
    "legend.labelspacing": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "svg.hashsalt": "regretta",
}

Width = Literal["page", "column"]
"""The width of a figure: the text of a paper's page, or one of its two columns."""

PAGE_WIDTHS = {1: 4.6, 2: 6.2, 3: 7.0}
"""Widths by panels per row [in]. 7 in is the text width of a paper."""

COLUMN_WIDTH = 3.3
"""Width of a column [in]."""


@contextmanager
def style_context() -> Iterator[None]:
    """Return a context in which figures are made and saved, independent of the user's settings."""
    with matplotlib.style.context(["default", STYLE]), _without_glyph_warnings():
        yield


@contextmanager
def _without_glyph_warnings() -> Iterator[None]:
    """Silence matplotlib's warnings of missing glyphs; `lacking_glyphs` reports each glyph once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield


def lacking_glyphs(study: Study) -> str:
    """Return the characters of a study's labels and titles that the font lacks. They are drawn as boxes."""
    names = [cell.label for cell in study.cells] + [str(facts["title"]) for facts in study.benchmarks.values()]
    known = get_font(findfont(FontProperties(family=FONT))).get_charmap()
    return "".join(dict.fromkeys(letter for name in names for letter in name if ord(letter) not in known))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return the width of a line of text of a size [pt] in the figures' font [in], with 2 % to spare."""
    font = get_font(findfont(FontProperties(family=FONT)))
    font.set_size(size, 200)
    with _without_glyph_warnings():
        font.set_text(text)
    return 1.02 * float(font.get_width_height()[0]) / 64 / 200


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text of a size [pt] into lines of at most a width [in], at spaces and within too wide words."""
    lines: list[list[str]] = [[]]
    used = 0.0  # of the last line: measuring whole lines would measure every word again and again
    for word in chain.from_iterable(_pieces(word, size, width) for word in text.split()):
        room = text_width(word, size)
        longer = used + text_width(" ", size) + room
        if lines[-1] and longer > width:
            lines.append([])
        used = longer if lines[-1] else room
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


def shortened(text: str, size: float, width: float) -> str:
    """Return a text of a size [pt], or its beginning with an ellipsis if it is wider than a width [in]."""
    if text_width(text, size) <= width:
        return text
    kept = bisect_left(range(len(text)), True, key=lambda n: text_width(f"{text[:n]}…", size) > width) - 1
    return f"{text[: max(kept, 1)].rstrip()}…"


def _pieces(word: str, size: float, width: float) -> Iterator[str]:
    while len(word) > 1 and text_width(word, size) > width:
        end = bisect_left(range(2, len(word)), True, key=lambda n: text_width(word[:n], size) > width) + 1
        yield word[:end]
        word = word[end:]
    yield word


def literal(texts: Iterable[Text]) -> None:
    """Draw user texts literally: ``$`` does not start a formula."""
    for text in texts:
        text.set_parse_math(False)
