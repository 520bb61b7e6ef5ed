"""The units in which numbers are shown."""

from __future__ import annotations

_TIMES = ((2 * 86_400.0, 86_400.0, "days"), (2 * 3600.0, 3600.0, "hours"), (120.0, 60.0, "minutes"))


def regret_unit(unit: str) -> tuple[float, str]:
    """Return the factor and the unit in which regret is shown: fractions as percentage points."""
    return (100.0, "percentage points") if unit == "fraction" else (1.0, unit)


def time_unit(horizon: float) -> tuple[float, str]:
    """Return the length [s] and the name of the unit in which times up to a horizon [s] are shown."""
    return next(((length, name) for least, length, name in _TIMES if horizon >= least), (1.0, "s"))
