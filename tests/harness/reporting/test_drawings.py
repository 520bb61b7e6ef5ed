"""The ranks and pictures that figures are given: those of the recorded table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import harness
from benchmarks import load_benchmark
from plots import draw
from results import load

NAME, TARGET = "nasbench201-cifar10", "validation@200"
EXPERIMENT = {
    "schema": 1,
    "name": "drawn",
    "seed": 3,
    "trials": 3,
    "benchmarks": [NAME],
    "budget": {"evaluations": 30},
    "algorithms": {"random_search": {}, "local_search": {}},
}


def test_ranks_are_those_of_the_table_and_the_figure_has_the_trials_own_numbers(tmp_path):
    study = harness.run(EXPERIMENT, tmp_path / "out", jobs=1)
    drawings, table = harness.Drawings(study), load_benchmark(NAME)
    errors = table.true_errors(table.space.enumerate(), TARGET)
    assert drawings.rank(NAME, TARGET, errors.min()) == (1, 15_625)
    assert drawings.rank(NAME, TARGET, errors.max() + 1) == (15_626, 15_625)

    _, data = draw("architectures", study, drawings=drawings)
    full = load(study.directory, columns=["architecture", "incumbent", "status", f"incumbent_error:{TARGET}"])
    assert list(data["label"]) == ["random_search", "local_search"]
    for cell, row in zip(full.cells, data.to_dict("records"), strict=True):
        last = cell.evaluations.groupby("trial").tail(1)
        best = last[f"incumbent_error:{TARGET}"].min()
        assert row["error"] == pytest.approx(100 * best, rel=1e-12)  # in the unit of the figure, per cent
        assert row["rank"] == 1 + (errors < best).sum()
        genotype = table.space.from_string(row["architecture"])
        assert row["genotype"] == " ".join(map(str, genotype))
        assert table.true_errors([genotype], TARGET)[0] == best
        assert 1 <= row["found"] <= row["n_trials"] == 3


def test_after_the_table_was_replaced_there_are_no_ranks(tmp_path):
    study = harness.run(EXPERIMENT | {"trials": 1}, tmp_path / "out", jobs=1)
    facts = {NAME: study.benchmarks[NAME] | {"data_hash": "other"}}
    assert harness.Drawings(replace(study, benchmarks=facts)).rank(NAME, TARGET, 0.1) is None


def test_isomorphic_cells_are_the_same_network_only_where_they_share_a_record():
    study = harness.Drawings(None)
    numbers = study.identities(NAME, [(1, 2, 3, 4, 0, 0), (1, 2, 3, 4, 0, 1), (1, 2, 3, 4, 0, 0)])
    assert numbers[0] == numbers[2] != numbers[1]
    assert numbers.dtype == np.int64
