"""Protocols: the accounting rules of a trial, as data.

Published harnesses use different accounting rules, so their tables cannot be compared. Here every rule is a field, and
the rules of a publication are a named preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmarks.benchmark import Facts, Target
from benchmarks.errors import BenchmarkError, unknown_name
from benchmarks.loading import load_outline
from benchmarks.registry import BENCHMARKS
from harness.errors import ConfigurationError, validation_problems


class Budget(BaseModel):
    """The budget of a trial: a number of evaluations, or simulated seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    evaluations: Annotated[int, Field(ge=1, le=10**8)] | None = None
    seconds: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Budget:
        if (self.evaluations is None) == (self.seconds is None):
            raise ValueError("give exactly one of evaluations and seconds")
        return self

    def to_json(self) -> dict[str, float]:
        """Return the limit that is set, by its name."""
        return self.model_dump(exclude_none=True)

    def __str__(self) -> str:
        return f"{self.seconds:,.0f} s" if self.evaluations is None else f"{self.evaluations:,} evaluations"


Seconds = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class Protocol(BaseModel):
    """The accounting rules of one cell.

    Attributes
    ----------
    budget : Budget
    fidelities : tuple of float
        Fidelities that an algorithm may ask for, in epochs, ascending.
    signal : {"repeat", "mean"}
        Whether the algorithm is told the error of one randomly drawn repeat, or the mean over all repeats.
    duplicates : {"recharge", "cached", "count"}
        What happens if an architecture is asked for again at a fidelity. ``recharge``: it is trained again and another
        repeat is drawn. ``cached``: the same value is returned at no cost. ``count``: the same value is returned
        without training, but counts as an evaluation.
    continuation : {"scratch", "resume"}
        Whether continuing a network is charged from the beginning or from its checkpoint.
    evaluation_time : {"none", "once", "every_epoch"}
        Which validation passes are charged.
    overshoot : {"drop", "keep"}
        Whether an evaluation that ends after the budget is dropped or counted.
    incumbent : {"highest", "any", "last"}
        Whether the incumbent has the lowest observed error at the highest fidelity seen so far, or at any fidelity; or
        is the last choice, as for recorded trajectories, and for them alone.
    workers : int
        Number of simulated workers.
    startup, decision, resume_cost : float
        Times charged for every evaluation, every decision and every resumption [s].
    report : tuple of str
        Targets: the true errors of the incumbent that are recorded. The first one is the main one.
        ``benchmark/target`` is the target of another benchmark of the same space.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    budget: Budget
    fidelities: tuple[float, ...]
    signal: Literal["repeat", "mean"] = "repeat"
    duplicates: Literal["recharge", "cached", "count"] = "recharge"
    continuation: Literal["scratch", "resume"] = "scratch"
    evaluation_time: Literal["none", "once", "every_epoch"] = "none"
    overshoot: Literal["drop", "keep"] = "drop"
    incumbent: Literal["highest", "any", "last"] = "highest"
    workers: Annotated[int, Field(ge=1, le=10_000)] = 1
    startup: Seconds = 0.0
    decision: Seconds = 0.0
    resume_cost: Seconds = 0.0
    report: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers."""
        record = self.model_dump(mode="json")
        record["budget"] = self.budget.to_json()
        return record


class Preset(BaseModel):
    """A named protocol: its fields, and the budgets of its publication.

    Attributes
    ----------
    summary : str
    fields : dict
        Values of :class:`Protocol`. In ``report``, ``sisters/<target>`` is the target of every sibling data set.
    budgets : dict
        Budgets by data set, with ``*`` for all others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: str
    fields: dict[str, Any] = {}
    budgets: dict[str, Budget] = {}


PRESETS = {
    "standard": Preset(
        summary="one recorded repeat; duplicates are trained again; training from scratch; incumbent at the highest"
        " fidelity; no default budget",
    ),
    "nasbench201-2020": Preset(
        summary="search on the 12-epoch records for 12,000 s, report the 200-epoch errors on all three data sets (Dong"
        " and Yang 2020)",
        fields={
            "fidelities": (12.0,),
            "report": ("validation@200", "test@200", "sisters/validation@200", "sisters/test@200"),
        },
        budgets={"*": Budget(seconds=12_000.0)},
    ),
    "natsbench-2021": Preset(
        summary="search on the 12-epoch records for 20,000, 40,000 or 120,000 s; the last evaluation counts (Dong et"
        " al. 2021)",
        fields={"fidelities": (12.0,), "overshoot": "keep", "report": ("validation@200", "test@200")},
        budgets={
            "cifar10": Budget(seconds=20_000.0),
            "cifar100": Budget(seconds=40_000.0),
            "imagenet16-120": Budget(seconds=120_000.0),
        },
    ),
    "nasbench101-2019": Preset(
        summary="one random repeat for 1e7 s, incumbent at any fidelity (Ying et al. 2019)",
        fields={"incumbent": "any"},
        budgets={"*": Budget(seconds=1e7)},
    ),
    "naszilla": Preset(
        summary="mean over the repeats, 150 evaluations (White et al. 2021)",
        fields={"signal": "mean"},
        budgets={"*": Budget(evaluations=150)},
    ),
}
"""The presets by name."""


def default_report(facts: Facts) -> tuple[str, ...]:
    """Return all targets at the benchmark's highest fidelity, beginning with the validation error."""
    kinds = dict.fromkeys(["validation", "test", *(Target.parse(target).kind for target in facts.targets)])
    names = (str(Target(kind, max(facts.fidelities))) for kind in kinds)
    return tuple(name for name in names if name in facts.targets)


def check_protocol(table: Mapping[str, Any]) -> tuple[str | None, dict[str, Any], list[str]]:
    """Check the names and types of a protocol, which do not depend on the benchmark.

    Parameters
    ----------
    table : mapping
        ``preset`` and the fields that replace the preset's.

    Returns
    -------
    preset : str or None
        A key of :data:`PRESETS`; None if the name is unknown.
    overrides : dict
        The valid fields.
    problems : list of str
    """
    overrides = dict(table)
    preset = overrides.pop("preset", "standard")
    problems: list[str] = []
    if overrides.pop("budget", None) is not None:
        problems.append("protocol: the budget belongs to the top level, as budget = { evaluations = 300 }")
    if overrides.get("incumbent") == "last":
        problems.append(
            "protocol.incumbent: expected 'highest' or 'any', got 'last', which is the rule of recorded trajectories"
            " alone"
        )
        del overrides["incumbent"]
    known = isinstance(preset, str) and preset in PRESETS
    if not known:
        problems.append(f"protocol.preset: {unknown_name('protocol', str(preset), PRESETS)}")
    try:
        _protocol({"fidelities": (1.0,), "report": ("any",), "budget": Budget(evaluations=1)} | overrides)
    except ValidationError as error:
        problems += _problems(error)
        for found in error.errors():
            overrides.pop(str(found["loc"][0]), None)
    return preset if known else None, overrides, problems


def _protocol(fields: Mapping[str, Any]) -> Protocol:
    return Protocol.model_validate({k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})


def _problems(error: ValidationError) -> list[str]:
    return validation_problems("protocol", error, {"protocol": Protocol.model_fields.keys() - {"budget"}})


def resolve_protocol(preset: str, overrides: Mapping[str, Any], budget: Budget | None, facts: Facts) -> Protocol:
    """Apply a preset, the overrides and the budget to a benchmark.

    Parameters
    ----------
    preset : str
        A key of :data:`PRESETS`.
    overrides : mapping
        Valid fields of :class:`Protocol` that replace the preset's.
    budget : Budget or None
        None for the preset's budget for the benchmark's data set.
    facts : Facts
        The benchmark's facts.

    Raises
    ------
    ConfigurationError
        If a budget is missing, or with every rule that cannot be applied to this benchmark.
    """
    chosen = PRESETS[preset]
    budget = budget or chosen.budgets.get(facts.dataset, chosen.budgets.get("*"))
    if budget is None:
        raise ConfigurationError(
            [
                f"budget: the protocol {preset!r} has no budget for {facts.name}; add budget = {{ evaluations = 300 }}"
                " or { seconds = 12000 }, or a budget for this benchmark under [budgets]"
            ]
        )
    defaults = {"fidelities": facts.fidelities, "report": default_report(facts)}
    return _fit(_protocol(defaults | chosen.fields | dict(overrides) | {"budget": budget}), facts)


def _fit(protocol: Protocol, facts: Facts) -> Protocol:
    """Check a protocol against a benchmark, and expand the targets of sibling data sets."""
    problems = []
    at = f"protocol on {facts.name}"
    recorded = [fidelity for fidelity in protocol.fidelities if fidelity in facts.fidelities]
    if not recorded or len(recorded) < len(protocol.fidelities):
        allowed = ", ".join(f"{fidelity:g}" for fidelity in facts.fidelities)
        got = ", ".join(f"{fidelity:g}" for fidelity in protocol.fidelities)
        hint = _recorded_hint(facts) if 12.0 in protocol.fidelities else ""
        problems.append(f"{at}: expected fidelities of {allowed} epochs, got {got or 'none'}{hint}")
    if protocol.continuation == "resume" and not facts.continuable:
        problems.append(
            f"{at}: expected continuation = 'scratch', got 'resume'; the lower fidelities are not prefixes of one"
            " training run"
        )
    if protocol.budget.seconds is not None and not facts.has_seconds:
        problems.append(
            f"{at}: expected a budget in evaluations, got one in seconds; the benchmark has no training times"
        )
    if protocol.evaluation_time != "none" and (facts.validation_share is None or not facts.has_seconds):
        problems.append(
            f"{at}: expected evaluation_time = 'none', got {protocol.evaluation_time!r}; the time of a validation pass"
            " is unknown"
        )
    report = _targets(protocol.report, facts, at, problems)
    if problems:
        raise ConfigurationError(problems)
    return protocol.model_copy(update={"report": report, "fidelities": tuple(sorted(set(protocol.fidelities)))})


def _recorded_hint(facts: Facts) -> str:
    recorded = f"{facts.name}-12-200"
    return f"; for the 12-epoch records use {recorded}" if recorded in BENCHMARKS else ""


def _targets(report: tuple[str, ...], facts: Facts, at: str, problems: list[str]) -> tuple[str, ...]:
    targets: list[str] = []
    for target in report:
        try:
            parsed = Target.parse(target)
        except ValueError as error:
            problems.append(f"{at}: report: {error}")
            continue
        owners = facts.sisters if parsed.benchmark == "sisters" else (parsed.benchmark,)
        for name in owners:
            try:
                of = load_outline(name).facts if name else facts
            except BenchmarkError as error:
                problems.append(f"{at}: report {target!r}: {error}")
                continue
            if of.space != facts.space:
                problems.append(
                    f"{at}: report {target!r}: expected a benchmark of space {facts.space}, got {name} of {of.space}"
                )
            elif parsed.name not in of.targets:
                problems.append(f"{at}: report: {unknown_name(f'target of {of.name}', parsed.name, of.targets)}")
            else:
                targets.append(str(parsed._replace(benchmark=name)))
    if not targets and not problems:
        problems.append(f"{at}: expected at least one target in report, out of {', '.join(facts.targets)}")
    return tuple(dict.fromkeys(targets))
