"""The dry run: a row per algorithm and benchmark, and an estimate that finished trials confirm."""

from __future__ import annotations

from pathlib import Path
from time import sleep

import pytest

from benchmarks import load_benchmark
from harness.commands.planning.estimates import costs, finished_cost, measured_cost
from harness.commands.planning.overview import Estimate, overview, overview_parts, sentence, size
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.presence import cell_presence
from results.storage.store import Presence

RAW = {
    "schema": 1,
    "name": "race",
    "seed": 3,
    "trials": 50,
    "benchmarks": ["synthetic", "nasbench201-cifar10"],
    "budget": {"evaluations": 200},
    "protocol": {"workers": 2},
    "algorithms": {"random_search": {}, "RE": {"use": "regularized_evolution", "preset": "nasbench201"}},
    "exclude": [{"algorithm": "RE", "benchmark": "synthetic"}],
}


def test_algorithms_benchmarks_and_rules_have_a_row_each(tmp_path):
    found = overview(resolve_experiment(RAW, tmp_path), tmp_path, 2, estimated=False)
    assert [(row.label, row.benchmarks, row.wanted) for row in found.algorithms] == [
        ("random_search", 2, 100),
        ("RE", 1, 50),
    ]
    assert found.algorithms[0].changed == {}
    assert found.algorithms[1].changed == {"population": 10, "sample": 3, "mutation": "node_then_edge"}
    assert [(row.name, row.budget, row.algorithms) for row in found.benchmarks] == [
        ("synthetic", {"evaluations": 200}, 1),
        ("nasbench201-cifar10", {"evaluations": 200}, 2),
    ]
    assert found.rules == {"workers": 2}
    assert (found.wanted, found.missing, found.estimate) == (150, 150, None)


def test_the_estimate_of_disk_space_is_near_what_is_written(tmp_path):
    experiment = resolve_experiment(RAW, tmp_path)
    estimate = overview(experiment, tmp_path, 1).estimate
    run_experiment(experiment, tmp_path, jobs=1)
    written = sum(file.stat().st_size for file in (tmp_path / "trials").rglob("*.parquet"))
    assert estimate.size == pytest.approx(written, rel=0.4)
    after = overview(experiment, tmp_path, 1)
    assert (after.missing, after.estimate.seconds, sentence(after.estimate)) == (0, 0.0, "Nothing is left to run.")
    presences = [cell_presence(tmp_path, cell.to_json()) for cell in experiment.cells]
    known = costs(experiment.cells, presences)
    assert known == [finished_cost(presence) for presence in presences]
    assert sum(cost.size * 50 for cost in known) == pytest.approx(written)


def test_a_slow_algorithm_is_run_in_part(tmp_path):
    raw = RAW | {"algorithms": {"bananas": {"predictor": "ridge"}}, "exclude": [], "benchmarks": ["synthetic"]}
    (cell,) = resolve_experiment(raw, tmp_path).cells
    cost = measured_cost(cell, 0.0)
    assert cost.rough
    assert cost.seconds > 0


def test_the_time_of_the_first_loading_is_not_multiplied(tmp_path, monkeypatch):
    loaded = set()

    def load_slowly(name):
        if name not in loaded:
            loaded.add(name)
            sleep(0.5)
        return load_benchmark(name)

    monkeypatch.setattr("harness.commands.planning.estimates.load_benchmark", load_slowly)
    (tmp_path / "mine.py").write_text(
        "from algorithms.random_search import RandomSearch\nclass Mine(RandomSearch): pass\n"
    )
    algorithms = {"random_search": {}, "mine": {"use": "mine.py:Mine"}}
    raw = RAW | {"algorithms": algorithms, "exclude": [], "benchmarks": ["synthetic"]}
    cells = list(resolve_experiment(raw, tmp_path).cells)
    known, unknown = costs(cells, [Presence()] * 2)
    assert loaded == {"synthetic"}
    assert known.seconds < 0.5
    assert unknown is None


def test_custom_code_is_not_run_by_a_dry_run(tmp_path):
    mark = tmp_path / "mark"
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\nfrom pathlib import Path\nfrom algorithms import Algorithm, Query\n"
        "@dataclass\nclass Mine(Algorithm):\n    reference = 'none'\n    def ask(self):\n"
        f"        Path({str(mark)!r}).touch()\n        return Query(self.space.sample(self.rng), self.fidelities[-1])\n"
        "    def tell(self, query, observed_error):\n        pass\n"
    )
    raw = RAW | {"algorithms": {"mine": {"use": "mine.py:Mine"}}, "exclude": []}
    experiment = resolve_experiment(raw, tmp_path)
    found = overview(experiment, tmp_path)
    assert not mark.exists()
    assert found.estimate.unknown == ("mine",)
    assert sentence(found.estimate) == "The time is not known before they run: mine."
    assert costs(experiment.cells, [Presence()] * 2) == [None, None]


def test_the_estimate_is_in_words():
    assert sentence(Estimate(7200.0, 2, 5_000_000, False, ())) == (
        "Estimate: about 60 min with 2 processes, 2.0 h with one, after some seconds of loading; about 5.0 MB on disk."
    )
    some = sentence(Estimate(30.0, 1, 12_345, True, ("mine",)))
    assert sentence(Estimate(30.0, 1, 12_345, True, ())).startswith("Estimate: roughly 30 s with 1 process, ")
    assert some == (
        "Estimate: at least 30 s with 1 process, after some seconds of loading; at least 12 kB on disk. Not known"
        " before they run: mine."
    )
    assert [size(count) for count in (10, 2e6, 3e9)] == ["1 kB", "2.0 MB", "3.0 GB"]


def test_a_budget_in_seconds_is_estimated_too(tmp_path):
    raw = RAW | {"budget": {"seconds": 1e4}, "benchmarks": ["synthetic"]}
    (cell,) = resolve_experiment(raw, Path()).cells
    assert measured_cost(cell, 0.1).seconds > 0


def test_a_budget_in_seconds_is_counted_in_trainings_of_each_worker(tmp_path):
    raw = RAW | {"benchmarks": ["nasbench201-cifar100"], "protocol": {"workers": 4}, "exclude": []}
    long, short = (
        overview(resolve_experiment(raw | {"budget": {"seconds": seconds}}, Path()), tmp_path, estimated=False)
        for seconds in (100_000.0, 1000.0)
    )
    assert [(row.workers, round(row.trainings, 2)) for row in long.benchmarks] == [(4, 27.35)]
    printed = ["\n".join(str(part) for part in overview_parts(shown)) for shown in (long, short)]
    warning = "The budget is shorter than an average training to the highest fidelity on nasbench201-cifar100"
    assert [warning in text for text in printed] == [False, True]
    counted = overview(resolve_experiment(RAW, Path()), tmp_path, estimated=False)
    assert {row.trainings for row in counted.benchmarks} == {None}
