"""``regretta exact``, and ``--exact`` of ``plot`` and ``report``."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from commands import regretta_here
from numpy.testing import assert_allclose
from pages import Page, unpacked

from harness.exact.answers import find_law
from harness.exact.cells import ExactCurves
from harness.exact.interface import answer, ask
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from plots import draw
from results.anytime.regret import area_under_log_regret
from results.storage.loading import load

EXPERIMENT = {
    "schema": 1,
    "name": "small",
    "seed": 5,
    "trials": 30,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 40},
    "protocol": {"signal": "mean"},
    "algorithms": {
        "random": {"use": "random_search"},
        "forgetful": {"use": "local_search", "memory": False, "initial": 3},
        "remembering": {"use": "local_search", "initial": 3},
        "evolution": {"use": "regularized_evolution", "population": 5, "sample": 2},
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("exact")
    assert not run_experiment(resolve_experiment(EXPERIMENT, place), place / "results", jobs=1).missing
    return place / "results"


def asked(tmp_path, *words):
    done = regretta_here("exact", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_terminal_shows_the_numbers_of_the_json(tmp_path):
    words = ("synthetic", "--algorithm", "local_search", "--evaluations", 40, "--simulate", 20)
    found = json.loads(asked(tmp_path, *words, "--json"))
    shown = asked(tmp_path, *words)
    assert found["exact"]["parameters"]["memory"] is False
    assert found["parameters"]["memory"] is True
    at = found["exact"]["evaluations"].index(20)
    (row,) = [line.split() for line in shown.splitlines() if line.strip().startswith("20 ")]
    assert_allclose(
        [float(number) for number in row[1:6]],
        [
            *(100 * found["exact"][name][at] for name in ("mean", "sd", "median")),
            found["exact"]["at_optimum"][at],
            100 * found["simulated"]["mean"][at],
        ],
        rtol=1e-3,
    )
    assert f"{found['exact']['area']:.4f} dex" in shown
    assert f"{found['climbs']['design']['moves']:.3f}" in shown
    assert "exact mean, memory = false" in shown
    assert "simulated mean (20 trials)" in shown
    assert found["simulated"]["agreement"] is None
    assert "no exact curve belongs to them" in shown
    assert_allclose(sum(optimum["design"] for optimum in found["optima"]), 1)
    assert_allclose(sum(optimum["basin"] for optimum in found["optima"]), 480)


def test_the_expected_area_is_the_mean_area_of_the_results(folder):
    study = load(folder)
    areas = {c.label: area_under_log_regret(c, study, "validation@27", "evaluations") for c in study.cells}
    for label, parameters in (("random", {}), ("forgetful", {"memory": False, "initial": 3})):
        use = "random_search" if label == "random" else "local_search"
        exact = answer(ask("synthetic", use, parameters, 40, "mean")).exact
        mine = areas[label]
        assert abs(mine.mean() - exact.area) < 4 * mine.std() / len(mine) ** 0.5 < 0.2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--algorithm", "hyperband"), "unknown algorithm with exact answers 'hyperband'"),
        (("--algorithm", "successive_halving"), "expected a bracket whose later rungs keep one network, got 27 at 1"),
        (("--algorithm", "local_search", "--signal", "repeat"), "use --signal mean"),
        (("--algorithm", "random_search", "--set", "replacement"), "expected NAME=VALUE"),
        (("--algorithm", "random_search", "--set", "replace=1"), "unknown hyperparameter 'replace'"),
        (("--algorithm", "random_search", "--target", "test@3"), "unknown target of synthetic 'test@3'"),
        (("--algorithm", "random_search", "--evaluations", 10**8), "use --simulate 0"),
        (("--algorithm", "local_search", "--set", "memory=false", "--set", "stop_at_minimum=false"), "remember it"),
    ],
)
def test_mistakes_are_explained(tmp_path, words, reason):
    done = regretta_here("exact", "synthetic", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_search_that_continues_at_a_minimum_has_only_its_first_climb(tmp_path):
    words = ("synthetic", "--algorithm", "local_search", "--set", "stop_at_minimum=false", "--evaluations", 30)
    found = json.loads(asked(tmp_path, *words, "--json", "--simulate", 0))
    assert found["exact"] is found["simulated"] is None
    assert found["climbs"]["design"]["at_optimum"] > 0.5
    assert "needs its memory" in asked(tmp_path, *words, "--simulate", 0)


def test_the_figure_has_the_exact_curves_that_are_known(folder):
    study = load(folder)
    curves = ExactCurves(study)
    figure, data = draw("regret", study, exact=curves)
    assert set(data.loc[data["exact"].notna(), "label"]) == {"random", "forgetful"}
    question = ask("synthetic", "random_search", {}, 40, "mean")
    rows = data[data["label"] == "random"]
    law = find_law("random_search", {}, question.benchmark, question.protocol, question.target, rows["x"].to_numpy(int))
    assert_allclose(rows["exact"], 100 * law.mean())  # percentage points
    (panel,) = figure.axes
    dotted = [line for line in panel.get_lines() if line.get_linestyle() == ":" and len(line.get_xdata())]
    assert_allclose(
        sorted(line.get_ydata()[-1] for line in dotted), sorted(data.groupby("label")["exact"].last().dropna())
    )
    assert "computed without simulation (random, forgetful)" in figure.get_label()
    assert len(curves.refusals) == 2
    assert "expected memory = false, got true" in curves.refusals[0]
    assert "evolution: regularized_evolution has none" in curves.refusals[1]
    without = draw("regret", study)[1]
    pd.testing.assert_frame_equal(without, data.drop(columns="exact")[without.columns])


@pytest.mark.parametrize(
    ("change", "axis", "statistic", "reason"),
    [
        ({}, "seconds", "mean", "known on the axis 'evaluations', not on 'seconds'"),
        ({}, "evaluations", "iqm", "known for the mean and the median, not for 'iqm'"),
        ({"version": 0}, "evaluations", "mean", "run with version 0 of random_search, which is now 1"),
        ({"benchmark": "gone"}, "evaluations", "mean", "unknown benchmark 'gone'"),
    ],
)
def test_a_curve_that_is_not_known_is_explained(folder, change, axis, statistic, reason):
    study = load(folder)
    curves = ExactCurves(study)
    cell = replace(study.cells[0], **change)
    assert np.isnan(curves(cell, "validation@27", axis, statistic, np.array([1.0, 2.0]))).all()
    assert reason in curves.refusals[0]
    facts = {name: {**known, "data_hash": "other"} for name, known in study.benchmarks.items()}
    curves = ExactCurves(replace(study, benchmarks=facts))
    curves(study.cells[0], "validation@27", "evaluations", "mean", np.array([1.0]))
    assert curves.refusals == ["random on synthetic: its table was replaced since the trials were run"]


@pytest.mark.slow
def test_the_command_plot_draws_them(folder, tmp_path):
    done = regretta_here("plot", folder, "--exact", "--out", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "exact" in pd.read_csv(tmp_path / "regret-exact.csv")
    assert "no exact curve: evolution: regularized_evolution has none" in done.stderr
    done = regretta_here("plot", folder, "--exact", "--kind", "rank", "--out", tmp_path, cwd=tmp_path)
    assert (done.returncode, "the figure 'rank' does not depend on exact" in done.stderr) == (2, True)


@pytest.mark.slow
def test_a_report_has_the_exact_curves_only_if_asked(folder, tmp_path):
    plain = (regretta_here("report", folder, cwd=tmp_path), (folder / "report.html").read_text())[1]
    assert regretta_here("report", folder, "--exact", cwd=tmp_path).returncode == 0
    exact = Page((folder / "report.html").read_text())
    for page, known in ((Page(plain), set()), (exact, {"random", "forgetful"})):
        view = page.data["benchmarks"][0]["views"]["validation@27"]["axes"]
        assert {curve["label"] for curve in view["evaluations"]["curves"] if "exact" in curve["mean"]} == known
        assert not [curve for curve in view["seconds"]["curves"] if "exact" in curve["mean"]]
    panel = exact.data["benchmarks"][0]
    curve, numbers = panel["views"]["validation@27"]["axes"]["evaluations"]["curves"][0], unpacked(panel["numbers"])
    question = ask("synthetic", "random_search", {}, 40, "mean")
    points, medians = (numbers[first : first + curve["points"]] for first in (curve["x"], curve["median"]["exact"]))
    points = points.astype(int)
    law = find_law("random_search", {}, question.benchmark, question.protocol, question.target, points)
    assert_allclose(medians, law.median())
    assert re.search(r"regretta report \S+ --exact", (folder / "report.html").read_text())


def test_the_same_question_has_the_same_answer():
    first, second = (answer(ask("synthetic", "local_search", {"memory": False}, 30, "mean"), 10) for _ in range(2))
    assert first == second
    assert np.isfinite(first.exact.mean).all()
