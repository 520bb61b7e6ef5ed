"""What a summary says after a run until decided."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import studies
from rich.console import Console

from plots.drawing.caption_writer import Captions
from plots.report.overall import overall
from plots.report.verdict import method, verdicts
from plots.tables.paper import table_data, table_text
from plots.tables.terminal import summary_table
from results.statistics.sequential import SequentialTest, decide
from results.storage.stopping import StoppingRule
from results.storage.study import Stopping, Study
from results.summaries.decision_words import MORE_TRIALS, decided_words, decision_words, forecast_words
from results.summaries.decisions import paired_prefix
from results.summaries.summary import summarize
from results.summaries.types import PairDecision

LABELS = ("random", "climber", "twin")


def race(trials: int = 60, rule: str = "symmetric", lacking: int | None = None) -> Study:
    """A climber that is .2 dex better than random search, and a twin of random search with a little noise."""
    rng = np.random.default_rng(5)
    cells = []
    levels = rng.normal(-1.5, 0.1, trials)
    for label, shift, noise in zip(LABELS, (0.0, -0.2, 0.0), (0.0, 0.1, 0.02), strict=True):
        areas = levels + shift + rng.normal(0, 1, trials) * noise
        errors = {t: [(0.5, 0.05 + 10**area)] for t, area in enumerate(areas) if (label, t) != ("twin", lacking)}
        cells.append(studies.cell(errors, {"seconds": 100.0}, label=label, wanted=trials))
    stopping = Stopping(StoppingRule(rule=rule), 0, {"bench": 3})
    return replace(studies.study(*cells), stopping=stopping)


def shown(study: Study) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(summary_table(summarize(study)))
    return console.export_text()


@pytest.mark.parametrize("rule", ["symmetric", "bounded"])
def test_pairs_are_decided_and_have_no_p_value(rule):
    study = race(150, rule)
    (panel,) = summarize(study).benchmarks
    by_pair = {(pair.a, pair.b): pair for pair in panel.pairs}
    better, same = by_pair["random", "climber"], by_pair["random", "twin"]
    assert (better.winner, better.verdict, better.decision.outcome) == ("climber", "climber beats random", "decided")
    assert (same.winner, same.verdict, same.decision.outcome) == (None, "equivalent within 0.1 dex", "equivalent")
    for pair in panel.pairs:
        assert pair.trials == pair.decision.trials < 150
        assert {pair.p_holm, pair.median_difference, pair.low, pair.a_no_worse, pair.refusal} == {None}
        assert pair.decision.low < pair.decision.mean_difference < pair.decision.high
    assert (panel.stopping.rule, panel.stopping.alpha, panel.rank_trials) == (rule, 0.05, 150)
    json.dumps(asdict(panel), allow_nan=False)


def test_a_decision_rests_on_the_test_of_its_share_of_the_level():
    study = race()
    (pair, *_) = summarize(study).benchmarks[0].pairs
    areas = [np.log10([error - 0.05 for error in cell.evaluations[studies.INCUMBENT + studies.TARGET]])
             for cell in study.cells]  # fmt: skip
    found = decide(areas[0] - areas[1], SequentialTest(0.05 / 3, 0.1), 10)
    np.testing.assert_allclose([pair.decision.mean_difference, pair.decision.low, pair.decision.high],
                               [found.mean, found.low, found.high])  # fmt: skip
    assert pair.trials == found.trials
    alone = replace(study, cells=study.cells[:2])  # a figure of two algorithms shows the same decision
    assert summarize(alone).benchmarks[0].pairs[0] == pair


def test_a_missing_trial_leaves_its_pairs_open_from_there_on():
    (panel,) = summarize(race(lacking=4)).benchmarks
    climber, twin, other = panel.pairs
    assert climber.winner == "climber"
    for pair in (twin, other):
        assert (pair.verdict, pair.trials, pair.winner) == ("open", 0, None)
        assert forecast_words(pair.decision) == "trial 4 of twin has no result"
    (late,) = summarize(race(lacking=55)).benchmarks
    assert [pair.decision.outcome for pair in late.pairs] == ["decided", "equivalent", "decided"]


def test_an_open_pair_says_how_many_trials_it_will_probably_take():
    (panel,) = summarize(race(trials=10)).benchmarks
    decision = panel.pairs[2].decision
    assert (decision.outcome, decision.trials, decision.reason) == ("open", 10, MORE_TRIALS)
    assert decision.forecast >= 20
    assert decision_words(decision).endswith(f"probably {decision.forecast} trials in all")
    (early,) = summarize(race(trials=7)).benchmarks
    assert [pair.trials for pair in early.pairs] == [0, 0, 0]
    assert "Traceback" not in shown(race(trials=7))


def test_the_prefix_ends_before_the_first_gap():
    a = pd.Series([1.0, 2.0, 3.0, 4.0], index=[5, 6, 8, 9])
    b = pd.Series([0.5, 0.5, 0.5, 0.5], index=[4, 5, 6, 8])
    assert paired_prefix(a, b, 5).tolist() == [0.5, 1.5]
    assert paired_prefix(a, b, 4).tolist() == []


def test_terminal_caption_table_and_report_say_the_same():
    study = race()
    summary = summarize(study)
    (panel,) = summary.benchmarks
    said = decision_words(panel.pairs[0].decision, reverse=True)
    assert said.startswith("decided after ")
    caption = Captions(study, summary).caption("Drawn.")
    (verdict,) = verdicts(summary)
    texts = [shown(study), caption.full, " ".join(verdict.details), table_text(study, "csv")]
    for text in texts[:-1]:
        assert said in text
        assert "sequential" in text or text in (texts[0], texts[2])
    for text in [*texts, method(summary), table_text(study)]:
        assert "Wilcoxon" not in text
        assert "p = " not in text
    assert (verdict.headline, overall([verdict, verdict])) == ("climber wins.", "climber wins on both benchmarks.")
    data = table_data(study)
    assert data["p_holm"].isna().all()
    assert data.set_index("label")["bold"].to_dict() == {"random": False, "climber": True, "twin": False}


def test_many_pairs_are_counted():
    (panel,) = summarize(race()).benchmarks
    first = panel.pairs[0]
    many = [replace(first, a=f"loser {i}", loser=f"loser {i}") for i in range(7)]
    trials = first.trials
    assert decided_words(many) == [f"climber beats 7 algorithms (after {trials} to {trials} trials)"]


def test_equivalent_and_open_headlines():
    study = race()
    twins = replace(study, cells=[study.cells[0], study.cells[2]])
    (verdict,) = verdicts(summarize(twins))
    assert verdict.headline == "All are equivalent within 0.1 dex."
    unsure = PairDecision("open", 10, 0.1, None, None, None, MORE_TRIALS)
    assert decision_words(unsure) == (
        "open after 10 trials: +0.100 [-∞, ∞] dex; probably more than 2,000 trials in all"
    )
