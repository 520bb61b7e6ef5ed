"""``regretta score``: from files to a results folder, a figure and the choices."""

from __future__ import annotations

import json
import warnings

import pytest
from commands import regretta_here
from searches import TABLE, architectures, rows, write_csv

from harness.errors import ConfigurationError
from harness.running.runner import run_experiment
from harness.scoring.choices import choices
from harness.scoring.oneshot import oneshot
from harness.scoring.score import Request, format_of, score_experiment
from plots.analyses.oneshot import oneshot_figures
from plots.figures.score import score_figure
from results.storage.loading import load

BEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
"""The architecture with the lowest error on CIFAR-10."""


def score(folder, *words):
    return regretta_here("score", *words, "--benchmark", TABLE, cwd=folder)


def test_files_are_the_runs_of_one_search(tmp_path):
    for seed in (1, 2):
        write_csv(tmp_path / f"run{seed}.csv", rows(4, seed=seed, step=100.5))
    done = score(tmp_path, "run1.csv", "run2.csv", "--label", "mine")
    assert done.returncode == 0, done.stderr
    assert "last choice of" in done.stdout
    assert rows(4, seed=2)[-1][1][:20] in done.stdout
    folder = tmp_path / "runs" / f"score-{TABLE}"
    (cell,) = load(folder).cells
    assert (cell.label, cell.wanted, cell.protocol["budget"]) == ("mine", (0, 1), {"seconds": 402.0})
    assert {file.name for file in (folder / "figures").iterdir()} >= {"regret.pdf", "regret.csv", "choices.csv"}


@pytest.mark.slow
def test_the_result_as_json_up_to_a_horizon(tmp_path):
    write_csv(tmp_path / "run1.csv", rows(4, step=100.5))
    found = json.loads(score(tmp_path, "run1.csv", "--json", "--horizon", "250").stdout)
    assert [choice["choice"] for choice in found["choices"]] == [2]
    assert found["summary"]["benchmarks"][0]["horizon"] == 250


def test_patterns_make_entries_and_epochs_without_times_an_axis_of_choices(tmp_path):
    text = "epoch,architecture\n" + "".join(f"{n},{text}\n" for n, text in enumerate(architectures(3), 1))
    for setting in "ab":
        (tmp_path / f"{setting}_7.csv").write_text(text)
    pattern = str(tmp_path / "{setting}_{trial}.csv")
    alone = score_experiment(Request([pattern], TABLE))
    assert [cell.label for cell in alone.cells] == [f"recorded search setting={s}" for s in "ab"]
    assert alone.cells[0].protocol.budget.to_json() == {"evaluations": 3}
    timed = score_experiment(Request([pattern], TABLE, seconds_per_epoch=7.0, label="{x}"))
    assert timed.cells[1].label == "{x} setting=b"
    assert timed.cells[0].protocol.budget.to_json() == {"seconds": 21.0}
    with pytest.raises(ConfigurationError, match="no times are known for all runs"):
        score_experiment(Request([pattern], TABLE, horizon=5.0))


def test_a_horizon_before_the_first_choice_of_a_run_is_refused(tmp_path):
    files = [str(write_csv(tmp_path / f"{seed}.csv", rows(3, seed=seed, step=50.25 * (seed + 1)))) for seed in (0, 1)]
    for horizon in (0.0, 60.0):
        with pytest.raises(ConfigurationError, match="--horizon: expected at least 101 s, when every run has made a"):
            score_experiment(Request(files, TABLE, horizon=horizon))
    assert score_experiment(Request(files, TABLE, horizon=101.0)).cells[0].protocol.budget.to_json() == {"seconds": 101}


def test_one_choice_of_the_optimum_can_be_drawn(tmp_path):
    (tmp_path / "best.csv").write_text(f"epoch,architecture\n1,{BEST}\n")
    run_experiment(score_experiment(Request([str(tmp_path / "best.csv")], TABLE)), tmp_path / "out", jobs=1)
    study = load(tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = [score_figure(study)[0], *oneshot_figures(oneshot([study])[0]).values()]
    assert figures[0].axes[0].get_ylim() == (0, 1)


def test_a_choice_at_time_zero_is_drawn_from_a_thousandth_of_the_time_on(tmp_path):
    texts = architectures(3)
    content = "".join(f"{epoch},{text}\n" for epoch, text in enumerate(texts))
    (tmp_path / "run.csv").write_text(f"epoch,architecture\n{content}")
    request = Request([str(tmp_path / "run.csv")], TABLE, seconds_per_epoch=500.0)
    run_experiment(score_experiment(request), tmp_path / "out", jobs=1)
    study = load(tmp_path / "out")
    data = score_figure(study)[1]
    assert set(zip(data["x_unit"], data["unit"], strict=True)) == {("minutes", "percentage points")}
    assert (data["x"].iloc[0], data["x"].iloc[-1]) == pytest.approx((1 / 60, 1000 / 60))
    ends = 100 * choices(study)["regret"].iloc[[0, -1]]
    assert data["centre"].iloc[[0, -1]].tolist() == pytest.approx(ends.tolist())


def test_mistakes_are_named_without_a_traceback(tmp_path, monkeypatch):
    write_csv(tmp_path / "good.csv", rows(3))
    write_csv(tmp_path / "bad.csv", [*rows(2), (1e9, "|none~9|", 0.5)])
    (tmp_path / "empty").mkdir()
    for words, reason in (
        (["gone.csv"], "gone.csv: expected a file or a folder"),
        (["good.csv", "./good.csv"], "given twice"),
        (["empty"], "empty: expected a folder with files"),
        (["good.csv", "bad.csv"], "bad.csv:4: '|none~9|' is not an architecture of space 'nasbench201'"),
        (["{x.csv"], "is not valid"),
    ):
        done = score(tmp_path, *words)
        assert (done.returncode, reason in done.stderr) == (2, True), done.stderr
        assert "Traceback" not in done.stderr
    monkeypatch.chdir(tmp_path)
    skipped = score_experiment(Request(["good.csv", "bad.csv"], TABLE, skip_invalid=True))
    assert [cell.recorded.skipped for cell in skipped.cells] == [1]


def test_the_format_follows_from_names(tmp_path):
    for name, file in (("c", "genotype_0000001.txt"), ("n", "one_shot_architecture_0.obj")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
    found = [format_of(tmp_path / name) for name in ("c", "n", "x.csv", "log.txt")]
    assert found == ["confopt", "nasbench1shot1", "csv", "darts"]
