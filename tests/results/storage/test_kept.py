"""Results folders that earlier versions of Regretta wrote are read for ever.

``kept/format1`` was written by the code of 2026-11, before chunks had a checksum; ``kept/format2`` by the first version
that seals them; ``kept/format3`` is ``format2`` with its chunks divided and compacted. All hold the experiment
``kept/kept.toml``. A later format adds a folder, and changes none.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import traces

from harness.experiments.files import read_experiment_file
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from harness.running.verification import verify_results
from results.storage.chunks import COMPACTED_FORMAT
from results.storage.loading import load
from results.summaries.summary import summarize

KEPT = Path(__file__).parent / "kept"
FORMATS = sorted(folder.name for folder in KEPT.iterdir() if folder.is_dir())
FIRST = {
    ("random_search", "synthetic"): ("ca944062ec5d7e4978b957d5f0997bc1", "ccf06ac0f44c7ca4d80a00f46ddeee75"),
    ("random_search", "nasbench201-cifar10"): ("0537a53d2f3f2601c7133546fb134c9b", "fdaf091c8a46772ea77dd6411ce752f4"),
    ("evolution 4/2", "synthetic"): ("d789c37d12436823830c7afa61df2e4f", "296469b8146c63b979592dd4e754f688"),
    ("evolution 4/2", "nasbench201-cifar10"): ("99fd14bd72d946d3e5986422684ec86d", "87ffdfb5b4e5a5790898e4f50303cdc9"),
}
"""Both hashes of the first trial of each cell."""
REGRETS = {
    ("synthetic", "random_search"): 0.08227266666666665,
    ("synthetic", "evolution 4/2"): 0.08231899999999999,
    ("nasbench201-cifar10", "random_search"): 0.02383111105414488,
    ("nasbench201-cifar10", "evolution 4/2"): 0.027519999869791565,
}
"""Mean end regrets."""


def test_every_format_is_kept():
    assert [f"format{number}" for number in range(1, COMPACTED_FORMAT + 1)] == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_measured_is_loaded(name):
    study = load(KEPT / name)
    assert study.name == "kept"
    assert [len(cell.trials) for cell in study.cells] == [3, 3, 3, 3]
    assert {cell: trials[0] for cell, trials in traces(KEPT / name).items()} == FIRST
    found = {(b.benchmark, a.label): a.mean_end_regret.value for b in summarize(study).benchmarks for a in b.algorithms}
    assert found == pytest.approx(REGRETS, rel=1e-12)
    unsealed = [note for note in study.notes if "written without a checksum" in note]
    assert len(study.notes) == len(unsealed) == (name == "format1")


@pytest.mark.parametrize("name", FORMATS)
def test_verify_finds_nothing_wrong_and_a_run_continues(name, tmp_path):
    folder = tmp_path / "out"
    shutil.copytree(KEPT / name, folder)
    report = verify_results(folder, sample=1)
    assert report.problems == []
    before = traces(folder)
    experiment = resolve_experiment(read_experiment_file(KEPT / "kept.toml") | {"trials": 4}, KEPT)
    outcome = run_experiment(experiment, folder, jobs=1)
    assert (outcome.present, outcome.done) == (12, 4)
    after = traces(folder)
    assert all(after[cell].items() > trials.items() for cell, trials in before.items())
