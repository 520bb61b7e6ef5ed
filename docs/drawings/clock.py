"""Draw one trial on the simulated clock: ``clock.py FILE.svg``. The trial is run, not invented."""

import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from harness import run

BUDGET, WORKERS = 225.0, 3
EXPERIMENT = {
    "schema": 1,
    "name": "clock",
    "seed": 22,
    "trials": 1,
    "benchmarks": ["synthetic"],
    "budget": {"seconds": BUDGET},
    "protocol": {"workers": WORKERS, "continuation": "resume"},
    "algorithms": {"asha": {}},
}
SHADES = {1.0: "#cfe0ee", 3.0: "#8fbbd9", 9.0: "#4f93c0", 27.0: "#1f5f8b"}


def trial():
    """Run the trial, and return its evaluations and the optimum of the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        study = run(EXPERIMENT, out=folder, jobs=1)
    (cell,) = study.cells
    return cell.evaluations


def draw_lanes(axes, evaluations):
    """Draw a bar per evaluation in the lane of its worker, and an arrow to each resumed training."""
    finished = {}
    for row in evaluations.itertuples():
        dropped = row.status != "completed"
        axes.barh(
            row.worker,
            row.end - row.start,
            left=row.start,
            height=0.62,
            color="white" if dropped else SHADES[row.fidelity_to],
            edgecolor="#b03a2e" if dropped else "white",
            hatch="////" if dropped else None,
            linewidth=1.0,
        )
        width = row.end - row.start
        if min(row.end, BUDGET) - row.start > 9:
            axes.text(
                min(row.start + width / 2, (row.start + BUDGET) / 2 if dropped else row.end),
                row.worker,
                f"{row.network}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if row.fidelity_to >= 9 and not dropped else "#222222",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1} if dropped else None,
            )
        if row.fidelity_from > 0:
            end, worker = finished[row.network]
            if worker != row.worker:
                axes.annotate(
                    "",
                    (row.start, row.worker),
                    (end, worker),
                    arrowprops={"arrowstyle": "-|>", "color": "#666666", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
                )
        finished[row.network] = row.end, row.worker
    axes.set_yticks(range(WORKERS), [f"worker {worker}" for worker in range(WORKERS)])
    axes.set_ylim(WORKERS - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def draw_incumbent(axes, evaluations):
    """Draw the true error of the incumbent, which is defined from the first completed evaluation on."""
    done = evaluations[evaluations.status == "completed"].sort_values("end", kind="stable")
    axes.step([*done.end, BUDGET], [*done["incumbent_error:validation@27"], None], where="post", color="#222222")
    last = done["incumbent_error:validation@27"].iloc[-1]
    axes.plot([done.end.iloc[-1], BUDGET], [last, last], color="#222222")
    axes.set_ylabel("true error of\nthe incumbent", fontsize=8)
    axes.set_xlabel("simulated time [s]", fontsize=8)
    axes.set_ylim(bottom=0)


def draw():
    """Return the figure."""
    evaluations = trial()
    figure, (lanes, curve) = plt.subplots(
        2, 1, figsize=(8.4, 3.6), sharex=True, height_ratios=(2.1, 1), layout="constrained"
    )
    draw_lanes(lanes, evaluations)
    draw_incumbent(curve, evaluations)
    for axes in (lanes, curve):
        axes.axvline(BUDGET, color="#b03a2e", linewidth=1.2)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    lanes.spines[["left", "bottom"]].set_visible(False)
    lanes.tick_params(axis="x", length=0)
    lanes.text(BUDGET, -0.52, "budget", color="#b03a2e", fontsize=8, ha="center", va="bottom")
    lanes.set_xlim(0, BUDGET + 45)
    done = evaluations[evaluations.status == "completed"]
    shades = {fidelity: shade for fidelity, shade in SHADES.items() if (done.fidelity_to == fidelity).any()}
    handles = [plt.Rectangle((0, 0), 1, 1, color=shade) for shade in shades.values()]
    dropped = plt.Rectangle((0, 0), 1, 1, facecolor="white", edgecolor="#b03a2e", hatch="////")
    names = [f"to epoch {fidelity:g}" for fidelity in shades]
    figure.legend(
        [*handles, dropped], [*names, "dropped: ends after the budget"], loc="outside upper center", ncols=5,
        fontsize=8, frameon=False,
    )  # fmt: skip
    return figure


if __name__ == "__main__":
    mpl.rcParams |= {"svg.hashsalt": "clock", "svg.fonttype": "path"}
    draw().savefig(
        Path(sys.argv[1]), facecolor="white", metadata={"Date": None} if sys.argv[1].endswith("svg") else None
    )
