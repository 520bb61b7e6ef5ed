"""Landscapes with one funnel, two funnels, a trap, and none: by theory, by descents, and by samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_tables import as_surrogate, planted, product, random_errors

from benchmarks import ChoiceSpace, load_benchmark
from benchmarks.analyses import landscape as study
from benchmarks.analyses.enumerated_landscape import correlation_length, distances
from benchmarks.analyses.landscape import landscape
from benchmarks.analyses.neighbourhoods import find_edges
from benchmarks.analyses.sampled_landscape import climb
from benchmarks.nasbench101.space import four_vertices
from benchmarks.spaces.base import SearchSpace
from benchmarks.spaces.pool import PoolSpace
from harness.surrogates.reference_values import descend

SPACE = product(5, 4)
STEPS_TO_0 = (SPACE.enumerate() > 0).sum(axis=1)
"""Edits from each architecture to the first one."""


def one(benchmark):
    tables, _ = landscape([benchmark])
    return tables["landscape"].iloc[0], tables


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_neighbours_of_a_product_are_found_at_once(cardinalities):
    space = ChoiceSpace("s", {f"p{i}": range(count) for i, count in enumerate(cardinalities)})
    edges = find_edges(space)
    near = [space.neighbours(tuple(row)) for row in space.enumerate().tolist()]
    assert edges.target.tolist() == [space.index(other) for some in near for other in some]
    assert edges.source.tolist() == [row for row, some in enumerate(near) for _ in some]
    assert edges.degree.tolist() == list(map(len, near))


def test_neighbours_of_other_spaces_are_those_of_the_space():
    space = four_vertices()
    assert type(space).neighbours is not SearchSpace.neighbours
    edges = find_edges(space)
    row = 200
    near = space.neighbours(tuple(space.enumerate()[row].tolist()))
    assert edges.target[edges.source == row].tolist() == space.indices(near).tolist()


def test_a_sum_of_effects_is_one_funnel_with_the_autocorrelation_of_the_theory():
    row, tables = one(planted(SPACE, 0.1 + 0.1 * STEPS_TO_0))
    assert (row["distinct_optima"], row["reach_best"], row["reach_first"]) == (1, pytest.approx(1), pytest.approx(1))
    # A sum of effects is an eigenvector of the random walk (Stadler 1996): 1 - q / ((q - 1) n) for n choices of q.
    eigenvalue = 1 - 4 / (3 * 5)
    assert tables["walks"]["error_autocorrelation"].to_numpy() == pytest.approx(eigenvalue ** np.arange(1, 11))
    assert row["error_fitness_distance"] == pytest.approx(1)
    assert row["correlation_length"] == pytest.approx(-1 / np.log(row["rank_autocorrelation"]))
    assert row["moves_best"] == pytest.approx(STEPS_TO_0.mean())


def test_independent_errors_have_no_structure():
    row, tables = one(planted(SPACE, random_errors(SPACE, 0)))
    assert row["local_optima"] == pytest.approx(1 / 16, rel=0.25)
    assert abs(row["error_autocorrelation"]) < 0.1
    assert abs(row["rank_fitness_distance"]) < 0.1
    assert row["reach_best"] < 0.2
    assert tables["basins"][["basin_best", "basin_first"]].sum().to_numpy() == pytest.approx([1, 1])


def test_a_trap_leads_away_from_the_optimum():
    row, _ = one(planted(SPACE, np.where(STEPS_TO_0 == 0, 0.0, 0.9 - 0.1 * STEPS_TO_0)))
    assert row["error_fitness_distance"] < -0.9
    assert row["reach_best"] == pytest.approx(np.mean(STEPS_TO_0 <= 1))
    assert row["distinct_optima"] == 1 + 3**5


def test_two_funnels_have_the_basins_of_all_descents():
    other = (SPACE.enumerate() < 3).sum(axis=1)
    rng = np.random.default_rng(1)
    errors = np.minimum(STEPS_TO_0, other + 0.5) / 10 + 0.01 * rng.random(SPACE.size)
    table = planted(SPACE, errors)
    row, tables = one(table)
    ends = [descend(table, "validation@1", tuple(start))[1] for start in SPACE.enumerate().tolist()]
    shares = {SPACE.to_string(end): ends.count(end) / SPACE.size for end in set(ends)}
    basins = tables["basins"].set_index("architecture")["basin_best"]
    assert basins[basins > 0].to_dict() == pytest.approx(shares)
    assert row["reach_best"] == pytest.approx(basins.iloc[0])
    starts = rng.integers(SPACE.size, size=300)
    found = [climb(table, tuple(SPACE.enumerate()[start].tolist()), rng, full=False) for start in starts]
    reached = np.mean([each.error == errors.min() for each in found])
    assert abs(reached - row["reach_first"]) < 4 * np.sqrt(row["reach_first"] * (1 - row["reach_first"]) / 300)
    assert abs(np.mean([each.moves for each in found]) - row["moves_first"]) < 0.4


def test_noise_makes_local_optima_and_its_absence_makes_none():
    rng, means = np.random.default_rng(2), 0.1 + 0.1 * STEPS_TO_0 + 0.001 * random_errors(SPACE, 3)
    centred = rng.normal(0, 0.1, (SPACE.size, 3))
    noisy, _ = one(planted(SPACE, means[:, np.newaxis] + centred - centred.mean(axis=1, keepdims=True), "noisy"))
    assert noisy["local_optima"] == 1 / SPACE.size
    assert noisy["local_optima_one_run"] > 10 / SPACE.size
    assert noisy["noise"] == pytest.approx(0.1, rel=0.4)
    assert noisy["noise_to_spread"] > 1
    quiet, _ = one(planted(SPACE, np.repeat(means[:, np.newaxis], 2, axis=1)))
    assert quiet["local_optima_one_run"] == quiet["local_optima"]
    assert (quiet["noise"], quiet["noise_to_spread"]) == (0, 0)
    single, _ = one(planted(SPACE, means))
    assert np.isnan(single[["noise", "local_optima_one_run", "noise_to_spread"]].to_numpy(float)).all()
    assert single["spread"] > 0


def test_equal_errors_and_a_single_architecture():
    plateau, _ = one(planted(SPACE, {1.0: np.where(STEPS_TO_0 == 0, 0.1, 0.2)}, unit="loss"))
    assert plateau["reach_best"] == pytest.approx(np.mean(STEPS_TO_0 <= 1))
    lone = ChoiceSpace("lone", {"a": ["x"]})
    row, _ = one(planted(lone, [[0.1, 0.2]]))
    assert (row["local_optima"], row["neighbours"], row["reach_first"]) == (1, 0, 1)
    assert np.isnan([row["rank_autocorrelation"], row["rank_fitness_distance"], row["noise_to_spread"]]).all()
    assert correlation_length(-0.1) == 0


def test_a_sample_agrees_with_the_enumeration(monkeypatch):
    names = ("synthetic", "nasbench201-cifar10")
    benchmarks = [load_benchmark(name) for name in names]
    exact = landscape(benchmarks)[0]["landscape"].set_index("benchmark")
    monkeypatch.setattr(study, "ENUMERATED", 0)
    surrogate = as_surrogate(benchmarks[1])
    surrogate.facts = replace(surrogate.facts, provenance="surrogate", reference=1)
    tables, sentences = landscape([benchmarks[0], surrogate])
    rows = tables["landscape"].set_index("benchmark")
    assert not rows["exact"].any()
    measures = (
        "local_optima", "reach_best", "reach_first", "near_best", "near_first", "moves_best", "moves_first",
        "rank_autocorrelation", "error_autocorrelation", "correlation_length", "rank_fitness_distance",
    )  # fmt: skip
    for name in names:
        for measure in measures:
            width = rows.loc[name, f"{measure}_high"] - rows.loc[name, f"{measure}_low"]
            assert rows.loc[name, f"{measure}_low"] - width / 2 <= exact.loc[name, measure]
            assert exact.loc[name, measure] <= rows.loc[name, f"{measure}_high"] + width / 2
    assert sentences[-1].startswith("The optimum of nasbench201-cifar10 is not known.")
    assert "(surrogate, sampled, 1 benchmark)" in sentences[1]


def test_tables_and_models_of_a_space_are_described_apart():
    found = [planted(SPACE, random_errors(SPACE, seed), name) for seed, name in enumerate(("table", "model"))]
    found[1].facts = replace(found[1].facts, provenance="surrogate")
    _, sentences = landscape(found)
    assert "(synthetic, exact, 1 benchmark)" in sentences[0]
    assert "(surrogate, exact, 1 benchmark)" in sentences[1]


def test_distances_follow_edges_that_lead_one_way():
    members = product(3, 3).enumerate()[[0, 1, 5, 13, 26]]
    pool = PoolSpace("pool", product(3, 3), members, neighbours=2)
    edges, wanted = find_edges(pool), np.array([True, False, False, False, False])
    found = distances(edges, wanted)
    near = {row: [other[0] for other in pool.neighbours((row,))] for row in range(5)}
    assert found[0] == 0
    for row in range(1, 5):
        ahead = np.nanmin(np.append(found[near[row]], np.inf))
        assert found[row] == ahead + 1 or (np.isnan(found[row]) and np.isinf(ahead))


def test_small_tables_and_large_spaces_are_sorted_out():
    assert study.is_enumerated(load_benchmark("synthetic"))
    assert study.is_enumerated(load_benchmark("fcnet-naval"))
    many = ChoiceSpace("many", {f"p{i}": range(10) for i in range(6)})
    assert not study.is_enumerated(
        as_surrogate(planted(SPACE, random_errors(SPACE, 0))).__class__(
            planted(SPACE, random_errors(SPACE, 0)).facts, many, None, "none"
        )
    )
