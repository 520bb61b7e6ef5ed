"""The command ``regretta surrogate evaluate``. It returns an exit code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table
from rich.text import Text
from threadpoolctl import threadpool_limits

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_folder
from harness.commands.surrogates.fit import recorded_table
from harness.surrogates.evaluation import compare_trajectories, single_runs, trajectories
from harness.surrogates.fitting import Recipe
from harness.surrogates.left_out import leave_one_optimizer_out
from harness.surrogates.parameter_free import errors_by_parameter_free
from harness.surrogates.types import Evaluation
from plots.drawing.export import save
from plots.figures.surrogate import single_runs_figure, trajectories_figure
from plots.figures.surrogate_predictions import left_out_figure, parameter_free_figure

ENDS = ("end_table", "end_surrogate")
EVALUATED = ("nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120")


def evaluate_command(
    names: Sequence[str], recipe: Recipe, trials: int, evaluations: int, out: Path | None, *, as_json: bool
) -> int:
    """Run the four tests of surrogates on recorded tables, and print and save the results.

    Parameters
    ----------
    names : sequence of str
        The tables. Default: the three of NAS-Bench-201.
    recipe : Recipe
        Model, encodings, seed and number of architectures of the fit. Test (b) fits to all architectures.
    trials : int
        Number of trials of each algorithm on each benchmark in test (a).
    evaluations : int
        Budget of each trial.
    out : Path or None
        Folder for the figures and their data.
    """
    whole = dataclasses.replace(recipe, train=None)
    reports, curves = [], []
    if out is not None:
        check_folder("--out", out)
    for name in dict.fromkeys(names or EVALUATED):
        table = recorded_table(name)
        with threadpool_limits(1):
            frame = trajectories(table, recipe, trials, evaluations, recipe.seed)
            report = Evaluation(
                table=name,
                title=table.facts.title,
                unit=table.facts.unit,
                model=recipe.model,
                train=recipe.train,
                trials=trials,
                evaluations=evaluations,
                seed=recipe.seed,
                trajectories=compare_trajectories(frame),
                single_runs=single_runs(table, whole),
                left_out=leave_one_optimizer_out(table, recipe, frame),
                parameter_free=errors_by_parameter_free(table, recipe),
            )
        reports.append(report)
        means = frame.groupby(["benchmark", "algorithm", "evaluation"], as_index=False)["error"].mean()
        curves.append(means.assign(table=name))
    records = [dataclasses.asdict(report) for report in reports]
    if out is not None:
        save(*trajectories_figure(pd.concat(curves), records), out / "trajectories")
        if any(record["single_runs"] for record in records):
            save(*single_runs_figure(records), out / "single-runs")
        save(*left_out_figure(records), out / "left-out")
        if any(record["parameter_free"] for record in records):
            save(*parameter_free_figure(records), out / "parameter-free")
        (out / "evaluation.json").write_text(json.dumps(records, indent=1) + "\n")
    if as_json:
        print_json(records)
    else:
        for report in reports:
            _show_evaluation(report)
    return OK


def _ranks(ends: Mapping[str, float]) -> dict[str, int]:
    """Rank values from 1, the lowest. Equal values share the better rank."""
    return {label: 1 + sum(other < end for other in ends.values()) for label, end in ends.items()}


def _show_evaluation(report: Evaluation) -> None:
    console, scale = make_console(), 100.0 if report.unit == "fraction" else 1.0
    unit = "percentage points" if report.unit == "fraction" else report.unit
    found = report.trajectories
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    headings = (
        "algorithm",
        "final error, table",
        "final error, surrogate",
        "distance of the curves",
        "rank, table",
        "rank, surrogate",
    )
    for heading in headings:
        table.add_column(heading)
    ranks = {key: _ranks({label: getattr(of, key) for label, of in found.algorithms.items()}) for key in ENDS}
    for label in found.order.table:
        numbers = found.algorithms[label]
        values = (scale * getattr(numbers, key) for key in (*ENDS, "distance"))
        table.add_row(label, *(f"{value:.3f}" for value in values), *(f"{ranks[key][label]}" for key in ENDS))
    console.print(
        Text(f"{report.title}\n(a) {report.trials} trials, surrogate fitted to {report.train:,} architectures; {unit}")
    )
    console.print(table)
    console.print(Text(f"Kendall tau between the two rankings: {found.kendall:.2f}"))
    _show_single_runs(report)
    _show_left_out(report)
    _show_parameter_free(report)


def _show_single_runs(report: Evaluation) -> None:
    console, scale = make_console(), 100.0 if report.unit == "fraction" else 1.0
    single = report.single_runs
    if single is None:
        console.print(Text("(b) no architecture was trained twice, so single runs have nothing to be compared with"))
        return
    console.print(Text(f"(b) mean distance to the mean of the other runs, {single.architectures:,} architectures"))
    for half, distances in (("all", single), ("better half", single.better_half)):
        closer = [key for key in ("fitted", "held_out") if getattr(distances, key) < distances.single_run]
        verdict = {2: "both are", 1: "one of them is", 0: "neither is"}[len(closer)]
        run, fitted, held_out = (
            f"{scale * getattr(distances, key):.3f}" for key in ("single_run", "fitted", "held_out")
        )
        console.print(
            Text(
                f"    {half}: single run {run}, surrogate fitted to it {fitted}, surrogate not fitted to it {held_out}"
                f" ({verdict} closer than the single run)"
            )
        )


def _show_left_out(report: Evaluation) -> None:
    console = make_console()
    console.print(
        Text(
            "(c) one algorithm left out: Kendall tau with the records, of a surrogate fitted to the other algorithms'"
            " architectures, and of one fitted to as many random ones"
        )
    )
    if not report.left_out:
        console.print(Text("    no algorithm has enough architectures of its own"))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("left out", "fitted to", "tested on", "shared", "R2", "tau", "sparse tau", "random: R2", "tau"):
        table.add_column(heading)
    table.add_column("difference of tau [95 %]")
    for label, found in report.left_out.items():
        ours, random = found.trajectories, found.random
        numbers = (ours.r2, ours.kendall, ours.sparse_kendall, random.r2, random.kendall)
        table.add_row(
            label,
            f"{found.fitted:,}",
            f"{found.tested:,}",
            f"{found.shared:.0%}".replace("%", " %"),
            *map(_decimals, numbers),
            f"{_decimals(found.difference)} [{_decimals(found.difference_low)}, {_decimals(found.difference_high)}]",
        )
    console.print(table)


def _decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _show_parameter_free(report: Evaluation) -> None:
    console, scale = make_console(), 100.0 if report.unit == "fraction" else 1.0
    if report.parameter_free is None:
        console.print(Text("(d) the space names no parameter-free operations"))
        return
    console.print(Text("(d) errors of the surrogate of (a) by the number of parameter-free operations"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("operations", "fitted to", "tested on", "mean error", "predicted", "mean distance", "tau"):
        table.add_column(heading)
    for level in report.parameter_free:
        values = (scale * value for value in (level.error, level.predicted, level.mean_absolute_error))
        counts = (str(level.operations), f"{level.fitted:,}", f"{level.architectures:,}")
        table.add_row(*counts, *(f"{value:.2f}" for value in values), _decimals(level.kendall))
    console.print(table)
