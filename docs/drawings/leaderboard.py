"""Draw default and tuned algorithms beside each other: ``leaderboard.py FINAL FILE.png``.

``FINAL`` is the folder ``final`` of ``regretta tune tune-all``: fresh trials, on benchmarks that the tuning did not
open.
"""

import re
import sys

import matplotlib.pyplot as plt

from results import load, summarize

BASELINE = "random_search"


def draw(summary):
    """Return the figure: one panel per benchmark, one row per algorithm, best tuned area on top."""
    figure, panels = plt.subplots(1, len(summary.benchmarks), figsize=(9.6, 2.5), sharey=True, layout="constrained")
    order = ranked(summary)
    for axes, benchmark in zip(panels, summary.benchmarks, strict=True):
        areas = {one.label: one.area for one in benchmark.algorithms}
        for place, name in enumerate(order):
            draw_row(axes, place, areas.get(f"{name} (default)"), areas[f"{name} (tuned)"])
        line = areas[BASELINE]
        axes.axvspan(line.low, line.high, color="#888888", alpha=0.25, linewidth=0)
        axes.axvline(line.value, color="#666666", linewidth=1)
        axes.text(line.value, -0.6, "random search ", fontsize=7, color="#555555", ha="right", va="bottom")
        axes.set_title(benchmark.title.split(",")[1].strip(), fontsize=9)
        axes.tick_params(labelsize=8)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.grid(axis="x", color="#eeeeee")
        axes.set_axisbelow(True)
    panels[0].set_yticks(range(len(order)), [name.replace("_", " ") for name in order])
    panels[0].set_ylim(len(order) - 0.5, -1.0)
    panels[1].set_xlabel("area under log regret [dex]; to the left is better", fontsize=8)
    hollow = plt.Line2D([], [], marker="o", color="#1f5f8b", markerfacecolor="white", linestyle="")
    filled = plt.Line2D([], [], marker="o", color="#1f5f8b", linestyle="")
    figure.legend(
        [hollow, filled], ["default", "tuned on other benchmarks"], loc="outside upper center", ncols=2, fontsize=8,
        frameon=False,
    )  # fmt: skip
    return figure


def ranked(summary):
    """Return the names of the tuned algorithms, the lowest tuned area of the first benchmark first."""
    areas = {one.label: one.area.value for one in summary.benchmarks[0].algorithms}
    tuned = [re.sub(r" \(tuned\)$", "", label) for label in areas if label.endswith(" (tuned)")]
    return sorted(tuned, key=lambda name: areas[f"{name} (tuned)"])


def draw_row(axes, place, default, tuned):
    """Draw the default and the tuned area with their 95 % intervals."""
    rows = (
        [(tuned, "#1f5f8b")]
        if default is None or default.value == tuned.value
        else [(default, "white"), (tuned, "#1f5f8b")]
    )
    if len(rows) == 2:
        axes.plot([tuned.value, default.value], [place, place], color="#9bbcd3", linewidth=3, zorder=1)
    for area, face in rows:
        axes.plot([area.low, area.high], [place, place], color="#1f5f8b", linewidth=1)
        axes.plot(area.value, place, "o", color="#1f5f8b", markerfacecolor=face, markersize=6)


if __name__ == "__main__":
    draw(summarize(load(sys.argv[1]))).savefig(sys.argv[2], dpi=150, facecolor="white")
