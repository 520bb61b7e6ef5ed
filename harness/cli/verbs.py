"""How verbs are declared: each has examples in its help, and a misspelt choice gets the nearest one suggested."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

F = TypeVar("F", bound=Callable[..., None])

EXAMPLES = "Examples:"
BEGIN, RUN, RESULTS, GATE, BENCHMARKS = (
    "Find your way",
    "Run experiments",
    "Look at results",
    "Compare and guard",
    "Benchmarks and checks",
)
"""Headings of the verbs in the help of the command line."""
_CHOICE = re.compile(r"(?:Value error, )?'(?P<got>.*)' is not one of (?P<choices>'.*')\.?", re.DOTALL)
"""The message of typer about a value that is not one of the choices."""


class Verb(TyperCommand):
    """A verb, in whose help a flag has no type."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, without the types of Python."""
        return _without_types(super().get_params(ctx))


class Group(TyperGroup):
    """A group of verbs, which suggests the nearest choice if one is misspelt."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, without the types of Python."""
        return _without_types(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = with_suggestion(error.message)
            raise


def _without_types(parameters: Any) -> Any:
    """Empty the column of the type for flags, and for arguments whose name says what they are."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
        if parameter.param_type_name == "argument" and parameter.metavar is not None:
            parameter.display_type_rich = lambda ctx: ""  # typer shows <list[str]>
    return parameters


def with_suggestion(message: str) -> str:
    """Return the message about a wrong choice with the nearest choice; another message as it is."""
    found = _CHOICE.fullmatch(message)
    if found is None:
        return message.removeprefix("Value error, ")
    from benchmarks.errors import nearest

    choices = re.findall(r"'(.*?)'", found["choices"])
    return f"expected one of {', '.join(choices)}, got {found['got']!r}{nearest(found['got'], choices)}"


def verb(app: typer.Typer, *examples: str, name: str | None = None, panel: str | None = None) -> Callable[[F], F]:
    """Declare a verb of an application.

    Parameters
    ----------
    app : Typer
    *examples : str
        Command lines, which its help shows.
    name : str, optional
        Default: the name of the function.
    panel : str, optional
        The heading under which the help of the command line has it.
    """
    lines = "\n".join(f"  {example}" for example in examples).replace("[", r"\[")

    def declare(function: F) -> F:
        paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
        text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        declared = app.command(name, cls=Verb, help=text, epilog=f"{EXAMPLES}\n{lines}", rich_help_panel=panel)
        return declared(function)

    return declare
