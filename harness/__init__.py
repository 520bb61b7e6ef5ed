"""The harness: simulator, protocols, experiments, runner and command line. No other package imports it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.reporting.drawings import Drawings as Drawings
    from harness.running.by_hand import Race as Race
    from harness.stopping.interface import run as run
    from results.storage.loading import load as load

__all__ = ["Drawings", "Race", "load", "run"]

_MODULES = {
    "Drawings": "harness.reporting.drawings",
    "Race": "harness.running.by_hand",
    "load": "results.storage.loading",
    "run": "harness.stopping.interface",
}
"""The module of every public name. They are imported on first use, so that the command line starts quickly."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
