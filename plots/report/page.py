"""The report: a result folder as one self-contained, interactive page for offline use."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plots.drawing.caption import panel_names
from plots.report.chips import chips, marked
from plots.report.data import explorer_data
from plots.report.matrix import rank_matrix, share_matrix, verdict_matrix
from plots.report.overall import overall
from plots.report.sections import Section
from plots.report.text import background
from plots.report.traces import Drawings, trace_data
from plots.report.verdict import differing, least_certain, method, verdicts
from results.storage.study import Study
from results.summaries.curve_table import ExactCurve
from results.summaries.summary import summarize
from results.summaries.types import Summary

PAGE = Path(__file__).parent / "page_files"
SCRIPTS = (
    "format.js",
    "packing.js",
    "scales.js",
    "curves.js",
    "downloads.js",
    "theme.js",
    "data.js",
    "frames.js",
    "tables.js",
    "pairs.js",
    "state.js",
    "matrix.js",
    "overview.js",
    "evaluations.js",
    "trials.js",
    "legend.js",
    "explorer.js",
    "page.js",
)
"""The scripts of the page, in the order of their definitions."""

STYLES = ("style.css", "matrix.css", "benchmark.css", "print.css")

MOST_SHOWN = 10
"""More warnings, or sentences on missing trials, are folded."""

MOST_OPEN = 3
"""With more benchmarks than this, the verdicts in words are folded."""

SWITCHES = (
    ("Over", "axis", (("evaluations", "evaluations"), ("seconds", "simulated time"))),
    ("Statistic", "statistic", (("mean", "mean"), ("median", "median"))),
    ("Regret scale", "y", (("log", "log"), ("linear", "linear"))),
    ("Horizontal scale", "x", (("log", "log"), ("linear", "linear"))),
)
"""Legend, name, and the values with their texts."""


def report_page(
    study: Study,
    record: Mapping[str, Any],
    commands: Sequence[str],
    sections: Sequence[Section] = (),
    exact: ExactCurve | None = None,
    *,
    lead: Sequence[Section] = (),
    drawings: Drawings | None = None,
    progress: Callable[[str], None] | None = None,
) -> str:
    """Write the report of a study, complete or not, as HTML that needs no other file and no network.

    Its numbers are those of `results.summaries.summary.summarize` and `results.summaries.curve_table.regret_data`.
    User-defined names are escaped, so that they are never markup. The page's security policy allows only its own script
    and no connection. The same results give the same bytes.

    Parameters
    ----------
    study : Study
    record : mapping
        The content of ``experiment.json``, see `results.storage.loading.read_experiment`.
    commands : sequence of str
        The commands that reproduce these results and this page.
    sections : sequence of Section
        Further sections, after those of the benchmarks.
    exact : callable, optional
        Computes the curves that are known without simulation. They are drawn as dotted lines.
    lead : sequence of Section
        Further sections, directly after the verdict.
    drawings : callable, optional
        Writes and draws architectures, see `plots.report.traces.Drawings`. Without it, the page has genotypes.
    progress : callable, optional
        Is told what is computed next.

    Raises
    ------
    ResultsError
        As `results.summaries.summary.summarize`.
    """
    tell = progress or (lambda _: None)
    tell("summary")
    summary = summarize(study)
    by_target = summaries_by_target(study, summary)
    style, script = asset(STYLES), enclosed(asset(SCRIPTS))
    page = environment().get_template("page.html.jinja")
    return page.render(
        **_verdict(summary, by_target),
        rank_matrix=rank_matrix(summary),
        share_matrix=share_matrix(study, summary),
        name=study.name,
        contents=_contents(summary, lead, sections),
        stopping=study.stopping is not None,
        lead=lead,
        sections=sections,
        lists={"Warnings": summary.warnings, "Missing": summary.missing},
        most_shown=MOST_SHOWN,
        benchmarks=panel_names(summary),
        switches=SWITCHES,
        background=background(study, record, commands),
        data=embedded(explorer_data(study, summary, by_target, exact, tell)),
        traces=embedded(trace_data(study, summary, drawings, tell)),
        style=style,
        script=script,
        policy=policy(style, script),
    )


def _verdict(summary: Summary, by_target: Mapping[str, Summary]) -> dict[str, Any]:
    """Return what the section of the verdict shows."""
    words = marked(summary)
    judged = verdicts(words)
    return {
        "verdict_matrix": verdict_matrix(summary),
        "overall": overall(judged),
        "verdicts": judged,
        "most_open": MOST_OPEN,
        "differing": differing(judged, {target: verdicts(marked(found)) for target, found in by_target.items()}),
        "least_certain": least_certain(words),
        "method": method(summary),
    }


def summaries_by_target(study: Study, summary: Summary) -> dict[str, Summary]:
    """Return the summary of a study by every reported target. It is `summary` itself where that is equal."""
    targets = dict.fromkeys(target for cell in study.cells for target in cell.protocol["report"])
    found = {target: summarize(study, target, known=summary) for target in targets}
    return {target: summary if one == summary else one for target, one in found.items()}


def _contents(summary: Summary, lead: Sequence[Section], sections: Sequence[Section]) -> list[tuple[str, str]]:
    """Return the anchors and names of the contents bar."""
    found = [("verdict", "Verdict"), *((f"lead-{i}", section.title) for i, section in enumerate(lead, 1))]
    if summary.warnings:
        found.append(("warnings", "Warnings"))
    if summary.missing:
        found.append(("missing", "Missing"))
    if len(summary.benchmarks) > 1:
        found.append(("overview", "Overview"))
    if summary.benchmarks:
        found.append(("results", "One benchmark"))
    found += [(f"section-{i}", section.title) for i, section in enumerate(sections, 1)]
    last = (("protocol", "Protocol"), ("algorithms", "Algorithms"), ("sources", "Data"), ("provenance", "Provenance"))
    return [*found, *last]


def environment() -> Environment:
    """Return the environment of the templates. Everything but markup is escaped."""
    found = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["chips"] = chips
    return found


def asset(names: Sequence[str]) -> str:
    """Return files of the page, one after the other."""
    return "\n".join((PAGE / name).read_text(encoding="utf-8") for name in names)


def enclosed(script: str) -> str:
    """Return a script with names that nothing outside can see."""
    return f'"use strict";\n(() => {{\n{script}}})();\n'


def policy(style: str, script: str) -> str:
    """Return the security policy of a page: its own style, script and images, and no connection."""
    return (
        f"default-src 'none'; style-src {_fingerprint(style)}; script-src {_fingerprint(script)}; img-src blob: data:"
    )


def embedded(data: Any) -> str:
    """Return JSON for a script element. Without ``<``, nothing in it can end the element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _fingerprint(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
