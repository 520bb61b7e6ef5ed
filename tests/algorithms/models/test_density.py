"""The density model of TPE and BOHB, compared with a kernel worked out by hand and with HpBandSter's rules."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms.models.density import CategoricalDensity, GoodBadModel, enough, sizes


def by_hand(data, points, bandwidths, levels):
    """Return the mean over the data of the product of Aitchison and Aitken's kernels, computed in scalars."""
    densities = []
    for point in points:
        total = 0.0
        for datum in data:
            kernel = 1.0
            for x, xi, h, c in zip(point, datum, bandwidths, levels, strict=True):
                kernel *= 1 - h if x == xi else h / (c - 1)
            total += kernel
        densities.append(total / len(data))
    return np.array(densities)


@pytest.fixture
def data():
    return np.random.default_rng(3).integers([5, 4, 3, 2], size=(17, 4))


CARDINALITIES = np.array([5, 4, 3, 2])
GOLDEN_BANDWIDTHS = [1.2457202879354035, 0.42908521634801705, 0.7069217308544812]
GOLDEN_DENSITIES = [0.016495150488234474, 0.04896046387674957, -0.0002231637937136845, 0.05100542150748499]


def test_bandwidths_follow_the_rule_of_thumb_clipped_to_the_uniform_kernel(data):
    rule = 1.06 * data.std(axis=0) * 17 ** (-1 / 8)
    density = CategoricalDensity(data, CARDINALITIES, 1e-3)
    assert density.bandwidths == pytest.approx(np.minimum(rule, [4 / 5, 3 / 4, 2 / 3, 1 / 2]), abs=1e-12)
    assert CategoricalDensity(data, CARDINALITIES, 1e-3, "hpbandster").bandwidths == pytest.approx(rule, abs=1e-12)
    assert (CategoricalDensity(data[:1], CARDINALITIES, 0.3, "hpbandster").bandwidths == 0.3).all()


def test_densities_equal_those_worked_out_by_hand_and_sum_to_one(data):
    every = np.stack(np.meshgrid(*map(np.arange, CARDINALITIES), indexing="ij"), -1).reshape(-1, 4)
    density = CategoricalDensity(data, CARDINALITIES, 1e-3)
    assert density(every) == pytest.approx(by_hand(data, every, density.bandwidths, CARDINALITIES), abs=1e-9)
    assert density(every).sum() == pytest.approx(1.0)
    assert (density(every) > 0).all()


def test_compat_takes_the_levels_that_occur_and_may_be_negative(data):
    codes = data.copy()
    codes[:, 0] = np.where(codes[:, 0] < 3, 0, 4)
    density = CategoricalDensity(codes, CARDINALITIES, 1e-3, "hpbandster")
    points = np.array([[0, 0, 0, 0], [4, 3, 2, 1], [1, 1, 1, 1]])
    levels = [len(np.unique(column)) for column in codes.T]
    assert levels[0] == 2
    assert density.bandwidths[0] > 1
    assert density(points) == pytest.approx(by_hand(codes, points, density.bandwidths, levels), abs=1e-9)


def test_numbers_of_good_and_bad_points_are_hpbandsters():
    assert sizes(100, 6, 0.15) == (15, 85)
    assert sizes(20, 6, 0.15) == (7, 17)
    assert [enough(n, 6, 0.15) for n in (7, 13, 14)] == [False, False, True]


def test_the_model_splits_by_error_and_proposes_what_is_likely_among_the_good():
    rng = np.random.default_rng(0)
    data = rng.integers(4, size=(200, 5))
    errors = (data != 2).sum(axis=1) / 5 + rng.normal(0, 0.01, 200)
    model = GoodBadModel(data, errors, [4] * 5, 0.15, 1e-3)
    proposals = np.array([model.propose(rng, 64) for _ in range(50)])
    assert (proposals == 2).mean() > 0.8
    points = model.candidates(rng, 2000)
    assert points.shape == (2000, 5)
    assert 0.3 < (points == 2).mean() < 0.95
    best, worst = np.full((1, 5), 2), np.full((1, 5), 1)
    assert model.score(best) < model.score(worst)


def test_a_candidate_keeps_a_category_with_one_minus_its_bandwidth():
    data = np.zeros((40, 3), dtype=np.int64)
    model = GoodBadModel(data, np.arange(40.0), [4] * 3, 0.15, 0.4)
    assert (model.good.bandwidths == 0.4).all()
    points = model.candidates(np.random.default_rng(1), 40_000)
    assert (points == 0).mean() == pytest.approx(0.6 + 0.4 / 4, abs=0.005)


@pytest.mark.library("statsmodels")
def test_densities_equal_those_of_statsmodels(data):
    """Bandwidths clipped from below as HpBandSter does it, on fixed observations."""
    from statsmodels.api import nonparametric

    for minimum in (1e-3, 0.3):
        theirs = nonparametric.KDEMultivariate(data=data, var_type="uuuu", bw="normal_reference")
        theirs.bw = np.clip(theirs.bw, minimum, None)
        ours = CategoricalDensity(data, CARDINALITIES, minimum, "hpbandster")
        assert ours.bandwidths == pytest.approx(theirs.bw, abs=1e-9)
        assert ours(data) == pytest.approx(theirs.pdf(data), abs=1e-9)


def test_densities_equal_what_statsmodels_gave():
    """KDEMultivariate of statsmodels 0.15.0 with ``normal_reference``, bandwidths clipped to at least 1e-3."""
    codes = np.array([[0, 1, 2], [3, 1, 0], [0, 0, 2], [1, 1, 1], [0, 2, 2], [4, 1, 2], [0, 1, 0]])
    density = CategoricalDensity(codes, np.array([5, 3, 3]), 1e-3, "hpbandster")
    assert density.bandwidths == pytest.approx(GOLDEN_BANDWIDTHS, abs=1e-9)
    assert density(codes[:4]) == pytest.approx(GOLDEN_DENSITIES, abs=1e-9)


def test_counted_categories_have_a_prior_observation_each(data):
    density = CategoricalDensity(data, CARDINALITIES, 1e-3, "counts")
    assert density.bandwidths == pytest.approx([4 / 22, 3 / 21, 2 / 20, 1 / 19])
    every = np.stack(np.meshgrid(*map(np.arange, CARDINALITIES), indexing="ij"), -1).reshape(-1, 4)
    expected = (17 * by_hand(data, every, density.bandwidths, CARDINALITIES) + 1 / 120) / 18
    assert density(every) == pytest.approx(expected, abs=1e-12)
    assert density(every).sum() == pytest.approx(1.0)
