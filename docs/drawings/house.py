"""Draw how a result comes about, and in which package: ``house.py FILE.svg``."""

import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

COLOURS = {
    "harness": "#dbe8f2",
    "algorithms": "#fbe3d6",
    "benchmarks": "#e3efdc",
    "results": "#ece2f0",
    "plots": "#fdf3cf",
}
# name, package, x, y, width; what it is and the room that holds it
BOXES = {
    "file": ("harness", 0.0, 3.0, 2.3, "experiment file", "experiments/"),
    "cells": ("harness", 3.0, 3.0, 2.3, "cells", "experiments/, entries/"),
    "runner": ("harness", 6.0, 3.0, 2.3, "runner, clusters", "running/"),
    "algorithm": ("algorithms", 3.0, 1.5, 2.3, "algorithm", "one file each, models/"),
    "simulator": ("harness", 6.0, 1.5, 2.3, "simulator, accounting", "simulation/"),
    "benchmark": ("benchmarks", 9.0, 1.5, 2.3, "benchmark", "table, surrogate, spaces/"),
    "store": ("results", 6.0, 0.0, 2.3, "store", "storage/"),
    "measures": ("results", 3.0, 0.0, 2.3, "measures, tests, gate", "anytime/, statistics/, gate/"),
    "figures": ("plots", 0.0, 0.0, 2.3, "figures, tables, report", "figures/, tables/, report/"),
    "data": ("benchmarks", 9.0, 3.0, 2.3, "official files", "formats/, storage/"),
}
ARROWS = [
    ("file", "cells", "resolve", "->"),
    ("cells", "runner", "missing trials", "->"),
    ("runner", "simulator", "one trial", "->"),
    ("algorithm", "simulator", "ask, tell", "<->"),
    ("simulator", "benchmark", "observe", "<->"),
    ("data", "benchmark", "import", "->"),
    ("simulator", "store", "every evaluation", "->"),
    ("store", "measures", "load", "->"),
    ("measures", "figures", "", "->"),
]
HEIGHT = 0.85


def draw():
    """Return the figure."""
    figure, axes = plt.subplots(figsize=(9.4, 3.9), layout="constrained")
    for package, x, y, width, title, room in BOXES.values():
        box = FancyBboxPatch(
            (x, y), width, HEIGHT, boxstyle="round,pad=0.04", facecolor=COLOURS[package], edgecolor="#555555"
        )
        axes.add_patch(box)
        axes.text(x + width / 2, y + 0.55, title, ha="center", va="center", fontsize=9)
        axes.text(
            x + width / 2, y + 0.22, room, ha="center", va="center", fontsize=7, color="#555555", family="monospace"
        )
    for start, end, words, style in ARROWS:
        connect(axes, BOXES[start][1:4], BOXES[end][1:4], words, style)
    handles = [plt.Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor="#555555") for colour in COLOURS.values()]
    figure.legend(
        handles, [f"{name}/" for name in COLOURS], loc="outside upper center", ncols=5, frameon=False, fontsize=9
    )
    axes.set_xlim(-0.1, 11.4)
    axes.set_ylim(-0.15, 4.0)
    axes.axis("off")
    return figure


def connect(axes, start, end, words, style):
    """Draw an arrow between two boxes that stand in one row or in one column."""
    (x, y, width), (to_x, to_y, _) = start, end
    middle = HEIGHT / 2
    if y == to_y:
        right = to_x > x
        ends = (
            ((x + width + 0.06 if right else x - 0.06), y + middle),
            ((to_x - 0.06 if right else to_x + width + 0.06), y + middle),
        )
        place = {"x": (ends[0][0] + ends[1][0]) / 2, "y": y + middle + 0.12, "ha": "center", "va": "bottom"}
    else:
        ends = (x + width / 2, y - 0.06), (x + width / 2, to_y + HEIGHT + 0.06)
        place = {"x": x + width / 2 + 0.1, "y": (y + to_y + HEIGHT) / 2, "ha": "left", "va": "center"}
    axes.annotate("", ends[1], ends[0], arrowprops={"arrowstyle": style, "color": "#333333", "linewidth": 1.1})
    axes.text(s=words.replace(" ", "\n") if y == to_y else words, fontsize=7, color="#333333", **place)


if __name__ == "__main__":
    mpl.rcParams |= {"svg.hashsalt": "house", "svg.fonttype": "path"}
    metadata = {"Date": None} if sys.argv[1].endswith("svg") else None
    draw().savefig(sys.argv[1], facecolor="white", metadata=metadata)
