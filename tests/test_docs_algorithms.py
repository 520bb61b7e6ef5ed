"""The commands and lines of docs/findings/algorithms.md run, on small grids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.experiments.opening import open_experiment
from harness.running.runner import run_experiment

ALGORITHMS = (Path(__file__).parents[1] / "docs" / "findings" / "algorithms.md").read_text()

CURVES = "nasbench201-cifar10-curves"

SMALL = {
    "algorithms-on-nasbench201": ("8", ['benchmarks=["nasbench201-cifar10"]', "budget.evaluations=24"]),
    "evolution-operators": ("8", ['benchmarks=["nasbench201-cifar10"]', "budget.evaluations=24"]),
    "multi-fidelity": ("8", [f"benchmarks=['{CURVES}']", f"budgets={{'{CURVES}'={{seconds=5e4}}}}"]),
    "predictor-sampling": ("1", ['benchmarks=["synthetic"]', "budget.evaluations=14"]),
}
"""By experiment, the trials and replacements that make it fast. Paired tests need 8 trials."""


def blocks(text, language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [content for name, content in found if name == language]


def rows(markdown):
    """Return the rows of all tables, each as the text of its cells."""
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    """Run the commands, and return what the Python lines print, by heading."""
    monkeypatch.chdir(tmp_path)
    namespace, found = {}, {}
    for section in re.split(r"^## ", ALGORITHMS, flags=re.MULTILINE)[1:]:
        for line in "".join(blocks(section, "")).splitlines():
            name = re.fullmatch(r"regretta run ([\w-]+)( .*)?", line)[1]
            outcome = run_experiment(open_experiment(name, *SMALL[name]), tmp_path / "runs" / name, jobs=1)
            assert not outcome.failed
        capsys.readouterr()
        for source in blocks(section, "python"):
            exec(compile(source, section.splitlines()[0], "exec"), namespace)
        found[section.splitlines()[0]] = capsys.readouterr().out
    return found


@pytest.mark.slow
def test_the_lines_print_what_the_page_shows(printed):
    """Every algorithm and pool of a table on the page is in a printed table, in as many columns."""
    shown = dict(zip(printed, map(rows, re.split(r"^## ", ALGORITHMS, flags=re.MULTILINE)[1:]), strict=True))
    for heading, text in printed.items():
        labels = [row[0] for row in rows(text)]
        assert len(set(labels)) > 5
        wanted = {row[0] for row in shown[heading] if not row[0].startswith(("NAS-Bench-201", "rank"))}
        assert len(wanted) > 5
        assert wanted <= set(labels), heading
        assert all(len(row) == len(rows(text)[0]) for row in rows(text))
