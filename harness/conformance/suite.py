"""Run all checks of an algorithm, or of a benchmark and its space, and give a verdict for each."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import Benchmark, load_benchmark
from harness.conformance import algorithm_checks as rules
from harness.conformance.algorithm_checks import CHECKS, WORKERS, Case, trace
from harness.conformance.benchmark_checks import BENCHMARK_CHECKS
from harness.conformance.checks import Check, Verdict, demand
from harness.conformance.other_process import elsewhere
from harness.conformance.space_checks import SPACE_CHECKS
from harness.entries.programs import Program
from harness.entries.sources import AlgorithmSource


def check_it_answers(case: Case) -> None:
    """Run a trial of one evaluation."""
    case.run(1)


def check_other_process(case: Case) -> None:
    """Compare a trial with its repetition in another process that has another hash seed."""
    question = pickle.dumps((case.source, dict(case.parameters), case.benchmark.facts.name, case.workers))
    demand(elsewhere(__name__, question=question) == trace(case.usual), "another process gives another trace")


def _answer() -> None:
    """Print the trace of the case that standard input describes."""
    source, parameters, benchmark, workers = pickle.load(sys.stdin.buffer)
    case = Case(source.load(), source.use, parameters, load_benchmark(benchmark), workers)
    print(json.dumps(trace(case.run())))


OTHER_PROCESS = "Another process, with another hash seed, gives the same trace."

ALGORITHM_CHECKS: tuple[Check[Case], ...] = (
    *CHECKS,
    Check(
        OTHER_PROCESS,
        "draw all random numbers from self.rng and self.design_rng; do not iterate over sets, and do not compare by id"
        " or hash",
        check_other_process,
    ),
)
"""All checks of a class."""

PROGRAM_ANSWERS: Check[Case] = Check(
    "The program starts, and answers hello and an ask within its time limit.",
    "try it by hand, as docs/programs.md describes; flush every line at once, with print(..., flush=True), with"
    " fflush() in awk, or with mawk -W interactive",
    check_it_answers,
)
"""The check that a program must pass before the others are run."""

PROGRAM_CHECKS: tuple[Check[Case], ...] = (
    Check(
        rules.ASKS_LIE_IN_THE_SPACE,
        "request architectures with sample, mutate or neighbours; answer done when nothing is left to ask, and wait"
        " only while something is running",
        rules.check_asks_lie_in_the_space,
    ),
    Check(
        rules.TINY_BUDGETS,
        "answer every ask with a single query; no code may rely on a complete initial design",
        rules.check_tiny_budgets,
    ),
    Check(
        rules.SAME_SEED,
        "draw all random numbers from the seed in hello; keep nothing from one run to the next",
        rules.check_same_seed_same_trace,
    ),
    Check(
        rules.LONGER_BUDGET,
        "decide by the results so far, never by how much budget is left or by the clock",
        rules.check_a_longer_budget_keeps_the_prefix,
    ),
    Check(
        rules.GLOBAL_RANDOMNESS,
        "a program cannot reach these states: please report this failure",
        rules.check_global_randomness_is_left_alone,
    ),
    Check(
        rules.ARGUMENTS_STAY,
        "a program cannot reach these objects: please report this failure",
        rules.check_arguments_stay_as_they_are,
    ),
    Check(
        OTHER_PROCESS,
        "draw all random numbers from the seed in hello; keep nothing from one run to the next",
        check_other_process,
    ),
)
"""The further checks of a program. A separate process holds no reference to the harness, so that is not checked."""


def algorithm_verdicts(
    source: AlgorithmSource, parameters: Mapping[str, Any], benchmarks: Sequence[Benchmark]
) -> Iterator[Verdict]:
    """Run all checks of an algorithm, with one and with four simulated workers.

    Parameters
    ----------
    source : AlgorithmSource
    parameters : mapping
        Hyperparameters.
    benchmarks : sequence of Benchmark
        Benchmarks that the algorithm can search.
    """
    cls = source.load()
    cases = [Case(cls, source.use, parameters, on, workers, source) for on in benchmarks for workers in WORKERS]
    checks = ALGORITHM_CHECKS
    if issubclass(cls, Program):
        checks = PROGRAM_CHECKS
        yield (answers := _over(PROGRAM_ANSWERS, cases[:1]))
        if not answers.passed:
            return
    for check in checks:
        yield _over(check, cases)


def benchmark_verdicts(benchmark: Benchmark) -> Iterator[Verdict]:
    """Run all checks of a benchmark's space, and of the benchmark."""
    for on_space in SPACE_CHECKS:
        yield on_space.verdict(benchmark.space)
    for on_benchmark in BENCHMARK_CHECKS:
        yield on_benchmark.verdict(benchmark)


def _over(check: Check[Case], cases: Sequence[Case]) -> Verdict:
    """Run a check on several cases. Return the first failure, if there is one."""
    for case in cases:
        verdict = check.verdict(case, f"on {case.benchmark.facts.name}, workers = {case.workers}: ")
        if not verdict.passed:
            return verdict
    return Verdict(check.statement, True)
