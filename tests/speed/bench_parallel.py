"""The speed-up of ``regretta run -j 2`` against that of two plain processes that share the same work.

Each of the two plain processes does half of the trials by itself; the ratio to one process doing all of them is what
this machine gives two processes. Printed is the harness's speed-up as a share of it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

LIMIT = 0.85
TRIALS, ROUNDS = 300, 3
EXPERIMENT = """
schema = 1
name = "speed"
seed = 1
trials = {trials}
benchmarks = ["nasbench201-cifar10", "nasbench201-cifar100"]
budget = {{ evaluations = 600 }}
[algorithms."RE {{population}}"]
use = "regularized_evolution"
grid = {{ population = [10, 100] }}
"""


def run(folder: Path, jobs: int, trials: str) -> None:
    out = tempfile.mkdtemp(dir=folder)
    launch = [sys.executable, "-c", "from harness.cli.app import main; main()"]
    words = ["run", str(folder / "speed.toml"), "--out", out, "-j", str(jobs), "--trials", trials]
    subprocess.run([*launch, *words], check=True, stdout=subprocess.DEVNULL)


def seconds(*calls: tuple[Path, int, str]) -> float:
    began = perf_counter()
    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(lambda call: run(*call), calls))
    return perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "speed.toml").write_text(EXPERIMENT.format(trials=TRIALS))
        half = TRIALS // 2
        shares = []
        for _ in range(ROUNDS):
            one = seconds((folder, 1, f"0:{TRIALS}"))
            plain = seconds((folder, 1, f"0:{half}"), (folder, 1, f"{half}:{TRIALS}"))
            harness = seconds((folder, 2, f"0:{TRIALS}"))
            shares.append(plain / harness)
            print(f"one process {one:.2f} s, two plain ones {plain:.2f} s, -j 2 {harness:.2f} s")
        share = sorted(shares)[ROUNDS // 2]
        print(f"-j 2 gives {share:.2f} of the speed-up of two plain processes; limit: at least {LIMIT}")
