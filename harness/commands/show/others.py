"""Show a figure, a study, a surrogate model or a reproduction: what it is, and the command that makes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from rich.console import RenderableType
from rich.text import Text

from harness.analyses.registry import STUDIES
from harness.reproduction.registry import REPRODUCTIONS
from harness.surrogates.registry import SURROGATE_MODELS
from plots.figures.registry import FIGURES, figure_options


@dataclass(frozen=True)
class OtherShown:
    """A figure, a study, a surrogate model or a reproduction.

    Attributes
    ----------
    name : str
    text : tuple of str
        Paragraphs that describe it.
    command : str
        The command that makes or uses it.
    """

    name: str
    text: tuple[str, ...]
    command: str


def show_figure(name: str) -> OtherShown:
    """Describe a figure by its name."""
    module, _, stem = FIGURES[name].partition(":")
    function = getattr(import_module(module), f"{stem}_figure")
    options = ", ".join(f"--{option}" for option in sorted(figure_options(name)))
    text = (*_paragraphs(function), f"It depends on {options}." if options else "It has no options.")
    return OtherShown(name, text, f"regretta plot DIR --kind {name}")


def show_study(name: str) -> OtherShown:
    """Describe a study of `regretta analyze` by its name."""
    study = STUDIES[name]
    takes, target = {"results": ("results folders", "DIR...")}.get(study.takes, ("benchmarks", "BENCHMARK..."))
    tables = ", ".join(name.replace("_", " ") for name in study.shown)
    text = (f"It tells {study.summary}.", f"It takes {takes}, and prints the tables: {tables}. The files have more.")
    return OtherShown(name, text, f"regretta analyze {name} {target}")


def show_model(name: str) -> OtherShown:
    """Describe a model for surrogate benchmarks by its name."""
    module, _, cls = SURROGATE_MODELS[name].partition(":")
    text = _paragraphs(getattr(import_module(module), cls))
    return OtherShown(name, text, f"regretta surrogate fit BENCHMARK --model {name}")


def show_reproduction(name: str) -> OtherShown:
    """Describe a reproduction by its name."""
    module, _, function = REPRODUCTIONS[name].partition(":")
    found = import_module(module)
    text = tuple(dict.fromkeys((*_paragraphs(found), *_paragraphs(getattr(found, function)))))
    return OtherShown(name, text, f"regretta reproduce {name}")


def _paragraphs(documented: object) -> tuple[str, ...]:
    """Return the paragraphs of a docstring before its first section."""
    text = (inspect.getdoc(documented) or "").partition("\nParameters\n---")[0].partition("\nReturns\n---")[0]
    return tuple(" ".join(block.split()).replace("``", "`") for block in text.split("\n\n") if block.strip())


def other_parts(shown: OtherShown) -> Iterator[RenderableType]:
    """Lay it out for the terminal."""
    for paragraph in shown.text:
        yield Text(paragraph)
    yield Text(f"\n{shown.command}")
