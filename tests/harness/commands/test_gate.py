"""The gate on real runs: regressions, harmless changes, and results that cannot be compared."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from commands import regretta_here
from sabotages import (
    SABOTAGES,
    UNLEARNT,
    charged_time_only,
    evolution_without_selection,
    other_draws,
    refactored,
)
from scipy import stats

import results.gate.quality
from algorithms import ALGORITHMS, algorithm_class
from algorithms.regularized_evolution import RegularizedEvolution
from harness.commands.gate.baseline import update_command
from harness.commands.gate.check import check_command
from harness.commands.gate.compare import compare_command
from harness.experiments.files import read_experiment_file, shipped_experiments
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.gate.check import check, compare
from results.gate.quality import second_level
from results.gate.queries import packed
from results.gate.snapshots import CellSnapshot, Snapshot, read_baseline, take_snapshot, write_baseline
from results.gate.verdicts import CellVerdict
from results.statistics.bootstrap import ALPHA
from results.storage.experiment_record import read_experiment, write_experiment
from results.storage.loading import load

SMALL = {
    "trials": 9,
    "budget": {"evaluations": 40},
    "algorithms": {
        "regularized_evolution": {"population": 10, "sample": 3},
        "hyperband": {},
        "bananas": {"predictor": "ridge"},
    },
}


def grid(**changes):
    return read_experiment_file(shipped_experiments()["ci"]) | SMALL | changes


def raced(directory: Path, **changes) -> Path:
    run_experiment(resolve_experiment(grid(**changes), directory), directory, jobs=1)
    return directory


@pytest.fixture(scope="module")
def honest(tmp_path_factory) -> Path:
    return raced(tmp_path_factory.mktemp("honest"))


@pytest.fixture(scope="module")
def baseline(honest, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("baseline") / "small.json"
    update_command(file, honest, "the first")
    return file


def test_unchanged_code_is_green_by_its_traces(honest, baseline, tmp_path, capsys):
    report = check(take_snapshot(honest), read_baseline(baseline))
    assert report.outcome == "fine"
    assert {(cell.verdict, cell.level) for cell in report.cells} == {("same", 1)}
    assert check_command(str(honest), baseline, None, None, ALPHA, tmp_path / "r.md", as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["outcome"], printed["exit_code"], len(printed["cells"])) == ("fine", 0, 6)
    assert "6 of 6 cells: every trace is identical" in (tmp_path / "r.md").read_text()


def test_a_refactoring_is_green(baseline, tmp_path, monkeypatch):
    refactored(monkeypatch)
    assert check(take_snapshot(raced(tmp_path)), read_baseline(baseline)).outcome == "fine"


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.__name__)
def test_a_sabotage_without_a_new_version_is_red_and_the_first_evaluation_is_named(
    sabotage, honest, baseline, tmp_path, monkeypatch
):
    sabotage(monkeypatch)
    folder = raced(tmp_path)
    report = check(take_snapshot(folder), read_baseline(baseline))
    assert report.outcome == "regression"
    for cell in report.cells:
        if cell.label != SABOTAGES[sabotage].__module__.rpartition(".")[2]:
            assert cell.verdict == "same"
            continue
        assert (cell.verdict, cell.level) == ("changed", 1)
        trial, number = first_difference(honest, folder, cell.label, cell.benchmark)
        assert f"the first difference is in trial {trial}: the query of evaluation {number + 1} of 40" in cell.detail
        asked = [query(where, cell, trial, number) for where in (honest, folder)]
        assert [cell.difference.old, cell.difference.new] == asked
    assert check_command(str(folder), baseline, None, None, ALPHA, None, as_json=False) == 1


def query(folder: Path, cell: CellVerdict, trial: int, number: int) -> tuple[tuple[int, ...], float]:
    """Find a query by the rows themselves."""
    names = ["architecture", "fidelity_to"]
    rows = next(
        c for c in load(folder, names).cells if (c.label, c.benchmark) == (cell.label, cell.benchmark)
    ).evaluations
    architecture, fidelity = rows[rows["trial"] == trial][names].iloc[number]
    return tuple(architecture.tolist()), float(fidelity)


def test_both_queries_are_printed_and_shared_code_is_suspected(baseline, honest, tmp_path, monkeypatch, capsys):
    evolution_without_selection(monkeypatch)
    folder = raced(tmp_path / "one")
    assert check_command(str(folder), baseline, None, None, ALPHA, tmp_path / "one.md", as_json=False) == 1
    text = (tmp_path / "one.md").read_text()
    architecture = r"\|\S+\|\+\|\S+\|\+\|\S+\|"
    lines = rf"\n  before: {architecture} at 200 epochs\n  now:    {architecture} at 200 epochs\n"
    assert re.search(rf"the query of evaluation \d+ of 40\n  ```text{lines}", text)
    wrapped = rf"before:{architecture}at200epochsnow:{architecture}at200epochs"
    assert re.search(wrapped, "".join(capsys.readouterr().out.split()))
    assert "shared" not in text
    monkeypatch.undo()
    charged_time_only(monkeypatch)
    folder = raced(tmp_path / "all")
    assert check_command(str(folder), baseline, None, None, ALPHA, tmp_path / "all.md", as_json=False) == 1
    assert "Every trace of 3 algorithms changed, so that code which they share" in (tmp_path / "all.md").read_text()


def test_a_changed_hyperparameter_has_a_line_of_its_own(baseline, tmp_path):
    changed = SMALL["algorithms"] | {"regularized_evolution": {"population": 10, "sample": 4}}
    report = check(take_snapshot(raced(tmp_path, algorithms=changed)), read_baseline(baseline))
    details = {cell.detail.split("\n")[1] for cell in report.cells if cell.verdict == "changed"}
    assert details == {"hyperparameters: sample 3 -> 4"}


def test_a_baseline_without_queries_is_still_compared(baseline, tmp_path, monkeypatch):
    old = read_baseline(baseline)
    old = old.model_copy(update={"cells": tuple(cell.model_copy(update={"queries": ""}) for cell in old.cells)})
    evolution_without_selection(monkeypatch)
    report = check(take_snapshot(raced(tmp_path)), old)
    assert report.outcome == "regression"
    assert all(cell.difference is None or cell.difference.old is None for cell in report.cells)


def first_difference(old: Path, new: Path, label: str, benchmark: str) -> tuple[int, int]:
    """Find the first trial and evaluation that differ, by the rows themselves."""
    names = ["architecture", "fidelity_to", "network", "start", "end", "repeat", "observed_error"]
    mine, its = (
        next(c for c in load(folder, names).cells if (c.label, c.benchmark) == (label, benchmark)).evaluations
        for folder in (new, old)
    )
    for trial in sorted(set(its["trial"])):
        pairs = zip(*(side[side["trial"] == trial][names].itertuples(index=False) for side in (mine, its)), strict=True)
        for number, rows in enumerate(pairs):
            a, b = ([np.asarray(value).tolist() for value in row] for row in rows)
            if a != b:
                return trial, number
    raise AssertionError("there is no difference")


def test_a_bug_that_moves_only_the_charged_time_is_red(baseline, tmp_path, monkeypatch):
    charged_time_only(monkeypatch)
    report = check(take_snapshot(raced(tmp_path)), read_baseline(baseline))
    assert {cell.verdict for cell in report.cells} == {"changed"}
    assert all(
        ": the result (time, repeat or observed error) of evaluation 1 of " in cell.detail for cell in report.cells
    )


ONLY_EVOLUTION = {
    "algorithms": {"regularized_evolution": {"population": 10, "sample": 3}},
    "budget": {"evaluations": 100},
}
POOL = 150


@pytest.fixture(scope="module")
def evolution(tmp_path_factory) -> Snapshot:
    """Run many trials of evolution, as the shipped gate does."""
    return take_snapshot(raced(tmp_path_factory.mktemp("evolution"), **ONLY_EVOLUTION, trials=POOL))


def worse(folder, sabotage, cls, monkeypatch, **changes) -> Snapshot:
    """Run the same with a sabotage and a new version."""
    monkeypatch.setattr(cls, "version", cls.version + 1)
    sabotage(monkeypatch)
    return take_snapshot(raced(folder, **changes))


def subset(cell: CellSnapshot, trials) -> SimpleNamespace:
    """Return some trials of a cell, renumbered, with the attributes that level 2 uses."""
    areas = {trial.trial: trial.area for trial in cell.trials}
    chosen = [SimpleNamespace(trial=number, area=areas[trial]) for number, trial in enumerate(trials)]
    return SimpleNamespace(label=cell.label, benchmark=cell.benchmark, version=cell.version, trials=chosen)


def verdicts(pairs) -> set[str]:
    cells, algorithms = second_level(pairs, significance_of_makefile())
    return {found.verdict for found in (*cells, *algorithms)}


def detections(new: Snapshot, old: Snapshot, verdict: str, repetitions: int = 100, trials: int = 30) -> int:
    """Count the gates of the shipped size, drawn from the pools, that give a verdict."""
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(repetitions):
        chosen = rng.choice(len(old.cells[0].trials), trials, replace=False).tolist()
        pairs = [(subset(a, chosen), subset(b, chosen)) for a, b in zip(new.cells, old.cells, strict=True)]
        found += verdict in verdicts(pairs)
    return found


@pytest.fixture
def quick(monkeypatch):
    """Leave out computations that no verdict depends on."""
    monkeypatch.setattr(results.gate.quality, "smallest_detectable", lambda *given: 0.0)
    monkeypatch.setattr(results.gate.quality, "median_interval", lambda *given: (float("nan"), float("nan")))


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_evolution_without_selection_is_red_at_level_2(evolution, tmp_path, monkeypatch):
    new = worse(tmp_path, evolution_without_selection, RegularizedEvolution, monkeypatch, **ONLY_EVOLUTION, trials=POOL)
    assert detections(new, evolution, "regressed") >= 95


GATES = sorted(name for name in shipped_experiments() if name == "ci" or name.startswith("ci-"))


def test_every_built_in_algorithm_is_raced_by_one_of_the_gates():
    raced_by = [
        table.get("use", label)
        for name in GATES
        for label, table in read_experiment_file(shipped_experiments()[name])["algorithms"].items()
    ]
    assert sorted(raced_by) == sorted(name for name in ALGORITHMS if not algorithm_class(name).library)
    assert raced_by_makefile() == GATES
    assert sorted(UNLEARNT) == sorted(raced_by)


@cache
def makefile() -> str:
    return (Path(__file__).parents[3] / "Makefile").read_text()


def raced_by_makefile() -> list[str]:
    return sorted(re.search(r"^GATES := (.*)$", makefile(), flags=re.MULTILINE)[1].split())


def significance_of_makefile() -> float:
    return float(re.search(r"--significance ([\d.]+)", makefile())[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", UNLEARNT)
@pytest.mark.usefixtures("quick")
def test_removing_what_an_algorithm_learns_is_red_at_level_2(name, tmp_path, monkeypatch):
    """Pools of twice the size of the gate, at least; docs/guides/gate.md has the numbers of larger ones."""
    (shipped,) = (
        content
        for gate in GATES
        if name in (content := read_experiment_file(shipped_experiments()[gate]))["algorithms"]
    )
    trials = shipped["trials"]
    only = shipped | {"algorithms": {name: shipped["algorithms"][name]}, "trials": 2 * trials}
    old = take_snapshot(raced(tmp_path / "old", **only))
    new = worse(tmp_path / "new", UNLEARNT[name], algorithm_class(name), monkeypatch, **only)
    assert detections(new, old, "regressed", trials=trials) >= 90


CHEAP = ("random_search", "regularized_evolution", "hyperband", "local_search", "reinforce")


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("trials", "names"), [(60, CHEAP[:3]), (90, CHEAP)], ids=["three", "five"])
def test_the_same_code_with_fresh_seeds_is_called_worse_in_at_most_one_gate_of_twenty(trials, names, tmp_path):
    shipped = grid(trials=trials, budget={"evaluations": 100})
    algorithms = read_experiment_file(shipped_experiments()["ci"])["algorithms"]
    pool = take_snapshot(raced(tmp_path, **shipped | {"algorithms": {name: algorithms[name] for name in names}}))
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(200):
        pairs = []
        for cell in pool.cells:
            drawn = rng.permutation(len(cell.trials)).tolist()
            pairs.append((subset(cell, drawn[:30]), subset(cell, drawn[30:60])))
        alarms += "regressed" in verdicts(pairs)
    lower_bound = stats.binomtest(alarms, 200, alternative="greater").proportion_ci(0.95).low
    assert lower_bound <= 0.05


@pytest.mark.usefixtures("quick")
def test_an_improvement_is_reported_and_an_equally_good_change_is_green(evolution, tmp_path, monkeypatch, capsys):
    with pytest.MonkeyPatch.context() as patch:
        evolution_without_selection(patch)
        raced(tmp_path / "bad", **ONLY_EVOLUTION, trials=60)
    file = tmp_path / "bad.json"
    update_command(file, tmp_path / "bad", "before selection")
    monkeypatch.setattr(RegularizedEvolution, "version", 2)
    honest = raced(tmp_path / "honest", **ONLY_EVOLUTION, trials=60)
    assert check_command(str(honest), file, None, None, ALPHA, None, as_json=False) == 0
    assert "Some results improved. To freeze the new results, run `regretta baseline update" in " ".join(
        capsys.readouterr().out.split()
    )
    equal = worse(tmp_path / "equal", other_draws, RegularizedEvolution, monkeypatch, **ONLY_EVOLUTION, trials=30)
    report = check(equal, first(evolution, 30))
    assert (report.outcome, {cell.level for cell in report.cells}) == ("fine", {2})


def first(snapshot: Snapshot, trials: int) -> Snapshot:
    cells = tuple(cell.model_copy(update={"trials": cell.trials[:trials]}) for cell in snapshot.cells)
    return snapshot.model_copy(update={"cells": cells})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"seed": 1}, "another seed: 2026 -> 1"),
        ({"budget": {"evaluations": 41}}, "another protocol: budget"),
        ({"protocol": {"workers": 2}}, "another protocol: workers 1 -> 2"),
        ({"benchmarks": ["nasbench201-cifar10-curves"]}, "the results have no such cell"),
    ],
)
def test_incomparable_results_are_never_green(changes, reason, baseline, tmp_path):
    folder = raced(tmp_path / "out", **{"trials": 1} | changes)
    report = check(take_snapshot(folder), read_baseline(baseline))
    assert {cell.verdict for cell in report.cells} == {"not comparable"}
    assert any(reason in cell.detail for cell in report.cells)
    assert check_command(str(folder), baseline, None, None, ALPHA, None, as_json=False) == 4


def test_other_data_is_not_comparable(honest, baseline):
    new = take_snapshot(honest)
    other = new.model_copy(update={"cells": tuple(c.model_copy(update={"data_hash": "0" * 64}) for c in new.cells)})
    report = check(other, read_baseline(baseline))
    assert report.outcome == "not comparable"
    assert all("another data hash" in cell.detail for cell in report.cells)
    assert check(new.model_copy(update={"cells": ()}), read_baseline(baseline)).outcome == "not comparable"


def test_a_missing_trial_is_exit_code_3_and_no_baseline(honest, baseline, tmp_path):
    folder = raced(tmp_path / "out", trials=8)
    assert check_command(str(folder), baseline, None, None, ALPHA, None, as_json=False) == 3
    details = {cell.detail for cell in check(take_snapshot(folder), read_baseline(baseline)).cells}
    assert len(details) == 1
    assert "the baseline has trials 0 to 8, the experiment asks for trials 0 to 7: ask for the" in details.pop()
    write_experiment(folder, read_experiment(folder) | {"trials": [0, 9]})
    details = {cell.detail for cell in check(take_snapshot(folder), read_baseline(baseline)).cells}
    assert details == {"1 trial failed or is missing, the first is 8"}
    with pytest.raises(ValueError, match="is incomplete"):
        update_command(tmp_path / "new.json", folder, "too early")
    assert not (tmp_path / "new.json").exists()


def test_the_error_of_the_first_failed_trial_is_in_every_report(baseline, tmp_path, monkeypatch, capsys):
    def forgetful(self):
        raise NameError("name '_x_' is not\n``` defined")

    monkeypatch.setattr(RegularizedEvolution, "ask", forgetful)
    folder = raced(tmp_path / "out")
    assert check_command(str(folder), baseline, None, None, ALPHA, tmp_path / "r.md", as_json=False) == 3
    error = "trial 0: NameError: name '_x_' is not ``` defined"
    reason = "9 trials failed or are missing, the first is 0"
    assert f"{reason}\n  ```text\n  {error}" in (tmp_path / "r.md").read_text()
    assert f"\n  {error}" in capsys.readouterr().out
    assert check_command(str(folder), baseline, None, None, ALPHA, None, as_json=True) == 3
    cells = json.loads(capsys.readouterr().out)["cells"]
    found = {cell["detail"] for cell in cells if cell["label"] == "regularized_evolution"}
    assert len(found) == 1
    assert found.pop().startswith(f"{reason}\n{error}")
    snapshot = take_snapshot(folder)
    write_baseline(tmp_path / "b.json", snapshot)
    assert "NameError" not in (tmp_path / "b.json").read_text()


def test_another_machine_warns_and_level_2_decides_for_what_is_not_bitwise_stable(honest, baseline):
    new, old = take_snapshot(honest), read_baseline(baseline)
    moved = tuple(
        cell.model_copy(update={"trials": tuple(t.model_copy(update={"outcomes": "other"}) for t in cell.trials)})
        for cell in new.cells
    )
    report = check(new.model_copy(update={"cells": moved, "fingerprint": {"blas": "another"}}), old)
    assert "another fingerprint" in report.warnings[0]
    found = {cell.label: (cell.verdict, cell.level) for cell in report.cells}
    assert found["bananas"] == ("same", 2)
    assert found["hyperband"] == found["regularized_evolution"] == ("changed", 1)
    assert check(new.model_copy(update={"cells": moved}), old).cells[-1].verdict == "changed"


def test_a_baseline_keeps_its_reasons_and_detects_edits(honest, baseline, tmp_path):
    file = tmp_path / "copy.json"
    file.write_bytes(baseline.read_bytes())
    update_command(file, honest, "the second")
    assert [entry.reason for entry in read_baseline(file).reasons] == ["the first", "the second"]
    again = tmp_path / "again.json"
    write_baseline(again, read_baseline(file))
    assert again.read_bytes() == file.read_bytes()
    text = file.read_text()
    for content, message in [
        (text.replace('"version": 1', '"version": 2', 1), "changed by hand"),
        (text[:-40], "cannot be read"),
        (text.replace('"area": -', '"area": "x', 1), "cannot be read"),
        ("[]", "cannot be read"),
        ('{"sha256": "", "schema": 9}', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ]:
        file.write_text(content)
        done = regretta_here("check", honest, "--baseline", file, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert message in done.stderr
        assert "restore it from version control" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_command_runs_an_experiment_afresh_and_checks_it(tmp_path):
    (tmp_path / "tiny.toml").write_text(
        'schema = 1\nname = "tiny"\ntrials = 9\nbenchmarks = ["synthetic"]\nbudget = { evaluations = 12 }\n'
        "[algorithms.random_search]\n"
    )
    assert regretta_here("run", "tiny.toml", "-j", 1, cwd=tmp_path).returncode == 0
    made = regretta_here("baseline", "update", "b.json", "--from", "runs/tiny", "--reason", "new", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    for _ in range(2):
        done = regretta_here("check", "tiny.toml", "--baseline", "b.json", "-j", 1, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "9 new" in done.stdout
        assert "Fine" in done.stdout
    shown = regretta_here("baseline", "show", "b.json", cwd=tmp_path)
    assert "new" in shown.stdout
    absent = regretta_here("check", "tiny.toml", "--baseline", "none.json", cwd=tmp_path)
    assert absent.returncode == 2
    assert "baseline update none.json" in absent.stderr
    compared = regretta_here("compare", "b.json", "runs/tiny", cwd=tmp_path)
    assert (compared.returncode, "every trace is identical" in compared.stdout) == (0, True)


def test_compare_takes_other_seeds_and_refuses_what_has_nothing_in_common(honest, baseline, tmp_path, capsys):
    other = raced(tmp_path / "other", seed=3)
    assert compare_command(baseline, other, as_json=False) == 0
    assert "Correlation of paired trials" in " ".join(capsys.readouterr().out.split())
    report = compare(take_snapshot(other), read_baseline(baseline))
    assert {cell.level for cell in report.cells} == {2}
    nothing = raced(tmp_path / "nothing", benchmarks=["nasbench201-cifar10-curves"], trials=1)
    assert compare_command(baseline, nothing, as_json=False) == 4
    assert "Nothing can be compared." in capsys.readouterr().out


TINY = (
    'schema = 1\nname = "tiny"\ntrials = {trials}\nbenchmarks = ["synthetic"]\nbudget = {{ evaluations = 12 }}\n'
    '[algorithms.mine]\nuse = "{use}"\n'
)
MINE = """
from dataclasses import dataclass
from algorithms import Algorithm, Query

@dataclass
class Mine(Algorithm):
    reference = "none"
    version = {version}

    def ask(self):
        {ask}

    def tell(self, query, observed_error):
        pass
"""
ASKS = "return Query(self.space.sample(self.rng), self.fidelities[-1])"


def write_guest(folder: Path, trials: int, version: object = 1, ask: str = ASKS) -> None:
    (folder / "tiny.toml").write_text(TINY.format(trials=trials, use="mine.py:Mine"))
    (folder / "mine.py").write_text(MINE.format(version=version, ask=ask))


def frozen(folder: Path, trials: int, *, guest: bool = False):
    """Run a small experiment of a registered algorithm or of a guest, and freeze it."""
    (folder / "tiny.toml").write_text(TINY.format(trials=trials, use="random_search"))
    if guest:
        write_guest(folder, trials)
    assert regretta_here("run", "tiny.toml", "-j", 1, cwd=folder).returncode == 0
    return regretta_here("baseline", "update", "b.json", "--from", "runs/tiny", "--reason", "new", cwd=folder)


def checked(folder: Path, what: str = "tiny.toml", *more: object):
    done = regretta_here("check", what, "--baseline", "b.json", "-j", 1, *more, cwd=folder)
    assert "Traceback" not in done.stderr
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def rewritten(folder: Path, change) -> None:
    """Change the cells of a baseline, and seal it again."""
    old = read_baseline(folder / "b.json")
    cells = tuple(cell.model_copy(update=change(cell)) for cell in old.cells)
    write_baseline(folder / "b.json", old.model_copy(update={"cells": cells}))


def other_traces(cell: CellSnapshot) -> dict[str, object]:
    """Change all decisions of a cell, as if an older code had made them."""
    return {"trials": tuple(trial.model_copy(update={"decisions": "other", "trace": ""}) for trial in cell.trials)}


def test_fewer_than_eight_pairs_are_never_fine(tmp_path):
    made = frozen(tmp_path, 3)
    assert "fewer than 8 trials" in " ".join(made.stdout.split())
    rewritten(tmp_path, lambda cell: other_traces(cell) | {"version": 0})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 3
    assert "Fine" not in text
    assert "3 pairs of trials, at least 8 are needed" in text
    printed = regretta_here("check", "runs/tiny", "--baseline", "b.json", "--json", cwd=tmp_path)
    report = json.loads(printed.stdout)
    assert (report["outcome"], report["cells"][0]["verdict"]) == ("not tested", "not tested")
    assert f"{report['cells'][0]['effect']['median']:+.3f}" in text


def test_a_lowered_version_is_a_change_with_a_hint(tmp_path):
    frozen(tmp_path, 1)
    rewritten(tmp_path, lambda cell: other_traces(cell) | {"version": 2})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 1
    assert "the version was lowered, 2 -> 1" in text
    rewritten(tmp_path, lambda cell: {"version": 1})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 1
    assert "lowered" not in text


@pytest.mark.parametrize("queries", ["!!!", "AAAA"])
def test_junk_in_the_queries_of_a_baseline_is_reported(queries, tmp_path):
    frozen(tmp_path, 2)
    rewritten(tmp_path, lambda cell: {"queries": queries})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 2
    assert "the queries cannot be read" in text


def test_queries_that_are_no_architectures_are_reported(tmp_path):
    frozen(tmp_path, 1)
    junk = packed(np.full((12, 2), 999, dtype=np.int16), np.ones(12), {0: 12})
    rewritten(tmp_path, lambda cell: other_traces(cell) | {"queries": junk})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 2
    assert "the baseline is damaged" in text


@pytest.mark.parametrize("area", [float("nan"), float("inf")])
def test_areas_that_are_not_finite_are_refused(area, tmp_path):
    frozen(tmp_path, 1)
    rewritten(tmp_path, lambda cell: {"trials": tuple(t.model_copy(update={"area": area}) for t in cell.trials)})
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 2
    assert "cannot be read" in text


@pytest.mark.slow
def test_trials_that_all_failed_or_are_damaged_are_missing(tmp_path):
    frozen(tmp_path, 2, guest=True)
    for file in (tmp_path / "runs/tiny/trials").rglob("*.parquet"):
        file.write_bytes(b"damaged")
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 3
    assert "2 trials failed or are missing" in text
    write_guest(tmp_path, 2, ask="raise ZeroDivisionError('one bad day')")
    code, text = checked(tmp_path)
    assert code == 3
    assert "the first is 0 trial 0: ZeroDivisionError: one bad day (in ask, mine.py:" in text
    assert "baseline update" not in text


@pytest.mark.slow
def test_a_refused_version_leaves_the_next_check_free(tmp_path):
    frozen(tmp_path, 1, guest=True)
    write_guest(tmp_path, 1, version='"2"')
    assert checked(tmp_path)[0] == 2
    (tmp_path / "runs/check-tiny").mkdir()
    (tmp_path / "runs/check-tiny/run.log").touch()
    write_guest(tmp_path, 1)
    assert checked(tmp_path)[0] == 0
    (tmp_path / "tiny.toml").write_text("schema = 1\n[tuning]\n")
    assert checked(tmp_path)[0] == 2
    assert (tmp_path / "runs/check-tiny/experiment.json").exists()


def test_out_is_a_new_folder_or_a_results_folder(tmp_path):
    frozen(tmp_path, 1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/tuning.json").write_text("{}")
    code, text = checked(tmp_path, "tiny.toml", "--out", "other")
    assert code == 2
    assert "expected a new folder or a results folder" in text
    assert [file.name for file in (tmp_path / "other").iterdir()] == ["tuning.json"]
    assert "its trials are used" in checked(tmp_path, "tiny.toml", "--out", "runs/tiny")[1]
    assert "its trials are used" not in checked(tmp_path, "tiny.toml", "--out", "runs/new")[1]


def test_compare_without_common_trials_is_not_comparable(tmp_path):
    frozen(tmp_path, 2)
    made = regretta_here("run", "tiny.toml", "-j", 1, "--trials", "5:7", "--out", "runs/late", cwd=tmp_path)
    assert made.returncode == 0
    done = regretta_here("compare", "b.json", "runs/late", cwd=tmp_path)
    assert done.returncode == 4
    assert "no trial in common" in " ".join(done.stdout.split())
    assert "nan" not in done.stdout


def test_an_update_names_what_is_lost_and_refuses_another_experiment(honest, baseline, tmp_path, monkeypatch, capsys):
    file = tmp_path / "copy.json"
    file.write_bytes(baseline.read_bytes())
    evolution_without_selection(monkeypatch)
    worse_results = raced(tmp_path / "worse")
    old = read_baseline(file)
    better = tuple(
        cell.model_copy(update={"trials": tuple(t.model_copy(update={"area": t.area - 1}) for t in cell.trials)})
        for cell in old.cells
    )
    extra = better[0].model_copy(update={"label": "dropped"})
    write_baseline(file, old.model_copy(update={"cells": (*better, extra)}))
    update_command(file, worse_results, "worse")
    text = " ".join(capsys.readouterr().out.split())
    assert "Removed from the baseline: dropped on" in text
    assert "Worse than in the previous baseline: regularized_evolution over all its cells, by +1" in text
    write_baseline(file, old.model_copy(update={"name": "another"}))
    with pytest.raises(ValueError, match="is the baseline of the experiment 'another'"):
        update_command(file, worse_results, "mistaken")
    assert read_baseline(file).name == "another"


def test_an_update_with_changed_results_of_the_same_version_warns(honest, baseline, tmp_path, monkeypatch, capsys):
    file = tmp_path / "copy.json"
    file.write_bytes(baseline.read_bytes())
    update_command(file, honest, "the same")
    assert "version" not in capsys.readouterr().out
    evolution_without_selection(monkeypatch)
    assert update_command(file, raced(tmp_path / "changed"), "changed") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Changed, and the version was not raised: regularized_evolution on nasbench201" in text
    assert "Changed, and the version was not raised: hyperband" not in text
    assert "from version control, raise the `version` of the algorithm, run `regretta check`" in text
    monkeypatch.setattr(RegularizedEvolution, "version", RegularizedEvolution.version + 1)
    update_command(file, raced(tmp_path / "raised"), "raised")
    assert "was not raised" not in capsys.readouterr().out


@pytest.mark.slow
def test_results_of_a_guest_that_changed_since_are_not_compared(tmp_path):
    frozen(tmp_path, 1, guest=True)
    write_guest(tmp_path, 1, ask="import helper; " + ASKS)
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    code, text = checked(tmp_path, "runs/tiny")
    assert code == 4
    assert "mine.py changed after the trials were made: run again" in text
    assert "Fine" not in text
    (tmp_path / "mine.py").write_text("import helper\n" + MINE.format(version=1, ask=ASKS))
    assert checked(tmp_path, "tiny.toml")[0] == 0
    assert checked(tmp_path, "runs/check-tiny")[0] == 0
    (tmp_path / "helper.py").write_text("ONE = 2\n")
    assert "helper.py changed" in checked(tmp_path, "runs/check-tiny")[1]
    (tmp_path / "mine.py").unlink()
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    code, text = checked(tmp_path, "runs/check-tiny")
    assert code == 0
    assert "Whether the present code made the trials is not known" in text
