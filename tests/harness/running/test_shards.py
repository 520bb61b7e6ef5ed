"""Shards of an experiment: disjoint, complete, and the same whatever else the experiment holds."""

from __future__ import annotations

import hashlib

import pytest
from commands import drill, regretta_here, traces
from grids import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ConfigurationError
from harness.running.runner import run_experiment
from harness.running.shards import Shard


@settings(max_examples=40)
@given(count=st.integers(1, 40), seeds=st.lists(st.integers(0, 10**9), min_size=1, max_size=5, unique=True))
def test_every_trial_belongs_to_exactly_one_shard_and_all_shards_have_the_same_share(count, seeds):
    cells = [hashlib.sha256(str(seed).encode()).hexdigest() for seed in seeds]
    shards = [Shard(number, count) for number in range(1, count + 1)]
    for cell in cells:
        held = [[trial for trial in range(50) if shard.holds(cell, trial)] for shard in shards]
        assert sorted(trial for trials in held for trial in trials) == list(range(50))
        assert max(map(len, held)) - min(map(len, held)) <= 1


@pytest.mark.parametrize(
    "text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1.0/3", "1/ 3", "²/3", "1/99999999"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ConfigurationError, match="expected I/N with 1 <= I <= N"):
        Shard.parse(text)


def test_the_shards_together_are_the_whole_whatever_the_order_of_the_cells(tmp_path):
    grid = {"algorithms": {"random_search": {}, "local_search": {"initial": 3}}, "trials": 5}
    run_experiment(resolve(**grid), tmp_path / "whole", jobs=1)
    turned = dict(reversed(grid["algorithms"].items()))
    found = {}
    for number in (3, 1, 2):
        experiment = resolve(**grid | ({"algorithms": turned} if number == 2 else {}))
        outcome = run_experiment(experiment, tmp_path / f"{number}", jobs=1, shard=Shard(number, 3))
        assert outcome.missing == 0
        for cell, trials in traces(tmp_path / f"{number}").items():
            assert not found.setdefault(cell, {}).keys() & trials.keys()
            found[cell] |= trials
    assert found == traces(tmp_path / "whole")


def test_the_command_line_runs_a_shard_and_resumes_it(tmp_path):
    text = drill(tmp_path, 5).read_text()
    (tmp_path / "drill.toml").write_text(text.replace('[algorithms.slow]\nuse = "slow.py:Slow"\n', ""))
    words = ("run", "drill.toml", "--out", "out", "-j", 1, "--shard")
    grid = regretta_here(*words, "1/2", "--dry-run", cwd=tmp_path)
    assert "of shard 1/2 in out, all missing" in grid.stdout
    ran = [regretta_here(*words, shard, cwd=tmp_path) for shard in ("1/2", "1/2", "2/2")]
    assert [done.returncode for done in ran] == [0, 0, 0], ran
    assert "(0 new)" in ran[1].stdout
    assert sorted(*traces(tmp_path / "out").values()) == list(range(5))
    refused = regretta_here(*words, "3/2", cwd=tmp_path)
    assert (refused.returncode, "expected I/N" in refused.stderr) == (2, True)


@pytest.mark.parametrize("words", [("--shard", "1/2"), ("--backend", "dask", "--scheduler", "local:2")])
def test_a_run_until_decided_stays_on_one_machine(tmp_path, words):
    drill(tmp_path, 5)
    refused = regretta_here("run", "drill.toml", "--until", "decided", *words, cwd=tmp_path)
    assert (refused.returncode, "a run until decided has to see all results" in refused.stderr) == (2, True)
    assert not (tmp_path / "runs").exists()
