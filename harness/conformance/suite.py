"""Promises kept or broken: a verdict each, with a hint, also of programs and from another process."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import Benchmark, load_benchmark
from harness.conformance.algorithm_checks import (
    CHECKS,
    WORKERS,
    Case,
    PromiseBroken,
    check_a_longer_budget_keeps_the_prefix,
    check_arguments_stay_as_they_are,
    check_asks_lie_in_the_space,
    check_budget_and_true_errors_are_out_of_sight,
    check_global_randomness_is_left_alone,
    check_same_seed_same_trace,
    check_tiny_budgets,
    demand,
    trace,
)
from harness.conformance.other_process import elsewhere
from harness.entries.programs import Program
from harness.entries.sources import AlgorithmSource

HINTS: dict[Callable[[Case], None], str] = {
    check_asks_lie_in_the_space: "propose with self.space.sample, mutate or neighbours; answer Pause.DONE when there is"
    " nothing left, and Pause.WAIT only while something is running",
    check_tiny_budgets: "begin with single queries; nothing may need a finished initial design",
    check_same_seed_same_trace: "draw from self.rng and self.design_rng alone; keep all state in the instance, set in"
    " begin(); do not iterate over sets, or compare by id or hash",
    check_a_longer_budget_keeps_the_prefix: "decide by what was told, never by how much is left",
    check_global_randomness_is_left_alone: "draw from self.rng; hand it, or a seed from it, to libraries that draw",
    check_arguments_stay_as_they_are: "copy before you change; hyperparameters belong to the experiment",
    check_budget_and_true_errors_are_out_of_sight: "an algorithm learns from tell() alone: load no benchmark",
}


def check_it_answers(case: Case) -> None:
    """It starts, and answers hello and an ask within its time limit."""
    case.run(1)


PROGRAM_HINTS: dict[Callable[[Case], None], str] = {
    check_it_answers: "try it by hand, as docs/programs.md describes; let every line leave at once, as with"
    " print(..., flush=True), fflush() in awk, mawk -W interactive",
    check_asks_lie_in_the_space: "ask for architectures with sample, mutate or neighbours; answer done when there is"
    " nothing left, and wait only while something is running",
    check_same_seed_same_trace: "draw all randomness from the seed in hello; keep nothing from one run to the next",
}


@dataclass(frozen=True)
class Verdict:
    """Whether a promise is kept; if not, where it was first broken, how, and what to do."""

    promise: str
    kept: bool
    broken: str = ""
    hint: str = ""


def verdicts(
    source: AlgorithmSource, parameters: Mapping[str, Any], benchmarks: Sequence[Benchmark]
) -> Iterator[Verdict]:
    """Hold an algorithm to every promise, with one and with four simulated workers.

    Parameters
    ----------
    source : AlgorithmSource
    parameters : mapping
        Hyperparameters.
    benchmarks : sequence of Benchmark
        That have the fidelities it needs.
    """
    cls = source.load()
    cases = [Case(cls, source.use, parameters, on, workers) for on in benchmarks for workers in WORKERS]
    hints = HINTS
    if issubclass(cls, Program):
        hints = HINTS | PROGRAM_HINTS
        yield (answers := _verdict(check_it_answers, check_it_answers.__doc__, cases[:1], hints[check_it_answers]))
        if not answers.kept:
            return
    for check in CHECKS:
        if issubclass(cls, Program) and check is check_budget_and_true_errors_are_out_of_sight:
            continue  # a process of its own has nothing of ours to see
        yield _verdict(check, check.__doc__, cases, hints[check])
    yield _verdict(
        lambda case: _compare_processes(source, case),
        _compare_processes.__doc__,
        cases,
        hints[check_same_seed_same_trace],
    )


def _verdict(check: Callable[[Case], None], promise: str | None, cases: Sequence[Case], hint: str) -> Verdict:
    for case in cases:
        try:
            check(case)
        except (Exception, SystemExit) as error:  # whatever a guest raises breaks the promise
            where = f"on {case.benchmark.facts.name}, workers = {case.workers}"
            return Verdict(promise or "", False, f"{where}: {reason(error)}", hint)
    return Verdict(promise or "", True)


def reason(error: BaseException) -> str:
    """Say how a promise was broken; what is no :class:`PromiseBroken` is named."""
    return f"{error}" if isinstance(error, PromiseBroken) else f"{type(error).__name__}: {error}"


def _compare_processes(source: AlgorithmSource, case: Case) -> None:
    """Another process, with another hash seed, gives the same trace."""
    question = pickle.dumps((source, dict(case.parameters), case.benchmark.facts.name, case.workers))
    there = elsewhere(__name__, question=question)
    demand(there == trace(case.usual), "another process gives another trace")


def _answer() -> None:
    """Print the trace of the case that stands on standard input."""
    source, parameters, benchmark, workers = pickle.load(sys.stdin.buffer)
    case = Case(source.load(), source.use, parameters, load_benchmark(benchmark), workers)
    print(json.dumps(trace(case.run())))
