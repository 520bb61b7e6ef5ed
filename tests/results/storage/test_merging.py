"""Merging results folders: complete, in whatever order, with provenance, and never against the evidence."""

from __future__ import annotations

import itertools
import json
import shutil

import pytest
from commands import regretta_here, traces
from grids import resolve

from harness.running.runner import experiment_record, run_experiment
from harness.running.shards import Shard
from harness.running.verification import verify_results
from results.storage.experiment_record import read_experiment, write_experiment
from results.storage.merging import merge_results
from results.storage.records import ResultsError
from results.storage.store import scan

GRID = {"algorithms": {"random_search": {}, "local_search": {"initial": 3}}, "trials": 7}


def files(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.parquet")}


def content(folder):
    return files(folder) | {"record": read_experiment(folder)}


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Run three shards in folders of their own, as on three machines."""
    folder = tmp_path_factory.mktemp("shards")
    for number in (1, 2, 3):
        run_experiment(resolve(**GRID), folder / f"{number}", jobs=1, shard=Shard(number, 3))
        record = read_experiment(folder / f"{number}")
        record["environment"]["host"] = f"node{number}"
        record.pop("sealed")
        write_experiment(folder / f"{number}", record)
    run_experiment(resolve(**GRID), folder / "whole", jobs=1)
    return folder


def test_merged_shards_are_the_whole_in_whatever_order(tmp_path, shards):
    parts = [shards / f"{number}" for number in (1, 2, 3)]
    before = [content(part) for part in parts]
    for place, order in enumerate(itertools.permutations(parts)):
        merged = merge_results([*order, order[0]], tmp_path / f"{place}")
        assert (merged.folders, merged.done, merged.missing, merged.damaged) == (3, 14, 0, {})
        assert content(tmp_path / f"{place}") == content(tmp_path / "0")
    assert traces(tmp_path / "0") == traces(shards / "whole")
    assert verify_results(tmp_path / "0", sample=4).problems == []
    assert [content(part) for part in parts] == before


def test_provenance_is_kept_also_when_the_merged_folder_is_merged_or_run_again(tmp_path, shards):
    out = tmp_path / "out"
    merge_results([shards / "1", shards / "2"], out)
    record = read_experiment(out)
    assert [source["environment"]["host"] for source in record["merged_from"]] == ["node1", "node2"]
    assert "host" not in record["environment"]
    merge_results([shards / "3", out], tmp_path / "both")
    merge_results([shards / "1", shards / "3"], out)
    assert read_experiment(out) == read_experiment(tmp_path / "both")
    assert len(read_experiment(out)["merged_from"]) == 3
    outcome = run_experiment(resolve(**GRID | {"trials": 8}), out, jobs=1)
    assert (outcome.present, outcome.done) == (14, 2)
    assert len(read_experiment(out)["merged_from"]) == 3
    merge_results([out], tmp_path / "again")
    assert len(read_experiment(tmp_path / "again")["merged_from"]) == 4
    folders = [next(out.glob(f"trials/*{cell['id'][:16]}")) for cell in record["cells"]]
    codes = {trial: code for folder in folders for trial, code in scan(folder).code.items()}
    assert set(codes) == set(range(8))
    assert all(codes.values())


def test_merging_into_a_folder_with_results_keeps_its_files_and_adds_the_others(tmp_path, shards):
    shutil.copytree(shards / "2", tmp_path / "out")
    before = files(tmp_path / "out")
    assert merge_results([shards / "1", shards / "2", shards / "3"], tmp_path / "out").missing == 0
    after = files(tmp_path / "out")
    assert after.items() >= before.items()
    again = merge_results([shards / "3", shards / "1"], tmp_path / "out")
    assert (again.files, again.done, files(tmp_path / "out")) == (0, 14, after)


def test_equal_names_of_different_files_lose_neither(tmp_path):
    """Files are named after the first and the last trial: the trials between them may differ."""
    for name, earlier in {"a": [(2, 4)], "b": [(1, 2), (3, 4)]}.items():
        for trials in earlier:
            run_experiment(resolve(trials=list(trials)), tmp_path / name, jobs=1)
        before = list((tmp_path / name).glob("trials/*/*.parquet"))
        run_experiment(resolve(trials=5), tmp_path / name, jobs=1)
        for file in before:
            file.unlink()
        assert [file.name for file in (tmp_path / name).glob("trials/*/*.parquet")] == ["00000-00004.parquet"]
    merged = merge_results([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert (merged.files, merged.done, merged.missing) == (2, 4, 1)
    assert run_experiment(resolve(trials=5), tmp_path / "out", jobs=1).done == 1
    run_experiment(resolve(trials=5), tmp_path / "whole", jobs=1)
    assert traces(tmp_path / "out") == traces(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": 4}, "has the seed 3 and .* has 4|has the seed 4 and .* has 3"),
        ({"name": "other"}, "expected folders of one experiment"),
        ({"budget": {"evaluations": 11}}, "'random_search' on synthetic differs between .*id, protocol"),
    ],
)
def test_folders_of_other_experiments_are_refused_and_nothing_is_written(tmp_path, change, why):
    grid = {"trials": 1}
    run_experiment(resolve(**grid), tmp_path / "a", jobs=1)
    run_experiment(resolve(**grid | change), tmp_path / "b", jobs=1)
    with pytest.raises(ResultsError, match=why):
        merge_results([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_outcomes_of_a_trial_are_refused_by_name_and_nothing_is_written(tmp_path):
    run_experiment(resolve(trials=2), tmp_path / "a", jobs=1)
    other = resolve(trials=2, seed=9)
    run_experiment(other, tmp_path / "b", jobs=1)
    record = experiment_record(resolve(trials=2))
    (theirs,) = (tmp_path / "b" / "trials").iterdir()
    (ours,) = (tmp_path / "a" / "trials").iterdir()
    forge(next(theirs.glob("*.parquet")), record["cells"][0])
    theirs.rename(theirs.with_name(ours.name))
    (tmp_path / "b" / "experiment.json").unlink()
    write_experiment(tmp_path / "b", record)
    with pytest.raises(ResultsError, match="trial 0 of 'random_search' on synthetic differs between"):
        merge_results([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def forge(file, cell):
    """Give a file of trials to another cell, sealed as if it were made for it."""
    import pyarrow.parquet as pq

    from results.storage.chunks import METADATA
    from results.storage.sealing import BLANK, SEAL, seal

    table = pq.read_table(file)
    record = json.loads(table.schema.metadata[METADATA]) | {"cell": cell}
    described = table.replace_schema_metadata({METADATA: json.dumps(record).encode(), SEAL: BLANK})
    pq.write_table(described, file, compression="zstd", write_page_checksum=True)
    file.write_bytes(seal(file.read_bytes()))


def test_damaged_files_are_left_out_and_failures_are_kept_until_there_is_a_result(tmp_path, shards):
    shutil.copytree(shards / "1", tmp_path / "1")
    victim = sorted((tmp_path / "1").glob("trials/*/*.parquet"))[0]
    victim.write_bytes(victim.read_bytes()[:-50])
    victim.with_name("00099.error.json").write_text("{}")
    merged = merge_results([tmp_path / "1", shards / "2", shards / "3"], tmp_path / "out")
    assert (list(merged.damaged), merged.failed) == ([victim], 1)
    assert merged.missing > 0
    assert traces(tmp_path / "out") != traces(shards / "whole")
    assert merge_results([shards / "1"], tmp_path / "out").missing == 0
    assert traces(tmp_path / "out") == traces(shards / "whole")


def test_the_command_says_what_is_missing_and_what_is_wrong(tmp_path, shards):
    def merge(*words):
        return regretta_here("merge", *words, "--out", "out", cwd=tmp_path)

    part = merge(shards / "1", shards / "2")
    assert part.returncode == 3
    assert "of 14 trials are in out" in part.stdout
    whole = merge(shards / "3")
    assert (whole.returncode, "14 of 14 trials are in out" in whole.stdout) == (0, True)
    assert merge(tmp_path / "nothing").returncode == 2
    assert merge(tmp_path / "out").returncode == 0
    (tmp_path / "file").touch()
    assert merge(tmp_path / "file").returncode == 2
