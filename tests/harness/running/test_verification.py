"""``regretta verify``: what it recomputes, what it finds, and that it runs no code of the folder."""

from __future__ import annotations

import pyarrow as pa
import pytest
from commands import regretta_here

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from harness.running.verification import verify_results
from results.storage.chunks import METADATA, open_chunk
from results.storage.experiment_record import read_experiment, write_experiment
from results.storage.sealing import BLANK, SEAL, seal

RAW = {
    "schema": 1,
    "name": "verified",
    "seed": 3,
    "trials": 4,
    "benchmarks": ["synthetic", "nasbench201-cifar10"],
    "budget": {"evaluations": 6},
    "algorithms": {"random_search": {}, "local_search": {"initial": 3}},
}


@pytest.fixture
def folder(tmp_path):
    run_experiment(resolve_experiment(RAW, tmp_path), tmp_path, jobs=1)
    return tmp_path


def test_everything_is_read_recomputed_and_a_sample_run_again(folder):
    found = verify_results(folder, sample=5)
    assert (found.problems, found.left_out, found.missing) == ([], [], 0)
    assert (found.files, found.trials, found.evaluations, found.true_errors, found.rerun) == (4, 16, 96, 96, 5)


def reseal(file, name, change):
    """Change a column and seal the file again, as somebody with intent would."""
    chunk = open_chunk(file)
    table = chunk.read()
    at = table.schema.get_field_index(name)
    table = table.set_column(at, name, pa.array(change(table[name].to_numpy().copy())))
    metadata = {METADATA: chunk.read().schema.metadata[METADATA], SEAL: BLANK}
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd", write_page_checksum=True)
    file.write_bytes(seal(sink.getvalue().to_pybytes()))


def better(values):
    values[-1] -= 0.01
    return values


def test_a_better_true_error_with_a_new_seal_is_found(folder):
    file = sorted(folder.glob("trials/*/*.parquet"))[0]
    reseal(file, next(n for n in open_chunk(file).read().column_names if n.startswith("incumbent_error")), better)
    (problem,) = verify_results(folder).problems
    assert str(file) in problem
    assert "differs from what its rows and the table give" in problem
    done = regretta_here("verify", folder, cwd=folder)
    assert done.returncode == 1
    assert "wrong: " in done.stdout


def test_a_better_observed_error_with_a_new_seal_is_found(folder):
    file = sorted(folder.glob("trials/*/*.parquet"))[0]
    reseal(file, "observed_error", better)
    assert any("do not give the hashes" in problem for problem in verify_results(folder).problems)


def test_edited_facts_with_a_new_seal_are_found(folder):
    record = read_experiment(folder)
    record["benchmarks"]["synthetic"]["targets"]["validation@27"]["floor"] = 0.5
    write_experiment(folder, record)
    (problem,) = verify_results(folder).problems
    assert "the facts of validation@27 on synthetic" in problem


def test_another_trace_of_the_same_trial_is_found(folder, monkeypatch):
    from algorithms.random_search import RandomSearch

    honest = RandomSearch.ask
    monkeypatch.setattr(
        RandomSearch, "ask", lambda self: honest(self)._replace(architecture=(0,) * len(self.space.cardinalities))
    )
    problems = verify_results(folder, sample=16).problems
    assert len(problems) == 8
    assert all("run again, it gives another trace" in problem for problem in problems)


def test_missing_trials_give_exit_code_3_and_custom_code_is_never_run(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "from algorithms.random_search import RandomSearch\nclass Mine(RandomSearch):\n    pass\n"
    )
    raw = RAW | {"benchmarks": ["synthetic"], "algorithms": {"mine": {"use": "mine.py:Mine"}}}
    out = tmp_path / "out"
    run_experiment(resolve_experiment(raw, tmp_path), out, jobs=1)
    write_experiment(out, read_experiment(out) | {"trials": [0, 6]})
    (tmp_path / "mine.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    done = regretta_here("verify", out, "--sample", 4, cwd=tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "'mine.py:Mine' is not a registered algorithm" in " ".join(done.stdout.split())
    assert "2 trials missing" in " ".join(done.stdout.split())


def test_results_on_other_data_are_said_to_be_unchecked(folder):
    record = read_experiment(folder)
    record["benchmarks"]["synthetic"]["data_hash"] = "0" * 64
    write_experiment(folder, record)
    found = verify_results(folder)
    assert not found.problems
    assert any("the results are from data 000000000000" in line for line in found.left_out)
    assert found.true_errors == 48
