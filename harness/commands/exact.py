"""The command ``exact``: expectations without simulation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.commands.console import make_console, print_json
from harness.commands.exit_codes import OK
from harness.entries.hyperparameters import read_setting
from harness.exact.interface import answer, ask, shown_points
from harness.exact.types import Answer, ExactCurve, SimulatedCurve
from plots.drawing.units import regret_unit
from results.words import counted

MOST_OPTIMA = 5
"""The largest number of local optima in the terminal. JSON has all of them."""


def exact_command(
    benchmark: str,
    algorithm: str,
    settings: Sequence[str],
    evaluations: int,
    signal: Literal["mean", "repeat"],
    target: str | None,
    trials: int,
    *,
    as_json: bool,
) -> int:
    """Print the expectations of an algorithm on a benchmark, and simulated trials beside them."""
    question = ask(benchmark, algorithm, dict(map(read_setting, settings)), evaluations, signal, target)
    found = answer(question, trials)
    if as_json:
        print_json(asdict(found))
    else:
        print_answer(found, make_console())
    return OK


def print_answer(found: Answer, console: Console) -> None:
    """Print an answer as tables with notes."""
    console.print(Group(*_parts(found)))


def _parts(found: Answer) -> Iterator[RenderableType]:
    unit = regret_unit(found.unit)[1]
    yield Text.assemble((found.title, "bold"), (f"  {found.algorithm} ({_values(found.parameters)})", "dim"))
    heading = f"{found.target}, signal {found.signal}, {counted(found.budget, 'evaluation')}; regret in {unit}"
    yield Text(heading, style="dim")
    if found.bracket:
        rungs = ", then ".join(f"{size} at {fidelity:g} epochs" for size, fidelity in found.bracket)
        yield Text(f"A bracket trains {rungs}.", style="dim")
    if found.exact or found.simulated:
        yield _curves(found)
    if found.exact:
        yield from _sentences(found.exact)
    if found.simulated:
        yield from _simulated_sentences(found, found.simulated)
    if found.climbs:
        yield _climbs(found)
        yield _optima(found)
    for note in found.notes:
        yield Text(f"- {note}")


def _values(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {json.dumps(value)}" for name, value in parameters.items())


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(Text(heading), justify="right", no_wrap=True)
    return table


def _curves(found: Answer) -> Table:
    """Lay out the curves at some of their points."""
    factor, _ = regret_unit(found.unit)
    exact, simulated = found.exact, found.simulated
    what = "" if exact is None or exact.parameters == found.parameters else ", memory = false"
    headings = ["evaluations"]
    headings += [f"exact mean{what}", "sd", "median", "at the optimum"] if exact else []
    headings += [f"simulated mean ({counted(simulated.trials, 'trial')})"] if simulated else []
    table = _table(*headings)
    reference = exact or simulated
    assert reference is not None
    for number in _rows(found):
        i = reference.evaluations.index(number)
        cells = [f"{number:,}"]
        if exact:
            cells += [_number(factor * column[i]) for column in (exact.mean, exact.sd, exact.median)]
            cells.append(f"{exact.at_optimum[i]:.4f}")
        if simulated:
            spread = f" ± {_number(factor * simulated.error[i])}" if simulated.error else ""
            cells.append(f"{_number(factor * simulated.mean[i])}{spread}")
        table.add_row(*cells)
    return table


def _rows(found: Answer) -> list[int]:
    """Return the numbers of evaluations to show, with the end of the first bracket."""
    ends = [found.bracket[0][0] + len(found.bracket) - 1] if found.bracket else []
    return sorted({*shown_points(found.budget), *(end for end in ends if end <= found.budget)})


def _number(value: float) -> str:
    return f"{value:#.4g}" if value else "0"


def _sentences(exact: ExactCurve) -> Iterator[Text]:
    yield Text(f"Expected area under log regret: {exact.area:.4f} dex.")
    if exact.evaluations_to_best is not None:
        yield Text(f"Expected evaluations until the lowest observed error is seen: {exact.evaluations_to_best:,.1f}.")


def _simulated_sentences(found: Answer, simulated: SimulatedCurve) -> Iterator[Text]:
    error = "; ± is the standard error" if simulated.error else ""
    yield Text(f"Simulated area under log regret: {simulated.area:.4f} dex{error}.")
    if simulated.agreement is None:
        yield Text(f"The simulated trials are those of {_values(found.parameters)}; no exact curve belongs to them.")
        return
    check = simulated.agreement
    if not check.points:
        yield Text("The trials are too few, or too much alike, to compare the curves.")
        return
    verdict = "lies within" if check.agrees else "lies outside of"
    at = counted(check.at, "evaluation")
    yield Text(
        f"The exact curve {verdict} the simultaneous 95 % band of the simulation: the largest deviation is"
        f" {check.deviation:.2f} standard errors, at {at}, and the bound is {check.bound:.2f}."
    )


def _climbs(found: Answer) -> Table:
    factor, _ = regret_unit(found.unit)
    table = _table("first climb from", "moves", "evaluations, memory = false", "end regret", "at the optimum")
    names = {"uniform": "a uniform start", "design": f"the best of {found.climbs['design'].initial}"}
    for start, climb in found.climbs.items():
        numbers = (f"{climb.moves:.3f}", f"{climb.evaluations:.2f}", _number(factor * climb.regret))
        table.add_row(names[start], *numbers, f"{climb.at_optimum:.4f}")
    return table


def _optima(found: Answer) -> Table:
    """Lay out the most probable ends of the first climb. The architecture comes last, because it may be long."""
    factor, _ = regret_unit(found.unit)
    table = _table("uniform", "design", "basin", "regret")
    count = "1 local optimum" if len(found.optima) == 1 else f"{len(found.optima):,} local optima"
    table.add_column(Text(count), overflow="fold")
    for optimum in found.optima[:MOST_OPTIMA]:
        numbers = (f"{optimum.uniform:.4f}", f"{optimum.design:.4f}", f"{optimum.basin:,.1f}")
        table.add_row(*numbers, _number(factor * optimum.regret), Text(optimum.architecture))
    if len(found.optima) > MOST_OPTIMA:
        table.add_row("", "", "", "", f"and {len(found.optima) - MOST_OPTIMA:,} more, which --json prints")
    return table
