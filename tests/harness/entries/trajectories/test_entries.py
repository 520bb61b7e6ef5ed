"""Recorded trajectories as entries of an experiment: found, checked, stored beside algorithms, and said of."""

from __future__ import annotations

import json

import numpy as np
import pytest
from searches import TABLE, architectures, experiment, recorded, rows, write_csv

from benchmarks import load_benchmark
from harness.entries.sources import find_source
from harness.entries.trajectories.patterns import find_runs, trial_numbers
from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from harness.running.verification import verify_results
from plots.figures.registry import draw
from results.anytime.comparisons import comparisons
from results.storage.experiment_record import read_experiment
from results.storage.loading import load
from results.storage.records import ResultsError, Trial
from results.summaries.summary import summarize


def problems(raw, folder):
    with pytest.raises(ConfigurationError) as caught:
        resolve_experiment(raw, folder)
    return caught.value.problems


def write(folder, settings=("a", "b"), runs=8, choices=5):
    """Write runs of some settings as files ``SETTING_SEED.csv``, seeds from 1."""
    for place, setting in enumerate(settings):
        for seed in range(1, runs + 1):
            write_csv(folder / f"{setting}_{seed}.csv", rows(choices, seed=100 * place + seed))


def raced(folder, out, **changes):
    raw = experiment({"S {setting}": recorded("{setting}_{trial}.csv", **changes)})
    run_experiment(resolve_experiment(raw, folder), out, jobs=1)
    return load(out)


def test_fields_of_a_pattern_make_entries_and_trials(tmp_path):
    for name in ("wd.1_seed10", "wd.1_seed9", "wd.25_seed1"):
        write_csv(tmp_path / "logs" / f"{name}.csv", rows(2))
    (tmp_path / "logs" / "wd.1_seed1.txt").touch()
    found = find_runs("logs/wd{wd}_seed{trial}.csv", tmp_path)
    assert [(run.fields["wd"], run.trial) for run in found] == [(".1", "9"), (".1", "10"), (".25", "1")]
    raw = experiment({"DARTS wd={wd}": recorded("logs/wd{wd}_seed{trial}.csv")})
    cells = resolve_experiment(raw, tmp_path).cells
    assert [cell.label for cell in cells] == ["random_search", "DARTS wd=.1", "DARTS wd=.25"]
    assert [list(cell.recorded.runs) for cell in cells[1:]] == [[9, 10], [1]]
    assert [cell.source.use for cell in cells[1:]] == [f"trajectory:wd{wd}_seed{{trial}}.csv" for wd in (".1", ".25")]
    assert trial_numbers(["2", "02"]) == trial_numbers(["b", "a"]) == [0, 1]
    (tmp_path / "x_y").mkdir()
    write_csv(tmp_path / "x_y" / "x_1.csv", rows(1))
    assert len(find_runs("{a}_y/{a}_{trial}.csv", tmp_path)) == 1


def test_a_trial_has_the_choices_with_their_own_times(tmp_path):
    content = rows(7, step=11_000.0)
    again = (content[2][0], content[0][1], content[2][2])
    write_csv(tmp_path / "a_1.csv", [*content[:2], again, *content[3:]])
    study = raced(tmp_path, tmp_path / "out")
    cell = study.cells[1]
    assert (cell.wanted, cell.recorded["skipped"], cell.protocol["incumbent"]) == ((1,), 0, "last")
    frame = cell.evaluations
    assert frame["end"].tolist() == [11_000.0 * n for n in range(1, 7)]
    assert frame["start"].tolist() == [11_000.0 * n for n in range(6)]
    assert frame["status"].tolist() == ["completed"] * 5 + ["truncated"]
    assert frame["incumbent"].tolist() == [0, 1, 2, 3, 4, -1]
    assert frame["duplicate"].tolist() == [False, False, True, False, False, False]
    assert frame["observed_error"].tolist() == pytest.approx([1 - row[2] for row in content[:6]])
    assert {tuple(row) for row in frame[["fidelity_to", "network", "repeat"]].to_numpy()} == {(0, -1, -1)}
    benchmark = load_benchmark(TABLE)
    texts = [content[0][1], content[1][1], content[0][1], *(row[1] for row in content[3:5])]
    genotypes = np.array([benchmark.space.from_string(text) for text in texts], dtype=np.int16)
    target = cell.protocol["report"][0]
    errors = frame[f"incumbent_error:{target}"].to_numpy()
    assert errors[:5] == pytest.approx(benchmark.true_errors(genotypes, target))
    assert cell.trials["ended"].tolist() == ["budget"]


def test_the_results_are_verified_and_cannot_be_run_again(tmp_path):
    write(tmp_path, runs=2)
    raced(tmp_path, tmp_path / "out")
    found = verify_results(tmp_path / "out", sample=50)
    assert (found.problems, found.missing, found.trials, found.rerun) == ([], 0, 7, 3)
    assert len(found.left_out) == 2
    assert all(text.endswith(": its runs were recorded elsewhere, and cannot be run again") for text in found.left_out)


def test_nothing_else_changes_beside_a_recorded_entry(tmp_path):
    write(tmp_path, runs=2)
    alone = resolve_experiment(experiment({}), tmp_path)
    both = resolve_experiment(experiment({"S {setting}": recorded("{setting}_{trial}.csv")}), tmp_path)
    assert both.cells[0].to_json() == alone.cells[0].to_json()
    assert "recorded" not in alone.cells[0].to_json()
    again = resolve_experiment(experiment({"T": recorded("a_{trial}.csv")}), tmp_path)
    assert again.cells[1].id != both.cells[1].id  # the setting is a parameter of the other
    before = again.cells[1].id
    write_csv(tmp_path / "a_2.csv", rows(3, seed=77))
    assert resolve_experiment(experiment({"T": recorded("a_{trial}.csv")}), tmp_path).cells[1].id != before


def test_a_last_choice_may_be_worse_but_has_to_be_the_last(tmp_path):
    write(tmp_path, settings="a", runs=1)
    experiment_ = resolve_experiment(experiment({"S": recorded("a_{trial}.csv")}), tmp_path)
    cell = experiment_.cells[1]
    from harness.entries.trajectories.trial import recorded_trial

    trial = recorded_trial(cell.recorded.runs[1], load_benchmark(TABLE), cell.protocol, 1)
    with pytest.raises(ResultsError, match="expected the last evaluation as the incumbent"):
        Trial(1, "done", trial.columns | {"incumbent": np.zeros(5, dtype=np.int32)}, last_is_held=True)


def test_tests_with_recorded_entries_are_unpaired_and_need_eight_runs(tmp_path):
    write(tmp_path, runs=8)
    write(tmp_path, settings="c", runs=7)
    summary = summarize(raced(tmp_path, tmp_path / "out"))
    pairs = {(pair.a, pair.b): pair for pair in summary.benchmarks[0].pairs}
    assert not any(pair.paired for pair in pairs.values())
    assert pairs["S a", "S b"].refusal is None
    assert pairs["S a", "S b"].p_holm is not None
    assert pairs["S a", "S c"].refusal == "7 runs, 8 are needed"
    assert pairs["random_search", "S a"].refusal == "3 runs, 8 are needed"
    ranks = {found.label: found.rank for found in summary.benchmarks[0].algorithms}
    assert ranks == {"random_search": 1.0, "S a": None, "S b": None, "S c": None}


def test_captions_say_which_time_it_is_and_what_is_left_out(tmp_path):
    content = rows(5)
    broken = [*content[:2], (content[2][0], "|none~0|", 0.5), *content[3:]]
    for seed in (1, 2):
        write_csv(tmp_path / f"a_{seed}.csv", broken)
    study = raced(tmp_path, tmp_path / "out", skip_invalid=True)
    seconds = study.cells[1].recorded["training_seconds"]
    figure, _ = draw("regret", study)
    caption = " ".join(figure.get_label().split())
    assert "Recorded searches with shared weights (2 runs each): S a." in caption
    assert "time is that of the search; that of the other algorithms is the training time of each network" in caption
    assert f"A search takes as long as {50_000 / seconds:.1f} trainings of one network" in caption
    assert "The final training of its choice is not charged" in caption
    assert "Left out of the recorded searches: 2 invalid parts of their files." in caption
    assert "lowest observed error at the highest fidelity seen so far" in caption
    figure, data = draw("rank", study)
    assert set(data["label"]) == {"random_search"}
    assert "Recorded searches are left out here" in " ".join(figure.get_label().split())
    (over_evaluations,) = comparisons(study, axis="evaluations")
    assert [cell.label for cell in over_evaluations.cells] == ["random_search"]


def test_what_is_invalid_is_named_with_file_and_line(tmp_path):
    content = rows(6)
    wrong = list(content)
    wrong[1] = (15.0, content[1][1], 0.5)
    wrong[3] = (content[3][0], "nonsense", 0.5)
    write_csv(tmp_path / "a_1.csv", wrong)
    (tmp_path / "a_2.csv").write_text("epoch,architecture\n" + "".join(f"{n},{content[0][1]}\n" for n in (1, 3, 3, 2)))
    raw = experiment({"S": recorded("a_{trial}.csv", seconds_per_epoch=5.0)})
    found = problems(raw, tmp_path)
    at = f"algorithms.S: on {TABLE}: {tmp_path}"
    places = ("1.csv:3", "1.csv:5", "2.csv:4", "2.csv:5")
    assert all(text.startswith(f"{at}/a_{place}: ") for text, place in zip(found[:-1], places, strict=True))
    assert "the clock goes backwards, from 10000 s to 15 s" in found[0]
    assert "'nonsense' is not an architecture of space 'nasbench201'" in found[1]
    assert "expected epochs in ascending order, got 3 after 3" in found[2]
    assert "set skip_invalid = true" in found[-1]
    raw["algorithms"]["S"]["skip_invalid"] = True
    (_, cell) = resolve_experiment(raw, tmp_path).cells
    assert cell.recorded.skipped == 4
    assert cell.recorded.runs[1].seconds.tolist() == [10_000, 30_000, 50_000, 60_000]
    assert cell.recorded.runs[2].seconds.tolist() == [5, 15]


def test_a_run_without_a_valid_choice_is_refused_also_when_the_invalid_is_skipped(tmp_path):
    write_csv(tmp_path / "a_1.csv", rows(2))
    write_csv(tmp_path / "a_2.csv", [(1.0, "nonsense", 0.5)])
    found = problems(experiment({"S": recorded("a_{trial}.csv", skip_invalid=True)}), tmp_path)
    assert any(f"{tmp_path}/a_2.csv: it has no valid choice of an architecture" in text for text in found)
    assert found[-1].endswith("correct the files without a valid choice, or leave them out")


def test_a_time_beyond_every_budget_is_named_with_its_line(tmp_path):
    write_csv(tmp_path / "a_1.csv", [*rows(2), (1e16, rows(1)[0][1], 0.5)])
    found = problems(experiment({"S": recorded("a_{trial}.csv")}), tmp_path)
    assert "a_1.csv:4: expected a time from 0 s to 1e+15 s, got 1e+16" in found[0]


@pytest.mark.parametrize(
    ("table", "changes", "reason"),
    [
        ({}, {"budget": {"evaluations": 50}}, "expected a budget in seconds, got one of 50 evaluations; an epoch"),
        ({}, {"protocol": {"incumbent": "last"}}, "protocol.incumbent: expected 'highest' or 'any', got 'last'"),
        ({"use": "trajectory:epochs_{trial}.csv"}, {}, "give seconds_per_epoch"),
        ({"use": "trajectory:nothing{trial}"}, {}, "nothing fits the pattern 'nothing{trial}'"),
        ({"use": "trajectory:a_{}.csv"}, {}, "expected names as fields"),
        ({"use": "trajectory:a_{trial.csv"}, {}, "is not valid"),
        ({"use": "trajectory:{format}_1.csv"}, {}, "a field cannot be named format"),
        ({"use": "trajectory"}, {}, "expected either use = 'trajectory:PATTERN'"),
        ({"files": ["a_1.csv"]}, {}, "got both"),
        ({"use": "trajectory", "files": ["gone.csv"]}, {}, "gone.csv: expected a file"),
        ({"format": "dart"}, {}, "unknown format of trajectories 'dart'"),
        ({"format": "confopt"}, {}, "expected a folder with files"),
        ({"grid": {"x": [1]}}, {}, "unknown key 'grid'"),
        ({"seconds_per_epoch": -1.0}, {}, "seconds_per_epoch: input should be greater than 0"),
        ({"use": "trajectory:{setting}_{trial}.csv"}, {}, "two entries have the label 'S'"),
        (
            {"use": "trajectory:a_{trial}.csv", "format": "darts"},
            {},
            "no choice of an architecture in the format darts",
        ),
    ],
)
def test_mistakes_in_a_table_are_reported_before_the_start(tmp_path, table, changes, reason):
    write(tmp_path, runs=1)
    (tmp_path / "epochs_1.csv").write_text(f"epoch,architecture\n1,{architectures(1)[0]}\n")
    raw = experiment({"S": recorded("a_{trial}.csv") | table}, **changes)
    assert reason in "\n".join(problems(raw, tmp_path))


def test_a_recorded_trajectory_is_no_algorithm(tmp_path):
    with pytest.raises(ConfigurationError, match="is a recorded trajectory, which is not an algorithm"):
        find_source("trajectory:a.txt", tmp_path)


def test_searches_without_times_are_scored_alone_over_their_choices(tmp_path):
    texts = architectures(3)
    for trial in (0, 1):
        (tmp_path / f"r{trial}").mkdir()
        for epoch, text in enumerate(texts, 1):
            (tmp_path / f"r{trial}" / f"genotype_{epoch:07d}.txt").write_text(text)
    table = {"use": "trajectory:r{trial}", "format": "confopt"}
    raw = experiment({}, budget={"evaluations": 2}) | {"algorithms": {"C": table}}
    run_experiment(resolve_experiment(raw, tmp_path), tmp_path / "out", jobs=1)
    (cell,) = load(tmp_path / "out").cells
    assert cell.evaluations["end"].tolist() == [0.0] * 4
    assert (cell.wanted, cell.trials["ended"].tolist()) == ((0, 1), ["budget", "budget"])
    stored = read_experiment(tmp_path / "out")["cells"][0]["recorded"]
    assert json.loads(json.dumps(stored))["trials"] == [0, 1]
    with pytest.raises(ResultsError, match="shows no recorded searches"):
        draw("rank", load(tmp_path / "out"))
