"""Writing a figure and the numbers behind it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from plots.drawing.frame import DPI, pages_of
from plots.drawing.style import style_context
from results.storage.files import atomic_write

FORMULA = tuple("=+-@\t\r")

# No dates and no version of matplotlib, so that the same figure gives the same bytes.
_METADATA: dict[str, dict[str, Any]] = {
    "pdf": {"Creator": "Regretta", "Producer": None, "CreationDate": None, "ModDate": None},
    "svg": {"Creator": "Regretta", "Date": None},
    "png": {"Software": "Regretta"},
}


def spreadsheet_safe(data: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which no text is a formula for a spreadsheet.

    Text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an apostrophe in front. Numbers
    stay numbers.
    """
    texts = data.select_dtypes(exclude=["number", "bool"])
    safe = {
        column: [f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value for value in texts[column]]
        for column in texts
    }
    return data.assign(**{str(column): values for column, values in safe.items()})


def save(figure: Figure, data: pd.DataFrame, stem: Path | str) -> list[Path]:
    """Write a figure as PDF, SVG and PNG (200 dots per inch), its numbers as CSV, and its caption as text.

    Further pages are in the same PDF, and in SVG and PNG files with ``-2``, ``-3``, ... behind the name. Every file is
    written completely or not at all. The same figure and data give the same bytes.

    Parameters
    ----------
    figure : Figure
    data : DataFrame
        The numbers behind the figure.
    stem : Path or str
        Folder and file name without suffix. The folder is created.

    Returns
    -------
    list of Path
        The files: ``.pdf``, ``.svg``, ``.png``, those of further pages, ``.csv``, and ``.txt`` with the full caption,
        the figure's label.
    """
    stem, pages = Path(stem), pages_of(figure)
    contents = {".pdf": _pdf(pages)}
    for number, page in enumerate(pages, 1):
        part = "" if number == 1 else f"-{number}"
        contents |= {f"{part}.{suffix}": _drawn(page, suffix) for suffix in ("svg", "png")}
    contents[".csv"] = spreadsheet_safe(data).to_csv(index=False, lineterminator="\n").encode()
    contents[".txt"] = f"{figure.get_label()}\n".encode()
    files = {stem.parent / f"{stem.name}{end}": content for end, content in contents.items()}
    for file, content in files.items():
        atomic_write(file, content)
    return list(files)


def _pdf(pages: Sequence[Figure]) -> bytes:
    with style_context(), io.BytesIO() as stream:
        with PdfPages(stream, metadata=_METADATA["pdf"]) as file:
            for page in pages:
                file.savefig(page)
        return stream.getvalue()


def _drawn(figure: Figure, suffix: str) -> bytes:
    """Return a page as SVG or PNG."""
    with style_context(), io.BytesIO() as stream:
        figure.savefig(stream, format=suffix, dpi=DPI, metadata=_METADATA[suffix])
        return stream.getvalue()
