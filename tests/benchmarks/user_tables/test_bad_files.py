"""Files that are not as they should be: one or two lines, exit code 2, and nothing written."""

from __future__ import annotations

import gzip

import pytest
from commands import regretta_here

GOOD = "depth,val,seconds\n1,0.5,10\n2,0.6,20\n3,0.7,30\n"
OPTIONS = (
    "--name",
    "mine",
    "--space",
    "columns:depth",
    "--validation",
    "val",
    "--scale",
    "accuracy",
    "--cost",
    "seconds",
)

ACCEPTED = {
    "semicolons.csv": GOOD.replace(",", ";").encode(),
    "tabs.csv": GOOD.replace(",", "\t").encode(),
    "bars.tsv": GOOD.replace(",", "|").encode(),
    "mark.csv": b"\xef\xbb\xbf" + GOOD.encode(),
    "returns.csv": GOOD.replace("\n", "\r\n").encode(),
    "blank.csv": b"\n" + GOOD.replace("\n", "\n\n").encode(),
    "packed.csv.gz": gzip.compress(GOOD.encode()),
    "columns.json": b'{"depth": [1, 2, 3], "val": [0.5, 0.6, 0.7], "seconds": [10, 20, 30]}',
    "keyed.json": b'{"a": {"depth": 1, "val": 0.5, "seconds": 10}, "b": {"depth": 2, "val": 0.6, "seconds": 20},'
    b' "c": {"depth": 3, "val": 0.7, "seconds": 30}}',
}
REFUSED = {
    "commas.csv": (GOOD.replace(",", ";").replace(".", ",").encode(), "write decimals with a point"),
    "more.csv": (GOOD.replace("0.6", "0,6").encode(), "line 3: more fields than the header: expected 3, got 4"),
    "ragged.csv": (GOOD.replace("0.6,20", "0.6").encode(), "line 3: fewer fields than the header: expected 3, got 2"),
    "latin.csv": (GOOD.replace("depth", "dépth").encode("latin-1"), "is not UTF-8 text, it may be Latin-1"),
    "empty.csv": (b"", "is empty; expected a line with the names of the columns"),
    "header.csv": (b"depth,val,seconds\n", "has no rows"),
    "header.json": (b"[]", "unknown column 'depth'"),
    "cut.parquet": (b"PAR1\x15\x04\x15", "cannot be read as Parquet"),
    "cut.csv.gz": (gzip.compress(GOOD.encode())[:-12], "cannot be read as CSV"),
    "cut.json": (b'[{"depth": 1', "cannot be read as JSON records"),
    "number.json": (b"7", "expected JSON records, a list of objects"),
    "nested.json": (b'{"a": [{"depth": 1}], "b": 3}', "expected JSON records, a list of objects"),
    "numbers.jsonl": (b"1\n2\n", "row 1: expected a JSON object, got int"),
    "cut.jsonl": (b'{"depth": 1, "val": 0.5, "seconds": 1}\n{"depth"', "row 2: expected a JSON object"),
    "word.csv": (GOOD.replace("0.6", "good").encode(), "row 3: val: expected a number, got 'good'"),
    "same.csv": ((GOOD + "3,0.8,31\n").encode(), "row 5: this run is already in row 4; the rows differ only in val"),
    "text.csv": (b"this is no table\n", "unknown column 'depth'"),
}  # fmt: skip


def imported(folder, file, *more):
    data = folder / "data"
    done = regretta_here("data", "import", file, *OPTIONS, *more, cwd=folder, REGRETTA_DATA=str(data))
    return done, data


@pytest.mark.parametrize("name", ACCEPTED)
def test_any_dialect_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(ACCEPTED[name])
    done, data = imported(tmp_path, name)
    assert done.returncode == 0, done.stderr
    assert "mine: 3 architectures" in done.stdout
    assert (data / "mine").is_dir()


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_in_a_line(tmp_path, name):
    content, message = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    done, data = imported(tmp_path, name)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert len(done.stderr) < 600
    assert not data.exists()


def test_folders_pipes_and_absent_files(tmp_path):
    import os

    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, message in (
        ("folder.csv", "is a folder"),
        ("pipe.csv", "is not a regular file"),
        ("no.csv", "does not exist"),
    ):
        done, data = imported(tmp_path, name)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr
        assert not data.exists()


@pytest.mark.parametrize("name", ["../mine", "n" * 300, "a/b", ".hidden", "a\nb", ""])
def test_a_bad_name_is_refused_before_the_file_is_read(tmp_path, name):
    done, data = imported(tmp_path, "absent.csv", "--name", name)
    assert done.returncode == 2
    assert not data.exists()


@pytest.mark.slow
def test_an_experiment_on_a_replaced_table_is_called_stale(tmp_path):
    (tmp_path / "mine.csv").write_text(GOOD)
    imported(tmp_path, "mine.csv")
    (tmp_path / "e.toml").write_text(
        'schema = 1\nname = "e"\ntrials = 8\nbenchmarks = ["mine"]\nbudget = { evaluations = 3 }\n[algorithms]\n'
        "random_search = {}\nlocal_search = { initial = 1 }\n"
    )
    here = {"cwd": tmp_path, "REGRETTA_DATA": str(tmp_path / "data")}
    assert regretta_here("run", "e.toml", "--out", "out", **here).returncode == 0
    for verb in ("status", "summary", "plot", "report"):
        assert "stale" not in regretta_here(verb, "out", **here).stdout
    (tmp_path / "mine.csv").write_text(GOOD.replace("0.6", "0.65"))
    imported(tmp_path, "mine.csv", "--replace")
    for verb in ("status", "summary", "plot", "table"):
        done = regretta_here(verb, "out", **here)
        assert done.returncode == 0, done.stderr
        assert "mine is stale: its table was replaced since these results were made" in " ".join(
            (done.stdout + done.stderr).split()
        ), verb
