from __future__ import annotations

import io
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from plots.tables.paper import table_data, table_text
from results.storage.study import Study

BUDGET = {"evaluations": 1}


def study(studies: ModuleType, regrets: dict[str, list[float]], **fields: Any) -> Study:
    cells = [
        studies.cell({i: [(1, 0.05 + r)] for i, r in enumerate(values)}, BUDGET, label=label, benchmark="Space, set")
        for label, values in regrets.items()
    ]
    made: Study = studies.study(*cells, **fields)
    return made


def rows_of(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("|")]


@pytest.fixture
def three(studies: ModuleType) -> Study:
    """`even` is like `best`, `worse` is not."""
    wiggle = np.array([1, -1, 2, -2, 3, -3, 4, -4, 5, -5])
    best = 0.0100 + wiggle / 1e4
    return study(
        studies, {"worse": (best + 0.01).tolist(), "best": best.tolist(), "even": (best - wiggle / 5e3 + 1e-5).tolist()}
    )


def test_a_table_by_hand(three: Study) -> None:
    data = table_data(three).set_index("label")
    assert_allclose(data["centre"], [0.02, 0.01, 0.01001])
    assert_allclose(data["sd"], np.std([1, -1, 2, -2, 3, -3, 4, -4, 5, -5], ddof=1) / 1e4)
    assert_allclose(data.loc["worse", "p_holm"], 2 * 2 / 2**10)  # two comparisons; all ten differences are positive
    assert data["best"].tolist() == [False, True, False]
    assert data["bold"].tolist() == [False, True, True]
    text = table_text(three)
    assert rows_of(text) == [
        ["algorithm", "Space, set"],
        ["---", "--:"],
        ["worse", "2.000 ± 0.035"],
        ["best", "**1.000 ± 0.035**"],
        ["even", "**1.001 ± 0.035**"],
    ]
    assert "Mean ± standard deviation over trials of the regret of the final incumbent (validation@200)" in text
    assert "in percentage points. 10 trials per algorithm; data: recorded." in text
    assert "all algorithms that are not significantly worse (two-sided paired Wilcoxon test against it," in text
    assert "Holm-adjusted within the column, level 0.05). Tests here are of the end regret, not of the area." in text
    assert "Resolution" not in text


def test_medians_errors_and_areas(three: Study) -> None:
    assert "1.000 [0.973, 1.028]" in table_text(three, statistic="median")
    assert "Median \\[quartiles\\]" in table_text(three, statistic="median")
    assert "**6.000 ± 0.035**" in table_text(three, measure="error")
    assert "in percent." in table_text(three, measure="error")
    assert "Tests here are of the end error, not of the area." in table_text(three, measure="error")
    assert "Resolution" not in table_text(three, measure="error")
    assert "Resolution, the smallest difference in area" in table_text(three, measure="area")
    assert "Tests here" not in table_text(three, measure="area")
    # 99 of the 100 points lie before the only completion, at the median architecture's 0.2.
    assert f"**−{-(99 * np.log10(0.2) - 2) / 100:.5f}" in table_text(three, measure="area")
    assert "in dex." in table_text(three, measure="area")
    with pytest.raises(ValueError, match="measure must be one of regret, error, area, got 'rank'"):
        table_data(three, measure="rank")  # type: ignore[arg-type]


def test_what_is_modelled_is_called_so_and_what_beats_its_reference_is_counted(studies: ModuleType) -> None:
    made = study(studies, {"mine": [-0.001, 0.001, -0.002], "other": [0.1, 0.2, 0.3]}, provenance="surrogate")
    text = table_text(made)
    assert "; data: surrogate." in text
    assert "2 trials ended below a surrogate's reference value (counted as regret 0)." in text


def test_what_regret_is_above_is_named_where_it_is_no_optimum(studies: ModuleType) -> None:
    made = study(studies, {"mine": [0.01, 0.02, 0.03]}, provenance="surrogate")
    assert "reference" not in table_text(made)
    made.benchmarks["Space, set"]["reference"] = 3
    assert "Regret is measured from the reference value (version 3; the optimum is unknown)." in table_text(made)
    assert "reference" not in table_text(made, measure="error")


def test_latex_is_escaped_and_csv_is_raw(studies: ModuleType) -> None:
    made = study(studies, {"a_b & 50 % {x} \\y^~": [0.1, 0.2], "_": [0.3, 0.3]})
    text = table_text(made, "latex")
    assert r"a\_b \& 50 \% \{x\} \textbackslash{}y\textasciicircum{}\textasciitilde{} & 15.0 $\pm$ 7.1 \\" in text
    assert text.count(r"\begin{tabular}{lr}") == text.count(r"\end{tabular}") == 1
    assert r"Mean $\pm$ standard deviation" in text
    package, caption, table = text.splitlines()[:3]
    assert (package, table) == (r"% \usepackage{booktabs}", r"\begin{tabular}{lr}")
    assert caption.startswith(r"% \caption{Mean $\pm$ standard deviation over trials of")
    assert caption.endswith("}")
    assert caption.count("{") == caption.count("}")
    back = pd.read_csv(io.StringIO(table_text(made, "csv")))
    pd.testing.assert_frame_equal(back, table_data(made), check_dtype=False)


def test_markdown_is_escaped(studies: ModuleType) -> None:
    assert r"| a\|b\*c\_d |" in table_text(study(studies, {"a|b*c_d": [0.1, 0.2]}))


@pytest.mark.parametrize(
    ("label", "latex", "markdown"),
    [
        ("[x]", "{}[x]", r"\[x\]"),
        ("*star*", "{}*star*", r"\*star\*"),
        (" [x]", "{} [x]", r"\[x\]"),
        ("a<b>c|d", r"a\textless{}b\textgreater{}c\textbar{}d", r"a\<b\>c\|d"),
        ("&lt; $x$ ~~y~~ `z`", None, r"\&lt; \$x\$ \~\~y\~\~ \`z\`"),
        ("a\nb\r\u2028c", "a b c", "a b c"),
        ("a---b", "a-{}-{}-b", "a---b"),
    ],
)
def test_a_label_is_text_in_a_row_of_its_own(studies: ModuleType, label: str, latex: str | None, markdown: str) -> None:
    made = study(studies, {"before": [0.1, 0.2], label: [0.1, 0.2]})
    assert rows_of_text(table_text(made))[-1].strip("| ").split(" | ")[0] == markdown
    if latex is not None:
        assert f"\\\\\n{latex} & 15.0" in table_text(made, "latex")


def rows_of_text(text: str) -> list[str]:
    return [row for row in text.splitlines() if row.startswith("|")]


def test_a_single_algorithm_has_nothing_to_be_compared_with(studies: ModuleType) -> None:
    text = table_text(study(studies, {"alone": [0.1] * 9}))
    assert "**" not in text
    assert "Nothing is bold, because no column has two algorithms with trials to compare." in text
    assert "too few" not in text


def test_quartiles_are_named_so_whatever_is_in_the_centre(three: Study) -> None:
    for statistic in ("mean", "median"):
        data = table_data(three, statistic=statistic).set_index("label")
        assert_allclose(data.loc["best", ["quartile_low", "quartile_high"]].tolist(), [0.009725, 0.010275])


def test_small_numbers_share_a_power_of_ten(studies: ModuleType) -> None:
    made = study(studies, {"a": [1e-5, 2.2e-5, 3.4e-5], "b": [4e-5, 5.2e-5, 6.4e-5]}, unit="mean squared error")
    head, _, a, b = rows_of(table_text(made))
    assert head[1] == "Space, set [× 1e-5]"
    assert (a[1], b[1]) == ("2.2 [1.6, 2.8]", "5.2 [4.6, 5.8]")
    assert r"[$\times 10^{-5}$]" in table_text(made, "latex")


def test_nothing_is_bold_without_a_test(studies: ModuleType) -> None:
    text = table_text(study(studies, {"a": [0.1] * 7, "b": [0.2] * 7}))
    assert "**" not in text
    assert "Nothing is bold, because there are too few common trials for a test." in text
    assert "Tests here" not in text


def test_what_is_missing_is_said(studies: ModuleType) -> None:
    full = studies.cell({t: [(1, 0.06)] for t in range(9)}, BUDGET, label="full")
    part = studies.cell({t: [(1, 0.07)] for t in range(3)}, BUDGET, label="part", wanted=9)
    none = studies.cell({}, BUDGET, label="none", wanted=9)
    text = table_text(studies.study(full, part, none))
    assert rows_of(text)[3:] == [["part", "2.00 ± 0.00 (3 of 9)"], ["none", "–"]]
    assert "incomplete: part on bench 3 of 9, none on bench 0 of 9" in text
    with pytest.raises(ValueError, match="no completed trials yet"):
        table_text(studies.study(none))


def test_columns_are_named_by_what_tells_them_apart(studies: ModuleType) -> None:
    made = studies.realistic(labels=("a", "b"), trials=8, evaluations=20)
    text = table_text(made)
    assert rows_of(text)[0] == ["algorithm", "CIFAR-10", "CIFAR-100", "ImageNet16-120"]
    assert "NAS-Bench-201. Mean" in text


def test_an_algorithm_that_the_test_finds_better_is_bold_too(studies: ModuleType) -> None:
    # `outlier` has the higher mean for one bad trial, but is lower in all others.
    made = study(studies, {"steady": [0.02] * 20, "outlier": [0.01] * 19 + [0.9]})
    data = table_data(made).set_index("label")
    assert data["best"].to_dict() == {"steady": True, "outlier": False}
    assert data.loc["outlier", "p_holm"] < 0.05
    assert data["bold"].all()
