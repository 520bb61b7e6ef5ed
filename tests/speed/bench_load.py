"""From a million evaluations on disk to the regret figure: seconds and memory of the process that does it."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from algorithms.registry import algorithm_class
from benchmarks import load_benchmark
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import experiment_record
from harness.simulation.trial import run_trial
from plots.figures.regret import regret_figure
from results.storage.experiment_record import write_experiment
from results.storage.loading import load
from results.storage.store import cell_folder, write_chunk
from results.summaries.curve_table import regret_data

SECONDS, GIGABYTES = 5.0, 1.0
TRIALS, EVALUATIONS, CHUNK = 500, 500, 25
LABELS = {"random_search": {}, "local_search": {}, "RE": {"use": "regularized_evolution", "population": 10}}


def write(folder: Path) -> int:
    """Write three cells of 500 trials and one of 500 more; 25 trials of each are run, and stand for all its trials."""
    raw = {
        "schema": 1, "name": "million", "trials": TRIALS, "benchmarks": ["nasbench201-cifar10"],
        "budget": {"evaluations": EVALUATIONS}, "algorithms": LABELS | {"RE 2": LABELS["RE"] | {"sample": 3}},
    }  # fmt: skip
    experiment = resolve_experiment(raw, folder)
    write_experiment(folder, experiment_record(experiment))
    for cell in experiment.cells:
        benchmark, use = load_benchmark(cell.benchmark), cell.source.use
        run = [
            run_trial(algorithm_class(use)(**cell.parameters), use, benchmark, cell.protocol, cell.seed, trial)
            for trial in range(CHUNK)
        ]
        at = cell_folder(folder, cell.id, cell.label, cell.benchmark)
        for first in range(0, TRIALS, CHUNK):
            write_chunk(at, [replace(record, trial=first + record.trial) for record in run], {})
    return len(experiment.cells) * TRIALS * EVALUATIONS


def read(folder: Path) -> None:
    """Load, aggregate and lay out the figure, and say what that took."""
    began, busy = perf_counter(), process_time()
    study = load(folder)
    loaded = perf_counter()
    regret_figure(study, data=regret_data(study))
    drawn = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(
        f"load {loaded - began:.2f} s, figure {drawn - loaded:.2f} s ({process_time() - busy:.2f} s of CPU together);"
        f" limit: {SECONDS} s together"
    )
    print(f"peak memory of the process {peak / 1e9:.2f} GB; limit: {GIGABYTES} GB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(f"{write(Path(name)):,} evaluations")
        reader = multiprocessing.get_context("spawn").Process(target=read, args=(Path(name),))
        reader.start()
        reader.join()
        sys.exit(reader.exitcode)
