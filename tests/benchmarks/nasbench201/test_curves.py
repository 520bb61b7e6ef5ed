"""The modelled schedules: comparison with the recorded 12-epoch runs."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest
from scipy.stats import spearmanr

from benchmarks import load_benchmark
from benchmarks.nasbench201.curves import FIDELITIES, fit
from benchmarks.nasbench201.recorded import FILE, recipe
from benchmarks.user_tables.importing import import_table

DATASETS = ["cifar10", "cifar100", "imagenet16-120"]


def figures(early, final):
    """Return the rank correlations of all and of the apparent best 10 %, and the regret of choosing early [points]."""
    top = np.argsort(early, kind="stable")[: len(early) // 10]
    regret = 100 * (final[np.argmin(early)] - final.min())
    return spearmanr(early, final)[0], spearmanr(early[top], final[top])[0], regret


def modelled(dataset):
    benchmark = load_benchmark(f"nasbench201-{dataset}-curves")
    genotypes = benchmark.space.enumerate()
    return {f: benchmark.true_errors(genotypes, f"validation@{f:g}") for f in benchmark.facts.fidelities}


@pytest.mark.parametrize("dataset", DATASETS)
def test_modelled_errors_are_declared_and_the_200_epoch_errors_are_the_recorded_ones(dataset):
    benchmark, recorded = load_benchmark(f"nasbench201-{dataset}-curves"), load_benchmark(f"nasbench201-{dataset}")
    assert benchmark.facts.provenance == "surrogate"
    assert not benchmark.facts.continuable
    assert benchmark.facts.fidelities == (*FIDELITIES, 200.0)
    genotypes = benchmark.space.enumerate()
    np.testing.assert_array_equal(benchmark.errors(genotypes, 200.0), recorded.errors(genotypes, 200.0))
    np.testing.assert_allclose(benchmark.seconds(genotypes, 12.0), recorded.seconds(genotypes, 200.0) * 0.06)


@pytest.mark.parametrize("dataset", DATASETS)
def test_longer_schedules_predict_better(dataset):
    errors = modelled(dataset)
    correlations = [figures(errors[f], errors[200.0])[0] for f in sorted(errors)]
    assert correlations == sorted(correlations)
    assert correlations[0] == pytest.approx(0.82, abs=0.015)


@pytest.mark.data(FILE)
@pytest.mark.parametrize("dataset", DATASETS)
def test_twelve_epochs_look_like_the_recorded_ones(dataset, data_folder):
    table = import_table(recipe(f"nasbench201-{dataset}-12-200"), data_folder / FILE)
    genotypes = table.space.enumerate()
    early, final = (table.true_errors(genotypes, f"validation@{f}") for f in (12, 200))
    overall, best, regret = figures(early, final)
    errors = modelled(dataset)
    ours = figures(errors[12.0], errors[200.0])
    assert ours[0] == pytest.approx(overall, abs=0.01)
    assert ours[1] == pytest.approx(best, abs=0.02)
    assert regret / 2 <= ours[2] <= regret * 2
    assert np.quantile(errors[12.0], [0.01, 0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(early, [0.01, 0.1, 0.5, 0.9]), abs=0.01
    )
    committed = json.loads(files("benchmarks.nasbench201").joinpath("curves.json").read_text())[dataset]
    assert fit(final, early) == committed
