"""A study of many small trials: files, seconds and memory of compact, status and summary.

The trials are written through the store's own writer, in the chunks that a run of such quick trials writes. A few
hundred trials per cell are run; copies of them, under other numbers, stand for the others. Give the number of trials
(default: 100,000) and a folder that is kept: ``bench_store.py 1000000 runs/million``.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from algorithms.registry import algorithm_class
from benchmarks import load_benchmark
from harness.experiments.cells import CellSpec, Experiment
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import experiment_record
from harness.simulation.trial import run_trial
from results.storage.experiment_record import write_experiment
from results.storage.store import cell_folder, write_chunk

EVALUATIONS, CHUNK, RUN = 20, 1_000, 250
BENCHMARKS = ["nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120", "synthetic"]
POPULATIONS = (4, 5, 6, 7, 8, 10, 12, 15)
LABELS = {"random_search": {}, "local_search": {}} | {
    f"evolution {size}": {"use": "regularized_evolution", "population": size, "sample": 3} for size in POPULATIONS
}
LIMITS = {"compact": (600.0, 1.0), "status": (3.0, 0.3), "summary": (60.0, 1.5)}
"""Seconds and gigabytes of each command, for a million trials."""
COMMAND = "import sys; from harness.cli.app import main; sys.argv[0] = 'regretta'; main()"


def experiment_of(folder: Path, trials: int) -> Experiment:
    """Resolve forty cells."""
    raw = {
        "schema": 1, "name": "million", "trials": trials // (len(BENCHMARKS) * len(LABELS)), "benchmarks": BENCHMARKS,
        "budget": {"evaluations": EVALUATIONS}, "algorithms": LABELS,
    }  # fmt: skip
    return resolve_experiment(raw, folder)


def write(folder: Path, experiment: Experiment) -> None:
    """Write all trials of an experiment."""
    write_experiment(folder, experiment_record(experiment))
    for cell in experiment.cells:
        write_cell(folder, cell, len(experiment.trials))


def write_cell(folder: Path, cell: CellSpec, trials: int) -> None:
    """Write the trials of a cell; those that are run stand for the others too."""
    benchmark, use = load_benchmark(cell.benchmark), cell.source.use
    run = [
        run_trial(algorithm_class(use)(**cell.parameters), use, benchmark, cell.protocol, cell.seed, trial)
        for trial in range(min(RUN, trials))
    ]
    at = cell_folder(folder, cell.id, cell.label, cell.benchmark)
    metadata = {"cell": cell.to_json(), "data": cell.data_hash, "code": None, "real_seconds": 1.0}
    for first in range(0, trials, CHUNK):
        numbers = range(first, min(first + CHUNK, trials))
        write_chunk(at, [replace(run[number % len(run)], trial=number) for number in numbers], metadata)


def measure(name: str, *words: str) -> None:
    """Run a command in a process of its own, and print its time and the largest memory of the process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run([sys.executable, "-c", COMMAND, name, *words], capture_output=True, text=True, check=False)
    took, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds, gigabytes = LIMITS[name]
    lines = done.stdout.strip().splitlines() or [done.stderr]
    print(
        f"{name:8} {took:7.2f} s ({busy:6.2f} s of CPU; limit {seconds:.0f}), all so far at most"
        f" {after.ru_maxrss * 1024 / 1e9:.3f} GB (limit {gigabytes}), code {done.returncode}: {lines[-1].strip()}",
        flush=True,
    )


def files(folder: Path) -> str:
    """Say how many files of trials there are, and how large."""
    found = list(folder.glob("trials/*/*.parquet"))
    return f"{len(found):,} files, {sum(file.stat().st_size for file in found) / 1e6:,.0f} MB"


def main(folder: Path, trials: int) -> None:
    """Write the trials unless they are there, and measure the commands."""
    experiment = experiment_of(folder, trials)
    if not (folder / "experiment.json").exists():
        began = perf_counter()
        write(folder, experiment)
        print(f"written in {perf_counter() - began:.0f} s")
    print(f"{len(experiment.cells) * len(experiment.trials):,} trials: {files(folder)}", flush=True)
    measure("status", str(folder))
    measure("compact", str(folder))
    print(files(folder), flush=True)
    measure("status", str(folder))
    measure("summary", str(folder), "--json")
    measure("summary", str(folder), "--json")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        main(Path(sys.argv[2]), count)
    else:
        with tempfile.TemporaryDirectory() as name:
            main(Path(name), count)
