"""The registries decide what the command line offers and accepts."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest
from commands import regretta_here

from harness.reproduction.registry import REPRODUCTIONS
from harness.reproduction.rows import Reproduction, compare
from harness.surrogates.registry import SURROGATE_MODELS
from plots.figures.registry import FIGURES

HEAVY = {"jinja2", "joblib", "matplotlib", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "seaborn", "sklearn"}


def help_of(*words, cwd):
    return " ".join(regretta_here(*words, "--help", cwd=cwd).stdout.replace("│", " ").split())


@pytest.mark.parametrize(
    ("command", "registry"),
    [
        (["plot"], FIGURES),
        (["reproduce"], REPRODUCTIONS),
        (["surrogate", "fit"], SURROGATE_MODELS),
        (["surrogate", "evaluate"], SURROGATE_MODELS),
    ],
)
def test_the_help_lists_every_registered_name(command, registry, tmp_path):
    assert ", ".join(registry) in help_of(*command, cwd=tmp_path)


def test_the_help_describes_every_figure(tmp_path):
    shown = help_of("plot", cwd=tmp_path)
    assert [kind for kind in FIGURES if f" {kind}: " not in shown] == []


def test_the_command_line_imports_nothing_heavy():
    code = "import sys, harness.cli.app; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_new_figure_can_be_drawn(tmp_path, monkeypatch):
    monkeypatch.setitem(FIGURES, "mine", FIGURES["regret"])
    run = regretta_here("run", "smoke", "--trials", 1, "-j", 1, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    plot = regretta_here("plot", "runs/smoke", "--kind", "mine", cwd=tmp_path)
    assert plot.returncode == 0, plot.stderr
    assert (tmp_path / "runs/smoke/figures/mine.pdf").exists()
    kinds = ["--kind", "mine", "--kind", "rank", "--kind", "mine"]
    several = regretta_here("plot", "runs/smoke", *kinds, "--out", "several", cwd=tmp_path)
    assert several.returncode == 0, several.stderr
    assert sorted(file.stem for file in (tmp_path / "several").glob("*.pdf")) == ["mine", "rank"]


def test_a_new_reproduction_can_be_run(tmp_path, monkeypatch):
    names = {"algorithm": "a", "label": "b", "dataset": "c", "split": "d"}
    module = ModuleType("my_reproduction")
    module.reproduce = lambda races: Reproduction(
        "mine", "My title", "%", "me", [compare([1.0], (2.0, None), None, names)], []
    )
    monkeypatch.setitem(sys.modules, "my_reproduction", module)
    monkeypatch.setitem(REPRODUCTIONS, "mine", "my_reproduction:reproduce")
    done = regretta_here("reproduce", "mine", cwd=tmp_path)
    assert (done.returncode, done.stdout.startswith("My title")) == (0, True)


def test_a_new_surrogate_model_can_be_fitted(tmp_path, monkeypatch):
    monkeypatch.setitem(SURROGATE_MODELS, "mine", SURROGATE_MODELS["ridge"])
    words = ("surrogate", "fit", "nasbench201-cifar10", "--model", "mine", "--train", 100)
    done = regretta_here(*words, cwd=tmp_path, REGRETTA_DATA=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert "Saved as nasbench201-cifar10-mine" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["plot", ".", "--kind", "regrets"],
            "--kind: unknown figure 'regrets'; did you mean 'regret'? Known: across, all, ",
        ),
        (
            ["plot", ".", "--kind", "rank", "--kind", "regrets"],
            "--kind: unknown figure 'regrets'; did you mean 'regret'? Known: across, all, ",
        ),
        (["reproduce", "nasbench-201"], "unknown reproduction 'nasbench-201'; did you mean 'nasbench201'?"),
        (
            ["surrogate", "fit", "nasbench201-cifar10", "--model", "rigde", "--train", "100"],
            "unknown model 'rigde'; did you mean 'ridge'?",
        ),
    ],
)
def test_an_unknown_name_is_reported_with_the_nearest(words, message, tmp_path):
    done = regretta_here(*words, cwd=tmp_path, REGRETTA_DATA=str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_and_a_summary_import_only_what_they_need():
    heavy = "set(sys.modules) & {'joblib', 'matplotlib', 'pandas', 'scipy.stats', 'seaborn'}"
    code = f"""
import sys, harness.commands.run
print(*{heavy})
import results.summaries.summary, plots.tables.terminal
print(*{heavy})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "pandas"]
