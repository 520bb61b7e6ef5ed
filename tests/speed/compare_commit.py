"""The processor time of short commands, of this checkout and of an earlier commit in turn.

``python tests/speed/compare_commit.py 68876fb`` takes about four minutes. The earlier commit runs the shipped
experiment ``quickstart``, and both work on copies of its results. Printed are the smallest and the median time of each
command, children included, and the ratio of the smallest: other work on the machine makes times longer, never shorter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[2]
PACKAGES = ("harness", "algorithms", "benchmarks", "results", "plots")
ROUNDS = 7
COMMANDS = {
    "summary": ["summary", "quickstart"],
    "run, nothing to do": ["run", "quickstart", "--out", "quickstart"],
    "run, 25 trials per cell": ["run", "quickstart", "--trials", "25", "--out", "new", "-j", "2"],
    "plot": ["plot", "quickstart"],
    "report": ["report", "quickstart"],
}
LAUNCH = "import sys; sys.argv[0] = 'regretta'; from harness.cli.app import main; main()"


def regretta(code: Path, folder: Path, words: list[str]) -> tuple[float, bytes]:
    """Run a command of a checkout in a folder. Return its processor time [s] and its output."""
    environment = os.environ | {"PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-P", "-c", LAUNCH, *words], cwd=folder, env=environment, stdout=subprocess.PIPE, check=True
    )
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4]), done.stdout


def checkout(commit: str, folder: Path) -> Path:
    """Write the files of a commit to a folder, and compile them as an installation does."""
    folder.mkdir()
    archive = subprocess.run(["git", "-C", str(HERE), "archive", commit], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def main(commit: str) -> None:
    """Compare this checkout with a commit."""
    with tempfile.TemporaryDirectory() as name:
        codes = {commit: checkout(commit, Path(name, "code")), "now": HERE}
        folders = {}
        for which, code in codes.items():
            subprocess.run([sys.executable, "-m", "compileall", "-q", *PACKAGES], cwd=code, check=True)
            folders[which] = Path(name, which)
            folders[which].mkdir()
        regretta(codes[commit], folders[commit], ["run", "quickstart", "--out", "quickstart"])
        shutil.copytree(folders[commit] / "quickstart", folders["now"] / "quickstart")
        shown = {
            regretta(code, folders[which], ["summary", "quickstart", "--json"])[1] for which, code in codes.items()
        }
        print("summary --json:", "the same bytes" if len(shown) == 1 else "DIFFERENT")
        for title, words in COMMANDS.items():
            times: dict[str, list[float]] = {which: [] for which in codes}
            for _ in range(ROUNDS):
                for which, code in codes.items():
                    shutil.rmtree(folders[which] / "new", ignore_errors=True)
                    times[which].append(regretta(code, folders[which], words)[0])
            each = "; ".join(
                f"{which} {min(found):.2f} s (median {median(found):.2f})" for which, found in times.items()
            )
            print(f"{title}: {each}; ratio {min(times['now']) / min(times[commit]):.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("expected a commit to compare with, such as 68876fb")
    main(sys.argv[1])
