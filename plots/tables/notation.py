"""How text and numbers are written in LaTeX and in Markdown, so that they stay text and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""In a row these would end it, or be no character of a document at all."""

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
    """How a format writes a table: the text of a cell, bold type, signs, and a power of ten in a head."""

    escape: Callable[[str], str]
    bold: Callable[[str], str]
    plus_minus: str
    minus: str
    power: str


def _latex(text: str) -> str:
    escaped = re.sub("-(?=-)", "-{}", _CONTROL.sub(" ", text).translate(_SPECIAL))  # two hyphens are no dash
    # At the beginning of a row these would be read as an argument of what ended the row before.
    return f"{{}}{escaped}" if escaped.lstrip().startswith(("[", "*")) else escaped


def _markdown(text: str) -> str:
    return _CONTROL.sub(" ", text).translate(_MARKUP)


LATEX = Notation(_latex, lambda text: rf"\textbf{{{text}}}", r" $\pm$ ", "$-$", r" [$\times 10^{{{exponent}}}$]")
MARKDOWN = Notation(_markdown, lambda text: f"**{text}**", " ± ", "−", " [× 1e{exponent}]")
