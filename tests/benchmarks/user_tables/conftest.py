"""Fixtures that import tables as the command line does."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks import load_benchmark
from benchmarks.storage.tables import open_table, write_table
from benchmarks.user_tables.importing import import_tables
from harness.commands.data.import_requests import TableOptions, import_request


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Use an empty data folder, and forget the benchmarks that were loaded."""
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    load_benchmark.cache_clear()
    yield
    load_benchmark.cache_clear()


@pytest.fixture
def imported(tmp_path, own_folder):
    """Return a function that writes a table, imports it with the options of the command line, and opens it again."""

    def imported(content, file_name="mine.csv", **options):
        file = tmp_path / file_name
        if isinstance(content, pd.DataFrame):
            content.to_parquet(file) if file.suffix == ".parquet" else content.to_csv(file, index=False)
        else:
            file.write_text(content)
        given = {"name": "mine"} | options
        texts = {key: (text,) if isinstance(text, str) else text for key, text in given.items()}
        request = import_request([str(file)], None, TableOptions(**texts))
        tables = import_tables(request.spec, request.file)
        for table in tables:
            write_table(table, replace=True)
        opened = [open_table(table.facts.name) for table in tables]
        return opened[0] if len(opened) == 1 else opened

    return imported
