"""Numbers in the sentences of studies."""

from __future__ import annotations

import numpy as np
import pandas as pd


def range_words(values: pd.Series[float], digits: int = 2) -> str:
    """Write the smallest and the largest of several numbers, without those that are not known."""
    known = values.dropna()
    if known.empty:
        return "unknown"
    low, high = (f"{value + 0.0:.{digits}f}" for value in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """Write a share in per cent, with two significant digits."""
    return f"{float(f'{100 * share:.2g}'):g} %"


def percent_range(values: pd.Series[float]) -> str:
    """Write the smallest and the largest of several shares in per cent, without those that are not known."""
    known = values.dropna()
    if known.empty:
        return "an unknown share"
    low, high = percent(known.min()), percent(known.max())
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def error_words(value: float, unit: str) -> str:
    """Write an error or a regret with its unit; fractions as percentage points."""
    if np.isnan(value):
        return "unknown"
    return f"{100 * value:.2g} points" if unit == "fraction" else f"{value:.2g} ({unit})"
