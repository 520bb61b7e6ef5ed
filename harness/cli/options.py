"""Arguments and options that several verbs have, so that they are called and described alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import completion


def silence(context: typer.Context, quiet: bool) -> bool:
    """Send what a verb prints on stdout nowhere, until it ends."""
    if quiet and not context.resilient_parsing:
        context.with_resource(_silenced())
    return quiet


@contextmanager
def _silenced() -> Iterator[None]:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Results folder.", autocompletion=completion.results)]
Benchmark = Annotated[
    str, typer.Argument(metavar="BENCHMARK", help="A benchmark.", autocompletion=completion.benchmarks)
]
Target = Annotated[
    str | None, typer.Option(metavar="TARGET", help="True error to use, such as validation@200 or test@200.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
Quiet = Annotated[
    bool,
    typer.Option(
        "-q", "--quiet", callback=silence, help="Print nothing on stdout. The exit code tells the result; errors show."
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("-j", "--jobs", metavar="N", min=1, help="Number of worker processes. Default: one per processor."),
]
Exact = Annotated[
    bool, typer.Option("--exact", help="Draw the regret curves that are known without simulation, dotted.")
]
