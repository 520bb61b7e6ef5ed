"""A search space in words, and in a notebook."""

from __future__ import annotations

import numpy as np

from benchmarks.drawings.html import facts_table
from benchmarks.spaces.base import SearchSpace
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace


def space_html(space: SearchSpace) -> str:
    """Write what is known about a space as a table, with the drawing of an example for a notebook."""
    example = space.sample(np.random.default_rng(0))
    facts = [
        ("space", described_space(space)),
        ("values per position", ", ".join(map(str, space.cardinalities))),
        ("encodings", ", ".join(space.encodings)),
        ("mutations", ", ".join(space.mutations)),
        ("example", space.to_string(example)),
    ]
    return f"<div>{facts_table(facts)}{space.picture(example).svg(1.4)}</div>"


def described_space(space: SearchSpace) -> str:
    """Return the name and the size of a space in words, and its choices and conditions if they are named."""
    size = "an unknown number of" if space.size is None else f"{space.size:,}"
    if isinstance(space, PoolSpace):
        return f"a pool of {size} architectures of {described_space(space.of)}"
    parts = [f"{space.name}: {size} architectures"]
    choices = getattr(space, "choices", {})
    for key, values in choices.items():
        shown = ", ".join(value or "''" for value in values[:8]) + (f", ... ({len(values)})" if len(values) > 8 else "")
        order = " (ordered)" if isinstance(space, StructuredChoiceSpace) and key in space.ordered else ""
        parts.append(f"{key} in {{{shown}}}{order}")
    if isinstance(space, StructuredChoiceSpace):
        parts += [f"{key} if {other} in {{{', '.join(v)}}}" for key, (other, v) in space.conditions.items()]
    return "; ".join(parts)
