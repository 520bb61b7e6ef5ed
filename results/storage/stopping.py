"""When a run stops that adds trials until it is decided which algorithm is better, as ``experiment.json`` keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Rule = Literal["symmetric", "bounded"]
"""The assumption on paired differences, see `results.statistics.sequential`."""


class StoppingRule(BaseModel):
    """The section ``[stopping]`` of an experiment.

    Attributes
    ----------
    rule : {"symmetric", "bounded"}
        The assumption on the paired differences of two algorithms.
    margin : float
        Two algorithms are equivalent if their mean areas under log regret are closer than this [dex].
    block : int
        Number of trials between two looks.
    max_trials : int
        Number of trials after which a pair stays open. A multiple of `block`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    rule: Rule = "symmetric"
    margin: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.1
    block: Annotated[int, Field(ge=2, le=10_000)] = 10
    max_trials: Annotated[int, Field(ge=2, le=100_000)] = 500

    @model_validator(mode="after")
    def _whole_blocks(self) -> StoppingRule:
        if self.max_trials % self.block:
            raise ValueError(
                f"expected max_trials to be a multiple of the block of {self.block} trials, got {self.max_trials}"
            )
        return self


class StoppingRecord(StoppingRule):
    """The rule of a run until decided, and how far it is.

    Attributes
    ----------
    planned : list of int
        By cell, in the order of the experiment: the number of trials that it takes until the next look.
    """

    planned: list[Annotated[int, Field(ge=0, le=100_000)]]

    def stopping_rule(self) -> StoppingRule:
        """Return the rule alone."""
        return StoppingRule.model_validate(self.model_dump(exclude={"planned"}))


def wanted_trials(record: dict[str, Any]) -> list[Sequence[int]]:
    """Return the trials that each cell of ``experiment.json`` is to have, in the order of the cells.

    They are the trials of the experiment or, of a recorded entry, its runs.
    """
    first, end = record["trials"]
    if record.get("stopping") is None:
        runs = [(cell.get("recorded") or {}).get("trials") for cell in record["cells"]]
        return [range(first, end) if trials is None else tuple(trials) for trials in runs]
    return [range(first, first + length) for length in record["stopping"]["planned"]]
