"""The same race in Regretta and in the libraries that a user would pick instead: seconds, processor time and memory.

Every library has an environment of its own, which ``requirements-NAME.txt`` pins; the first race makes it. The
libraries read the table of NAS-Bench-201 on CIFAR-10 from a file, and run the algorithm for 10 trials of 300
evaluations, one after the other in one process. Regretta does so with ``regretta run -j 1``. All entries are run in
turn, several times; the medians are printed as a Markdown table. Seconds and memory are those of the whole process. The
processor time per evaluation is that of the trials alone. For Regretta, it is what a run takes beyond one of a
single evaluation; quick algorithms run for 400 trials.

    python tests/speed/peers/race.py ENVIRONMENTS [--trials 10] [--evaluations 300] [--rounds 3] [--only TEXT]
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import venv
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from processes import spent

HERE = Path(__file__).parent
TABLE = "nasbench201-cifar10"
COMMAND = "import sys; from harness.cli.app import main; sys.argv[0] = 'regretta'; main()"
MANY = {"random_search": 400, "regularized_evolution": 400, "tpe": 20, "bohb": 20, "bananas": 10}
"""Trials of ours that are timed to tell them from the start of the command."""
WANTED = ("evaluations", "best", "digest")


class Entry(NamedTuple):
    """What takes part: a library with the name of its algorithm, or Regretta with an entry of an experiment."""

    group: str
    library: str
    algorithm: str
    ours: dict[str, object] | None = None
    trials: int | None = None
    evaluations: int | None = None


class Measured(NamedTuple):
    """One run of one entry: seconds and processor time [s], also that of the trials alone, and what it found."""

    seconds: float
    processor: float
    trials: float
    megabytes: float
    evaluations: int
    best: float
    digest: str


EVOLUTION = {"use": "regularized_evolution", "population": 10, "sample": 3}
ENTRIES = [
    Entry("random search", "Regretta", "random_search", {"use": "random_search"}),
    Entry("random search", "optuna", "random"),
    Entry("random search", "nevergrad", "RandomSearch"),
    Entry("random search", "syne_tune", "random"),
    Entry("random search", "naszilla", "random"),
    Entry("regularized evolution 10/3", "Regretta", "regularized_evolution", EVOLUTION),
    Entry("regularized evolution 10/3", "syne_tune", "REA"),
    Entry("regularized evolution 10/3", "naszilla", "evolution"),
    Entry("TPE", "Regretta", "tpe", {"use": "tpe"}),
    Entry("TPE", "optuna", "TPE"),
    Entry("BOHB, 12 to 200 epochs", "Regretta", "bohb", {"use": "bohb"}),
    Entry("BOHB, 12 to 200 epochs", "hpbandster", "BOHB"),
    Entry("no counterpart", "nevergrad", "NGOpt"),
    Entry("BANANAS", "Regretta", "bananas", {"use": "bananas"}),
    Entry("BANANAS, 1 trial of 20", "Regretta", "bananas", {"use": "bananas"}, 1, 20),
    Entry("BANANAS, 1 trial of 20", "naszilla", "BANANAS", None, 1, 20),
]


def environment(folder: Path, library: str) -> Path:
    """Return the interpreter of a library's environment. Make the environment if it does not exist."""
    python = folder / library / "bin" / "python"
    if not python.exists():
        print(f"installing {library}", file=sys.stderr, flush=True)
        venv.create(folder / library, with_pip=True)
        requirements = HERE / f"requirements-{library}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements], check=True)
    return python


def export(path: Path) -> None:
    """Write the table for the libraries."""
    from benchmarks import load_benchmark

    benchmark, curves = load_benchmark(TABLE), load_benchmark(f"{TABLE}-curves")
    genotypes, fidelities = benchmark.space.enumerate(), curves.facts.fidelities
    np.savez(
        path, errors=benchmark.errors(genotypes, 200.0), fidelities=np.array(fidelities),
        curves=np.stack([np.nanmean(curves.errors(genotypes, f), axis=1) for f in fidelities], axis=1),
        seconds=np.stack([curves.seconds(genotypes, f) for f in fidelities], axis=1),
    )  # fmt: skip


def experiment(entry: Entry, trials: int, evaluations: int) -> str:
    """Return the experiment file of an entry of ours."""
    benchmark = f"{TABLE}-curves" if entry.algorithm == "bohb" else TABLE
    settings = "\n".join(f"{key} = {json.dumps(value)}" for key, value in (entry.ours or {}).items())
    return (
        f'schema = 1\nname = "race"\ntrials = {trials}\nbenchmarks = ["{benchmark}"]\n'
        f"budget = {{ evaluations = {evaluations} }}\n[algorithms.entry]\n{settings}\n"
    )


def run(entry: Entry, python: Path, table: Path, trials: int, evaluations: int) -> Measured:
    """Run an entry once."""
    if entry.ours is None:
        script = HERE / f"{entry.library}_race.py"
        command = [python, "-W", "ignore", script, table, entry.algorithm, str(trials), str(evaluations)]
        whole = spent(*command)
        told = json.loads(whole.output.strip().splitlines()[-1])
        return Measured(*whole[1:3], told["processor"], whole.megabytes, *(told[k] for k in WANTED))
    from results import load

    with tempfile.TemporaryDirectory() as name:
        start = spent(*ours(entry, Path(name) / "start", 1, 1)).processor
        whole = spent(*ours(entry, Path(name) / "race", trials, evaluations))
        many = MANY.get(entry.algorithm, trials)
        longer = spent(*ours(entry, Path(name) / "many", many, evaluations)) if many > trials else whole
        rows = load(Path(name) / "race").cells[0].evaluations
    errors = rows.sort_values(["trial", "number"])["observed_error"]
    best = float(rows.groupby("trial")["observed_error"].min().mean())
    digest = sha256(errors.to_numpy().tobytes()).hexdigest()
    each = (longer.processor - start) / max(many, trials)
    return Measured(*whole[1:3], each * trials, whole.megabytes, len(rows), best, digest)


def ours(entry: Entry, out: Path, trials: int, evaluations: int) -> list[str | Path]:
    """Write the experiment file of an entry of ours. Return the command that runs it."""
    file = out.with_suffix(".toml")
    file.write_text(experiment(entry, trials, evaluations))
    return [sys.executable, "-c", COMMAND, "run", file, "--out", out, "-j", "1"]


def row(entry: Entry, found: list[Measured], reference: float) -> str:
    """Return a row of the table; the reference is the processor time of our trials of the same algorithm [s]."""
    took, busy, trials, memory = (median(values) for values in list(zip(*found, strict=True))[:4])
    each = 1e3 * trials / found[0].evaluations
    same = "-" if len(found) == 1 else "yes" if len({one.digest for one in found}) == 1 else "no"
    ratio = "" if math.isnan(reference) else f"{trials / reference:.3g}"
    name = "Regretta" if entry.ours else f"{entry.library} {entry.algorithm}"
    return (
        f"| {entry.group} | {name} | {took:.1f} | {busy:.1f} | {each:.3g} | {ratio} | {memory:.0f} |"
        f" {found[0].evaluations:,} | {found[0].best:.4f} | {same} |"
    )


def main() -> None:
    """Race, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environments", type=Path)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="only groups and libraries with this text")
    given = parser.parse_args()
    entries = [entry for entry in ENTRIES if given.only in f"{entry.group} {entry.library}"]
    pythons = {e.library: environment(given.environments, e.library) for e in entries if e.ours is None}
    found: dict[int, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as name:
        table = Path(name) / "table.npz"
        export(table)
        for number in range(given.rounds):
            for position, entry in enumerate(entries):
                sizes = (entry.trials or given.trials, entry.evaluations or given.evaluations)
                one = run(entry, pythons.get(entry.library, Path()), table, *sizes)
                found.setdefault(position, []).append(one)
                print(f"round {number + 1}: {entry.group}, {entry.library}: {one}", file=sys.stderr, flush=True)
    print("| algorithm | library | s | CPU s | CPU ms per evaluation | ratio | MB | evaluations | best | same twice |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    reference = 1.0
    for position, entry in enumerate(entries):
        if entry.ours is not None:
            reference = median(one.trials for one in found[position])
        print(row(entry, found[position], reference if entry.group != "no counterpart" else float("nan")))


if __name__ == "__main__":
    main()
