"""The resolution of experiments: patterns of benchmarks, and algorithms that do not fit a benchmark."""

from __future__ import annotations

import importlib.metadata

import pytest
from grids import problems, resolve

from benchmarks.nasbench201.table import DATASETS
from harness.running.runner import experiment_record


def test_a_benchmark_that_does_not_fit_the_algorithm_is_reported_before_the_start():
    (found,) = problems(benchmarks=["nasbench201-cifar10"], algorithms={"hyperband": {}})
    at = "algorithms.hyperband: on nasbench201-cifar10"
    assert found.startswith(f"{at}: expected at least 2 fidelities, got 1; exclude")
    found = problems(
        benchmarks=["fcnet-naval"],
        algorithms={"p": {"use": "predictor_sampler", "encoding": "path"}, "b": {"use": "bananas", "target": "logit"}},
    )
    assert "unknown encoding of space 'fcnet' 'path'" in found[0]
    assert "target = 'logit': expected errors in [0, 1], got errors from 0.0 to inf; use 'rank' or 'none'" in found[1]


def test_a_custom_class_that_cannot_be_made_is_reported_before_the_start(tmp_path):
    (tmp_path / "odd.py").write_text(
        "from dataclasses import dataclass\nfrom algorithms.random_search import RandomSearch\n"
        "@dataclass\nclass Odd(RandomSearch):\n    def __post_init__(self):\n        raise KeyError('odd')\n"
    )
    (found,) = problems(tmp_path, algorithms={"odd": {"use": "odd.py:Odd"}})
    assert "algorithms.odd: on synthetic: KeyError: 'odd'" in found


@pytest.mark.data("nasbench301")
def test_cells_on_an_optional_library_record_its_version_and_are_not_bitwise_stable(
    any_benchmark, imported_folder, monkeypatch
):
    any_benchmark("nasbench301")
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    found = resolve(benchmarks=["nasbench301", "synthetic"])
    assert [cell.bitwise_stable for cell in found.cells] == [False, True]
    fingerprint = experiment_record(found)["environment"]["fingerprint"]
    assert fingerprint["onnxruntime"] == importlib.metadata.version("onnxruntime")
    plain = experiment_record(resolve(benchmarks=["synthetic"]))["environment"]["fingerprint"]
    assert fingerprint.keys() - plain.keys() == {"onnx", "onnxruntime"}


class TestPatterns:
    def test_a_pattern_expands_to_available_matches_and_the_others_are_known(self, own_data_folder):
        found = resolve(benchmarks=["nasbench201-*", "synthetic"], algorithms={"random_search": {}, "tpe": {}})
        assert list(dict.fromkeys(cell.benchmark for cell in found.cells)) == [
            f"nasbench201-{dataset}{kind}" for kind in ("", "-curves") for dataset in DATASETS
        ] + ["synthetic"]
        assert set(found.absent) == {f"nasbench201-{dataset}-12-200" for dataset in DATASETS}

    def test_a_benchmark_that_is_also_named_is_required_and_counts_once(self, own_data_folder):
        found = resolve(benchmarks=["synth*", "synthetic", "s*c"])
        assert [cell.benchmark for cell in found.cells] == ["synthetic"]
        (found,) = problems(benchmarks=["nasbench201-cifar10*", "nasbench201-cifar10-12-200"])
        assert "regretta data import nasbench201-cifar10-12-200" in found

    def test_a_pattern_without_a_match_is_a_mistake(self):
        assert list(problems(benchmarks=["nasbench202-*"])) == [
            "benchmarks: no benchmark matches nasbench202-*: see `regretta list benchmarks`"
        ]
        (found,) = problems(benchmarks=["natsbench-topology-*"])
        assert found.startswith(
            "benchmarks: the data of all matches of natsbench-topology-* is missing: see `regretta data list`"
        )

    def test_a_pattern_cannot_be_an_alternative_and_adds_to_alternatives(self, own_data_folder):
        (found,) = problems(benchmarks=[["nasbench201-*", "synthetic"]])
        assert found == "benchmarks: ['nasbench201-*', 'synthetic']: a pattern cannot be one of several alternatives"
        wanted = [
            "nasbench201-cifar10",
            "nasbench201-cifar10-curves",
            "nasbench201-cifar100",
            "nasbench201-cifar100-curves",
        ]
        for benchmarks in (["nasbench201-cifar10*", wanted[2:0:-2]], [wanted[2:0:-2], "nasbench201-cifar10*"]):
            assert sorted(cell.benchmark for cell in resolve(benchmarks=benchmarks).cells) == wanted
