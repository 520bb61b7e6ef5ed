"""`regretta compare` of results with different budgets: by the shorter one, exactly as if it had been run."""

from __future__ import annotations

import json

import numpy as np
import pytest
from commands import regretta_here

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.gate.shortening import open_alike
from results.gate.snapshots import take_snapshot, write_baseline

ALGORITHMS = {
    "regularized_evolution": {"population": 8, "sample": 3},
    "asha": {},
}


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def raced(folder, budget, trials=8, **protocol):
    raw = {
        "schema": 1,
        "name": "race",
        "seed": 5,
        "trials": trials,
        "benchmarks": ["synthetic"],
        "budget": budget,
        "protocol": protocol,
        "algorithms": ALGORITHMS,
    }
    run_experiment(resolve_experiment(raw, folder), folder, jobs=1)
    return folder


@pytest.mark.parametrize(
    ("long", "short", "protocol"),
    [
        ({"evaluations": 60}, {"evaluations": 23}, {}),
        ({"evaluations": 60}, {"evaluations": 23}, {"duplicates": "cached"}),
        slow({"evaluations": 60}, {"evaluations": 23}, {"duplicates": "count", "incumbent": "any"}),
        ({"seconds": 5e3}, {"seconds": 2e3}, {"continuation": "resume"}),
        ({"seconds": 5e3}, {"seconds": 2e3}, {"overshoot": "keep"}),
        slow({"seconds": 3e4}, {"seconds": 1.1e4}, {"overshoot": "keep", "continuation": "resume"}),
        slow({"seconds": 3e4}, {"seconds": 1.1e4}, {"workers": 4}),
    ],
)
def test_a_shortened_cell_is_what_the_shorter_budget_gives(long, short, protocol, tmp_path):
    short_run = take_snapshot(raced(tmp_path / "short", short, 3, **protocol))
    folder = raced(tmp_path / "long", long, 3, **protocol)
    keys = {(cell.label, cell.benchmark) for cell in short_run.cells}
    shortened = take_snapshot(folder, dict.fromkeys(keys, short))
    assert shortened.cells == short_run.cells
    assert take_snapshot(folder).cells != short_run.cells


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("continuation", ["scratch", "resume"])
def test_any_shorter_budget_gives_what_a_run_gives(workers, continuation, tmp_path):
    rules = {"workers": workers, "continuation": continuation}
    folder = raced(tmp_path / "long", {"seconds": 8e3}, 2, **rules)
    for place, seconds in enumerate(np.geomspace(50, 7900, 8).tolist()):
        short = take_snapshot(raced(tmp_path / str(place), {"seconds": seconds}, 2, **rules))
        keys = {(cell.label, cell.benchmark) for cell in short.cells}
        assert take_snapshot(folder, {key: {"seconds": seconds} for key in keys}).cells == short.cells


def test_folders_with_different_budgets_are_compared_by_the_shorter_one(tmp_path):
    short = raced(tmp_path / "short", {"evaluations": 20})
    long = raced(tmp_path / "long", {"evaluations": 40}, 12)
    for pair in (("long", "short"), ("short", "long")):
        done = regretta_here("compare", *pair, "--json", cwd=tmp_path)
        assert done.returncode == 0
        report = json.loads(done.stdout)
        assert {cell["verdict"] for cell in report["cells"]} == {"same"}
        assert "Compared by the shorter budget: 2 cells of long up to 20 evaluations." in report["conclusion"]
    shown = regretta_here("compare", "long", "short", cwd=tmp_path).stdout
    assert "2 of 2 cells: the traces of the trials that both sides have are identical." in " ".join(shown.split())
    write_baseline(tmp_path / "long.json", take_snapshot(long))
    frozen = regretta_here("compare", "long.json", "short", cwd=tmp_path)
    assert frozen.returncode == 4
    assert "A baseline does not hold the curves" in " ".join(frozen.stdout.split())
    write_baseline(tmp_path / "short.json", take_snapshot(short))
    assert regretta_here("compare", "short.json", "long", cwd=tmp_path).returncode == 0
    gate = regretta_here("check", "long", "--baseline", "short.json", cwd=tmp_path)
    assert gate.returncode == 4, "the gate never shortens"


def test_what_a_shorter_budget_cannot_tell_is_not_compared(tmp_path):
    several = {"workers": 3}
    short = raced(tmp_path / "short", {"evaluations": 20}, 2, **several)
    long = raced(tmp_path / "long", {"evaluations": 40}, 2, **several)
    _, _, notes = open_alike(long, short)
    assert len(notes) == 1
    assert notes[0].startswith("Not shortened: 2 cells of ")
    done = regretta_here("compare", "long", "short", cwd=tmp_path)
    assert (done.returncode, "Nothing can be compared." in done.stdout) == (4, True)
    time = raced(tmp_path / "time", {"seconds": 2e3}, 2, **several, overshoot="keep")
    assert open_alike(time, short)[2] == []
    less = raced(tmp_path / "less", {"seconds": 1e3}, 2, **several, overshoot="keep")
    assert open_alike(less, time)[2][0].startswith("Not shortened: 2 cells of ")


def test_a_comparison_says_when_nothing_was_tested(tmp_path):
    raced(tmp_path / "old", {"evaluations": 20}, 3)
    raw = json.loads((tmp_path / "old" / "experiment.json").read_text())
    assert raw["seed"] == 5
    other = tmp_path / "other.toml"
    other.write_text(
        'schema = 1\nname = "race"\nseed = 6\ntrials = 3\nbenchmarks = ["synthetic"]\nbudget = { evaluations = 20 }\n'
        "[algorithms.regularized_evolution]\npopulation = 8\nsample = 3\n"
    )
    assert regretta_here("run", "other.toml", "--out", "new", "-j", 1, cwd=tmp_path).returncode == 0
    done = regretta_here("compare", "old", "new", cwd=tmp_path)
    assert done.returncode == 4
    assert "Nothing was tested: a test needs at least 8 pairs of trials." in " ".join(done.stdout.split())


def test_a_folder_in_place_of_a_baseline_is_refused_with_the_way_out(tmp_path):
    raced(tmp_path / "old", {"evaluations": 20}, 1)
    done = regretta_here("check", "old", "--baseline", "old", cwd=tmp_path)
    assert done.returncode == 2
    assert "--baseline: expected a baseline file, got the folder 'old'" in done.stderr
    assert "regretta baseline update FILE --from old" in done.stderr
