"""Kills at random moments of a merge: the folders are unchanged, and the same command completes the merge."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest
from commands import drill, regretta_here, start, traces

from harness.running.verification import verify_results
from results.storage.experiment_record import read_experiment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="starts hundreds of processes")]
KILLS = 40
SHARDS = 4
TRIALS = 120


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def results(folder):
    """Return the files of trials and the record of a folder, without drafts that a kill left."""
    kept = {name: bytes_ for name, bytes_ in content(folder).items() if name.endswith(".parquet")}
    return kept | {"record": read_experiment(folder)}


def test_kills_of_a_merge_lose_nothing(tmp_path, injected):
    text = drill(tmp_path, TRIALS).read_text()
    (tmp_path / "drill.toml").write_text(text.replace('[algorithms.slow]\nuse = "slow.py:Slow"\n', ""))
    run = ("run", "drill.toml", "-j", 1)
    parts = [f"part{number}" for number in range(1, SHARDS + 1)]
    for number, part in enumerate(parts, 1):
        # Some trials at a time: every part has many files, and a merge takes time.
        for trials in range(20, TRIALS + 1, 20):
            words = ("--trials", trials, "--shard", f"{number}/{SHARDS}", "--out", part)
            assert regretta_here(*run, *words, cwd=tmp_path).returncode == 0
    before = [content(tmp_path / part) for part in parts]
    assert regretta_here("merge", *parts, "--out", "reference", cwd=tmp_path).returncode == 0
    reference = results(tmp_path / "reference")
    rng, kills, merges = np.random.default_rng(21), 0, 0
    began = time.monotonic()
    start("merge", *parts, "--out", "measured", cwd=tmp_path).communicate()
    whole = time.monotonic() - began
    while kills < KILLS:
        out, code, stored = tmp_path / f"out{merges}", None, {}
        while code != 0:
            process = start("merge", *rng.permutation(parts), "--out", out.name, cwd=tmp_path)
            time.sleep(rng.uniform(0.5, 1.0) * whole)
            process.kill()
            output, _ = process.communicate()
            code = process.returncode
            assert code in (0, -9), output
            kills += code != 0
            after = (
                {name: bytes_ for name, bytes_ in content(out).items() if name.endswith(".parquet")}
                if out.exists()
                else {}
            )
            assert after.items() >= stored.items()
            stored = after
        assert results(out) == reference
        merges += 1
    assert [content(tmp_path / part) for part in parts] == before
    assert len(traces(tmp_path / "reference")["regularized_evolution", "synthetic"]) == TRIALS
    assert verify_results(tmp_path / "reference").problems == []
    injected("kills of merges", kills)
