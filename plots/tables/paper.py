"""The table of a study for a paper, as LaTeX, Markdown or CSV."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from plots.drawing.caption import shared_name, short_names, trials_words
from plots.drawing.caption_writer import Captions
from plots.drawing.export import spreadsheet_safe
from plots.drawing.units import regret_unit
from plots.tables.notation import LATEX, MARKDOWN, Notation
from results.anytime.comparisons import Comparison, comparisons
from results.anytime.curves import Axis, default_axis, incumbent_error, resolve_horizon
from results.anytime.regret import area_under_log_regret, end_regret
from results.statistics.bootstrap import ALPHA
from results.statistics.paired import holm, paired_wilcoxon
from results.statistics.unpaired import rank_sum
from results.storage.records import ResultsError
from results.storage.study import Cell, Study
from results.summaries.decisions import decide_pairs
from results.summaries.pair_words import MOST_NAMED
from results.summaries.summary import display_statistic, summarize
from results.summaries.types import PairSummary, Summary

Measure = Literal["regret", "error", "area"]
"""The regret or true error of the final incumbent, or the area under log regret."""

Format = Literal["markdown", "latex", "csv"]

MOST_DECIMALS = 5
"""A column whose numbers need more decimals has a power of ten in its heading."""

_MEASURES = {
    "regret": "regret of the final incumbent",
    "error": "true error of the final incumbent",
    "area": "area under log regret",
}
_COLUMNS = [
    "benchmark",
    "label",
    "trials",
    "wanted",
    "centre",
    "quartile_low",
    "quartile_high",
    "sd",
    "p_holm",
    "best",
    "bold",
]
_COLUMNS += ["measure", "statistic", "target", "unit", "resolution"]


def table_data(
    study: Study,
    target: str | None = None,
    measure: Measure = "regret",
    statistic: Literal["mean", "median"] | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
    summary: Summary | None = None,
) -> pd.DataFrame:
    """Return the numbers of a study's table.

    On each benchmark, the algorithm with the lowest mean or median is the best. Every other algorithm is compared with
    it by a two-sided paired Wilcoxon test over their common trials, Holm-adjusted over the benchmark's comparisons.
    After a run until decided, the decisions by area take the place of these tests, and no p-value is given.

    Parameters
    ----------
    study : Study
        Complete or not.
    target, axis, horizon
        As for `results.anytime.comparisons.comparisons`. Axis and horizon apply to the area only.
    measure : {"regret", "error", "area"}
    statistic : {"mean", "median"}, optional
        Default: the mean of fractions and areas, the median of unbounded errors.
    summary : Summary, optional
        The summary for the same target, axis and horizon, to save its computation.

    Returns
    -------
    DataFrame
        One row per cell: ``benchmark, label, trials, wanted, centre`` (mean or median), ``quartile_low, quartile_high,
        sd, p_holm`` (against the best; NaN for the best itself and if not tested), ``best, bold`` (whether it is the
        best, or not significantly worse), ``measure, statistic, target, unit, resolution`` (of the benchmark's tests of
        the area [dex], `results.summaries.types.Resolution`; NaN if unknown).

    Raises
    ------
    ResultsError
        As `results.anytime.comparisons.comparisons`, and if the measure is unknown.
    """
    if measure not in _MEASURES:
        raise ResultsError(f"measure must be one of {', '.join(_MEASURES)}, got {measure!r}")
    panels = (summary or summarize(study, target, axis, horizon)).benchmarks
    resolutions = {panel.benchmark: panel.resolution.difference for panel in panels}
    frames = []
    for comparison in comparisons(study, target, axis, horizon):
        chosen = statistic or ("mean" if measure == "area" else display_statistic(comparison.unit))
        values = {cell.label: _values(study, cell, comparison, measure) for cell in comparison.cells}
        rows = pd.DataFrame([_row(cell, values[cell.label], chosen) for cell in comparison.cells])
        unit = f"log10 {comparison.unit}" if measure == "area" else comparison.unit
        decided = None if study.stopping is None else decide_pairs(study, comparison)
        recorded = {cell.label for cell in comparison.cells if cell.recorded}
        tested = _tested(rows, values, recorded) if decided is None else _decided(rows, decided)
        rows = rows.join(tested).assign(measure=measure, statistic=chosen, unit=unit)
        resolution = resolutions[comparison.benchmark]
        rows = rows.assign(target=comparison.target, resolution=np.nan if resolution is None else resolution)
        frames.append(rows[_COLUMNS])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


def _values(study: Study, cell: Cell, comparison: Comparison, measure: Measure) -> pd.Series[float]:
    if measure == "area":
        return area_under_log_regret(cell, study, comparison.target, comparison.axis, comparison.horizon)
    if measure == "regret":
        return end_regret(cell, study, comparison.target)
    axis = default_axis(cell.protocol)
    error = incumbent_error(cell, comparison.target, axis, [resolve_horizon(cell.protocol, axis)])
    return error.iloc[:, 0].fillna(float(comparison.facts["median"]))


def _row(cell: Cell, values: pd.Series[float], statistic: str) -> dict[str, object]:
    low, high = values.quantile([0.25, 0.75])
    return {
        "benchmark": cell.benchmark,
        "label": cell.label,
        "trials": len(values),
        "wanted": len(cell.wanted),
        "centre": values.mean() if statistic == "mean" else values.median(),
        "quartile_low": low,
        "quartile_high": high,
        "sd": values.std(ddof=1),
    }


def _decided(rows: pd.DataFrame, pairs: Sequence[PairSummary]) -> pd.DataFrame:
    """Return the columns of `_tested` after a run until decided: nothing has a p-value, and the losers are not bold."""
    centres = rows.set_index("label")["centre"].dropna()
    best = None if centres.empty else str(centres.idxmin())
    lost = {pair.loser for pair in pairs if pair.winner == best}
    known = {label for pair in pairs if pair.trials for label in (pair.a, pair.b)}
    bold = {label for label in map(str, centres.index) if label in known and label not in lost}
    return pd.DataFrame({"p_holm": np.nan, "best": rows["label"] == best, "bold": rows["label"].isin(bold)})


def _tested(rows: pd.DataFrame, values: Mapping[str, pd.Series[float]], recorded: Collection[str]) -> pd.DataFrame:
    """Compare every algorithm with the best one, and return the columns ``p_holm, best, bold``.

    Tests with recorded entries are unpaired.
    """
    centres = rows.set_index("label")["centre"].dropna()
    if centres.empty:
        return pd.DataFrame({"p_holm": np.nan, "best": False, "bold": False}, index=rows.index)
    best = str(centres.idxmin())
    tests = {
        label: (rank_sum if {best, label} & set(recorded) else paired_wilcoxon)(values[best], values[label])
        for label in map(str, centres.index)
        if label != best
    }
    tested = [label for label, test in tests.items() if not test.refused]
    adjusted = dict(zip(tested, holm([tests[label].p_value for label in tested]).tolist(), strict=True))
    worse = {label for label in tested if adjusted[label] < ALPHA and tests[label].direction < 0}
    bold = {best, *tested} - worse if tested else set()
    labels = rows["label"]
    p_holm = labels.map(adjusted).astype(np.float64)
    return pd.DataFrame({"p_holm": p_holm, "best": labels == best, "bold": labels.isin(bold)})


def table_text(
    study: Study,
    format: Format = "markdown",
    target: str | None = None,
    measure: Measure = "regret",
    statistic: Literal["mean", "median"] | None = None,
    axis: Axis | None = None,
    horizon: float | None = None,
) -> str:
    """Write a study's table: one row per algorithm, one column per benchmark, and a footnote.

    The best algorithm and those not significantly worse are bold. A cell is ``mean ± sd`` or
    ``median [quartile, quartile]`` over trials. Fractions are shown in percent or percentage points. The footnote
    explains the numbers, names the test behind the bold type, and lists missing trials.

    Parameters
    ----------
    study : Study
        Complete or not.
    format : {"markdown", "latex", "csv"}
        LaTeX begins with comments: the package that it needs, and the footnote as a caption. CSV is `table_data`, not
        rounded.
    target, measure, statistic, axis, horizon
        As for `table_data`.

    Raises
    ------
    ResultsError
        As `table_data`, and if no trial has completed.
    """
    summary = summarize(study, target, axis, horizon)
    data = table_data(study, target, measure, statistic, axis, horizon, summary)
    if format == "csv":
        return spreadsheet_safe(data).to_csv(index=False, lineterminator="\n")
    if summary.empty:
        raise ResultsError(summary.missing[0])
    notation = LATEX if format == "latex" else MARKDOWN
    names, labels = short_names(summary), list(dict.fromkeys(data["label"]))
    columns = {str(name): _column(rows, labels, notation) for name, rows in data.groupby("benchmark", sort=False)}
    body = [[notation.escape(label), *(column[1][label] for column in columns.values())] for label in labels]
    head = ["algorithm", *(notation.escape(names[name]) + power for name, (power, _) in columns.items())]
    shared = shared_name(summary)
    note = notation.escape((f"{shared}. " if shared else "") + _footnote(study, Captions(study, summary), data))
    return _latex(head, body, note) if format == "latex" else _markdown(head, body, note)


def _column(rows: pd.DataFrame, labels: Sequence[str], notation: Notation) -> tuple[str, dict[str, str]]:
    """Return the power of ten of a benchmark's column, empty for none, and its cells by label.

    All cells have the decimals that two digits of the median spread need. If these are more than five, a power of ten
    replaces some.
    """
    area, mean = bool((rows["measure"] == "area").all()), bool((rows["statistic"] == "mean").all())
    factor = 1.0 if area else regret_unit(str(rows["unit"].iloc[0]))[0]
    numbers = factor * rows.set_index("label")[["centre", "sd", "quartile_low", "quartile_high"]].astype(np.float64)
    spread = numbers["sd"] if mean else numbers["quartile_high"] - numbers["quartile_low"]
    typical = spread[spread > 0].median()
    decimals = 2 if np.isnan(typical) else max(int(1 - np.floor(np.log10(typical))), 0)
    exponent = int(np.floor(np.log10(numbers["centre"].abs().max()))) if decimals > MOST_DECIMALS else 0
    numbers, decimals = numbers / 10.0**exponent, decimals + exponent

    def written(value: float) -> str:
        return f"{value:.{decimals}f}".replace("-", notation.minus)

    cells = dict.fromkeys(labels, "–")
    for label, bold, trials, wanted in rows[["label", "bold", "trials", "wanted"]].itertuples(index=False):
        if trials:
            centre, sd, low, high = map(written, numbers.loc[label])
            text = (
                f"{centre} [{low}, {high}]" if not mean else centre + (notation.plus_minus + sd if trials > 1 else "")
            )
            text = notation.bold(text) if bold else text
            cells[label] = text if trials == wanted else f"{text} ({trials} of {wanted})"
    return notation.power.format(exponent=exponent) if exponent else "", cells


def _footnote(study: Study, captions: Captions, data: pd.DataFrame) -> str:
    measure, statistic = str(data["measure"].iloc[0]), sorted(set(data["statistic"]))
    spread = {"mean": "mean ± standard deviation", "median": "median [quartiles]"}
    units = [regret_unit(unit)[1] if measure != "area" else "dex" for unit in data["unit"].unique()]
    units = ["percent" if measure == "error" and unit == "percentage points" else unit for unit in units]
    cells = [cell for cell in study.cells if cell.benchmark in set(data["benchmark"])]
    shown = " or ".join(spread[name] for name in statistic)
    referred = measure != "error" and any(panel.reference is not None for panel in captions.summary.benchmarks)
    zero = [f"Regret is measured from {captions.zero()}."] if referred else []
    stopping = captions.summary.benchmarks[0].stopping
    bold = _bold_words(data) if stopping is None else _decided_words(data, captions)
    tests = captions.resolution(listed=False) if measure == "area" else _tested_words(data)
    return (
        f"{shown[0].upper()}{shown[1:]} over trials of the {_MEASURES[measure]} ({', '.join(data['target'].unique())}),"
        f" in {' or '.join(units)}. {trials_words(cells, 'algorithm', MOST_NAMED)}; data: {captions.provenance()}."
        f" {' '.join([*zero, *captions.summary.recorded, bold, *tests])}"
        f"{' '.join(['', *captions.clipped()])}"
    )


def _decided_words(data: pd.DataFrame, captions: Captions) -> str:
    return (
        f"Bold: the lowest {' or '.join(sorted(set(data['statistic'])))} of a column, and all algorithms that were not"
        f" found worse than it. {captions.area_tests()}"
    )


def _tested_words(data: pd.DataFrame) -> list[str]:
    """Say in a sentence what is tested if that is not the area, as elsewhere; no sentence without tests."""
    what = {"regret": "end regret", "error": "end error"}[str(data["measure"].iloc[0])]
    return [f"Tests here are of the {what}, not of the area."] if data["p_holm"].notna().any() else []


def _bold_words(data: pd.DataFrame) -> str:
    if data["p_holm"].notna().any():
        return (
            f"Bold: the lowest {' or '.join(sorted(set(data['statistic'])))} of a column, and all algorithms that are"
            " not significantly worse (two-sided paired Wilcoxon test against it, Holm-adjusted within the column,"
            f" level {ALPHA:g})."
        )
    if data.loc[data["trials"] > 0, "benchmark"].is_unique:
        return "Nothing is bold, because no column has two algorithms with trials to compare."
    return "Nothing is bold, because there are too few common trials for a test."


def _markdown(head: Sequence[str], body: Sequence[Sequence[str]], note: str) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *body)]
    return "\n".join([*lines, "", note, ""])


def _latex(head: Sequence[str], body: Sequence[Sequence[str]], note: str) -> str:
    rows = [" & ".join(row) + r" \\" for row in body]
    return "\n".join(
        [
            r"% \usepackage{booktabs}",
            rf"% \caption{{{note}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            " & ".join(head) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            "",
            rf"\par\smallskip{{\footnotesize\noindent {note}\par}}",
            "",
        ]
    )
