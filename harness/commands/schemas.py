"""The JSON schemas of what ``--json`` prints, made from the types of the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from benchmarks.registry import resolve
from harness.conformance.checks import Verdict
from harness.surrogates.types import NoiseLevels
from results.summaries.self_test import Claims
from results.summaries.types import Summary

Rows = list[dict[str, Any]]
"""The rows of a table, with its columns as keys."""


@dataclass(frozen=True)
class StudyOutput:
    """A study of `regretta analyze`: its tables by name, and what they show."""

    study: str
    targets: list[str]
    tables: dict[str, Rows]
    text: list[str]


@dataclass(frozen=True)
class ScoreOutput:
    """Recorded searches: their summary, and the final choice of each run."""

    summary: Summary
    choices: Rows


@dataclass(frozen=True)
class ReproductionOutput:
    """Published or theoretical numbers beside ours. The columns of the rows depend on the reproduction."""

    name: str
    title: str
    unit: str
    source: str
    rows: Rows
    notes: list[str]
    digits: int
    reference: str


@dataclass(frozen=True)
class TuningOutput:
    """A tuning: the choice by algorithm, and the gains on the test benchmarks."""

    name: str
    choice: str
    train: list[str]
    test: list[str]
    algorithms: dict[str, dict[str, Any]]
    shared_data: list[dict[str, str]]
    gains: Rows


@dataclass(frozen=True)
class SelfTestOutput:
    """Algorithms against themselves: by algorithm, how often each claim was made."""

    benchmark: str
    trials: int
    races: int
    evaluations: int
    algorithms: dict[str, list[Claims]]


@dataclass(frozen=True)
class TrainingOutput:
    """How well a new surrogate predicts what it was not fitted to."""

    table: str
    data_hash: str
    architectures: int
    model: str
    encodings: list[str]
    seed: int
    target: str
    unit: str
    precision: float
    noise: NoiseLevels | None
    held_out: dict[str, Any]
    regions: Rows
    versions: dict[str, str]


OUTPUTS: dict[str, Any] = {
    "list": list[dict[str, str]],
    "show": "list:harness.commands.show.command:Shown",
    "status": "harness.commands.status:Status",
    "tune": TuningOutput,
    "summary": Summary,
    "summary --across": "results.summaries.across:Across",
    "power": "results.summaries.planning:Plan",
    "best": "list:harness.analyses.best:BestOfBenchmark",
    "score": ScoreOutput,
    "reproduce": ReproductionOutput,
    "analyze": StudyOutput,
    "verify": "harness.running.verification:Verification",
    "check": "harness.commands.gate.reports:GateContent",
    "compare": "harness.commands.gate.reports:GateContent",
    "baseline show": "harness.commands.gate.baseline:BaselineContent",
    "exact": "harness.exact.types:Answer",
    "data list": "list:harness.commands.data.listing:DataRow",
    "data show": "harness.commands.show.benchmarks:BenchmarkShown",
    "data verify": "list:harness.commands.data.verify:DataVerdict",
    "surrogate fit": TrainingOutput,
    "surrogate evaluate": "list:harness.surrogates.types:Evaluation",
    "test algorithm": list[Verdict],
    "test benchmark": list[Verdict],
    "test statistics": SelfTestOutput,
}
"""By verb, the type of its output; a text names the type as ``module:type``, with ``list:`` before that of a list."""

SHOWN = {
    "algorithm": "harness.commands.show.algorithms:AlgorithmShown",
    "benchmark": "harness.commands.show.benchmarks:BenchmarkShown",
    "protocol": "harness.commands.show.protocols:ProtocolShown",
    "experiment": "harness.commands.show.experiments:ExperimentShown",
    "figure": "harness.commands.show.others:OtherShown",
    "study": "harness.commands.show.others:OtherShown",
    "model": "harness.commands.show.others:OtherShown",
    "reproduction": "harness.commands.show.others:OtherShown",
}
"""By kind, the type of the ``description`` that `regretta show` prints."""


def schema_of(output: Any) -> dict[str, Any]:
    """Return the JSON schema of a type of `OUTPUTS` or `SHOWN`.

    A number that is not known or infinite is printed as null, so that every number may be null.
    """
    if isinstance(output, str):
        reference = output.removeprefix("list:")
        found = resolve(reference)
        output = list[found] if output != reference else found  # type: ignore[valid-type]
    schema: dict[str, Any] = _nullable(TypeAdapter(output).json_schema(mode="serialization"))
    return schema


def _nullable(schema: Any) -> Any:
    """Allow null wherever a schema wants a number."""
    if isinstance(schema, list):
        return [_nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _nullable(value) for key, value in schema.items()}
    return found | {"type": ["number", "null"]} if found.get("type") == "number" else found
