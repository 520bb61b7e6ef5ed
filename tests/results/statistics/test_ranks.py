from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.testing import assert_array_equal

from results.statistics.ranks import average_ranks, rank_curves


def test_ranks_share_ties_and_use_the_common_trials() -> None:
    values = pd.DataFrame({"a": [1.0, 2.0, 5.0], "b": [1.0, 3.0, np.nan], "c": [2.0, 1.0, 0.0], "empty": [np.nan] * 3})
    ranks, n_trials = average_ranks(values)
    assert n_trials == 2
    assert_array_equal(ranks.to_numpy(), [(1.5 + 2) / 2, (1.5 + 3) / 2, (3 + 1) / 2, np.nan])
    ranks, n_trials = average_ranks(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]}))
    assert n_trials == 0
    assert ranks.isna().all()


def test_rank_curves_by_hand() -> None:
    a = pd.DataFrame([[np.nan, 0.30, 0.0002], [0.5, 0.20, 0.1]], index=[0, 3])
    b = pd.DataFrame([[0.2, 0.20, 0.0004], [0.5, 0.30, 0.2]], index=[0, 3])
    c = pd.DataFrame([[0.1, 0.25, 0.0100], [0.1, 0.25, 0.0], [0.1, 0.1, 0.1]], index=[0, 3, 5])
    ranks = rank_curves({"a": a, "b": b, "c": c, "none": a.iloc[:0]}, floor=0.001)
    assert list(ranks) == ["a", "b", "c"]
    assert_array_equal(ranks["a"].to_numpy(), [[np.nan, 3, 1.5], [2.5, 1, 2]])
    assert_array_equal(ranks["b"].to_numpy(), [[np.nan, 1, 1.5], [2.5, 3, 3]])
    assert_array_equal(ranks["c"].to_numpy(), [[np.nan, 2, 3], [1, 2, 1]])
    assert rank_curves({"none": a.iloc[:0]}, floor=0.001) == {}
