"""Fitted surrogates repeat bit for bit, state that they are modelled, and predict as well as their model."""

from __future__ import annotations

import json

import numpy as np
import pytest
import toys

from benchmarks import BenchmarkError, ChoiceSpace, load_benchmark
from benchmarks.storage.tables import MANIFEST, open_table, read_manifest, write_table
from benchmarks.table import build_table
from harness.surrogates.fitting import Noise, Recipe, Regression, fit_surrogate
from harness.surrogates.models import LightGBM
from harness.surrogates.registry import SURROGATE_MODELS
from harness.surrogates.report import training_report

QUICK = Recipe("ridge", (), 1, 300)


@pytest.fixture(scope="module")
def table():
    return load_benchmark("nasbench201-cifar10")


def made(table, recipe, name="modelled"):
    return fit_surrogate(table, recipe).tabulate(name, table.space, table.recorded(), table.index)


def small_table(seed=0, **facts):
    """Return a recorded benchmark of 64 architectures: additive errors, and three repeats with noise of 0.01."""
    rng, space = np.random.default_rng(seed), ChoiceSpace("toy", {"a": range(4), "b": range(4), "c": range(4)})
    means = 0.1 + space.encode(space.enumerate(), "one_hot") @ rng.uniform(0.0, 0.2, 12)
    errors = means[:, None] + 0.01 * rng.standard_normal((64, 3))
    known = toys.make_table().facts
    fields = vars(known) | {"provenance": "recorded", "targets": {}} | facts
    seconds = {f: (f * (1.0 + means))[:, None] for f in known.fidelities}
    return build_table(type(known)(**fields), space, dict.fromkeys(known.fidelities, errors), seconds)


class TestRecord:
    def test_the_same_recipe_gives_the_same_benchmark_to_the_bit(self, table, tmp_path, monkeypatch):
        files = []
        for attempt in ("first", "second"):
            monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / attempt))
            surrogate = fit_surrogate(table, QUICK)
            modelled = surrogate.tabulate("modelled", table.space, table.recorded(), table.index)
            folder = write_table(modelled, training=training_report(surrogate).to_json())
            files.append({file.name: file.read_bytes() for file in folder.iterdir()})
        assert files[0] == files[1]
        assert MANIFEST in files[0]

    def test_another_seed_gives_another(self, table):
        other = Recipe("ridge", (), 2, 300)
        genotypes = table.recorded()[:100]
        one, two = (made(table, recipe).true_errors(genotypes, "validation@200") for recipe in (QUICK, other))
        assert not np.array_equal(one, two)

    def test_the_manifest_holds_provenance_and_training_report(self, table, tmp_path, monkeypatch):
        monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
        surrogate = fit_surrogate(table, QUICK)
        write_table(
            surrogate.tabulate("modelled", table.space, table.recorded(), table.index),
            training=training_report(surrogate).to_json(),
        )
        manifest = read_manifest("modelled")
        assert manifest.facts.provenance == "surrogate"
        assert open_table("modelled").facts.provenance == "surrogate"
        assert "modelled by ridge" in manifest.facts.title
        assert manifest.training["model"] == "ridge"
        assert manifest.training["data_hash"] == table.facts.data_hash
        assert manifest.training["architectures"] == 300
        assert manifest.training["held_out"]["architectures"] == 60
        assert sum(region["architectures"] for region in manifest.training["regions"]) == 300
        assert {"r2", "kendall", "sparse_kendall", "spearman", "epistemic"} <= manifest.training["held_out"].keys()

    def test_a_changed_report_is_detected(self, table, tmp_path, monkeypatch):
        monkeypatch.setenv("REGRETTA_DATA", str(tmp_path))
        surrogate = fit_surrogate(table, QUICK)
        folder = write_table(
            surrogate.tabulate("modelled", table.space, table.recorded(), table.index), training={"model": "ridge"}
        )
        record = json.loads((folder / MANIFEST).read_text())
        record["training"]["model"] = "oracle"
        (folder / MANIFEST).write_text(json.dumps(record))
        with pytest.raises(BenchmarkError, match="is damaged"):
            open_table("modelled")

    @pytest.mark.parametrize("name", ["synthetic", "nasbench201-cifar10-curves"])
    def test_a_surrogate_needs_a_recorded_table(self, name):
        with pytest.raises(BenchmarkError, match="can only be fitted to a recorded table"):
            fit_surrogate(load_benchmark(name), Recipe("ridge"))


class TestPredictions:
    def test_noise_and_time_are_those_of_the_records(self):
        table = small_table()
        modelled, everything = made(table, Recipe("ridge")), table.recorded()
        repeats = modelled.errors(everything, 27.0)
        assert repeats.shape == (64, 3)
        assert repeats.mean(axis=1) == pytest.approx(modelled.true_errors(everything, "validation@27"), rel=1e-12)
        assert np.sqrt(repeats.var(axis=1, ddof=1).mean()) == pytest.approx(0.01, rel=0.2)
        assert modelled.seconds(everything, 27.0) == pytest.approx(table.seconds(everything, 27.0), rel=0.1)
        assert modelled.seconds(everything, 9.0) == pytest.approx(modelled.seconds(everything, 27.0) / 3, rel=1e-12)
        error = modelled.true_errors(everything, "validation@27") - table.true_errors(everything, "validation@27")
        assert np.abs(error).mean() < 0.02

    def test_noise_that_grows_with_the_error_is_found(self):
        rng, means = np.random.default_rng(3), np.linspace(0.1, 0.5, 5_000)
        noise = Noise.of(means[:, None] * (1 + 0.1 * rng.standard_normal((5_000, 3))))
        assert noise.at(np.array([0.15, 0.3, 0.45])) == pytest.approx([0.015, 0.03, 0.045], rel=0.1)
        assert Noise.of(means[:, None]) is None

    def test_without_repeats_there_is_one_run_without_noise(self):
        table = small_table()
        everything, fidelities = table.recorded(), table.facts.fidelities
        errors = {f: table.errors(everything, f)[:, :1] for f in fidelities}
        seconds = {f: table.seconds(everything, f)[:, None] for f in fidelities}
        single = build_table(table.facts, table.space, errors, seconds)
        assert made(single, Recipe("ridge")).errors(table.recorded(), 1.0).shape == (64, 1)

    @pytest.mark.parametrize(
        "model",
        [
            pytest.param(model, marks=pytest.mark.library(model) if model == LightGBM.library else ())
            for model in SURROGATE_MODELS
        ],
    )
    def test_every_model_learns_a_sum_of_effects_and_repeats(self, model):
        rng = np.random.default_rng(8)
        features = rng.integers(0, 2, (200, 6)).astype(np.float32)
        values = np.exp(features @ np.linspace(-0.5, 0.5, 6))
        fits = [Regression(Recipe(model), ("test",), features[:150], values[:150]) for _ in range(2)]
        predicted = [fit.predict(features[150:]) for fit in fits]
        assert np.corrcoef(predicted[0].mean, values[150:])[0, 1] > 0.9
        assert np.all(predicted[0].sd >= 0)
        assert np.array_equal(predicted[0].mean, predicted[1].mean)
        assert np.array_equal(predicted[0].sd, predicted[1].sd)

    def test_values_that_are_not_all_positive_are_fitted_without_a_logarithm(self):
        features = np.eye(4, dtype=np.float32).repeat(5, axis=0)
        values = np.repeat([-2.0, -1.0, 0.0, 1.0], 5)
        fit = Regression(Recipe("random_forest"), ("test",), features, values)
        assert not fit.logarithmic
        assert fit.predict(np.eye(4)).mean == pytest.approx([-2.0, -1.0, 0.0, 1.0], abs=0.1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("recipe", "says"),
        [
            (Recipe("random_florest", train=100), "did you mean 'random_forest'"),
            (Recipe("ridge", ("pth",), train=100), "did you mean 'path'"),
            (Recipe("gaussian_process"), "at most 4,000 architectures.*--train 4000"),
            (Recipe("ridge", train=20), "expected a number from 50 to 15,625 .*, got 20$"),
            (Recipe("ridge", train=20_000), "expected a number from 50 to 15,625 .*, got 20,000$"),
        ],
    )
    def test_what_cannot_be_fitted_is_reported(self, table, recipe, says):
        with pytest.raises(BenchmarkError, match=says):
            fit_surrogate(table, recipe)
