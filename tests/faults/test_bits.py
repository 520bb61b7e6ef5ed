"""Every single bit of a results folder, flipped in turn: what is loaded is what was measured, or a message says so."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from faults import bits, flipped

from harness.commands.gate.baseline import update_command
from harness.commands.gate.check import check_command
from harness.commands.gate.compare import compare_command
from harness.commands.results import summary_command
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.statistics.bootstrap import ALPHA
from results.storage.loading import load
from results.storage.records import ResultsError

pytestmark = pytest.mark.slow

FLIPS = 500
RAW = {
    "schema": 1,
    "name": "bits",
    "seed": 3,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 4},
    "algorithms": {"random_search": {}},
}


def raced(folder, **changes):
    run_experiment(resolve_experiment(RAW | changes, folder), folder, jobs=1)
    return folder


def loaded(folder):
    study = load(folder)
    (cell,) = study.cells
    rows = cell.evaluations.astype({"status": str})
    return study.notes, (study.name, cell.label, cell.protocol, cell.wanted, study.benchmarks), cell.trials, rows


def differs(found, expected):
    return found[1] != expected[1] or not all(
        mine.equals(its) for mine, its in zip(found[2:], expected[2:], strict=True)
    )


@pytest.mark.parametrize("name", ["trials/*/*.parquet", "experiment.json"])
def test_every_bit_is_noticed_or_changes_nothing(tmp_path, injected, name):
    folder = raced(tmp_path / "out", trials=1)
    expected = loaded(folder)
    assert expected[0] == []
    (file,) = folder.glob(name)
    content = file.read_bytes()
    silent, noticed = [], 0
    for bit, changed in bits(content):
        file.write_bytes(changed)
        try:
            found = loaded(folder)
        except ResultsError as error:
            noticed += str(file) in str(error)
            silent += [bit] if str(file) not in str(error) else []
            continue
        if any(str(file) in note for note in found[0]):
            noticed += 1
        elif differs(found, expected):
            silent.append(bit)
    file.write_bytes(content)
    injected("single bits flipped, each read by load", 8 * len(content))
    assert silent == []
    assert noticed > 7 * len(content)
    pd.testing.assert_frame_equal(loaded(folder)[3], expected[3])


def test_no_flip_changes_what_a_command_says_without_a_word(tmp_path, capsys, injected):
    folder = raced(tmp_path / "out", trials=8, budget={"evaluations": 20})
    baseline = tmp_path / "baseline.json"
    update_command(baseline, folder, "a reference")
    commands = {
        "summary": lambda: summary_command(folder, None, as_json=False),
        "compare": lambda: compare_command(baseline, folder, as_json=False),
        "check": lambda: check_command(str(folder), baseline, None, None, ALPHA, None, as_json=False),
    }

    def said(command):
        capsys.readouterr()
        try:
            code = command()
        except ResultsError as error:
            return 2, "", str(error)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    expected = {name: said(command) for name, command in commands.items()}
    assert [code for code, *_ in expected.values()] == [0, 0, 0]
    files = [folder / "experiment.json", *folder.glob("trials/*/*.parquet")]
    rng = np.random.default_rng(16)
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    silent = []
    for _ in range(FLIPS):
        file = files[rng.integers(len(files))]
        content = file.read_bytes()
        bit = int(rng.integers(8 * len(content)))
        file.write_bytes(flipped(content, bit))
        for name, command in commands.items():
            code, out, err = said(command)
            words = "".join((out + err).split())
            if (code, out) != expected[name][:2] and str(file) not in words:
                silent.append((name, file.name, bit))
        file.write_bytes(content)
    injected("flips read by summary, compare and check", FLIPS)
    assert silent == []
