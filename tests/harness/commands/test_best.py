"""`regretta best`: the architectures that trials ended with, ranked among all."""

from __future__ import annotations

import json

import numpy as np
import pytest
from commands import drill, regretta_here

from benchmarks import load_benchmark
from harness.analyses.best import best_architectures
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.loading import load

RAW = {
    "schema": 1,
    "name": "race",
    "seed": 3,
    "trials": 4,
    "benchmarks": ["nasbench201-cifar10"],
    "budget": {"evaluations": 30},
    "algorithms": {"random_search": {}, "regularized_evolution": {"population": 5, "sample": 2}},
}


@pytest.fixture(scope="module")
def race(tmp_path_factory):
    folder = tmp_path_factory.mktemp("race")
    run_experiment(resolve_experiment(RAW, folder), folder, jobs=1)
    return folder


def test_the_best_are_the_final_incumbents_in_order_of_their_true_error(race):
    (found,) = best_architectures(load(race), most=100)
    benchmark = load_benchmark("nasbench201-cifar10")
    expected = {}
    for cell in load(race, None).cells:
        with_architectures = load(race, ["architecture", "incumbent", "status", "end"], cells=[cell.id]).cells[0]
        for _, rows in with_architectures.evaluations.groupby("trial"):
            last = rows["incumbent"].iloc[-1]  # with one worker, evaluations complete in the order of submission
            architecture = tuple(int(value) for value in rows["architecture"].iloc[last])
            text = benchmark.space.to_string(architecture)
            expected.setdefault(text, {}).setdefault(cell.label, 0)
            expected[text][cell.label] += 1
    assert {one.architecture: one.found_by for one in found.architectures} == expected
    assert (found.trials, found.different) == (8, len(expected))
    everything = benchmark.true_errors(benchmark.recorded(), "validation@200")
    errors = [one.errors["validation@200"] for one in found.architectures]
    assert errors == sorted(errors)
    for one in found.architectures:
        own = benchmark.true_errors([benchmark.space.from_string(one.architecture)], "validation@200")[0]
        assert one.errors["validation@200"] == own
        assert one.rank == 1 + int(np.sum(everything < own))
        assert one.regret == pytest.approx(own - everything.min())
    assert found.size == 15625


def test_the_output_is_for_readers_and_programs(race):
    shown = regretta_here("best", race, "--top", 2, cwd=race)
    assert shown.returncode == 0
    assert "NAS-Bench-201, CIFAR-10: 8 trials ended with" in shown.stdout
    assert "among 15,625 recorded architectures" in shown.stdout
    (one,) = json.loads(regretta_here("best", race, "--top", 2, "--json", cwd=race).stdout)
    assert len(one["architectures"]) == 2
    assert all(found["architecture"] in shown.stdout for found in one["architectures"])


def test_wrong_targets_and_benchmarks_are_refused(race):
    for words, message in (
        (["--target", "test@200"], "one of validation@200, got 'test@200'"),
        (["--benchmark", "synthetic"], "--benchmark: expected a benchmark of"),
    ):
        done = regretta_here("best", race, *words, cwd=race)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr


def test_without_trials_there_is_nothing_to_show(tmp_path):
    file = drill(tmp_path, 1)
    text = file.read_text().replace("slow.py:Slow", "slow.py:Broken")
    file.write_text(text[: text.index("[algorithms.regularized_evolution]")])
    assert regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path).returncode == 3
    done = regretta_here("best", "out", cwd=tmp_path)
    assert done.returncode == 3
    assert "no completed trials yet" in done.stdout
    assert json.loads(regretta_here("best", "out", "--json", cwd=tmp_path).stdout) == []


@pytest.mark.parametrize("protocol", [{"workers": 3}, {"incumbent": "any", "workers": 2}])
def test_several_workers_complete_in_another_order(protocol, tmp_path):
    raw = RAW | {"benchmarks": ["synthetic"], "protocol": protocol, "algorithms": {"asha": {}}}
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path, jobs=1)
    study = load(tmp_path)
    (found,) = best_architectures(study, most=100)
    (cell,) = study.cells
    column = f"incumbent_error:{cell.protocol['report'][0]}"
    completed = cell.evaluations[cell.evaluations["status"] == "completed"]
    last = completed.sort_values(["trial", "end", "number"]).groupby("trial")[column].last()
    expected = sorted(last.tolist())
    got = sorted(
        one.errors[cell.protocol["report"][0]] for one in found.architectures for _ in range(one.found_by["asha"])
    )
    assert got == pytest.approx(expected)
