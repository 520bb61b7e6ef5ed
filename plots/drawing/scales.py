"""The units in which a figure shows times and regrets: one time unit per figure, one unit for small multiples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plots.drawing.selection import View
from plots.drawing.units import regret_unit, time_unit
from results.summaries.types import BenchmarkSummary

NORMALIZED = "share of the median architecture's regret"
OF_BUDGET = "% of the horizon"
UNIT, X_UNIT = "unit", "x_unit"
"""Columns of the numbers behind a figure: the unit of its main numbers, and that of their places on the x axis."""


class Scale(NamedTuple):
    """The units of a panel.

    Attributes
    ----------
    length : float
        The number of evaluations or seconds in a unit of time.
    time : str
        The name of the unit of time.
    factor : float
        Regret in the unit shown, divided by regret in the benchmark's unit.
    regret : str
        The name of the unit of regret.
    """

    length: float
    time: str
    factor: float
    regret: str

    def time_label(self) -> str:
        """Return the label of an axis of time."""
        if self.time == OF_BUDGET:
            return "share of the horizon [%]"
        return "completed evaluations" if self.time == "evaluations" else f"simulated time [{self.time}]"

    def regret_label(self, name: str = "regret") -> str:
        """Return the label of an axis of regret."""
        return f"{name} / median architecture's" if self.regret == NORMALIZED else f"{name} [{self.regret}]"


def scales(view: View, *, multiples: bool = True) -> dict[str, Scale]:
    """Return the units of every panel.

    Up to twelve benchmarks have their own unit of regret, and all times of a figure have one unit: that of the
    geometric mean of the horizons. Small multiples show regret as a share of the median architecture's, and time as a
    share of the horizon.

    Parameters
    ----------
    view : View
    multiples : bool
        Whether the figure has small multiples if there are many benchmarks.
    """
    panels = view.summary.benchmarks
    times = [panel.horizon for panel in panels if panel.axis == "seconds"]
    length, name = time_unit(float(np.exp(np.mean(np.log(times))))) if times else (1.0, "s")
    found = {}
    for panel in panels:
        if view.many and multiples:
            found[panel.benchmark] = Scale(panel.horizon / 100, OF_BUDGET, 1 / start_regret(panel), NORMALIZED)
        else:
            time = (length, name) if panel.axis == "seconds" else (1.0, "evaluations")
            found[panel.benchmark] = Scale(*time, *regret_unit(panel.unit))
    return found


def start_regret(panel: BenchmarkSummary) -> float:
    """Return the median architecture's regret, at least the noise floor."""
    return max(panel.median - panel.optimum, panel.floor)


def in_units(
    data: pd.DataFrame,
    units: Mapping[str, Scale],
    unit: str,
    *,
    times: Sequence[str] = (),
    regrets: Sequence[str] = (),
    x_unit: str = "",
) -> pd.DataFrame:
    """Return numbers in the units of a figure, with columns that name the units.

    Parameters
    ----------
    data : DataFrame
        With the column ``benchmark``.
    units : mapping
        From `scales`.
    unit, x_unit : str
        The unit of the main numbers and of their places on the x axis: ``time`` or ``regret`` for that of the panel,
        or its name. Without `x_unit` there is no column for it.
    times, regrets : sequence of str
        The columns with times (evaluations or [s]), and with regrets in the benchmark's unit.
    """
    length, factor = (
        data["benchmark"].map({k: getattr(s, of) for k, s in units.items()}) for of in ("length", "factor")
    )
    changed: dict[str, Any] = {name: data[name] / length.astype(np.float64) for name in times}
    changed |= {name: data[name] * factor.astype(np.float64) for name in regrets}
    for column, name in ((UNIT, unit), (X_UNIT, x_unit)):
        if name in ("time", "regret"):
            changed[column] = data["benchmark"].map({key: getattr(scale, name) for key, scale in units.items()})
        elif name:
            changed[column] = name
    return data.assign(**changed)
