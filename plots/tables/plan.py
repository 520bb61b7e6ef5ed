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
        ),
        Text(
            "In dex: the observed median difference, first minus second (below 0 if the first is better), the standard"
            " deviation of the differences (sd), and the resolution"
        ),
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
    for heading in ("trials", "observed [95 %]", "sd", "resolution", "needed [95 %]"):
        table.add_column(Text(heading), justify="right")
    for pair in pairs:
        resolution = "–" if pair.resolution is None else f"{pair.resolution:#.2g}"
        needed = f"{_number(pair.needed)} [{_number(pair.needed_low)}, {_number(pair.needed_high)}]"
        needed = "enough already" if pair.enough else needed
        name, spread = f"  {versus(pair.a, pair.b)}", f"{pair.spread:.3f}"
        row = (name, f"{pair.trials:,}", _observed(pair), spread, resolution, needed)
        table.add_row(*map(Text, row))
    return table


def _observed(pair: PairPlan) -> str:
    return f"{pair.median_difference:+.3f} [{pair.low:+.3f}, {pair.high:+.3f}]"


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
    pairs = [pair for one in benchmarks for pair in one.pairs]
    every = "every pair that has a plan" if any(pair.refusal for pair in pairs) else "every pair"
    if all(pair.enough for pair in pairs if not pair.refusal):
        return f"The trials of this folder should suffice for {every}."
    kept = "Trials that exist are kept."
    if until_decided:
        kept = "This folder was run until decided, so that a fixed number of trials needs another one (`--out`)."
    most, ends = max(numbers), [one.needed_high for one in known if one.needed_high is not None]
    bound = f"at most {max(ends):,} (the largest upper end of the 95 % intervals)"
    if len(ends) < len(known):
        bound = f"but by the intervals, they may be more than {MOST_TRIALS:,}"
    return f"{most:,} trials should suffice for {every}, {bound}: use `regretta run` with `--trials {most}`. {kept}"
