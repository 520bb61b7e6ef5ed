"""Run the command line as a user does: in a separate process or, faster, in this one."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import load_benchmark
from harness.cli.app import main
from results.storage.loading import load

LAUNCH = [sys.executable, "-P", "-c", "from harness.cli.app import main; main()"]

SLOW = '''
import os
import time
from dataclasses import dataclass
from pathlib import Path
from algorithms import Algorithm, Query

@dataclass
class Slow(Algorithm):
    """Random search that takes its time."""
    reference = "none"
    pause: float = 0.002

    def ask(self):
        if "DRILL_MARK" in os.environ:
            Path(os.environ["DRILL_MARK"]).touch()
        if "DRILL_HANGS" in os.environ:
            self.hang_once(Path(os.environ["DRILL_HANGS"]))
        time.sleep(self.pause)
        return Query(self.space.sample(self.rng), self.fidelities[-1])

    def hang_once(self, mark):
        try:
            with mark.open("x") as file:  # of all processes, one succeeds
                file.write(f"{os.getpid()}.")
        except FileExistsError:
            return
        time.sleep(600)

    def tell(self, query, observed_error):
        pass

class Broken(Slow):
    def tell(self, query, observed_error):
        raise ZeroDivisionError("one bad day")
'''

EXPERIMENT = """
schema = 1
name = "drill"
seed = 7
trials = {trials}
benchmarks = ["synthetic"]
budget = {{ evaluations = 20 }}
[algorithms.slow]
use = "slow.py:Slow"
[algorithms.regularized_evolution]
population = 5
sample = 2
"""


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **more}


def regretta(*words: object, cwd: Path, stdout: int = subprocess.PIPE, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*LAUNCH, *map(str, words)],
        cwd=cwd,
        env=environment(**more),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )


def regretta_here(*words: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in this process, which saves the second that another process needs to start."""
    out, err, code = io.StringIO(), io.StringIO(), None
    with pytest.MonkeyPatch.context() as patch, other_data("REGRETTA_DATA" in more):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["regretta", *map(str, words)])
        for name, value in environment(**more).items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def other_data(wanted: bool) -> Iterator[None]:
    """Forget the benchmarks that were loaded before and those that are loaded within, if other data is wanted."""
    if wanted:
        load_benchmark.cache_clear()
    yield
    if wanted:
        load_benchmark.cache_clear()


def start(*words: object, cwd: Path, **more: str) -> subprocess.Popen[str]:
    """Start the command in a process group of its own."""
    return subprocess.Popen(
        [*LAUNCH, *map(str, words)],
        cwd=cwd,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def drill(folder: Path, trials: int) -> Path:
    """Write the experiment of the drills and its guest."""
    (folder / "slow.py").write_text(SLOW)
    (folder / "drill.toml").write_text(EXPERIMENT.format(trials=trials))
    return folder / "drill.toml"


def until(condition, seconds: float = 60.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def has_results(folder: Path) -> bool:
    return any(folder.glob("trials/*/*.parquet"))


def workers_of(parent: int) -> list[int]:
    """The worker processes of a run, which are copies of a template where the system allows it."""
    starters = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status, words = (entry / "stat").read_text(), (entry / "cmdline").read_text()
            except OSError:
                continue
            if "harness.entries." in words:
                starters[int(entry.name)] = int(status.rpartition(")")[2].split()[1])
    templates = [process for process, starter in starters.items() if starter == parent]
    return [process for process, starter in starters.items() if starter in templates] or templates


def traces(folder: Path) -> dict[tuple[str, str], dict[int, tuple[str, str]]]:
    """By cell and trial, both hashes."""
    return {
        (cell.label, cell.benchmark): {
            int(trial): (row.decisions, row.outcomes) for trial, row in cell.trials.iterrows()
        }
        for cell in load(folder).cells
    }
