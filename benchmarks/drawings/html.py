"""Facts as a plain HTML table for notebooks. All texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def facts_table(facts: Sequence[tuple[str, str]]) -> str:
    """Write labels and their contents as rows."""
    style = "text-align:left;vertical-align:top"
    rows = "".join(
        f'<tr><th scope="row" style="{style};white-space:nowrap">{escape(label)}</th>'
        f'<td style="{style};overflow-wrap:anywhere">{escape(content)}</td></tr>'
        for label, content in facts
    )
    return f"<table><tbody>{rows}</tbody></table>"
