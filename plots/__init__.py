"""Figures, tables and the report. Imports only the package ``results``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plots.drawing.export import save as save
    from plots.figures.registry import draw as draw

__all__ = ["draw", "save"]

_MODULES = {"draw": "plots.figures.registry", "save": "plots.drawing.export"}
"""The module of every public name. They are imported on first use, so that the command line starts quickly."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
