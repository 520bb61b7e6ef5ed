"""Runs until decided: the same decisions however they were run, the mark of the folder, and what they refuse."""

from __future__ import annotations

import json
import shutil
import signal
from functools import partial

import pytest
from commands import regretta_here, start, traces, until
from grids import problems, resolve

import harness
from harness.errors import TrialsMissingError
from harness.running.verification import verify_results
from harness.stopping.looks import Looks
from harness.stopping.until_decided import run_resolved
from results import load, summarize
from results.storage.experiment_record import read_experiment
from results.storage.records import ResultsError

ALGORITHMS = {"random_search": {}, "again": {"use": "random_search"}, "local_search": {}}
UNLUCKY = """
from dataclasses import dataclass
from algorithms import Algorithm, Query

@dataclass
class Unlucky(Algorithm):
    reference = "none"

    def ask(self):
        architecture = self.space.sample(self.rng)
        if sum(architecture) == NUMBER:
            raise ZeroDivisionError("one bad day")
        return Query(architecture, self.fidelities[-1])

    def tell(self, query, observed_error):
        pass
"""


def experiment(folder=None, **changes):
    given = {"algorithms": ALGORITHMS, "budget": {"evaluations": 30}, "stopping": {"max_trials": 60}, "trials": None}
    return resolve(**({} if folder is None else {"folder": folder}), **given | changes)


def decided(folder):
    """Everything that a run decided, and how many trials it planned for it."""
    record = read_experiment(folder)
    return record["stopping"], [pair for panel in summarize(load(folder)).benchmarks for pair in panel.pairs]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    outcome = run_resolved(experiment(), folder, jobs=1)
    assert (outcome.missing, outcome.present) == (0, 0)
    assert outcome.done == outcome.wanted
    return folder


def test_only_the_algorithms_of_open_pairs_get_more_trials(tmp_path):
    algorithms = {"random_search": {}, "random without": {"use": "random_search", "replacement": False},
                  "local_search": {}, "climber": {"use": "local_search", "initial": 5}}  # fmt: skip
    run_resolved(experiment(algorithms=algorithms, stopping={"max_trials": 40, "margin": 0.02}), tmp_path, jobs=1)
    (panel,) = summarize(load(tmp_path)).benchmarks
    needed = {
        algorithm.label: max(pair.trials for pair in panel.pairs if algorithm.label in (pair.a, pair.b))
        for algorithm in panel.algorithms
    }
    assert {algorithm.label: algorithm.trials for algorithm in panel.algorithms} == needed
    assert {pair.verdict for pair in panel.pairs if {pair.a, pair.b} == {"random_search", "random without"}} == {"open"}
    assert any(pair.winner and pair.trials < 40 for pair in panel.pairs)
    assert panel.rank_trials == min(needed.values())
    assert not load(tmp_path).notes


def test_two_labels_of_one_cell_are_equivalent(finished):
    (panel,) = summarize(load(finished)).benchmarks
    assert panel.pairs[0].verdict == "equivalent within 0.1 dex"
    assert panel.pairs[0].decision.mean_difference == 0
    assert [pair.winner for pair in panel.pairs[1:]] == ["local_search"] * 2


def test_processes_and_trials_that_are_already_there_change_no_decision(tmp_path, finished):
    run_resolved(experiment(), tmp_path / "two", jobs=2)
    assert decided(tmp_path / "two") == decided(finished)
    assert traces(tmp_path / "two") == traces(finished)
    run_resolved(resolve(algorithms=ALGORITHMS, budget={"evaluations": 30}, trials=47), tmp_path / "more", jobs=1)
    outcome = run_resolved(experiment(), tmp_path / "more", jobs=1)
    assert outcome.done == 0
    assert decided(tmp_path / "more") == decided(finished)
    assert traces(tmp_path / "more") == traces(finished)
    assert verify_results(tmp_path / "more").missing == 0


def test_a_rerun_looks_again_and_runs_nothing(tmp_path, finished):
    shutil.copytree(finished, tmp_path / "copy")
    before = (tmp_path / "copy" / "experiment.json").read_text()
    outcome = run_resolved(experiment(), tmp_path / "copy", jobs=1)
    assert (outcome.done, outcome.missing) == (0, 0)
    assert json.loads((tmp_path / "copy" / "experiment.json").read_text())["stopping"] == json.loads(before)["stopping"]


def test_lost_trials_are_made_again(tmp_path, finished):
    shutil.copytree(finished, tmp_path / "copy")
    for file in list((tmp_path / "copy" / "trials").rglob("*.parquet"))[1::2]:
        file.unlink()
    run_resolved(experiment(), tmp_path / "copy", jobs=1)
    assert decided(tmp_path / "copy") == decided(finished)


def test_a_failed_trial_leaves_its_pairs_open_and_the_others_go_on(tmp_path):
    algorithms = {"random_search": {}, "local_search": {}, "unlucky": {"use": "unlucky.py:Unlucky"}}
    (tmp_path / "unlucky.py").write_text("NUMBER = 1\n" + UNLUCKY)
    given = experiment(tmp_path, algorithms=algorithms, budget={"evaluations": 8})
    outcome = run_resolved(given, tmp_path / "out", jobs=1)
    assert outcome.failed
    assert outcome.missing == len(outcome.failed)
    study = load(tmp_path / "out")
    (panel,) = summarize(study).benchmarks
    random_and_local, *others = panel.pairs
    first = min(trial for _, _, trial in outcome.failed)
    assert random_and_local.decision.outcome != "open" or random_and_local.trials == 60
    for pair in others:
        assert (pair.decision.outcome, pair.trials) == ("open", first // 10 * 10)
        assert pair.decision.reason == f"trial {first} of unlucky has no result"
    assert len(study.cells[2].wanted) == (first // 10 + 1) * 10
    status = regretta_here("status", "out", cwd=tmp_path)
    assert status.returncode == 3
    assert f"trial {first}" in status.stdout
    with pytest.raises(TrialsMissingError):
        harness.run(
            {"schema": 1, "name": "study", "seed": 3, "benchmarks": ["synthetic"], "budget": {"evaluations": 8},
             "algorithms": {"random_search": {}, "x": {"use": str(tmp_path / "unlucky.py") + ":Unlucky"}}},
            tmp_path / "python", jobs=1, until="decided",
        )  # fmt: skip


def test_what_a_look_reads_is_what_a_new_reader_finds(finished):
    looks = Looks(experiment(), finished)
    planned = looks.look()
    assert list(planned.values()) == read_experiment(finished)["stopping"]["planned"]
    assert looks.look() == planned
    assert looks.pairs() == (0, 3)
    assert looks.forecast(planned) == sum(planned.values())
    early = Looks(experiment(), finished / "nothing")
    assert set(early.look().values()) == {10}
    assert early.forecast(early.look()) == 30


def test_the_folder_stays_marked(tmp_path, finished):
    shutil.copytree(finished, tmp_path / "out")
    fixed = resolve(algorithms=ALGORITHMS, budget={"evaluations": 30}, trials=20)
    with pytest.raises(ResultsError, match="was run until decided, so the number of its trials depends on"):
        run_resolved(fixed, tmp_path / "out", jobs=1)
    with pytest.raises(ResultsError, match="by the rule 'symmetric', not 'bounded'"):
        run_resolved(experiment(stopping={"rule": "bounded"}), tmp_path / "out", jobs=1)
    with pytest.raises(ResultsError, match="with looks after every 10 trials, not 20"):
        run_resolved(experiment(stopping={"block": 20}), tmp_path / "out", jobs=1)
    for words in (["baseline", "update", "b.json", "--from", "out", "--reason", "why"], ["compare", "out", "out"]):
        done = regretta_here(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert "was run until decided" in done.stderr
    assert not (tmp_path / "b.json").exists()
    words = ["regretta", "power", "out", "--difference", "0.01"][1:]
    assert "fixed number of trials needs another one" in " ".join(regretta_here(*words, cwd=tmp_path).stdout.split())
    assert decided(tmp_path / "out") == decided(finished)


def test_the_command_line(tmp_path):
    words = ("run", "smoke", "--out", "out", "-j", 1, "--set", 'benchmarks=["synthetic"]')
    done = regretta_here(*words, "--until", "decided", "--max-trials", 20, "--margin", 0.5, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "smoke: 3 cells until decided, at most 20 trials per cell" in done.stdout
    assert "pairs decided; lower areas are better, equivalent within 0.5 dex" in done.stdout
    assert "smoke: until decided, at most 20 trials per cell" in regretta_here("status", "out", cwd=tmp_path).stdout
    summary = json.loads(regretta_here("summary", "out", "--json", cwd=tmp_path).stdout)
    assert summary["benchmarks"][0]["stopping"] == {
        "rule": "symmetric", "margin": 0.5, "block": 10, "max_trials": 20, "alpha": 0.05,
    }  # fmt: skip
    assert regretta_here("report", "out", cwd=tmp_path).returncode == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Decided by sequential tests" in page
    assert "Wilcoxon" not in page.split("<script")[0]
    for wrong, said in [
        (("--margin", 0.1), "--margin: has no effect without --until decided"),
        (("--until", "decided", "--trials", 5), "a run until decided has no fixed number of trials"),
        (("--until", "decided", "--set", "trials=5"), "a run until decided has no fixed number of trials"),
        (("--until", "decided", "--margin", 0.1, "--set", "stopping.margin=0.2"), "--margin: also given by --set"),
        (("--until", "decided", "--max-trials", 25), "a multiple of the block of 10 trials, got 25"),
        (("--until", "decided", "--margin", 0), "stopping.margin: input should be greater than 0"),
    ]:
        refused = regretta_here(*words, *wrong, cwd=tmp_path)
        assert refused.returncode == 2
        assert said in refused.stderr


def test_mistakes_in_the_section_are_reported_together():
    found = problems(algorithms=ALGORITHMS, stopping={"marign": 1, "block": 1})
    assert any("unknown key 'marign'; did you mean 'margin'" in problem for problem in found)
    assert any("stopping.block" in problem for problem in found)
    assert problems(stopping={}) == (
        "stopping: a run until decided needs at least two algorithms on every benchmark, got one on synthetic",
    )


DRILL = """
schema = 1
name = "drill"
seed = 7
benchmarks = ["synthetic", "nasbench201-cifar10"]
budget = { evaluations = 60 }
[stopping]
margin = 0.05
max_trials = 100
[algorithms.random_search]
[algorithms.local_search]
[algorithms.regularized_evolution]
population = 5
sample = 2
"""


def far_enough(process, folder, files):
    return len(list(folder.rglob("*.parquet"))) > files or process.poll() is not None


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 3])
def test_kill_9_changes_no_decision(tmp_path, kills):
    (tmp_path / "drill.toml").write_text(DRILL)
    assert regretta_here("run", "drill.toml", "--out", "once", "-j", 1, cwd=tmp_path).returncode == 0
    for at in range(kills):
        process = start("run", "drill.toml", "--out", "out", "-j", 1 + at % 2, cwd=tmp_path)
        until(partial(far_enough, process, tmp_path / "out", 7 * (at + 1)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert decided(tmp_path / "out") == decided(tmp_path / "once")
    assert traces(tmp_path / "out") == traces(tmp_path / "once")
