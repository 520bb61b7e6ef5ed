"""The study ``oneshot``: planted correlations, what cells are made of, and the real searches."""

from __future__ import annotations

import tarfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from commands import regretta_here
from darts_genotypes import DARTS_V2
from scipy import stats
from searches import experiment, recorded, rows, write_csv

from benchmarks import load_benchmark
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from harness.scoring.choices import choices, final_choices
from harness.scoring.correlations import by_choice, by_setting, t_interval
from harness.scoring.oneshot import oneshot
from harness.scoring.operations import operations_by_cell, skips_and_free_share
from plots.analyses.oneshot import oneshot_figures
from plots.drawing.style import style_context
from results.storage.loading import load
from results.storage.records import ResultsError

LOGS = "oneshot_logs/robustdarts_s1_cifar10.tar.xz"


def world(confounded: float, within: float, settings: int = 12, runs: int = 6, seed: int = 0) -> pd.DataFrame:
    """Choices of searches whose two errors share a part of each setting, and a part of each run."""
    rng = np.random.default_rng(seed)
    frames = []
    for setting in range(settings):
        shift = rng.normal(0, confounded)
        for trial in range(runs):
            own = rng.normal(0, within, 2)
            true = shift + own + rng.normal(0, 1, 2)
            observed = shift + own + rng.normal(0, 1, 2)
            frames.append(
                pd.DataFrame(
                    {
                        "label": f"s{setting}",
                        "trial": trial,
                        "choice": [1, 2],
                        "observed_error": observed,
                        "true_error": true,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def test_a_correlation_that_settings_cause_vanishes_without_their_means() -> None:
    found = by_choice(world(confounded=4.0, within=0.0))
    assert (found["runs"].tolist(), found["settings"].tolist()) == ([72, 72], [12, 12])
    assert (found["spearman"] > 0.7).all()
    assert (found["low"] > 0.4).all()
    assert (found["within_low"] < 0).all()
    assert (found["within_high"] > 0).all()


def test_a_correlation_of_runs_remains_without_the_means_of_settings() -> None:
    found = by_choice(world(confounded=0.0, within=3.0))
    assert (found["within_low"] > 0.5).all()
    assert (found["spearman"] > 0.6).all()


@pytest.mark.slow
def test_no_correlation_is_found_where_none_is() -> None:
    misses = 0
    for seed in range(40):
        found = by_choice(world(confounded=0.0, within=0.0, seed=seed))
        misses += int(((found["low"] > 0) | (found["high"] < 0)).sum())
    assert misses <= 12  # of 80 intervals of about 95 %


def test_correlations_are_those_of_scipy_without_unknown_errors() -> None:
    data = world(confounded=1.0, within=1.0, settings=1, runs=9)
    data.loc[0, "observed_error"] = np.nan
    first = by_choice(data).iloc[0]
    part = data[data["choice"] == 1].dropna()
    assert first["runs"] == 8
    assert first["spearman"] == pytest.approx(stats.spearmanr(part["observed_error"], part["true_error"]).statistic)
    assert np.isnan(first["within"])
    assert by_choice(data.assign(observed_error=np.nan)).empty
    assert by_setting(data).empty  # two choices are too few
    assert t_interval([1.0]) == pytest.approx((np.nan, np.nan), nan_ok=True)


def test_operations_are_counted_in_the_notation_of_each_space() -> None:
    assert operations_by_cell(DARTS_V2)["normal"] == {"sep_conv_3x3": 5, "skip_connect": 2, "dil_conv_3x3": 1}
    assert skips_and_free_share(DARTS_V2) == {"normal": (2, 0.25), "reduce": (3, 1.0)}
    cell = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|skip_connect~2|"
    assert skips_and_free_share(cell) == {"cell": (2, pytest.approx(4 / 6))}
    assert skips_and_free_share("a=1,b=none-such,skip=3") == {}


@pytest.fixture
def study(tmp_path):
    for place, name in enumerate(("x1_y1", "x1_y2", "x2_y1", "x2_y2")):
        for seed in (1, 2):
            write_csv(tmp_path / f"{name}_{seed}.csv", rows(5, seed=10 * place + seed))
    raw = experiment({"S x={x} y={y}": recorded("x{x}_y{y}_{trial}.csv")})
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path / "out", jobs=1)
    return load(tmp_path / "out")


def test_the_tables_of_stored_searches(study) -> None:
    found = choices(study)
    assert len(found) == 4 * 2 * 5
    space = load_benchmark("nasbench201-cifar10").space
    first = found.iloc[0]
    assert (first["label"], first["trial"], first["choice"], first["seconds"]) == ("S x=1 y=1", 1, 1, 10_000)
    assert first["architecture"] == space.to_string(space.from_string(rows(5, seed=1)[0][1]))
    assert final_choices(found)["choice"].tolist() == [5] * 8
    tables, sentences = oneshot([study])
    settings = tables["settings"]
    assert settings[["x", "y", "runs", "choices"]].iloc[1].tolist() == ["1", "2", 2, 5]
    last = found[(found["label"] == "S x=1 y=2") & (found["choice"] == 5)]["true_error"]
    row = settings.iloc[1]
    assert row["last"] == pytest.approx(last.mean())
    assert (row["last_low"], row["last_high"]) == pytest.approx(t_interval(last))
    assert row["best"] <= min(row["first"], row["last"])
    assert row["rise"] == pytest.approx(row["last"] - row["best"])
    assert sentences[0].startswith("8 runs of 4 settings, scored on nasbench201-cifar10.")


@pytest.mark.slow
def test_everything_lies_within_the_figures(study) -> None:
    figures = oneshot_figures(oneshot([study])[0])
    assert set(figures) == {"trajectories", "settings", "correlation"}
    for figure in figures.values():
        with style_context():
            figure.draw_without_rendering()
            box = figure.get_tightbbox()
        assert box.x1 <= figure.get_figwidth() + 0.01
        assert box.y1 <= figure.get_figheight() + 0.01


def test_every_caption_and_the_text_count_what_was_left_out(tmp_path) -> None:
    for place, name in enumerate(("x1_y1", "x1_y2", "x2_y1", "x2_y2")):
        write_csv(tmp_path / f"{name}_1.csv", [*rows(5, seed=place), (90_000.0, "nonsense", 0.5)])
    raw = experiment({"S {x} {y}": recorded("x{x}_y{y}_{trial}.csv", skip_invalid=True)})
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path / "out", jobs=1)
    tables, sentences = oneshot([load(tmp_path / "out")])
    assert tables["settings"]["skipped"].tolist() == [1, 1, 1, 1]
    words = "Left out of the recorded searches: 4 invalid parts of their files."
    assert words in sentences
    assert not any("above that of the best choice" in text for text in sentences)  # one run has no interval
    figures = oneshot_figures(tables)
    assert set(figures) == {"trajectories", "settings", "correlation"}
    assert all(words in figure.get_label() for figure in figures.values())


def test_errors_that_are_not_fractions_have_their_unit(study) -> None:
    tables = oneshot([study])[0]
    tables["settings"]["unit"] = "mean squared error"
    labels = [axes.get_ylabel() for axes in oneshot_figures(tables)["trajectories"].axes]
    assert labels[0].replace("\n", " ") == "error [mean squared error]"
    assert "[mean squared error]" in oneshot_figures(tables)["settings"].axes[0].get_title().replace("\n", " ")


def test_a_label_in_two_folders_is_refused(study) -> None:
    with pytest.raises(ResultsError, match="expected different labels in all folders, got 'S x=1 y=1' in"):
        oneshot([study, replace(study)])


def test_fields_with_the_names_of_columns_are_kept(tmp_path) -> None:
    for runs in ("1", "2"):
        write_csv(tmp_path / f"runs{runs}_1.csv", rows(5, seed=int(runs)))
    raw = experiment({"S {runs}": recorded("runs{runs}_{trial}.csv")})
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path / "out", jobs=1)
    settings = oneshot([load(tmp_path / "out")])[0]["settings"]
    assert settings[["runs_", "runs"]].to_numpy().tolist() == [["1", 1], ["2", 1]]


def test_a_budget_that_ends_before_the_first_choice_is_named(tmp_path) -> None:
    write_csv(tmp_path / "run_1.csv", rows(3))
    raw = experiment({"S": recorded("run_{trial}.csv")}, budget={"seconds": 50}, trials=1)
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path / "out", jobs=1)
    with pytest.raises(ResultsError, match="no recorded search of 'race' made a choice within the budget"):
        oneshot([load(tmp_path / "out")])


def test_a_study_without_recorded_searches_is_refused(tmp_path) -> None:
    run_experiment(resolve_experiment(experiment({}, trials=1), tmp_path), tmp_path / "out", jobs=1)
    with pytest.raises(ResultsError, match="has no recorded searches"):
        oneshot([load(tmp_path / "out")])


@pytest.mark.slow
@pytest.mark.data("nasbench301", LOGS)
def test_the_known_collapse_of_darts_and_its_prevention(tmp_path, data_folder, any_benchmark, imported_folder) -> None:
    any_benchmark("nasbench301")
    with tarfile.open(data_folder / LOGS) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = next(tmp_path.glob("**/drop0.0_wd0.0003_seed1.txt")).parent
    data = {"REGRETTA_DATA": str(imported_folder)}
    pattern = "drop{drop}_wd{wd}_seed{trial}.txt"
    done = regretta_here("score", pattern, "--benchmark", "nasbench301", "--label", "DARTS", cwd=folder, **data)
    assert done.returncode == 0, done.stderr
    done = regretta_here("analyze", "oneshot", "runs/score-nasbench301", "--out", "found", cwd=folder, **data)
    assert done.returncode == 0, done.stderr
    course = pd.read_csv(folder / "found/trajectories.csv").set_index(["label", "choice"])
    plain = course.loc["DARTS drop=0.0 wd=0.0003"]
    assert (plain.loc[10, "error"], plain.loc[50, "error"]) == pytest.approx((0.0488, 0.0538), abs=5e-5)
    assert (plain.loc[10, "skips"], plain.loc[50, "skips"]) == (2.0, 7.0)
    regularised = course.loc["DARTS drop=0.0 wd=0.0081"]
    assert (regularised.loc[10, "error"], regularised.loc[50, "error"]) == pytest.approx((0.0480, 0.0469), abs=5e-5)
    correlation = pd.read_csv(folder / "found/correlation.csv").set_index("choice")
    assert correlation.loc[[1, 50], "spearman"].round(2).tolist() == [0.20, 0.68]
    assert (correlation["runs"] == 105).all()
    assert correlation.loc[50, "within_low"] < 0 < correlation.loc[50, "within_high"]
