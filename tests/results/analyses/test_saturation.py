"""Which benchmarks still tell algorithms apart: by hand, on planted studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spaces import study_of

from results.analyses.saturation import saturation
from results.statistics.separation import separation
from results.storage.study import Study

FLOOR = -3.0
"""log10 of the floor of every benchmark in `studies`."""
PLACES = {"near": ("s", "x"), "far": ("s", "y"), "other": ("z", "x")}


@pytest.fixture
def planted() -> Study:
    rng = np.random.default_rng(0)
    order = {"p": -2.0, "q": -1.6, "r": -1.2, "t": -0.8}
    areas = {
        name: {label: list(mean + rng.normal(0, 0.1, 10)) for label, mean in order.items()} for name in ("far", "other")
    }
    areas["other"] = {label: areas["other"][other] for label, other in zip("pqrt", "trqp", strict=True)}
    areas["near"] = {label: [FLOOR - 0.5] * 6 + list(mean + rng.normal(0, 0.1, 4)) for label, mean in order.items()}
    return study_of({name: areas[name] for name in PLACES}, PLACES)


def test_the_numbers_of_each_benchmark(planted: Study) -> None:
    tables, _ = saturation([planted])
    rows = tables["saturation"].set_index("benchmark")
    assert rows["at_floor"].to_dict() == {"near": 0.6, "far": 0.0, "other": 0.0}
    assert rows["leader_at_floor"].to_dict() == {"near": 0.6, "far": 0.0, "other": 0.0}
    assert rows["leader"].to_dict() == {"near": "p", "far": "p", "other": "t"}
    assert rows["runner_up"].to_dict() == {"near": "q", "far": "q", "other": "r"}
    assert (rows["trials"] == 10).all()
    assert rows.loc["far", "trials_needed"] == 8
    assert (rows["split_half"] == 1).all()
    cells = {cell.label: cell for cell in planted.cells if cell.benchmark == "near"}
    ends = {label: cell.evaluations.iloc[:, -1].to_numpy() - 0.05 for label, cell in cells.items()}
    areas = {label: np.log10(np.maximum(end, 10**FLOOR)) for label, end in ends.items()}
    expected = separation(areas["q"] - areas["p"])
    found = rows.loc["near", ["difference", "low", "high", "trials_needed", "fewest_needed", "most_needed"]]
    assert_allclose(found.to_numpy(float), expected, atol=1e-9)


def test_orders_are_correlated_within_and_between_spaces(planted: Study) -> None:
    tables, sentences = saturation([planted])
    rows = tables["correlations"]
    found = {(row.benchmark_a, row.benchmark_b): (row.same_space, row.correlation) for row in rows.itertuples()}
    assert found["near", "far"] == (True, pytest.approx(1))
    assert found["near", "other"] == found["far", "other"] == (False, pytest.approx(-1))
    text = " ".join(sentences)
    assert "On 1 of 3 benchmarks, at least half of the leader's trials end at the noise floor" in text
    assert ": near." in text
    assert "1.00 between benchmarks of one space (1 pair) and -1.00 between benchmarks of different spaces (2" in text
    assert "Correlations of 4 algorithms are coarse." in text


def test_several_folders_and_equal_names(planted: Study) -> None:
    again = replace(planted, directory=Path("runs/again"))
    tables, _ = saturation([planted, again])
    assert set(tables["saturation"]["study"]) == {"runs/example", "runs/again"}
    pairs = tables["correlations"]
    assert (pairs["study_a"] == pairs["study_b"]).all()  # a folder that has both benchmarks tells their correlation
    assert len(pairs) == 6
    other = replace(planted, name="other")
    tables, sentences = saturation([planted, other])
    assert set(tables["saturation"]["study"]) == {"example", "other"}
    assert ": example: near, other: near." in sentences[0]


def test_missing_trials_are_counted(planted: Study) -> None:
    assert not any("missing" in sentence for sentence in saturation([planted])[1])
    partial = study_of({"near": {"p": [-1.0], "q": [-1.2, -1.1]}}, {"near": ("s", "x")}, wanted=3)
    assert saturation([partial])[1][-1] == "Incomplete: 3 trials missing."


def test_one_algorithm_one_trial_equal_results_and_nothing() -> None:
    alone = study_of({"near": {"p": [-1.0, -1.1]}}, {"near": ("s", "x")})
    row = saturation([alone])[0]["saturation"].iloc[0]
    assert (row["leader"], row["runner_up"], row["trials"]) == ("p", None, 0)
    assert np.isnan([row["trials_needed"], row["split_half"]]).all()
    single = study_of({"near": {"p": [-1.0], "q": [-1.1]}}, {"near": ("s", "x")})
    row = saturation([single])[0]["saturation"].iloc[0]
    assert (row["trials"], np.isnan(row["trials_needed"])) == (1, True)
    equal = study_of({"near": {"p": [-1.0] * 9, "q": [-1.0] * 9, "r": [-1.0] * 9}}, {"near": ("s", "x")})
    tables, sentences = saturation([equal])
    assert tables["saturation"].loc[0, "trials_needed"] == np.inf
    assert len(tables["correlations"]) == 0
    assert any("Orders are not correlated" in sentence for sentence in sentences)
    with pytest.raises(ValueError, match="example: no trial has completed yet, other than recorded searches"):
        saturation([study_of({"near": {"p": []}}, {"near": ("s", "x")}, wanted=2)])
