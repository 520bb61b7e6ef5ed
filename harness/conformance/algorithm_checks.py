"""The contract of an algorithm, as checks.

A check takes a :class:`Case`: an algorithm with its hyperparameters, a benchmark and a number of simulated workers.
"""

from __future__ import annotations

import dataclasses
import gc
import random
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from algorithms import Algorithm
from benchmarks import Benchmark, SearchSpace, Target
from benchmarks.table import TableBenchmark, build_table
from harness.conformance.checks import Check, DoesNotApply, demand
from harness.conformance.watched import Watched
from harness.entries.sources import AlgorithmSource
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial
from results.storage.records import REAL_TIME, Trial

SEED = 2026
EVALUATIONS = 110
"""Evaluations of a trial: more than the largest initial design of a registered algorithm."""
WORKERS = (1, 4)
"""Numbers of simulated workers to check an algorithm with."""

SHUFFLES = 3
"""Trials on tables with shuffled errors."""
CHANCE = 100
"""Architectures per evaluation that a space must have, so that its optimum is not met by chance."""
LIVE = ("status", "incumbent")
"""Columns that a longer budget may change, since it completes evaluations that a shorter one truncates."""


@dataclass(frozen=True)
class Case:
    """One algorithm on one benchmark.

    Attributes
    ----------
    cls : type
        The algorithm's class.
    use : str
        The name of its random stream.
    parameters : mapping
        Hyperparameters.
    benchmark : Benchmark
    workers : int
        Simulated workers.
    source : AlgorithmSource or None
        Where another process can load the class from. Only checks that start one need it.
    """

    cls: type[Algorithm]
    use: str
    parameters: Mapping[str, Any]
    benchmark: Benchmark
    workers: int
    source: AlgorithmSource | None = None

    def algorithm(self) -> Algorithm:
        """Make an instance of the algorithm."""
        return self.cls(**self.parameters)

    def refusal(self) -> str | None:
        """Return why the algorithm cannot search the benchmark, or None if it can."""
        facts = self.benchmark.facts
        try:
            self.algorithm().check_fits(self.benchmark.space, facts.fidelities, facts.valid_range)
        except ValueError as error:
            return str(error)
        return None

    def protocol(self, **budget: Any) -> Protocol:
        """Return the default accounting rules with a budget."""
        facts = self.benchmark.facts
        report = (str(Target("validation", facts.fidelities[-1])),)
        return Protocol(budget=Budget(**budget), fidelities=facts.fidelities, workers=self.workers, report=report)

    def run(self, evaluations: int = EVALUATIONS, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        """Run a trial with a budget of evaluations."""
        return self.run_under(self.protocol(evaluations=evaluations), algorithm=algorithm, trial=trial)

    @cached_property
    def usual(self) -> Trial:
        """The trial that several checks compare with others; it is run once."""
        return self.run()

    def run_under(self, protocol: Protocol, *, algorithm: Algorithm | None = None, trial: int = 0) -> Trial:
        """Run a trial under a protocol."""
        return run_trial(algorithm or self.algorithm(), self.use, self.benchmark, protocol, SEED, trial)


def trace(trial: Trial) -> list[str]:
    """Return the two hashes of a trial's trace, and why the trial ended."""
    return [trial.decisions, trial.outcomes, trial.ended]


def check_asks_lie_in_the_space(case: Case) -> None:
    """Run a trial in which every exchange is checked."""
    watched = Watched(case.algorithm())
    trial = case.run(algorithm=watched)
    asked = len(trial.columns["number"])
    demand(trial.ended in ("budget", "done"), f"the trial ended as {trial.ended}; expected budget or done")
    enough = asked == EVALUATIONS or (trial.ended == "done" and asked > 0)
    demand(enough, f"the trial ended after {asked} of {EVALUATIONS} evaluations as {trial.ended}")
    demand((trial.ended == "done") == watched.done, f"the trial ended as {trial.ended}")
    demand(not watched.running, f"{len(watched.running)} results were never told")


def check_tiny_budgets(case: Case) -> None:
    """Run trials of one evaluation and of three."""
    for evaluations in (1, 3):
        trial = case.run(evaluations, algorithm=Watched(case.algorithm()))
        asked = len(trial.columns["number"])
        size = case.benchmark.space.size
        demand(
            asked == evaluations or (trial.ended == "done" and asked == size),
            f"asked {asked} of {evaluations} evaluations",
        )
        demand(set(trial.columns["status"]) == {"completed"}, "the result of an evaluation was not told")


def check_same_seed_same_trace(case: Case) -> None:
    """Compare a trial with its repetition, and with a trial of another number."""
    first, other = case.usual, case.run(trial=1)
    demand(trace(case.run()) == trace(first), "the same seed gives another trace")
    if (case.benchmark.space.size or EVALUATIONS) >= EVALUATIONS:
        demand(other.decisions != first.decisions, "trials of different numbers have the same trace")


def check_a_longer_budget_keeps_the_prefix(case: Case) -> None:
    """Compare trials with budgets of different lengths, in evaluations and in seconds."""
    long = case.run(3 * EVALUATIONS // 2)
    _check_prefix(case.usual, long)
    if case.benchmark.facts.has_seconds and len(long.columns["end"]) > 2:
        half = float(np.median(long.columns["end"]))
        short = case.run_under(case.protocol(seconds=half))
        _check_prefix(short, case.run_under(case.protocol(seconds=1.7 * half)))
        _check_prefix(short, long)


def _check_prefix(short: Trial, long: Trial) -> None:
    n = min(len(short.columns["number"]), len(long.columns["number"]))
    demand(n > 0, "nothing was evaluated")
    for name, values in short.columns.items():
        if name not in (*REAL_TIME, *LIVE) and not name.startswith("incumbent_error:"):
            demand(np.array_equal(values[:n], long.columns[name][:n]), f"{name} changes with the budget")


def check_global_randomness_is_left_alone(case: Case) -> None:
    """Run a trial with seeded global random states, and restore these states."""
    usual = case.usual
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the state that the check guards
    try:
        random.seed(5)
        np.random.seed(5)  # noqa: NPY002
        seeded = random.getstate(), np.random.get_state()  # noqa: NPY002
        again = case.run()
        demand(random.getstate() == seeded[0], "Python's global random state was touched")
        after = np.random.get_state()  # noqa: NPY002
        kept = all(np.array_equal(a, b) for a, b in zip(seeded[1], after, strict=True))
        demand(kept, "numpy's global random state was touched")
        demand(trace(again) == trace(usual), "the trace depends on the global random state")
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def check_arguments_stay_as_they_are(case: Case) -> None:
    """Compare the space, the fidelities, the facts and the hyperparameters before and after a trial."""
    space, facts, algorithm = case.benchmark.space, case.benchmark.facts.to_json(), case.algorithm()
    before = _public(space), _fields(algorithm)
    fidelities = list(case.benchmark.facts.fidelities)
    try:
        algorithm.setup(space, fidelities, np.random.default_rng(0), np.random.default_rng(1))
        algorithm.ask()
    finally:
        algorithm.end()
    demand(fidelities == list(case.benchmark.facts.fidelities), "the list of fidelities was changed")
    algorithm = case.algorithm()
    case.run(algorithm=algorithm)
    demand((_public(space), _fields(algorithm)) == before, "the space or a hyperparameter was changed")
    demand(case.benchmark.facts.to_json() == facts, "the benchmark's facts were changed")


def _public(space: SearchSpace) -> dict[str, Any]:
    return {name: value for name, value in vars(space).items() if not name.startswith("_")}


def _fields(algorithm: Algorithm) -> str:
    """Return the hyperparameters as text, which also shows a change inside a list."""
    if not dataclasses.is_dataclass(algorithm):
        return ""
    return repr({field.name: getattr(algorithm, field.name) for field in dataclasses.fields(algorithm)})


def check_budget_and_true_errors_are_out_of_sight(case: Case) -> None:
    """Search everything that the algorithm holds for objects of the harness, results and benchmarks."""
    watched = Watched(case.algorithm())
    case.run(algorithm=watched)
    kinds = [type(given) for given in watched.given[1:]]
    demand(kinds == [tuple, np.random.Generator, np.random.Generator], f"setup() received {kinds}")
    demand(watched.given[0] is case.benchmark.space, "setup() received another space than the benchmark's")
    for thing in _reachable(watched.algorithm):
        package = type(thing).__module__.partition(".")[0]
        demand(package not in ("harness", "results"), f"{thing!r} can be reached from the algorithm")
        demand(not hasattr(type(thing), "true_errors"), f"{thing!r} can be reached from the algorithm")


def _reachable(root: object) -> Iterator[object]:
    """Yield an object and all containers that it refers to, directly or not.

    Code is not followed, except for the variables that a closure holds.
    """
    seen, stack = {id(root)}, [root]
    while stack:
        thing = stack.pop()
        yield thing
        held = gc.get_referents(thing)
        if isinstance(thing, types.FunctionType):
            held = [cell.cell_contents for cell in thing.__closure__ or ()]
        for other in held:
            if id(other) not in seen and gc.is_tracked(other) and not isinstance(other, (type, types.ModuleType)):
                seen.add(id(other))
                stack.append(other)


def check_it_learns_only_from_what_it_is_told(case: Case) -> None:
    """Race it on a copy of the table whose errors are shuffled: the old optimum is now an architecture like any other.

    In a space of 15,625 architectures a trial meets one architecture by chance with a probability below 1 %. An
    algorithm that goes to the old optimum in every one of three trials has looked it up.
    """
    table = case.benchmark
    if not isinstance(table, TableBenchmark) or len(genotypes := table.recorded()) < CHANCE * EVALUATIONS:
        raise DoesNotApply(f"it needs a table of at least {CHANCE * EVALUATIONS:,} architectures")
    fidelities = table.facts.fidelities
    errors = {fidelity: table.errors(genotypes, fidelity) for fidelity in fidelities}
    optimum = tuple(int(gene) for gene in genotypes[np.argmin(np.nanmean(errors[fidelities[-1]], axis=1))])
    seconds = {f: table.seconds(genotypes, f)[:, np.newaxis] for f in fidelities} if table.facts.has_seconds else {}
    met = 0
    for trial in range(SHUFFLES):
        order = np.random.default_rng((SEED, trial)).permutation(len(genotypes))
        mixed = {fidelity: values[order] for fidelity, values in errors.items()}
        shuffled = build_table(table.facts, table.space, mixed, seconds, index=table.index)
        asked = dataclasses.replace(case, benchmark=shuffled).run(trial=trial).columns["architecture"]
        met += bool((asked == optimum).all(axis=1).any())
    demand(met < SHUFFLES, f"it went to the recorded optimum in each of {SHUFFLES} trials on shuffled tables")


ASKS_LIE_IN_THE_SPACE = (
    "Every query is valid, even once all architectures were asked; its result is told with the same object."
)
TINY_BUDGETS = "Budgets of one evaluation, and of fewer than an initial design, are enough to run."
SAME_SEED = "The same seed gives the same trace, bit for bit; another trial differs where the space leaves a choice."
LONGER_BUDGET = "A longer budget, in evaluations or seconds, does not change the trace up to the end of a shorter one."
GLOBAL_RANDOMNESS = "The global random states of Python and numpy are neither used nor changed."
ARGUMENTS_STAY = "The space, the fidelities, the benchmark's facts and the hyperparameters are unchanged after a trial."
OUT_OF_SIGHT = "The algorithm holds no reference to the harness, to results or to a benchmark."

LEARNS = "It learns only from what it is told: on a table with shuffled errors it does not go to the old optimum."

CHECKS: tuple[Check[Case], ...] = (
    Check(
        ASKS_LIE_IN_THE_SPACE,
        "propose architectures with self.space.sample, mutate or neighbours; return Pause.DONE when nothing is left to"
        " ask, and Pause.WAIT only while something is running",
        check_asks_lie_in_the_space,
    ),
    Check(
        TINY_BUDGETS,
        "ask for one evaluation at a time from the beginning; no code may rely on a complete initial design",
        check_tiny_budgets,
    ),
    Check(
        SAME_SEED,
        "draw all random numbers from self.rng and self.design_rng; keep all state in the instance and set it in"
        " begin(); do not iterate over sets, and do not order by id or hash",
        check_same_seed_same_trace,
    ),
    Check(
        LONGER_BUDGET,
        "decide by the results so far, never by how much budget is left",
        check_a_longer_budget_keeps_the_prefix,
    ),
    Check(
        GLOBAL_RANDOMNESS,
        "draw from self.rng; pass it, or a seed drawn from it, to libraries that use random numbers",
        check_global_randomness_is_left_alone,
    ),
    Check(
        ARGUMENTS_STAY,
        "copy objects before you change them; the hyperparameters belong to the experiment",
        check_arguments_stay_as_they_are,
    ),
    Check(
        OUT_OF_SIGHT,
        "learn from tell() alone; do not load a benchmark",
        check_budget_and_true_errors_are_out_of_sight,
    ),
    Check(
        LEARNS,
        "learn from tell() alone; do not load a benchmark, and do not propose architectures that are known to be best",
        check_it_learns_only_from_what_it_is_told,
    ),
)
"""The checks of an algorithm that run in this process."""

SHORT = CHECKS[:2]
"""Checks that suffice if an algorithm has passed all checks on a benchmark of the same space and fidelities."""
