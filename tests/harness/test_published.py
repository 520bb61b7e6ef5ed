"""Published numbers, from the recorded 12/200-epoch tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.folder import write_table
from benchmarks.nasbench201_recorded import SOURCES
from benchmarks.registry import load_benchmark
from harness.resolution import resolve_experiment
from harness.runner import run_experiment
from results.loading import load
from results.records import INCUMBENT

TARGETS = ["validation@200", "test@200"] + [
    f"nasbench201-{data}-12-200/{kind}@200"
    for data in ("cifar100", "imagenet16-120")
    for kind in ("validation", "test")
]
PUBLISHED = {  # mean and sd of the accuracy in %, Dong and Yang 2020, table 5
    "random_search": [(90.93, 0.36), (93.70, 0.36), (70.93, 1.09), (71.04, 1.07), (44.45, 1.10), (44.57, 1.25)],
    "regularized_evolution": [(91.19, 0.31), (93.92, 0.30), (71.81, 1.12), (71.84, 0.99), (45.15, 0.89), (45.54, 1.03)],
}


@pytest.mark.data
def test_random_search_and_evolution_give_the_twelve_published_numbers(data_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    load_benchmark.cache_clear()
    (source,) = SOURCES
    for table in source.read(source.find(data_folder), source.names):
        write_table(table)
    experiment = resolve_experiment(
        {
            "schema": 1,
            "name": "published",
            "seed": 2020,
            "trials": 500,
            "benchmarks": ["nasbench201-cifar10-12-200"],
            "protocol": {"preset": "nasbench201-2020"},
            "algorithms": {"random_search": {}, "regularized_evolution": {"preset": "nasbench201"}},
        },
        Path(),
    )
    run_experiment(experiment, tmp_path / "out", jobs=1)
    load_benchmark.cache_clear()
    study = load(tmp_path / "out")
    for cell in study.cells:
        assert len(cell.trials) == 500
        completed = cell.evaluations[cell.evaluations["status"] == "completed"]
        last = completed.groupby("trial").last()
        for target, (mean, sd) in zip(TARGETS, PUBLISHED[cell.algorithm], strict=True):
            ours = 100 * (1 - last[INCUMBENT + target].mean())
            assert abs(ours - mean) <= 0.25 * sd, (cell.label, target, ours, mean, sd)
