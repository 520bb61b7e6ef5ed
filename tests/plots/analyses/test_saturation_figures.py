"""The figures of the study ``saturation``: everything lies within them, also with odd results."""

from __future__ import annotations

import pytest
from framed import assert_within
from spaces import study_of

from plots.analyses.saturation import saturation_figures
from results.analyses.saturation import saturation
from results.storage.study import Study


def grid(labels: str, trials: int, n: int = 3) -> Study:
    areas = {
        f"a benchmark with quite a long name, number {i}": {
            label: [-1.0 - 0.1 * j - 0.03 * (t * (j + 1) % 5) for t in range(trials)] for j, label in enumerate(labels)
        }
        for i in range(n)
    }
    return study_of(areas, {name: (f"space {i // 2}", name) for i, name in enumerate(areas)})


@pytest.mark.parametrize(("labels", "trials"), [("pqrt", 6), ("pq", 1), ("p", 3)])
def test_everything_lies_within_the_figures(labels: str, trials: int) -> None:
    tables, _ = saturation([grid(labels, trials)])
    figures = saturation_figures(tables)
    assert set(figures) == {"saturation", "correlations"}
    for figure in figures.values():
        assert_within(figure)
    said = " ".join(text.get_text() for text in figures["correlations"].texts)
    assert ("no orders are correlated" in " ".join(said.split())) == (len(labels) < 3)


def test_one_benchmark_has_no_correlations() -> None:
    tables, _ = saturation([grid("pqr", 4, n=1)])
    assert set(saturation_figures(tables)) == {"saturation"}
