"""Show a protocol: each of its rules in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from harness.commands.console import plain_table, verbatim
from harness.simulation.protocols import PRESETS, Budget, Protocol

CHOICES: dict[str, dict[str, str]] = {
    "signal": {
        "repeat": "The algorithm is told the error of one recorded training run, drawn at random.",
        "mean": "The algorithm is told the mean error over the recorded training runs.",
    },
    "duplicates": {
        "recharge": "An architecture that is asked for again is trained and charged again, and another run is drawn.",
        "cached": "An architecture that is asked for again costs nothing, and gives the same value.",
        "count": "An architecture that is asked for again is not trained again, but counts as an evaluation.",
    },
    "continuation": {
        "scratch": "Training to a higher fidelity is charged from the beginning.",
        "resume": "Training to a higher fidelity is charged from the checkpoint of the network.",
    },
    "evaluation_time": {
        "none": "Validation passes are not charged.",
        "once": "One validation pass per evaluation is charged.",
        "every_epoch": "One validation pass per epoch of training is charged.",
    },
    "overshoot": {
        "drop": "An evaluation that ends after the budget is dropped.",
        "keep": "An evaluation that ends after the budget counts.",
    },
    "incumbent": {
        "highest": "The incumbent has the lowest observed error at the highest fidelity seen so far.",
        "any": "The incumbent has the lowest observed error at any fidelity.",
        "last": "The incumbent is the last choice. Only recorded searches have this rule.",
    },
}
"""By field with a choice of rules: a sentence for each rule."""

NUMBERS: dict[str, Callable[[Any], str]] = {
    "workers": lambda n: f"{n} evaluations run at the same time." if n > 1 else "One evaluation runs at a time.",
    "startup": lambda s: f"{_seconds(s)} charged before every evaluation.",
    "decision": lambda s: f"{_seconds(s)} charged for every decision of the algorithm.",
    "resume_cost": lambda s: f"{_seconds(s)} charged for resuming from a checkpoint.",
}
"""By field with a number: the sentence."""


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s are" if seconds else "Nothing is"


@dataclass(frozen=True)
class Rule:
    """A rule of a protocol: the field, its value, and what it means."""

    field: str
    value: Any
    meaning: str


@dataclass(frozen=True)
class ProtocolShown:
    """A protocol.

    Attributes
    ----------
    name, summary : str
    budgets : dict
        By data set, with ``*`` for all others. Empty if the experiment has to give one.
    rules : tuple of Rule
    toml : str
        The section of an experiment that uses it.
    """

    name: str
    summary: str
    budgets: dict[str, dict[str, float]]
    rules: tuple[Rule, ...]
    toml: str


def show_protocol(name: str) -> ProtocolShown:
    """Describe a protocol by its name."""
    preset = PRESETS[name]
    protocol = Protocol.model_validate(
        {"fidelities": (1.0,), "report": ("any",), "budget": Budget(evaluations=1)} | preset.fields
    )
    budgets = {of: budget.to_json() for of, budget in preset.budgets.items()}
    rules = (
        Rule("budget", budgets or None, _budget(preset.budgets)),
        Rule("fidelities", preset.fields.get("fidelities"), _fidelities(preset.fields.get("fidelities"))),
        *(Rule(field, getattr(protocol, field), of[getattr(protocol, field)]) for field, of in CHOICES.items()),
        *(Rule(field, getattr(protocol, field), say(getattr(protocol, field))) for field, say in NUMBERS.items()),
        Rule("report", preset.fields.get("report"), _report(preset.fields.get("report"))),
    )
    own = "" if budgets else "budget = { evaluations = 300 }    # or { seconds = 12000 }\n\n"
    return ProtocolShown(name, preset.summary, budgets, rules, f'{own}[protocol]\npreset = "{name}"\n')


def _budget(budgets: dict[str, Budget]) -> str:
    if not budgets:
        return "The experiment gives the budget, in evaluations or in simulated seconds."
    parts = [f"{budget}{'' if of == '*' else f' on {of}'}" for of, budget in budgets.items()]
    return f"A trial has {'; '.join(parts)}, unless the experiment gives another budget."


def _fidelities(fidelities: tuple[float, ...] | None) -> str:
    if fidelities is None:
        return "The algorithm may ask for every fidelity that the benchmark has."
    return f"The algorithm may ask for {', '.join(f'{fidelity:g}' for fidelity in fidelities)} epochs only."


def _report(targets: tuple[str, ...] | None) -> str:
    if targets is None:
        return "The true errors of the incumbent at the highest fidelity are reported, validation first."
    words = [target.replace("sisters/", "the sibling data sets' ") for target in targets]
    return f"These true errors of the incumbent are reported: {', '.join(words)}."


def protocol_parts(shown: ProtocolShown) -> Iterator[RenderableType]:
    """Lay out a protocol for the terminal."""
    yield Text(f"{shown.summary[0].upper()}{shown.summary[1:]}.\n")
    table = plain_table("rule", "value", "meaning", kept=1)
    for rule in shown.rules:
        table.add_row(*map(Text, (rule.field, _value(rule.value), rule.meaning)))
    yield table
    yield Text("\nIn an experiment, where every rule can be replaced:\n", style="bold")
    yield verbatim(shown.toml)


def _value(value: Any) -> str:
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
