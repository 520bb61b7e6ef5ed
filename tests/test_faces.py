"""The public names of the packages: what a notebook imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

import harness
import plots
import results
from benchmarks import load_benchmark
from harness.errors import ConfigurationError, TrialsMissingError

EXPERIMENT = {
    "schema": 1,
    "name": "from-python",
    "seed": 7,
    "trials": 2,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 12},
    "algorithms": {"random_search": {}},
}
FAILING = """
from algorithms import Algorithm

class Failing(Algorithm):
    def ask(self):
        raise ValueError("on purpose")

    def tell(self, query, observed_error):
        pass
"""


@pytest.mark.parametrize("package", [harness, results, plots], ids=lambda package: package.__name__)
def test_every_public_name_can_be_imported_and_no_other(package):
    assert {name: callable(getattr(package, name)) for name in package.__all__} == dict.fromkeys(package.__all__, True)
    assert package.__all__ == sorted(package._MODULES)
    with pytest.raises(AttributeError, match="'nothing'"):
        package.nothing  # noqa: B018


def test_importing_the_packages_imports_nothing_heavy():
    code = "import sys, harness, results, plots; print(sorted({'numpy', 'pandas', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_report_is_written_without_matplotlib():
    heavy = "{'matplotlib', 'scipy.optimize', 'scipy.stats'}"
    code = f"import sys, plots.report.page; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_from_an_experiment_to_a_figure(tmp_path):
    study = harness.run(EXPERIMENT, tmp_path / "out", jobs=1, trials=3, changes={"budget.evaluations": 5})
    (cell,) = study.cells
    assert set(cell.evaluations["trial"]) == {0, 1, 2}
    assert len(cell.evaluations) == 15
    assert EXPERIMENT["trials"] == 2
    again = harness.load(tmp_path / "out")
    assert again.cells[0].evaluations.equals(cell.evaluations)
    assert harness.load is results.load
    assert results.summarize(study).benchmarks[0].algorithms[0].label == "random_search"
    assert list(results.measures(study)["label"]) == ["random_search"]
    found = results.winners(study)
    assert list(found.columns) == ["benchmark", "label", "trial", "architecture", "error"]
    table = load_benchmark("synthetic")
    for row in found.itertuples():
        assert table.true_errors([row.architecture], "validation@27")[0] == row.error
        assert row.error == table.observe(row.architecture, 27.0).error
    figure, data = plots.draw("regret", study)
    written = plots.save(figure, data, tmp_path / "figures" / "regret")
    assert [path.suffix for path in written] == [".pdf", ".svg", ".png", ".csv", ".txt"]


def test_mistakes_are_reported_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigurationError, match=r"changes\['name.x'\]: 'name' is not a table") as raised:
        harness.run(EXPERIMENT, tmp_path / "out", trials=0, changes={"name.x": 1})
    assert len(raised.value.problems) == 2
    assert not (tmp_path / "out").exists()


def test_failed_trials_raise_and_the_others_are_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "failing.py").write_text(FAILING)
    algorithms = {"random_search": {}, "failing": {"use": "failing.py:Failing"}}
    with pytest.raises(
        TrialsMissingError, match=r"2 of 4 trials have no result; the first: failing on synthetic.*purpose"
    ):
        harness.run(EXPERIMENT | {"algorithms": algorithms}, jobs=1)
    assert [cell.label for cell in harness.load("runs/from-python").cells if len(cell.evaluations)] == ["random_search"]
