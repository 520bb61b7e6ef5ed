"""Notations for tables: text and numbers in LaTeX and Markdown, with all special characters escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Characters that would end a row, or that are not allowed in a document."""

_SPECIAL = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "±": r"$\pm$",
    }
)
_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\|*_<>`[]&$~"})


@dataclass(frozen=True)
class Notation:
    """The notation of a format: how to escape text, and how to write bold type, signs and powers of ten."""

    escape: Callable[[str], str]
    bold: Callable[[str], str]
    plus_minus: str
    minus: str
    power: str


def _latex(text: str) -> str:
    escaped = re.sub(
        "-(?=-)", "-{}", _CONTROL.sub(" ", text).translate(_SPECIAL)
    )  # keep two hyphens from becoming a dash
    # At the start of a row, LaTeX would read these as arguments of the previous row's end.
    return f"{{}}{escaped}" if escaped.lstrip().startswith(("[", "*")) else escaped


def _markdown(text: str) -> str:
    return _CONTROL.sub(" ", text).translate(_MARKUP)


LATEX = Notation(_latex, lambda text: rf"\textbf{{{text}}}", r" $\pm$ ", "$-$", r" [$\times 10^{{{exponent}}}$]")
MARKDOWN = Notation(_markdown, lambda text: f"**{text}**", " ± ", "−", " [× 1e{exponent}]")
