"""Describe an algorithm from its class: hyperparameters with types, bounds and defaults, presets, needs and paper."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import annotated_types

from algorithms.base import Algorithm

_UNKNOWN = "any"
_TYPES = {int: "integer", float: "number", str: "text", bool: "boolean", type(None): "none"}
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_SECTION = re.compile(r"\n\n?(\w+)\n-{3,}\n")
"""The heading of a section of a numpydoc docstring."""


@dataclass(frozen=True)
class HyperparameterDescription:
    """A hyperparameter, as users write it in an experiment.

    Attributes
    ----------
    name : str
    type : str
        In words, such as ``integer`` or ``text or none``.
    bounds : str
        Such as ``at least 1``; empty if every value of the type is allowed.
    choices : tuple
        The allowed values, if there are only some.
    required : bool
        Whether it has no default.
    default : int, float, str, bool, list, dict or None
    description : str
        From the docstring; may be empty.
    """

    name: str
    type: str
    bounds: str
    choices: tuple[str | int | bool | None, ...]
    required: bool
    default: Any
    description: str


@dataclass(frozen=True)
class AlgorithmDescription:
    """An algorithm.

    Attributes
    ----------
    name : str
        Its ``use`` in an experiment.
    summary : str
        The first sentence of its docstring.
    text : tuple of str
        The other paragraphs, which name the differences from the paper.
    reference : str
        The paper.
    version : int
    minimum_fidelities : int
        Smallest number of fidelities that it needs.
    library : str or None
        The library that it needs.
    bitwise_stable : bool
        Whether traces are equal on every machine.
    hyperparameters : tuple of HyperparameterDescription
    presets : dict
        Hyperparameters by the name of the preset.
    """

    name: str
    summary: str
    text: tuple[str, ...]
    reference: str
    version: int
    minimum_fidelities: int
    library: str | None
    bitwise_stable: bool
    hyperparameters: tuple[HyperparameterDescription, ...]
    presets: dict[str, dict[str, Any]]


def describe(cls: type[Algorithm], name: str) -> AlgorithmDescription:
    """Describe an algorithm from its class.

    Parameters
    ----------
    cls : type
    name : str
        Its ``use`` in an experiment.
    """
    summary, *text = _paragraphs(cls.__doc__ or "")
    return AlgorithmDescription(
        name=name,
        summary=summary,
        text=tuple(text),
        reference=getattr(cls, "reference", ""),
        version=cls.version,
        minimum_fidelities=cls.minimum_fidelities,
        library=cls.library,
        bitwise_stable=cls.bitwise_stable,
        hyperparameters=tuple(_hyperparameters(cls)),
        presets=dict(cls.presets),
    )


def _hyperparameters(cls: Any) -> Iterator[HyperparameterDescription]:
    if not dataclasses.is_dataclass(cls):
        return
    hints, documented = get_type_hints(cls, include_extras=True), _documented(cls)
    for field in dataclasses.fields(cls):
        if not field.init:
            continue
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        required = default is dataclasses.MISSING
        kind, bounds, choices = _described(hints[field.name])
        yield HyperparameterDescription(
            field.name, kind, bounds, choices, required, None if required else default, documented.get(field.name, "")
        )


def _described(hint: Any) -> tuple[str, str, tuple[Any, ...]]:
    """Return the type of a hyperparameter in words, its bounds, and its choices."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kind, bounds, choices = _described(arguments[0])
        return kind, ", ".join(filter(None, [bounds, *map(_bound, arguments[1:])])), choices
    if origin is Literal:
        return "one of", "", arguments
    if origin in (Union, types.UnionType):
        parts = [_described(part) for part in arguments]
        kinds = dict.fromkeys(kind for kind, _, _ in parts)
        bounds = ", ".join(dict.fromkeys(bound for _, bound, _ in parts if bound))
        some = [choice for _, _, choices in parts for choice in choices]
        return " or ".join(kinds), bounds, tuple(some)
    return _TYPES.get(hint, getattr(hint, "__name__", _UNKNOWN)), "", ()


def _bound(constraint: Any) -> str:
    """Return a constraint in words; empty if it is not a bound."""
    if not isinstance(constraint, (annotated_types.Interval, *_SINGLE)):
        return ""
    bounds = ((words, getattr(constraint, name, None)) for name, words in _BOUNDS.items())
    return " and ".join(f"{words} {value:g}" for words, value in bounds if isinstance(value, int | float))


_SINGLE = (annotated_types.Ge, annotated_types.Gt, annotated_types.Le, annotated_types.Lt)


def _documented(cls: Any) -> dict[str, str]:
    """Return what the docstrings of a class and its bases say about each parameter."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base is not object and base.__doc__:
            found |= dict(_parameters(inspect.cleandoc(base.__doc__)))
    return found


def _parameters(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a numpydoc docstring, with their descriptions on one line."""
    sections = _SECTION.split(docstring)
    texts = dict(zip(sections[1::2], sections[2::2], strict=True))
    for entry in re.split(r"\n(?=\S)", texts.get("Parameters", "")):
        heading, _, text = entry.partition("\n")
        for name in heading.partition(" : ")[0].split(","):
            yield name.strip(), _line(text)


def _paragraphs(docstring: str) -> Sequence[str]:
    """Return the summary of a docstring and the paragraphs before its first section, each on one line."""
    prose = _SECTION.split(inspect.cleandoc(docstring))[0]
    blocks = [block for block in re.split(r"\n\s*\n", prose) if block.strip()]
    return [part for block in blocks for part in _items(block)] or [""]


def _items(block: str) -> Iterator[str]:
    """Yield a paragraph, or the items of a list."""
    for part in re.split(r"\n(?=- )", block):
        yield _line(part)


def _line(text: str) -> str:
    """Join the lines of a text, and write its roles and literals of reStructuredText as plain text."""
    joined = " ".join(text.split())
    joined = re.sub(r":\w+:`~?([^`]+)`", lambda found: found[1].rpartition(".")[2], joined)
    return joined.replace("``", "`")
