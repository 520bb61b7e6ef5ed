"""The report: a result folder as one self-contained, interactive page for offline use."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plots.drawing.caption import panel_names
from plots.figures.regret import ExactCurve
from plots.report.data import explorer_data
from plots.report.sections import Section
from plots.report.text import background
from plots.report.verdict import differing, method, overall, verdicts
from results.storage.study import Study
from results.summaries.summary import summarize

PAGE = Path(__file__).parent / "page_files"
SCRIPTS = ("format.js", "scales.js", "curves.js", "tables.js", "explorer.js", "page.js")

MOST_SHOWN = 10
"""More warnings, or sentences on missing trials, are folded."""

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
) -> str:
    """Write the report of a study, complete or not, as HTML that needs no other file and no network.

    Its numbers are those of `results.summaries.summary.summarize` and `plots.figures.regret.regret_data`. User-defined
    names are escaped, so that they are never markup. The page's security policy allows only its own script and no
    connection. The same results give the same bytes.

    Parameters
    ----------
    study : Study
    record : mapping
        The content of ``experiment.json``, see `results.storage.loading.read_experiment`.
    commands : sequence of str
        The commands that reproduce these results and this page.
    sections : sequence of Section
        Further sections, after the verdict.
    exact : callable, optional
        Computes the curves that are known without simulation. They are drawn as dotted lines.

    Raises
    ------
    ResultsError
        As `results.summaries.summary.summarize`.
    """
    summary = summarize(study)
    targets = dict.fromkeys(target for cell in study.cells for target in cell.protocol["report"])
    by_target = {target: summarize(study, target) for target in targets}
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{script}}})();\n'
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    judged = verdicts(summary)
    return environment.get_template("page.html.jinja").render(
        name=study.name,
        overall=overall(judged),
        verdicts=judged,
        differing=differing(judged, {target: verdicts(found) for target, found in by_target.items()}),
        method=method(summary),
        stopping=study.stopping is not None,
        sections=sections,
        lists={"Warnings": summary.warnings, "Missing": summary.missing},
        most_shown=MOST_SHOWN,
        benchmarks=panel_names(summary),
        switches=SWITCHES,
        background=background(study, record, commands),
        data=_embedded(explorer_data(study, summary, by_target, exact)),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_fingerprint(style)}; script-src {_fingerprint(script)}",
    )


def _embedded(data: Any) -> str:
    """Return JSON for a script element. Without ``<``, nothing in it can end the element."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")


def _fingerprint(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
