"""Contract checks of every space."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from benchmarks import ChoiceSpace
from benchmarks.registry import SPACES, load_space
from benchmarks.spaces.pool import PoolSpace
from harness.conformance.space_checks import SPACE_CHECKS


def pool():
    """Return a pool of cells with different hashes."""
    of = load_space("nasbench101")
    rng = np.random.default_rng(9)
    cells = {of.hash(cell): cell for cell in (of.sample(rng) for _ in range(500))}
    return PoolSpace("some cells", of, np.array(list(cells.values()), dtype=np.int16))


def pool_of_choices():
    of = ChoiceSpace("choices", {"depth": (1, 2, 3), "width": (8, 16, 32), "skip": ("no", "yes")})
    return PoolSpace("some choices", of, of.enumerate()[::2], neighbours=4)


MAKERS = {name: partial(load_space, name) for name in SPACES} | {"pool": pool, "pool of choices": pool_of_choices}


@pytest.fixture(scope="module", params=MAKERS)
def space(request):
    return MAKERS[request.param]()


@pytest.mark.parametrize("check", SPACE_CHECKS, ids=lambda check: check.run.__name__.removeprefix("check_"))
def test_a_space_passes_the_contract_checks(space, check):
    check.run(space)
