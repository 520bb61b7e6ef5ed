"""Queries that a baseline keeps come back as they were asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.gate.queries import packed, unpacked


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=5), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_they_come_back(counts, width, seed):
    rng = np.random.default_rng(seed)
    n = sum(counts)
    genotypes = rng.integers(-3, 300, (n, width)).astype(np.int16)
    fidelities = rng.choice([1.0, 12.5, 200.0], n)
    trials = {7 + 2 * number: count for number, count in enumerate(counts)}
    found = unpacked(packed(genotypes, fidelities, trials))
    assert {trial: len(asked) for trial, asked in found.items()} == trials
    together = [query for asked in found.values() for query in asked]
    assert [query.architecture for query in together] == [tuple(row) for row in genotypes.tolist()]
    assert [query.fidelity for query in together] == fidelities.tolist()


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "eJxLBAAAQgBC"])
def test_a_damaged_text_is_an_error(text):
    with pytest.raises(ValueError, match="the queries cannot be read"):
        unpacked(text)


def test_a_hundred_evaluations_take_little_room():
    rng = np.random.default_rng(0)
    text = packed(rng.integers(0, 5, (3000, 6)).astype(np.int16), np.full(3000, 200.0), dict.fromkeys(range(30), 100))
    assert len(text) < 3 * 3000
