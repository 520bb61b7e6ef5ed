"""The cost of running trials on a cluster, and the model of throughput of docs/guides/scale.md beside measurements.

Printed are the time of the planning process per task and per megabyte, the time of a task besides its trials, for 1, 2,
4 and 8 workers the trials per second that the model predicts and that were measured, and what it says of 1,000 workers.
The trials of that measurement mostly sleep, so that the processors of one machine are enough for all workers. It needs
dask.distributed.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import load_benchmark
from harness.experiments.resolution import resolve_experiment
from harness.running.clusters.sizing import LARGEST, TARGET, TaskSizes
from harness.running.clusters.workers import Workers
from harness.running.runner import run_experiment
from harness.simulation.trial import run_trial
from results.storage.chunks import encode_chunk, read_chunk
from results.storage.store import write_encoded

WORKERS = (1, 2, 4, 8)
SLEEP = 0.2
"""Time of a trial of the measurement [s]."""
SECONDS = 20.0
"""Time that each measurement is to take [s]."""
SIZE = 5
"""Trials per task of the measurement."""
MANY = 1000
"""Workers of the extrapolation."""
TRIALS = (0.0045, 0.1, 1.0, 5.6)
"""Times of the trials of the extrapolation [s]: from regularized evolution to BANANAS, 300 evaluations."""
SLEEPER = f'''
import time
from dataclasses import dataclass
from algorithms import Algorithm, Query

@dataclass
class Sleeper(Algorithm):
    """Random search that sleeps."""
    reference = "none"

    def ask(self):
        time.sleep({SLEEP} / 20)
        return Query(self.space.sample(self.rng), self.fidelities[-1])

    def tell(self, query, observed_error):
        pass
'''


def experiment(folder: Path, trials: int, use: str = "sleeper.py:Sleeper"):
    raw = {
        "schema": 1,
        "name": "cluster",
        "seed": 1,
        "trials": trials,
        "benchmarks": ["synthetic"],
        "budget": {"evaluations": 20},
        "algorithms": {"entry": {"use": use}},
    }
    return resolve_experiment(raw, folder)


def storing(folder: Path) -> tuple[float, float, float]:
    """Return what checking and writing a chunk costs: per chunk [s], per byte [s]; and the bytes of a trial."""
    (cell,) = resolve_experiment(
        {
            "schema": 1,
            "name": "bytes",
            "seed": 1,
            "trials": 1,
            "benchmarks": ["nasbench201-cifar10"],
            "budget": {"evaluations": 300},
            "algorithms": {"regularized_evolution": {}},
        },
        folder,
    ).cells
    algorithm, benchmark = cell.source.load(), load_benchmark(cell.benchmark)
    place = folder / "out" / "trials" / f"entry--{cell.benchmark}--{cell.id[:16]}"
    trials, sizes, times = [], [], []
    for number in (1, 50, 300, 1000):
        rest = range(len(trials), number)
        trials += [run_trial(algorithm(), cell.source.use, benchmark, cell.protocol, 1, trial) for trial in rest]
        content = encode_chunk(trials, {"cell": cell.to_json(), "code": "0" * 32})
        sizes.append(len(content))
        times.append(min(timed(store, place, content) for _ in range(9)))
        print(f"  a chunk of {number} trials, {sizes[-1] / 1e6:.3f} MB: {1000 * times[-1]:.1f} ms")
    per_byte, per_chunk = np.polyfit(sizes, times, 1)
    return float(per_chunk), float(per_byte), sizes[-1] / len(trials)


def store(place: Path, content: bytes) -> None:
    chunk = read_chunk(place / "delivered", content)
    write_encoded(place, sorted(chunk.trials), content)


def timed(function, *arguments) -> float:
    began = perf_counter()
    function(*arguments)
    return perf_counter() - began


def own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def raced(folder: Path, workers: int, trials: int, size: int, use: str = "sleeper.py:Sleeper") -> tuple[float, float]:
    """Return the trials per second of tasks of equal size, and the time of this process per task [s].

    The first and the last tenth of the reports are left out.
    """
    out, marks = folder / f"out-{workers}-{trials}", []
    sized = TaskSizes.trials
    TaskSizes.trials = lambda *_: size
    try:
        run_experiment(
            experiment(folder, trials, use),
            out,
            observe=lambda report: marks.append((perf_counter(), own_seconds(), len(report.done))),
            scheduler=f"local:{workers}",
        )
    finally:
        TaskSizes.trials = sized
    shutil.rmtree(out)
    middle = marks[len(marks) // 10 : -max(1, len(marks) // 10)]
    (began, used, _), (ended, used_at_end, _) = middle[0], middle[-1]
    done = sum(number for _, _, number in middle[1:])
    return done / (ended - began), (used_at_end - used) / (len(middle) - 1)


@contextmanager
def many_addresses():
    """Name so many workers with every task as a cluster of 1,000 workers has."""
    real = Workers.proven
    others = frozenset(f"tcp://10.1.{place // 250}.{place % 250}:40123" for place in range(MANY - 1))
    Workers.proven = property(lambda self: real.fget(self) | others)
    try:
        yield
    finally:
        Workers.proven = real


def extrapolate(seconds: float, task: float, used: float, per_byte: float, trial_bytes: float) -> None:
    """Print what the model says of 1,000 workers and 10^8 trials that take some seconds each."""
    size = max(1, int(min(TARGET / seconds, LARGEST / trial_bytes)))
    parent = used + per_byte * size * trial_bytes
    workers = MANY * size / (size * seconds + task)
    rate = min(workers, size / parent)
    print(f"trials of {seconds:g} s: {size} per task, {size * trial_bytes / 1e6:.2f} MB; this process stores at most"
          f" {size / parent:,.0f} per second, {MANY:,} workers run at most {workers:,.0f}; it is the limit from"
          f" {(size * seconds + task) / parent:,.0f} workers; 10^8 trials take {1e8 / rate / 3600:.1f} h, and have"
          f" {1e8 * trial_bytes / 1e9:,.0f} GB in {1e8 / size:,.0f} files")  # fmt: skip


def main() -> None:
    if find_spec("distributed") is None:
        print("left out: dask.distributed is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sleeper.py").write_text(SLEEPER)
        per_chunk, per_byte, trial_bytes = storing(folder)
        print(f"storing: {1000 * per_chunk:.1f} ms per chunk and {1e9 * per_byte:.2f} ms per MB;"
              f" a trial of 300 evaluations has {trial_bytes:.0f} bytes")  # fmt: skip
        rate, used = raced(folder, 1, 400, 1, "random_search")
        with many_addresses():
            _, used_by_many = raced(folder, 1, 400, 1, "random_search")
        print(f"a task of one trial of 20 evaluations: {1000 / rate:.1f} ms, of which {1000 * used:.1f} ms in the"
              f" process that plans, schedules and stores; there {1000 * used_by_many:.1f} ms with {MANY:,}"
              " workers")  # fmt: skip
        for workers in WORKERS:
            trials = SIZE * max(20, int(workers * SECONDS / SLEEP / SIZE))
            measured, _ = raced(folder, workers, trials, SIZE)
            predicted = min(workers * SIZE / (SIZE * SLEEP + 1 / rate), SIZE / used)
            print(f"{workers} workers: {measured:.2f} trials per second; the model says {predicted:.2f}")
        for seconds in TRIALS:
            extrapolate(seconds, 1 / rate, used_by_many, per_byte, trial_bytes)


if __name__ == "__main__":
    sys.exit(main())
