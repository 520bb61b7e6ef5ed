"""Plain HTML for notebooks: tables whose texts are all escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple


class Field(NamedTuple):
    """A field of a table: its text, a longer text that appears under the pointer, and its colours.

    A field with a fill has dark text, so that it can be read on a light and on a dark page.
    """

    text: str
    hint: str = ""
    fill: str = ""
    bold: bool = False


def table(headings: Sequence[str], rows: Sequence[Sequence[str | Field]], caption: str = "") -> str:
    """Write a table. The first column has the names of the rows; the others are centred."""
    sides = [f"text-align:{_side(number)}" for number in range(len(headings))]
    pairs = zip(sides, headings, strict=True)
    head = "".join(f'<th scope="col" style="{side}">{escape(text)}</th>' for side, text in pairs)
    body = "".join(f"<tr>{''.join(_field(field, n) for n, field in enumerate(row))}</tr>" for row in rows)
    title = f'<caption style="text-align:left">{escape(caption)}</caption>' if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def paragraph(text: str) -> str:
    """Write a paragraph."""
    return f"<p>{escape(text)}</p>"


def bulleted(texts: Sequence[str], most: int = 8) -> str:
    """Write a list of texts. The last ones of a long list are counted."""
    if not texts:
        return ""
    more = len(texts) - most
    shown = [*texts[:most], *([f"and {more:,} more"] if more > 0 else [])]
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in shown)}</ul>"


def _side(column: int) -> str:
    return "center" if column else "left"


def _field(field: str | Field, column: int) -> str:
    text, hint, fill, bold = field if isinstance(field, Field) else Field(field)
    tag, scope = ("td", "") if column else ("th", ' scope="row"')
    style = f"text-align:{_side(column)}"
    style += f";background:{fill};color:#1a1a1a" if fill else ""
    style += ";font-weight:bold" if bold else ";font-weight:normal"
    title = f' title="{escape(hint)}"' if hint else ""
    return f'<{tag}{scope} style="{style}"{title}>{escape(text)}</{tag}>'
