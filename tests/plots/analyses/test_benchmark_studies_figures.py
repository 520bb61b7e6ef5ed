"""The figures of the studies of benchmarks: everything lies within them, also with odd tables."""

from __future__ import annotations

import numpy as np
import pytest
from framed import assert_within
from planted_tables import as_surrogate, planted, product, random_errors

from benchmarks.analyses import landscape as study
from benchmarks.analyses.fidelity import fidelity
from benchmarks.analyses.landscape import landscape
from benchmarks.analyses.transfer import transfer
from plots.analyses.fidelity import fidelity_figures
from plots.analyses.landscape import landscape_figures
from plots.analyses.transfer import number, short_names, transfer_figures

SPACE = product(3, 3)
LONG = "a-benchmark-with-quite-a-long-name-number"


def tables_of(count, repeats=1, space=SPACE, fidelities=(1.0, 4.0)):
    rng = np.random.default_rng(0)
    return [
        planted(space, {at: rng.random((space.size, repeats)) for at in fidelities}, f"{LONG}-{i}")
        for i in range(count)
    ]


@pytest.mark.parametrize(("count", "repeats"), [(2, 1), (13, 2)])
def test_heat_maps(count, repeats):
    (figure,) = transfer_figures(transfer(tables_of(count, repeats))[0]).values()
    assert_within(figure)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [f"{i} ({i + 1})" for i in range(count)]


def test_short_names_keep_a_word():
    assert short_names(["a-b-c", "a-b-d"]) == ["c", "d"]
    assert short_names(["a-b", "a-b-d"]) == ["b", "b-d"]
    assert short_names(["a-b"]) == ["a-b"]
    assert [number(value) for value in (0.804, -0.25, 1.0, 0.999, 0.0, -0.001)] == [
        ".80",
        "-.25",
        "1",
        "1",
        ".00",
        ".00",
    ]


@pytest.mark.parametrize("sampled", [False, True])
def test_landscapes(sampled, monkeypatch):
    if sampled:
        monkeypatch.setattr(study, "ENUMERATED", 0)
    lone = planted(product(1, 1, "lone"), [[0.1, 0.2]], "lone") if not sampled else as_surrogate(tables_of(1)[0])
    (figure,) = landscape_figures(landscape([*tables_of(2, 2), lone])[0]).values()
    assert_within(figure)


@pytest.mark.parametrize(("count", "repeats", "fidelities"), [(1, 1, (1.0, 2.0)), (11, 3, (1.0, 3.0))])
def test_fidelities(count, repeats, fidelities):
    tables, _ = fidelity(tables_of(count, repeats, fidelities=fidelities))
    (figure,) = fidelity_figures(tables).values()
    assert_within(figure)
    drawn = "".join(text.get_text() for text in figure.texts)
    assert ("A regret of 0 is" in " ".join(drawn.split())) == (tables["fidelity"]["regret_at_equal_cost"] <= 0).any()


def test_errors_that_fill_a_surrogate():
    table = planted(SPACE, {1.0: random_errors(SPACE, 1), 2.0: random_errors(SPACE, 2)})
    (figure,) = fidelity_figures(fidelity([as_surrogate(table)])[0]).values()
    assert_within(figure)
