"""Measure how processor time and memory grow with the size of a study: ``scaling.py [FILE.png [FILE.csv]]``.

A study grows in one respect at a time: trials, evaluations per trial, algorithms, benchmarks, simulated workers. Each
size is run by ``regretta run -j 1`` and read by ``regretta status`` and ``regretta summary --json``, each command in a
new process. Tables grow in architectures, from thousands to hundreds of thousands; measured are making the benchmark
from its arrays, and a trial on it.

The slope is that of the last step, in logarithms: 1 if the cost is linear, 0 if it does not grow. Printed are also the
costs of one more (trial, evaluation, ...) over the last two steps, which are equal if the cost is linear beyond what a
command costs before the first trial. The numbers are written beside the figure, which is drawn from FILE.csv if given.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter, NullLocator
from peers.processes import Spent, spent

COMMAND = "import sys; from harness.cli.app import main; sys.argv[0] = 'regretta'; main()"
BENCHMARKS = [
    "nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120", "synthetic", "fcnet-naval",
    "fcnet-parkinsons", "fcnet-protein", "fcnet-slice",
]  # fmt: skip
BASE = {"trials": 100, "evaluations": 30, "algorithms": 2, "benchmarks": 1, "workers": 1}
SIZES = {
    "trials": (300, 900, 2_700, 8_100),
    "evaluations": (300, 900, 2_700, 8_100),
    "algorithms": (2, 8, 32, 128),
    "benchmarks": (1, 2, 4, 8),
    "workers": (1, 4, 16, 64, 256),
}
EDGES = (5, 6, 7, 8)
"""Numbers of positions with five choices each: 3,125 to 390,625 architectures."""
TRIALS_PER_TABLE, ROUNDS = 30, 3
LABELS = {"evaluations": "evaluations per trial", "workers": "simulated workers"}
COLORS = {
    "run": "#1f5f8b",
    "status": "#2a9d8f",
    "summary": "#d1495b",
    "making the table": "#1f5f8b",
    "a trial": "#d1495b",
}


def experiment(size: dict[str, int]) -> str:
    """Return an experiment file: regularized evolution with different populations."""
    benchmarks = json.dumps(BENCHMARKS[: size["benchmarks"]])
    head = (
        f'schema = 1\nname = "scaling"\ntrials = {size["trials"]}\nbenchmarks = {benchmarks}\n'
        f"budget = {{ evaluations = {size['evaluations']} }}\n[protocol]\nworkers = {size['workers']}\n"
    )
    return head + "".join(
        f'[algorithms."evolution {n}"]\nuse = "regularized_evolution"\npopulation = {n}\nsample = 3\n'
        for n in range(10, 10 + size["algorithms"])
    )


def study(size: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Run a study and read it. Return the processor time and the memory of each command."""
    with tempfile.TemporaryDirectory() as name:
        file, out = Path(name) / "scaling.toml", Path(name) / "out"
        file.write_text(experiment(size))
        found = {
            "run": regretta("run", file, "--out", out, "-j", 1),
            "status": regretta("status", out),
            "summary": regretta("summary", out, "--json"),
        }
    return {name: (one.processor, one.megabytes) for name, one in found.items()}


def regretta(*words: object) -> Spent:
    """Run a command of Regretta."""
    return spent(sys.executable, "-c", COMMAND, *words)


def table(positions: int) -> dict[str, tuple[float, float]]:
    """Make a table and run trials on it. Return the processor time and the memory of both."""
    from algorithms.regularized_evolution import RegularizedEvolution
    from benchmarks.benchmark import Facts
    from benchmarks.spaces.base import ChoiceSpace
    from benchmarks.table import build_table
    from harness.simulation.protocols import Budget, Protocol
    from harness.simulation.trial import run_trial

    space = ChoiceSpace("scaling", {f"edge{i}": tuple("abcde") for i in range(positions)})
    n, rng = space.size, np.random.default_rng(0)
    errors = rng.uniform(0.1, 0.9, (n, 1)) + rng.normal(0.0, 0.01, (n, 3))
    facts = Facts(
        name="scaling", title="Scaling", dataset="none", space=space.name, metric="error, minimised", unit="fraction",
        valid_range=(0.0, 1.0), fidelities=(1.0,), continuable=False, provenance="synthetic", licence="none",
        citation="none", data_hash="0" * 64, source="none", repeats=(3, 3),
    )  # fmt: skip
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
    made = build_table(facts, space, {1.0: np.clip(errors, 0.0, 1.0)}, {1.0: np.ones((n, 1))})
    built, grown = process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    protocol = Protocol(budget=Budget(evaluations=300), fidelities=(1.0,), report=("validation@1",))
    run_trial(RegularizedEvolution(10, 3), "regularized_evolution", made, protocol, 1, 0)
    after, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
    for trial in range(TRIALS_PER_TABLE):
        run_trial(RegularizedEvolution(10, 3), "regularized_evolution", made, protocol, 1, trial)
    each = (process_time() - began) / TRIALS_PER_TABLE
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - after
    return {"making the table": (built, grown / 1024), "a trial": (each, more / 1024)}


def tables() -> list[dict[str, object]]:
    """Measure the tables, every one in a process of its own."""
    rows = []
    for positions in EDGES:
        done = subprocess.run([sys.executable, __file__, "--table", str(positions)], capture_output=True, check=True)
        for name, (busy, memory) in json.loads(done.stdout).items():
            rows.append({"grows": "architectures", "size": 5**positions, "name": name, "s": busy, "MB": memory})
    return rows


def measure() -> pd.DataFrame:
    """Return one row per size and command: ``grows, size, name, s, MB``. The smallest of several rounds counts."""
    rows = []
    for number in range(ROUNDS):
        for grows, sizes in SIZES.items():
            for size in sizes:
                found = study(BASE | {grows: size})
                print(number, grows, size, found, file=sys.stderr, flush=True)
                rows += [
                    {"grows": grows, "size": size, "name": name, "s": busy, "MB": memory}
                    for name, (busy, memory) in found.items()
                ]
        rows += tables()
    return pd.DataFrame(rows).groupby(["grows", "size", "name"], sort=False, as_index=False).min()


def slope(line: pd.DataFrame) -> float:
    """Return the slope of the last step in logarithms."""
    sizes, costs = np.log(line["size"].to_numpy(dtype=float)), np.log(line["s"].to_numpy())
    return float((costs[-1] - costs[-2]) / (sizes[-1] - sizes[-2]))


def marginal(line: pd.DataFrame) -> str:
    """Return the cost of one more [ms], over each of the last two steps."""
    costs = 1e3 * np.diff(line["s"]) / np.diff(line["size"])
    return " and ".join(f"{cost:.3g} ms" for cost in costs[-2:])


def draw(data: pd.DataFrame) -> plt.Figure:
    """Return the figure: processor time above, memory below, one column for each respect."""
    columns = list(data["grows"].unique())
    figure, panels = plt.subplots(2, len(columns), figsize=(2.15 * len(columns), 4.9), layout="constrained")
    for (time, memory), (grows, part) in zip(panels.T, data.groupby("grows", sort=False), strict=True):
        for name, line in part.groupby("name", sort=False):
            style = {"color": COLORS[name], "marker": "o", "markersize": 3, "linewidth": 1.2}
            time.plot(line["size"], line["s"], label=f"{name}: {slope(line):.2f}", **style)
            memory.plot(line["size"], line["MB"], **style)
        time.set_yscale("log")
        time.set_ylim(part["s"].min() / 1.5, part["s"].max() * 12)
        time.yaxis.set_minor_formatter(NullFormatter())
        time.legend(fontsize=6.5, title="last slope", title_fontsize=6.5, frameon=False, loc="upper left")
        memory.set_ylim(bottom=0)
        for axes in (time, memory):
            axes.set_xscale("log")
            ticks = sorted(part["size"].unique())
            axes.set_xticks(ticks, [f"{tick:,}" if tick < 10_000 else f"{tick / 1000:,.0f}k" for tick in ticks])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color="#eeeeee")
            axes.set_axisbelow(True)
        memory.set_xlabel(LABELS.get(grows, grows), fontsize=8)
    panels[0, 0].set_ylabel("processor time [s]", fontsize=8)
    panels[1, 0].set_ylabel("largest memory [MB]", fontsize=8)
    return figure


def main() -> None:
    """Measure, print and draw."""
    if sys.argv[1:2] == ["--table"]:
        print(json.dumps(table(int(sys.argv[2]))))
        return
    data = measure() if len(sys.argv) < 3 else pd.read_csv(sys.argv[2])
    for (grows, name), line in data.groupby(["grows", "name"], sort=False):
        costs = ", ".join(f"{s:.2f}" for s in line["s"])
        print(
            f"{grows}, {name}: {costs} s for {list(line['size'])}, slope {slope(line):.2f}, one more costs"
            f" {marginal(line)}; {line['MB'].max():.0f} MB"
        )
    if len(sys.argv) > 1:
        draw(data).savefig(sys.argv[1], dpi=150, facecolor="white")
        data.to_csv(Path(sys.argv[1]).with_suffix(".csv"), index=False)


if __name__ == "__main__":
    main()
