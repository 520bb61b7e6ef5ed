"""`regretta power` and `regretta test statistics`, and the resolution in every output of a folder."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from commands import regretta_here

from plots.figures.regret import regret_figure
from results.storage.loading import load

EXPERIMENT = """
schema = 1
name = "pilot"
trials = {trials}
benchmarks = ["synthetic"]
budget = {{ evaluations = 20 }}
[algorithms.random_search]
[algorithms.local_search]
[algorithms.regularized_evolution]
population = 5
sample = 2
"""
STATISTICS = ("test", "statistics", "synthetic", "--evaluations", 10, "-j", 1)


def run(folder: Path, trials: int) -> None:
    (folder / "pilot.toml").write_text(EXPERIMENT.format(trials=trials))
    done = regretta_here("run", "pilot.toml", "-j", 1, cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pilot")
    run(folder, 12)
    return folder


def test_the_resolution_is_the_same_everywhere(pilot: Path) -> None:
    def told(*words: object) -> str:
        done = regretta_here(*words, cwd=pilot)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stdout.split())

    (panel,) = json.loads(told("summary", "runs/pilot", "--json"))["benchmarks"]
    found = panel["resolution"]
    assert found["difference"] == max(pair["resolution"] for pair in panel["pairs"])
    words = f"{found['difference']:#.2g} dex (a factor of {found['factor']:.3g})"
    assert f"four times in five: {words}" in told("summary", "runs/pilot")
    assert f"four times in five: {words}." in told("table", "runs/pilot", "--measure", "area")
    text = regretta_here("table", "runs/pilot", "--format", "csv", cwd=pilot).stdout
    assert {float(row["resolution"]) for row in csv.DictReader(io.StringIO(text))} == {found["difference"]}
    told("report", "runs/pilot")
    page = (pilot / "runs/pilot/report.html").read_text()
    assert f"Resolution: {words}." in page
    assert "Intervals from 12 trials are known to contain the truth in as few as 90 % of cases, not 95 %." in page
    assert f"four times in five: {words}." in str(regret_figure(load(pilot / "runs/pilot")).get_label())
    plan = json.loads(told("power", "runs/pilot", "--difference", found["difference"], "--json"))
    assert plan["benchmarks"][0]["needed"] == 12


def test_a_plan_is_printed(pilot: Path) -> None:
    done = regretta_here("power", "runs/pilot", "--difference", 0.05, cwd=pilot)
    assert done.returncode == 0, done.stderr
    plan = json.loads(regretta_here("power", "runs/pilot", "--difference", 0.05, "--json", cwd=pilot).stdout)
    (benchmark,) = plan["benchmarks"]
    for pair in benchmark["pairs"]:
        needed = f"{pair['needed']:,} [{pair['needed_low']:,}, {pair['needed_high']:,}]"
        assert (needed in done.stdout) != pair["enough"]
        assert f"{pair['median_difference']:+.3f} [{pair['low']:+.3f}, {pair['high']:+.3f}]" in done.stdout
    assert done.stdout.count("enough already") == sum(pair["enough"] for pair in benchmark["pairs"])
    most = f"{benchmark['needed']:,} trials should suffice for every pair, at most {benchmark['needed_high']:,} ("
    assert most in " ".join(done.stdout.split())
    assert f"--trials {benchmark['needed']}`" in done.stdout
    easy = regretta_here("power", "runs/pilot", "--difference", 10, "--power", 0.9, cwd=pilot)
    assert "10 dex (a factor of 1e+10 in regret) with probability 0.9" in easy.stdout
    assert easy.stdout.count("enough already") == 3
    assert "The trials of this folder should suffice for every pair." in easy.stdout
    assert "Some pairs need more than 1,000,000 trials." in (
        regretta_here("power", "runs/pilot", "--difference", 1e-6, cwd=pilot).stdout
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--difference", 0), "--difference: expected a number of dex above 0 and up to 100, got 0"),
        (("--difference", "nan"), "--difference: expected a number of dex above 0 and up to 100, got nan"),
        (("--power", 1), "--power: expected a probability of at least 0.5 and below 1, got 1"),
        (("--target", "nonsense"), "no benchmark of 'pilot' reports the target 'nonsense'"),
    ],
)
def test_a_plan_of_nonsense_is_refused(pilot: Path, options: tuple[object, ...], message: str) -> None:
    done = regretta_here("power", "runs/pilot", *options, cwd=pilot)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_pilot_that_is_too_small_says_so(tmp_path: Path) -> None:
    run(tmp_path, 1)
    done = regretta_here("power", "runs/pilot", cwd=tmp_path)
    assert done.returncode == 3
    assert "(1 common trial, 8 are needed)" in " ".join(done.stdout.split())
    assert "run a pilot of at least 8 trials per algorithm" in done.stdout
    summary = regretta_here("summary", "runs/pilot", cwd=tmp_path)
    assert (summary.returncode, "resolution" in summary.stdout) == (0, False)


def test_the_statistics_of_a_benchmark_are_tested(tmp_path: Path) -> None:
    done = regretta_here(*STATISTICS, "--trials", 8, "--races", 4, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "All promises hold." in done.stdout
    assert done.stdout.count("of 4 ") == 12
    again = regretta_here(*STATISTICS, "--trials", 8, "--races", 4, "--json", cwd=tmp_path)
    found = json.loads(again.stdout)
    assert (found["trials"], found["races"], len(found["algorithms"])) == (8, 4, 3)
    for rows in found["algorithms"].values():
        assert [row["races"] for row in rows] == [4] * 4
    few = regretta_here(*STATISTICS, "--algorithm", "random_search", "--trials", 10, "--races", 1, cwd=tmp_path)
    assert few.returncode == 0
    assert "of 1 " in few.stdout


def test_statistics_of_nonsense_are_refused(tmp_path: Path) -> None:
    done = regretta_here(*STATISTICS, "--trials", 7, "--races", 0, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "regretta: --trials: expected at least 8, got 7",
        "regretta: --races: expected at least 1, got 0",
    ]
    unknown = regretta_here("test", "statistics", "nasbench201-cifar1", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "nasbench201-cifar10" in unknown.stderr
    assert list(tmp_path.iterdir()) == []
