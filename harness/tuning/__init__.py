"""Tuning: choose hyperparameters on some benchmarks, and judge the choice on others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.tuning.interface import tune as tune

__all__ = ["tune"]


def __getattr__(name: str) -> Any:
    if name != "tune":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from harness.tuning.interface import tune

    return tune
