"""Places of names and ticks."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from plots.drawing.layout import Numbers, separate_ticks, spread_out


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=50)
def test_names_are_apart_within_their_room_and_in_order(wanted):
    places = spread_out(wanted, 0.05, 0.0, 1.0)
    assert places.min() >= -1e-12
    assert places.max() <= 1 + 1e-12
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(places[order]) >= 0.05 - 1e-9).all()


def test_names_that_have_room_stay_where_they_are():
    assert np.allclose(spread_out([0.9, 0.1, 0.5], 0.1, 0, 1), [0.9, 0.1, 0.5])
    assert np.allclose(spread_out([0.5, 0.5], 0.2, 0, 1), [0.4, 0.6])
    assert np.allclose(spread_out(np.full(21, 0.5), 0.2, 0, 1), np.linspace(0, 1, 21))  # too many: evenly


def made(ticks, inches, scale="log"):
    axes = Figure(figsize=(inches, 2), dpi=200).add_axes((0, 0.3, 1, 0.6))
    axes.set(xscale=scale, xlim=(min(ticks), max(ticks)))
    axes.xaxis.set_major_locator(Numbers(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    separate_ticks(axes)
    return axes.xaxis.get_major_locator().locs.tolist() if hasattr(axes, "xaxis") else []


def test_ticks_that_collide_are_left_out_and_decades_stay():
    ticks = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
    assert made(ticks, 5) == ticks
    assert made(ticks, 1.2) == [0.001, 0.01, 0.1]
    assert made([0, 20, 40, 60, 80, 100], 0.9, "linear") in ([0, 40, 80], [0, 60])


def test_names_are_never_left_out():
    axes = Figure(figsize=(1, 1), dpi=200).add_axes((0.3, 0.3, 0.6, 0.6))
    axes.set_yticks(range(9), [f"name {i}" for i in range(9)])
    separate_ticks(axes)
    assert [text.get_text() for text in axes.get_yticklabels()] == [f"name {i}" for i in range(9)]
