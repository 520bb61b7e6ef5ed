"""Records, storage, measures, statistics and the gate. Imports no other package of Regretta."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from results.anytime.architectures import winners as winners
    from results.storage.loading import load as load
    from results.summaries.measure_table import measures as measures
    from results.summaries.summary import summarize as summarize

__all__ = ["load", "measures", "summarize", "winners"]

_MODULES = {
    "load": "results.storage.loading",
    "measures": "results.summaries.measure_table",
    "summarize": "results.summaries.summary",
    "winners": "results.anytime.architectures",
}
"""The module of every public name. They are imported on first use, so that the command line starts quickly."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
