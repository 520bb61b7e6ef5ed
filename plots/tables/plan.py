"""The plan of a study for a terminal: how many trials show a difference."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results.statistics.power import MOST_TRIALS, POWER
from results.summaries.pair_words import versus
from results.summaries.planning import BenchmarkPlan, PairPlan, Plan
from results.words import counted

MOST_SHOWN = 10
"""The largest number of pairs of a benchmark that are printed."""


def plan_table(found: Plan) -> Group:
    """Lay out a plan for a terminal: a table of the pairs per benchmark, those that need most trials first.

    Parameters
    ----------
    found : Plan

    Returns
    -------
    rich.console.Group
    """
    often = "four times in five" if found.power == POWER else f"with probability {found.power:g}"
    parts: list[RenderableType] = [
        Text(
            f"{found.name}: trials that show a difference in area of {found.difference:g} dex (a factor of"
            f" {found.factor:.3g} in regret) {often}"
        )
    ]
    for benchmark in found.benchmarks:
        parts.append(Text.assemble("\n", (benchmark.title, "bold")))
        known = sorted((pair for pair in benchmark.pairs if not pair.refusal), key=_rank)
        if known:
            parts.append(_table(known[:MOST_SHOWN]))
        if len(known) > MOST_SHOWN:
            parts.append(Text(f"  and {counted(len(known) - MOST_SHOWN, 'pair')} that need fewer; --json lists all"))
        if refused := [pair for pair in benchmark.pairs if pair.refusal]:
            names = [versus(pair.a, pair.b) for pair in refused[:MOST_SHOWN]]
            more = [f"{len(refused) - MOST_SHOWN} more"] if len(refused) > MOST_SHOWN else []
            reasons = "; ".join(dict.fromkeys(str(pair.refusal) for pair in refused))
            parts.append(Text(f"  no plan for {', '.join(names + more)} ({reasons})"))
        if not benchmark.pairs:
            parts.append(Text("  nothing to compare: one algorithm"))
    parts.append(Text(f"\n{_conclusion(found.benchmarks, until_decided=found.until_decided)}"))
    return Group(*parts)


def _rank(pair: PairPlan) -> tuple[float, float]:
    return -(pair.needed or float("inf")), -(pair.spread or 0.0)


def _table(pairs: Sequence[PairPlan]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  pair", overflow="fold")
    for heading in ("trials", "sd of differences, dex", "resolution, dex", "trials needed [95 %]"):
        table.add_column(Text(heading), justify="right")
    for pair in pairs:
        resolution = "–" if pair.resolution is None else f"{pair.resolution:#.2g}"
        needed = f"{_number(pair.needed)} [{_number(pair.needed_low)}, {_number(pair.needed_high)}]"
        row = (f"  {versus(pair.a, pair.b)}", f"{pair.trials:,}", f"{pair.spread:.3f}", resolution, needed)
        table.add_row(*map(Text, row))
    return table


def _number(trials: int | None) -> str:
    return f"> {MOST_TRIALS:,}" if trials is None or trials > MOST_TRIALS else f"{trials:,}"


def _conclusion(benchmarks: Sequence[BenchmarkPlan], *, until_decided: bool) -> str:
    known = [one for one in benchmarks if any(not pair.refusal for pair in one.pairs)]
    if not any(one.pairs for one in benchmarks):
        return "Nothing to plan: no benchmark has two algorithms to compare."
    if not known:
        return "No pair has enough trials for a plan: run a pilot of at least 8 trials per algorithm, better 20."
    numbers = [one.needed for one in known if one.needed is not None]
    if len(numbers) < len(known):
        return f"Some pairs need more than {MOST_TRIALS:,} trials."
    kept = "Trials that exist are kept."
    if until_decided:
        kept = "This folder was run until decided, so that a fixed number of trials needs another one (`--out`)."
    elif all((pair.needed or 0) <= pair.trials for one in known for pair in one.pairs):
        return "The trials of this folder show it for every pair that has a plan."
    most, surely = max(numbers), _number(max(one.needed_high or MOST_TRIALS + 1 for one in known))
    return (
        f"`regretta run` with `--trials {most}` shows it for every pair that has a plan; {surely} is the upper end of"
        f" the intervals. {kept}"
    )
