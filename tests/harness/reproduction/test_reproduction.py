"""Published and theoretical numbers are reproduced, and the comparisons are computed as documented."""

from __future__ import annotations

import io
import itertools
import json

import numpy as np
import pytest
from commands import regretta_here
from numpy.testing import assert_allclose
from rich.console import Console
from toys import make_table

from benchmarks.loading import load_benchmark
from harness.commands.exit_codes import OK
from harness.commands.reproduce import print_reproduction, reproduce_command
from harness.errors import ConfigurationError
from harness.reproduction import local_search, nasbench201, predictor_sampling, queries_to_optimum, random_search_theory
from harness.reproduction.published import DATASETS, NASBENCH201, QUERIES_TO_OPTIMUM
from harness.reproduction.races import Races
from harness.reproduction.rows import compare

KEYS = {"algorithm", "dataset", "split", "published_mean", "published_sd", "ours_mean", "ours_sd", "difference_sd"}
NAMES = {"algorithm": "a", "label": "b", "dataset": "c", "split": "d"}


@pytest.fixture
def races(tmp_path):
    def make(trials=None):
        return Races(tmp_path / "reproduce", 1, trials, Console(quiet=True))

    return make


@pytest.fixture
def recorded(any_benchmark, imported_folder, monkeypatch):
    """Import the recorded 12/200-epoch tables."""
    for dataset in DATASETS:
        any_benchmark(f"nasbench201-{dataset}-12-200")
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    load_benchmark.cache_clear()
    yield
    load_benchmark.cache_clear()


def test_a_comparison_by_hand():
    # Ours: mean 3, sd 1, n 4, so t with 3 degrees of freedom; published 2 +- 0.5 of 100 trials: errors of 0.5, 0.05.
    values = [2, 4, 3 + np.sqrt(0.5), 3 - np.sqrt(0.5)]
    row = compare(values, (2.0, 0.5), 100, NAMES)
    half = 3.182446 * np.sqrt(0.5**2 + 0.05**2)
    assert_allclose([row.ours_mean, row.ours_sd, row.difference, row.difference_sd], [3, 1, 1, 2])
    assert_allclose([row.difference_low, row.difference_high], [1 - half, 1 + half], rtol=1e-6)
    assert row.within is True
    assert compare(values, (1.3, 0.5), 100, NAMES).within is False

    exact = compare(values, (2.0, 3.0), None, NAMES, exact=True)
    assert_allclose([exact.difference_low, exact.difference_high], [1 - 1.959964 * 1.5, 1 + 1.959964 * 1.5], rtol=1e-6)
    unknown = compare(values, (2.0, None), None, NAMES)
    assert_allclose([unknown.difference_low, unknown.difference_high], [1 - 3.182446 / 2, 1 + 3.182446 / 2], rtol=1e-6)
    assert unknown.difference_sd is None
    single = compare([3.0], (2.0, 0.5), 100, NAMES)
    assert (single.ours_sd, single.difference_low, single.within) == (None, None, None)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_theory_of_random_search_agrees_with_counting_all_draws(n):
    errors = np.array([[0.3, 0.1], [0.1, np.nan], [0.2, 0.3]])  # two architectures can have the same lowest error
    true = [0.2, 0.1, 0.25]
    pairs = [(errors[a, r], true[a], 1 / 3 / np.isfinite(errors[a]).sum()) for a in range(3) for r in range(2)]
    pairs = [pair for pair in pairs if np.isfinite(pair[0])]
    outcomes = []
    for drawn in itertools.product(pairs, repeat=n):
        observed, shown, _ = min(drawn, key=lambda pair: pair[0])  # the first of equal ones
        outcomes.append((observed, shown, np.prod([weight for *_, weight in drawn])))
    observed, shown, weight = np.array(outcomes).T
    found = random_search_theory.expected_best(make_table([1.0] * 3, (200.0,), errors), n)
    for values, (mean, sd) in ((observed, found.observed), (shown, found.true)):
        assert_allclose(mean, values @ weight)
        assert_allclose(sd, np.sqrt((values - values @ weight) ** 2 @ weight))


def test_random_search_agrees_with_theory_and_is_run_only_once(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    asked = ("random-search-theory", tmp_path, 1, 40)
    assert reproduce_command(*asked, as_json=False) == OK
    shown = capsys.readouterr().out
    assert "300 evaluations" in shown
    assert "expected" in shown
    assert (tmp_path / "random-search-theory/experiment.json").exists()

    assert reproduce_command(*asked, as_json=True) == OK
    printed = capsys.readouterr()
    assert "120 already finished" in printed.err
    rows = json.loads(printed.out)["rows"]
    assert len(rows) == 3 * 2 * len(random_search_theory.COUNTS)
    for row in rows:  # four standard errors: by chance, any row fails in less than one of 500 runs
        assert row.keys() >= KEYS
        assert abs(row["difference"]) <= 4 * row["published_sd"] / np.sqrt(row["trials"]), row


def test_the_optimum_is_found_and_counted(races, monkeypatch):
    short = [(label, 3, 400, {**algorithm}) for label, _, _, algorithm in queries_to_optimum.RACES[1:2]]
    monkeypatch.setattr(queries_to_optimum, "RACES", short)
    found = queries_to_optimum.reproduce(races())
    assert [row.dataset for row in found.rows] == list(DATASETS)
    assert [row.published_mean for row in found.rows] == list(QUERIES_TO_OPTIMUM["regularized_evolution"].values())
    assert all(1 < row.ours_mean <= 400 for row in found.rows)
    assert all(row.difference_sd is None for row in found.rows)
    assert "UNCONFIRMED" in found.source
    assert any("did not find it within" in note for note in found.notes)


def test_pools_are_compared_with_the_publication(studies):
    errors = {"bench": np.linspace(0.10, 0.20, 100)}
    firsts = {  # the evaluation at which a trial finds the best architecture; 25 trials of each suffice
        "full": 1,
        "random 100 redrawn": 10,
        "random 300 redrawn": 1,
        "random 100 fixed": 10,
        "mutants of the best": 2,
        "evolved": 20,
    }
    cells = [
        studies.cell(
            {t: [(float(i), 0.10 if i >= first else 0.15) for i in range(1, 31)] for t in range(25)},
            {"evaluations": 30},
            label=f"ridge none, {pool}",
            signal="mean",
        )
        for pool, first in firsts.items()
    ]
    rows = predictor_sampling.gains(studies.study(*cells), errors)
    first = {row.pool: row for row in rows if row.rank == 4}
    assert {pool: row.verdict for pool, row in first.items()} == {
        "random 100 redrawn": "agrees",
        "random 300 redrawn": "open",
        "random 100 fixed": "agrees",
        "mutants of the best": "agrees",
        "evolved": "reverses",
    }
    assert_allclose([first["evolved"].gain.value, first["evolved"].ratio.value], [25 / 20, 10 / 20])
    assert_allclose([first["random 100 fixed"].gain.value, first["random 100 fixed"].ratio.value], [2.5, 0.1])
    trials = {t: [(1.0, 0.15)] for t in range(25)}
    never = [studies.cell(trials, {"evaluations": 30}, label=cell.label, signal="mean") for cell in cells]
    for pair, ratio in (([never[0], cells[1]], None), ([cells[0], never[1]], 0.0)):
        row = predictor_sampling.gains(studies.study(*pair), errors)[0]
        assert (row.ratio.value, row.verdict) == (ratio, "open")


def test_the_gains_of_pools_are_measured_and_printed(races, monkeypatch):
    def small():
        """Return the experiment without fixed subsets, random forests and transforms."""
        raw = experiment()
        kept = {label: keys for label, keys in raw["algorithms"].items() if "fixed" not in label}
        for keys in kept.values():
            keys["grid"] = {**keys.get("grid", {}), "predictor": ["ridge"], "target": ["none"]}
        kept["random search"].pop("grid")
        return raw | {"benchmarks": ["synthetic"], "budget": {"evaluations": 20}, "algorithms": kept}

    experiment = predictor_sampling.experiment
    monkeypatch.setattr(predictor_sampling, "experiment", small)
    found = predictor_sampling.reproduce(races(2))
    print_reproduction(found, Console(file=(shown := io.StringIO()), width=120))
    text = shown.getvalue()
    assert len(found.rows) == 2 * 5
    assert all(row.label in text for row in found.rows)
    assert "Mauch et al. 2020" in text
    assert "are inconclusive" in text


def test_every_pool_of_the_experiment_is_published_or_compared_with():
    pools = {label.partition(", ")[2] for label in predictor_sampling.experiment()["algorithms"]} - {""}
    sizes = (100, 300, 1000)
    assert {pool.format(pool_size=size) for pool in pools for size in sizes} == {*predictor_sampling.PUBLISHED, "full"}


def test_a_pool_whose_opponent_did_not_run_is_left_out(studies):
    trials = {t: [(1.0, 0.10)] for t in range(25)}
    names = ("random 300 redrawn", "random 100 redrawn", "evolved")
    cells = [studies.cell(trials, {"evaluations": 1}, label=f"ridge none, {name}", signal="mean") for name in names]
    rows = predictor_sampling.gains(studies.study(*cells), {"bench": np.linspace(0.1, 0.2, 40_000)})
    assert {row.pool for row in rows} == {"evolved"}
    assert {row.rank for row in rows} == {10, 41}


def test_a_space_too_large_to_list_is_sampled(monkeypatch):
    benchmark = load_benchmark("synthetic")
    every = predictor_sampling.all_errors(benchmark, "validation@27")
    assert len(every) == benchmark.space.size
    monkeypatch.setattr(predictor_sampling, "LISTABLE", 100)
    monkeypatch.setattr(predictor_sampling, "DRAWN", 5_000)
    drawn = predictor_sampling.all_errors(benchmark, "validation@27")
    assert len(drawn) == 5_000
    assert np.quantile(drawn, [0.1, 0.5]) == pytest.approx(np.quantile(every, [0.1, 0.5]), rel=0.1)
    assert (predictor_sampling.all_errors(benchmark, "validation@27") == drawn).all()


@pytest.mark.data("nasbench101-pool")
@pytest.mark.slow
def test_the_pools_of_nasbench101(any_benchmark, imported_folder, races, monkeypatch):
    any_benchmark("nasbench101-pool")
    monkeypatch.setenv("REGRETTA_DATA", str(imported_folder))
    raw = predictor_sampling.experiment("predictor-sampling-nasbench101")
    kept = {label: keys for label, keys in raw["algorithms"].items() if "fixed" not in label}
    small = raw | {"budget": {"evaluations": 30}, "algorithms": kept}
    monkeypatch.setattr(predictor_sampling, "experiment", lambda name: small)
    found = predictor_sampling.reproduce_nasbench101(races(2))
    assert {row.dataset for row in found.rows} == {"nasbench101-pool"}
    assert {row.rank for row in found.rows} == {8, 31}


@pytest.mark.data("nasbench201.csv.gz")
@pytest.mark.slow
def test_random_search_and_evolution_give_the_twelve_published_numbers(recorded, races):
    rules, algorithms = nasbench201.EXPERIMENTS["nasbench201"]
    sure = {label: algorithms[label] for label in ("random search", "REA 10/3")}
    rows = nasbench201.race(races(), "nasbench201", rules, sure)
    assert len(rows) == 12
    for row in rows:
        assert row.trials == 500
        assert abs(row.difference_sd) <= 0.25, row


@pytest.mark.data("nasbench201.csv.gz")
@pytest.mark.parametrize("name", ["nasbench201", "nasbench201-best-of-100"])
def test_reproductions_on_recorded_tables_run(recorded, name, tmp_path, capsys):
    assert reproduce_command(name, tmp_path, 1, 8, as_json=True) == OK
    found = json.loads(capsys.readouterr().out)
    assert {row["dataset"] for row in found["rows"]} == set(DATASETS)
    assert all(row.keys() >= KEYS for row in found["rows"])
    if name == "nasbench201":
        assert {row["algorithm"] for row in found["rows"]} == set(NASBENCH201)
        assert any("unexplained" in note for note in found["notes"])


def test_without_the_recorded_tables_the_error_says_how_to_get_them(tmp_path):
    done = regretta_here("reproduce", "nasbench201", cwd=tmp_path)
    assert done.returncode == 2
    assert "regretta data import nasbench201-cifar10-12-200 PATH/TO/nasbench201.csv.gz" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_that_cannot_be_run_raises_before_anything_is_written(races, tmp_path):
    with pytest.raises(ConfigurationError, match="no-such"):
        races().run("x", 1, {"benchmarks": ["no-such"], "budget": {"evaluations": 1}, "algorithms": {"a": {}}})
    assert not (tmp_path / "reproduce").exists()


def test_local_search_is_counted_until_the_optimum_and_computed_exactly(races, monkeypatch):
    label = "full neighbourhood, initial 1"
    monkeypatch.setattr(local_search, "VARIANTS", {label: local_search.VARIANTS[label]})
    monkeypatch.setattr(local_search, "DATASETS", ("cifar100",))
    monkeypatch.setattr(local_search, "BUDGETS", {"cifar100": 60})
    found = local_search.reproduce(races(3))
    (row,) = found.rows
    assert (row.published, row.trials, row.optima) == (127, 3, 26)
    assert_allclose([row.exact, row.climbs], [144.70585, 0.779904], rtol=1e-6)
    assert row.ours_mean <= 60
    assert row.missed > 0
    assert any("did not find it within 60 evaluations" in note for note in found.notes)
    print_reproduction(found, Console(file=(shown := io.StringIO()), width=120))
    assert "144.7" in shown.getvalue()
