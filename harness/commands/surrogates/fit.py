"""The command ``regretta surrogate fit``. It returns an exit code."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from rich.table import Table
from rich.text import Text
from threadpoolctl import threadpool_limits

from benchmarks.errors import BenchmarkError
from benchmarks.loading import load_benchmark
from benchmarks.nasbench101.surrogate import NAME, NAMES, POOL, read_cells, spaces
from benchmarks.storage.tables import write_table
from benchmarks.table import TableBenchmark
from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK
from harness.surrogates.fitting import Recipe, Surrogate, check_new_name, fit_surrogate
from harness.surrogates.report import training_report
from harness.surrogates.types import Judgement, TrainingReport
from plots.drawing.units import regret_unit

MEASURES = {
    "r2": "R2",
    "kendall": "tau",
    "sparse_kendall": "sparse tau",
    "spearman": "Spearman",
    "mean_absolute_error": "mean error",
}
COVERAGES = {"coverage_50": "in 50 %", "coverage_80": "in 80 %", "coverage_95": "in 95 %"}


def fit_command(
    name: str, recipe: Recipe, new_name: str | None, cells: Path | None, *, replace: bool, as_json: bool
) -> int:
    """Fit a surrogate, save it as a benchmark with its report, and print the report.

    Parameters
    ----------
    name : str
        The recorded benchmark to fit to.
    recipe : Recipe
        Model, encodings, seed and number of architectures of the fit.
    new_name : str or None
        Name of the new benchmark. Default: ``name-model``.
    cells : Path or None
        File with all cells of NAS-Bench-101, for surrogates of that space and of the spaces on it.
    """
    table = recorded_table(name)
    if cells is None:
        new_name = f"{name}-{recipe.model}" if new_name is None else new_name
        check_new_name(new_name)
    elif name != POOL:
        raise BenchmarkError(f"--cells is for a surrogate of {POOL}, got {name}")
    elif new_name is not None:
        raise BenchmarkError(f"with --cells, the new benchmarks are named {', '.join(NAMES)}; leave out --name")
    with threadpool_limits(1):
        surrogate = fit_surrogate(table, recipe)
        report = training_report(surrogate)
        fitted = _tabulate(surrogate, new_name, cells)
    for benchmark in fitted:
        write_table(benchmark, replace=replace, training=report.to_json())
    load_benchmark.cache_clear()
    if as_json:
        print_json(report.to_json())
    else:
        _show_report(report, [benchmark.facts.name for benchmark in fitted])
    return OK


def recorded_table(name: str) -> TableBenchmark:
    """Load a recorded table, or raise an error for a benchmark that is not one."""
    table = load_benchmark(name)
    if not isinstance(table, TableBenchmark):
        raise BenchmarkError(f"expected a recorded table, got {name}, whose provenance is {table.facts.provenance}")
    return table


def _tabulate(surrogate: Surrogate, name: str | None, cells: Path | None) -> list[TableBenchmark]:
    """Tabulate a surrogate on its own space, or on all cells of NAS-Bench-101 and on the spaces on them."""
    table = surrogate.table
    if cells is None:
        assert name is not None
        return [surrogate.tabulate(name, table.space, table.recorded(), table.index)]
    genotypes, index = read_cells(cells)
    whole = surrogate.tabulate(NAME, index.space, genotypes, index, "NAS-Bench-101")
    return [whole, *spaces(whole)]


def _show_report(report: TrainingReport, names: list[str]) -> None:
    console = make_console()
    scale, unit = regret_unit(report.unit)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("held out", "architectures", *MEASURES.values(), *COVERAGES.values()):
        table.add_column(heading, overflow="fold")
    judged = {"a random fifth": report.held_out}
    judged |= {f"region {number}": region for number, region in enumerate(report.regions, 1)}
    for label, found in judged.items():
        table.add_row(label, f"{found.architectures:,}", *(_number(value) for value in _measures(found, scale)))
    console.print(table)
    console.print(
        Text(
            f"{report.model} on {', '.join(report.encodings)}, fitted to {report.architectures:,}"
            f" architectures of {report.table}. Evaluated by {report.target}; mean error in {unit}. The last"
            " columns are the shares of held-out records within intervals of the epistemic spread alone. Saved as"
            f" {', '.join(names)}, with provenance surrogate."
        )
    )
    if (report.held_out.agreement.r2 or 0.0) <= 0.0:
        console.print(
            Text("R2 is not above 0: the model predicts held-out architectures no better than their mean does."),
            style="bold red",
        )


def _measures(found: Judgement, scale: float) -> list[float | None]:
    """Return the values of ``MEASURES`` and ``COVERAGES``, with the mean error times ``scale``."""
    agreement = dataclasses.replace(found.agreement, mean_absolute_error=scale * found.agreement.mean_absolute_error)
    return [*(getattr(agreement, key) for key in MEASURES), *(getattr(found.epistemic, key) for key in COVERAGES)]


def _number(value: float | None) -> str:
    """Write a number with three decimals, or with two significant digits if it is small."""
    return "" if value is None else f"{value:.3f}" if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"
