"""``operations`` finds planted effects, reports no others, and agrees with direct counts on recorded tables."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import BenchmarkError, ChoiceSpace, load_benchmark
from benchmarks.analyses.operations import operations
from benchmarks.analyses.population import population
from benchmarks.analyses.subspaces import best_without, climb, smallest_sets
from benchmarks.spaces.pool import PoolSpace
from benchmarks.table import build_table

OPERATIONS = ("strong", "weak", "idle_a", "idle_b", "idle_c")
EDGES = 5
SPACE = ChoiceSpace("planted", {f"edge_{place}": OPERATIONS for place in range(1, EDGES + 1)})
GENOTYPES = SPACE.enumerate()
ALPHA = 0.01


def table(accuracies, space=SPACE, **facts):
    """A benchmark with these accuracies [%], in the order of the space."""
    known = load_benchmark("synthetic").facts
    changed = {"name": "planted", "space": space.name, "fidelities": (9.0,), "continuable": False} | facts
    errors = (1 - np.asarray(accuracies) / 100)[:, np.newaxis]
    return build_table(dataclasses.replace(known, **changed), space, {9.0: errors}, {9.0: np.ones_like(errors)})


def planted(main=None, at=None, pair=(), seed=0, noise=1.0):
    """A benchmark with points of accuracy by operation, by edge and operation, and for a pair of operations."""
    rng = np.random.default_rng(seed)
    accuracies = 60 + noise * rng.normal(size=len(GENOTYPES))
    for name, points in (main or {}).items():
        accuracies += points * (OPERATIONS.index(name) == GENOTYPES).sum(axis=1)
    for (edge, name), points in (at or {}).items():
        accuracies += points * (GENOTYPES[:, edge - 1] == OPERATIONS.index(name))
    if pair:
        has = [(OPERATIONS.index(name) == GENOTYPES).any(axis=1) for name in pair]
        accuracies += 4.0 * (has[0] & has[1])
    return table(accuracies)


def found(*benchmarks):
    tables, sentences = operations(benchmarks)
    return tables, " ".join(sentences)


def test_planted_effects_are_found_and_idle_operations_have_none():
    tables, text = found(planted({"strong": 2.0, "weak": -2.0}))
    rows = tables["operations"].set_index("operation")
    assert rows.loc["strong", "effect"] == pytest.approx(2.5, abs=0.1)  # the others have -0.5 in the mean
    assert rows.loc["weak", "effect"] == pytest.approx(-2.5, abs=0.1)
    idle = rows.filter(regex="idle", axis=0)
    assert (idle["chance"] > ALPHA).all()
    assert (idle["effect"].abs() < 0.1).all()
    assert (rows.loc[["strong", "weak"], "chance"] < 1e-10).all()
    assert "largest positive effect is strong on planted" in text
    assert "Effects that chance could have made: idle_a, idle_b and idle_c on planted." in text
    assert f"best score falls most without strong ({rows.loc['strong', 'gap_without']:.2f} points)" in text
    assert rows.loc["strong", "gap_without"] > 5.0


def test_an_effect_at_one_position_is_found_there_only():
    tables, _ = found(planted(at={(2, "strong"): 3.0, (2, "weak"): -3.0}))
    rows = tables["positions"].set_index(["position", "operation"])
    sure = rows.index[rows["chance"] < ALPHA].to_list()
    assert sure == [("edge_2", "strong"), ("edge_2", "weak")]
    assert rows.loc[("edge_2", "strong"), "difference"] == pytest.approx(3.0 * 1.25, abs=1.0)


def test_a_planted_pair_is_found_and_no_other_pair_of_idle_operations():
    tables, text = found(planted(pair=("idle_a", "idle_b")))
    rows = tables["pairs"]
    favoured = rows[(rows["first"] != rows["second"]) & (rows["chance"] < ALPHA)]
    assert favoured[["first", "second"]].to_numpy().tolist() == [["idle_a", "idle_b"]]
    interacting = rows[(rows["interaction"] > 0) & (rows["interaction_chance"] < ALPHA)]
    assert interacting[["first", "second"]].to_numpy().tolist() == [["idle_a", "idle_b"]]
    assert "higher than the sum of their effects for idle_a with idle_b on planted" in text


def test_operations_that_add_up_are_favoured_but_do_not_interact():
    tables, _ = found(planted({"strong": 1.0, "idle_a": 1.0, "weak": -2.0}))
    rows = tables["pairs"].set_index(["first", "second"])
    assert rows.loc[("strong", "idle_a"), "chance"] < ALPHA
    assert rows.loc[("strong", "weak"), "chance"] > ALPHA
    assert (rows["interaction_chance"].dropna() > ALPHA).all()


def test_where_nothing_is_planted_nothing_is_found():
    tables, text = found(*(planted(seed=seed) for seed in range(2)))
    for name in ("operations", "positions", "pairs"):
        assert not (tables[name].filter(like="chance") < ALPHA).any(axis=None)
    assert (tables["distribution"]["skewness"].abs() < 0.1).all()
    assert "largest positive effect" not in text
    assert "No pair of operations is more frequent" in text


@pytest.mark.slow
def test_false_findings_are_as_rare_as_stated():
    """The level holds for each table and benchmark. Of 60 benchmarks, four false ones have a probability of 0.003."""
    found_falsely = dict.fromkeys(("operations", "positions", "pairs", "interactions"), 0)
    for seed in range(60):
        tables, _ = found(planted(seed=1000 + seed))
        for name in ("operations", "positions", "pairs"):
            found_falsely[name] += bool((tables[name]["chance"] < ALPHA).any())
        interactions = tables["pairs"]["interaction_chance"]
        found_falsely["interactions"] += bool((interactions < ALPHA).any())
    assert max(found_falsely.values()) <= 3, found_falsely


def test_planted_sizes_of_the_smallest_set():
    """Two operations are needed: strong at the first edge, and idle_a elsewhere."""
    at = {(1, "strong"): 9.0} | {(edge, "idle_a"): 9.0 for edge in range(2, EDGES + 1)}
    tables, text = found(planted(at=at, noise=0.01))
    rows = tables["smallest_sets"].set_index("distance")
    assert rows.loc[0.5, ["operations", "size", "pool", "architectures"]].to_list() == [
        "strong, idle_a",
        2,
        5,
        2**EDGES,
    ]
    assert rows["size"].to_list() == [2, 2, 2, 2]
    assert "strong, idle_a (2 of 5)" in text


@pytest.mark.parametrize("seed", range(4))
def test_the_smallest_set_is_that_of_trying_all_sets(seed):
    benchmark = planted({"strong": 0.4, "idle_a": 0.3}, pair=("idle_b", "weak"), seed=seed)
    members = population(benchmark)
    rows = smallest_sets(members, members.operations.counts()).set_index("distance")
    for distance in (0.5, 1.0, 2.0, 5.0):
        best = {}
        for size in range(1, len(OPERATIONS) + 1):
            for chosen in itertools.combinations(range(len(OPERATIONS)), size):
                inside = np.isin(GENOTYPES, chosen).all(axis=1)
                if members.regrets[inside].min() <= distance:
                    best[chosen] = members.scores[inside].max()
            if best:
                break
        assert rows.loc[distance, "size"] == size
        assert rows.loc[distance, "other_sets"] == len(best) - 1
        assert rows.loc[distance, "best"] == max(best.values())
        winner = max(best, key=best.get)
        assert rows.loc[distance, "operations"] == ", ".join(OPERATIONS[code] for code in winner)


def test_scores_that_lean_to_the_top_have_negative_skewness():
    falls = np.random.default_rng(1).exponential(5.0, len(GENOTYPES))
    tables, text = found(table(95 - np.minimum(falls, 90)), table(5 + np.minimum(falls, 90), name="mirrored"))
    rows = tables["distribution"].set_index("benchmark")
    assert rows.loc["planted", "skewness"] == pytest.approx(-rows.loc["mirrored", "skewness"])
    assert rows.loc["planted", "skewness"] == pytest.approx(stats.skew(95 - np.minimum(falls, 90)))
    assert "On 1 of 2 benchmarks, more architectures are near the top" in text


@pytest.fixture(scope="module")
def cells():
    benchmark = load_benchmark("nasbench201-cifar10")
    genotypes = benchmark.space.enumerate()
    texts = [benchmark.space.to_string(tuple(row)) for row in genotypes.tolist()]
    names = [[part.split("~")[0] for part in text.replace("+", "").split("|") if part] for text in texts]
    return names, 100 * (1 - benchmark.true_errors(genotypes, "validation@200"))


@pytest.fixture(scope="module")
def tables():
    return operations([load_benchmark("nasbench201-cifar10")])[0]


class TestNASBench201:
    """The table of NAS-Bench-201 on CIFAR-10, counted directly from the literature's strings."""

    def test_means_by_operation_and_number_are_those_of_the_paper_s_definition(self, cells, tables):
        by_number, by_position = defaultdict(list), defaultdict(list)
        for names, score in zip(*cells, strict=True):
            for name in ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"):
                by_number[name, names.count(name)].append(score)
            for place, name in enumerate(names):
                by_position[name, place].append(score)
        rows = tables["occurrences"]
        assert len(rows) == len(by_number) == 35
        for row in rows.itertuples():
            scores = by_number[row.operation, row.occurrences]
            assert (row.architectures, row.mean) == (len(scores), pytest.approx(np.mean(scores)))
        places = {name: place for place, name in enumerate(("0>1", "0>2", "1>2", "0>3", "1>3", "2>3"))}
        for row in tables["positions"].itertuples():
            assert row.mean == pytest.approx(np.mean(by_position[row.operation, places[row.position]]))
        holders = np.concatenate([by_number["nor_conv_3x3", n] for n in range(1, 7)])
        row = tables["operations"].set_index("operation").loc["nor_conv_3x3"]
        assert (row["architectures"], row["mean"]) == (len(holders), pytest.approx(holders.mean()))
        assert row["best_without"] == pytest.approx(max(by_number["nor_conv_3x3", 0]))

    def test_sequences_are_those_of_the_authors_program(self, cells, tables):
        scores_of, cells_of = defaultdict(list), defaultdict(set)
        for row, (names, score) in enumerate(zip(*cells, strict=True)):
            for length in range(1, 7):
                for start in range(7 - length):
                    run = " | ".join(names[start : start + length])
                    scores_of[run].append(score)
                    cells_of[run].add(row)
        means = sorted(((float(np.mean(scores)), run) for run, scores in scores_of.items()), reverse=True)
        rows = tables["ngrams"]
        best = rows[rows["rule"] == "all"]
        assert best["sequence"].to_list() == [run for _, run in means[:10]]
        assert best["mean"].to_list() == pytest.approx([mean for mean, _ in means[:10]])
        assert (best["architectures"] == 1).all()
        assert (best["length"] == 6).all()
        frequent = rows[rows["rule"] == "frequent"]
        wanted = [run for _, run in means if len(cells_of[run]) >= 157][:10]
        assert frequent["sequence"].to_list() == wanted
        assert frequent["architectures"].to_list() == [len(cells_of[run]) for run in wanted]

    def test_two_operations_of_five_are_enough_and_the_top_is_near(self, tables):
        rows = tables["smallest_sets"].set_index("distance")
        assert rows.loc[0.5, ["operations", "architectures"]].to_list() == ["skip_connect, nor_conv_3x3", 64]
        distribution = tables["distribution"].iloc[0]
        assert distribution["best"] == pytest.approx(91.6067, abs=1e-4)
        assert not distribution["sampled"]
        assert np.isnan(distribution["low"])
        within = tables["within"].set_index(["unit", "distance"])["share"]
        assert within["points", 1.0] == pytest.approx(381 / 15625)


class TestSamples:
    """Intervals, and the search where architectures cannot be listed."""

    def pool(self, benchmark, n, seed):
        rows = np.sort(np.random.default_rng(seed).choice(len(GENOTYPES), n, replace=False))
        space = PoolSpace("some", SPACE, GENOTYPES[rows])
        return table(100 * (1 - benchmark.errors(GENOTYPES[rows], 9.0)[:, 0]), space, name="pool")

    def test_a_pool_has_intervals_and_lower_bounds(self):
        pool = self.pool(planted({"strong": 2.0, "weak": -2.0}), 400, 1)
        tables, text = found(pool)
        rows = tables["operations"]
        assert (rows["low"] < rows["mean"]).all()
        assert (rows["mean"] < rows["high"]).all()
        assert (rows["effect_low"] < rows["effect_high"]).all()
        assert (rows["how"] == "recorded").all()
        n = 400 - rows["architectures"].iloc[0]
        assert rows["better_without"].iloc[0] == pytest.approx(1 - 0.05 ** (1 / n))
        assert tables["distribution"][["low", "high"]].notna().all(axis=None)
        assert tables["within"]["high"].notna().all()
        assert "The values of pool are of a sample" in text

    def test_a_search_finds_what_a_list_finds(self):
        members = population(planted({"strong": 2.0, "weak": -2.0, "idle_a": 0.5}, pair=("idle_b", "strong")))
        counts = members.operations.counts()
        exact, _, _ = best_without(members, counts)
        drawn = dataclasses.replace(members, drawn=True, sampled=True)
        searched, better, how = best_without(drawn, counts)
        assert set(how) == {"searched"}
        assert np.isnan(better).all()
        assert all(one <= other for one, other in zip(searched, exact, strict=True))
        assert searched == pytest.approx(exact, abs=1.0)
        listed = smallest_sets(members, counts).set_index("distance")
        tried = smallest_sets(drawn, counts).set_index("distance")
        assert (tried["size"] >= listed["size"]).all()
        assert tried["size"].to_list() == listed["size"].to_list()

    def test_a_search_uses_only_allowed_operations(self):
        members = population(planted({"strong": 9.0}, noise=0.1))
        allowed = np.array([name != "strong" for name in OPERATIONS])
        lacking = members.operations.counts()[:, 0] == 0
        start = tuple(GENOTYPES[members.scores.argmax()].tolist())
        assert set(start) == {0}
        assert climb(members, start, allowed) in members.scores[lacking]


def test_scores_without_points_are_shares_of_the_way_from_median_to_best():
    rng = np.random.default_rng(5)
    losses = rng.lognormal(size=len(GENOTYPES))
    losses[0] = 1e7
    known = load_benchmark("synthetic").facts
    facts = dataclasses.replace(
        known, name="losses", space="planted", fidelities=(9.0,), unit="loss", valid_range=(0.0, np.inf)
    )
    errors = losses[:, np.newaxis]
    tables, text = found(build_table(facts, SPACE, {9.0: errors}, {9.0: np.ones_like(errors)}))
    row = tables["distribution"].iloc[0]
    assert (row["unit"], row["best"], row["median"]) == ("way", 1.0, 0.0)
    assert row["clipped"] == np.mean((np.median(losses) - losses) / (np.median(losses) - losses.min()) <= -10)
    assert row["mean"] > -10
    assert set(tables["within"]["unit"]) == {"way"}
    assert "shares of the way from the median architecture" in text


def test_choices_without_a_common_pool_have_no_smallest_sets_or_sequences():
    tables, text = found(load_benchmark("synthetic"))
    assert len(tables["smallest_sets"]) == len(tables["ngrams"]) == 0
    assert {"benchmark", "distance", "operations"} <= set(tables["smallest_sets"].columns)
    assert "sequences" not in text
    assert (tables["operations"]["architectures"] > 0).all()
    both, _ = found(load_benchmark("synthetic"), planted({"strong": 1.0}))
    assert set(both["smallest_sets"]["benchmark"]) == {"planted"}


def test_benchmarks_of_a_space_are_compared_by_three_distances():
    low = planted({"strong": 2.0, "weak": -2.0})
    crowded = table(90 + (100 * (1 - low.errors(GENOTYPES, 9.0)[:, 0]) - 60) / 20, name="crowded", dataset="crowded")
    _, text = found(low, crowded)
    assert "Shares of the architectures of the space planted that are near the best one: within 1 point" in text
    assert "% on crowded" in text
    assert "within 10 % of the way" in text


@pytest.mark.parametrize("n", [2, 3, 5])
def test_tiny_tables_have_no_intervals_but_are_described(n):
    space = ChoiceSpace("tiny", {"edge_1": [f"op{place}" for place in range(n)]})
    tables, text = found(table(np.linspace(50, 60, n), space, name="tiny"))
    assert tables["distribution"].loc[0, "architectures"] == n
    assert (tables["operations"]["architectures"] == 1).all()
    assert not (tables["operations"]["chance"] < ALPHA).any()
    assert "tiny" in text


def test_equal_errors_give_no_scale():
    errors = np.ones((len(GENOTYPES), 2))
    errors[0] = 0.9, 1.1
    known = load_benchmark("synthetic").facts
    facts = dataclasses.replace(known, name="flat", space="planted", fidelities=(9.0,), unit="loss")
    flat = build_table(facts, SPACE, {9.0: errors + np.array([0.01, -0.01])}, {9.0: errors})
    with pytest.raises(BenchmarkError, match="flat: expected a median error above the optimum, got"):
        operations([flat])


@pytest.mark.slow
def test_the_study_is_the_same_twice():
    first, text = operations([planted({"strong": 1.0})])
    second, again = operations([planted({"strong": 1.0})])
    assert text == again
    for name, one in first.items():
        pd.testing.assert_frame_equal(one, second[name])
