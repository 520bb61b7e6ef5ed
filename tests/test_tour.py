"""The notebook of the documentation runs from a fresh kernel, and is kept without outputs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "docs" / "examples" / "tour.ipynb"


def cells(kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(TOUR.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def test_the_tour_is_kept_without_outputs_and_reads_as_code() -> None:
    assert len(cells("code")) > 8
    assert len(cells("markdown")) > 4
    for cell in cells("code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        compile("".join(cell["source"]), TOUR.name, "exec")


@pytest.mark.slow
@pytest.mark.library("nbclient", "ipykernel")
def test_the_tour_runs_and_everything_shows_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(TOUR, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    shown = [output["data"] for output in outputs if "data" in output]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    assert any("90 of 90 trials" in page for page in pages)
    assert any("wins" in page and "dex" in page for page in pages)
    assert any("optimum 0.0839333" in page for page in pages)
    assert sum("<svg" in page for page in pages) == 2  # a space and an architecture
    assert sum("image/png" in data for data in shown) >= 4
    assert (tmp_path / "runs" / "tour" / "experiment.json").is_file()
