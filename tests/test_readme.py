"""Check the README: its code runs, its numbers are right, its commands exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from commands import regretta_here

from algorithms import ALGORITHMS, algorithm_class
from benchmarks import BENCHMARKS
from benchmarks.storage.official_files import known_imports
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.loading import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_the_table_of_benchmarks_is_the_registry():
    table = (ROOT / "docs/reference/benchmarks.md").read_text().split("\n\n")[1]
    assert re.findall(r"`([^`]+)`", "".join(row.split("|")[1] for row in table.splitlines())) == list(BENCHMARKS)


def test_the_numbers_of_algorithms_and_benchmarks_are_right():
    assert re.search(
        r"\*\*(\w+) optimizers, (\d+) benchmarks\*\*, (\d+) and (\d+) of which need nothing else", README
    ).groups() == (
        {16: "Sixteen", 17: "Seventeen", 18: "Eighteen"}[len(ALGORITHMS)],
        str(len(BENCHMARKS)),
        str(sum(not algorithm_class(name).library for name in ALGORITHMS)),
        str(len(BENCHMARKS.keys() - known_imports().keys())),
    )


def test_the_python_interface_works_as_shown(tmp_path, monkeypatch, capsys):
    (source,) = blocks("python", (ROOT / "docs/start.md").read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    namespace = {}
    exec(compile(source, "docs/start.md", "exec"), namespace)
    assert len(namespace["study"].cells) == 9
    assert {len(cell.evaluations) for cell in namespace["study"].cells} == {20 * 100}
    assert capsys.readouterr().out.splitlines()[0].split() == ["benchmark", "label", "mean_regret", "area"]
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {".pdf", ".svg", ".png", ".csv", ".txt"}


def test_the_algorithm_runs_in_an_experiment_and_is_short(tmp_path):
    (source,) = blocks("python")
    (study,) = blocks("toml")
    assert len([line for line in source.splitlines() if line.strip()]) <= 16
    (tmp_path / "my_search.py").write_text(source)
    raw = tomllib.loads(study) | {"trials": 20, "budget": {"evaluations": 100}}
    experiment = resolve_experiment(raw, tmp_path)
    outcome = run_experiment(experiment, tmp_path / "out", jobs=1)
    assert not outcome.failed
    cells = {cell.label: cell for cell in load(tmp_path / "out").cells if cell.benchmark == "nasbench201-cifar10"}
    assert set(cells) == {"random_search", "mine"}
    ends = {
        label: cell.evaluations.groupby("trial")["incumbent_error:validation@200"].last().mean()
        for label, cell in cells.items()
    }
    assert ends["mine"] < ends["random_search"]


@pytest.mark.parametrize(
    "line", [line for block in blocks("") for line in block.splitlines() if line.startswith("regretta")]
)
def test_every_command_exists(line, tmp_path):
    words = line.split()[1:3] if line.split()[1] in ("data", "surrogate") else line.split()[1:2]
    done = regretta_here(*words, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for option in re.findall(r"--[a-z-]+", line.split("#")[0]):
        assert option in done.stdout


def test_files_that_the_guide_for_contributors_names_exist():
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"`((?:benchmarks|algorithms|results|plots|harness|tests|docs)/[\w./-]*)`", guide)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []
    packages = ("benchmarks", "algorithms", "results", "plots", "harness")
    rooms = {
        f"{file.parent.relative_to(ROOT)}/" for package in packages for file in ROOT.glob(f"{package}/*/__init__.py")
    }
    assert rooms <= set(paths)


def test_every_target_of_the_makefile_that_is_named_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    for document in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"`make ([a-z-]+)", (ROOT / document).read_text()):
            assert target in targets
