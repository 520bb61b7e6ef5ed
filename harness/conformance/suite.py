"""Run all checks of an algorithm, or of a benchmark and its space, and give a verdict for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from benchmarks import Benchmark, BenchmarkError, load_benchmark
from harness.conformance import algorithm_checks as rules
from harness.conformance.algorithm_checks import CHECKS, WORKERS, Case, trace
from harness.conformance.benchmark_checks import BENCHMARK_CHECKS
from harness.conformance.checks import Check, CheckFailed, DoesNotApply, Verdict, demand
from harness.conformance.other_process import elsewhere
from harness.conformance.space_checks import SPACE_CHECKS
from harness.entries.hyperparameters import hyperparameters
from harness.entries.isolated import FunctionFailed, IsolatedProcess, ProcessDied, describe, fresh_process, time_limit
from harness.entries.places import own_functions, place
from harness.entries.programs import Program
from harness.entries.sources import AlgorithmSource, find_source, is_custom_class
from harness.errors import ConfigurationError

CHECK_LIMIT = 120.0
"""Time limit of every check of a custom class [s]."""
DEATH_HINT = (
    "an algorithm must not end or crash its process, or run forever; find the place with `regretta run --debug`"
)
PREMATURE_HINT = "ask() is called again before earlier results are told; return Pause.WAIT if nothing can be asked yet"
_kept: dict[str, list[Case]] = {}


def check_it_answers(case: Case) -> None:
    """Run a trial of one evaluation."""
    case.run(1)


def check_other_process(case: Case) -> None:
    """Compare a trial with its repetition in another process that has another hash seed."""
    assert case.source is not None
    here = trace(case.usual)
    there = elsewhere(_trace, case.source, dict(case.parameters), case.benchmark.facts.name, case.workers)
    demand(there == here, "another process gives another trace")


def _trace(source: AlgorithmSource, parameters: dict[str, Any], benchmark: str, workers: int) -> list[str]:
    return trace(Case(source.load(), source.use, parameters, load_benchmark(benchmark), workers).run())


OTHER_PROCESS = "Another process, with another hash seed, gives the same trace."

ALGORITHM_CHECKS: tuple[Check[Case], ...] = (
    *CHECKS,
    Check(
        OTHER_PROCESS,
        "draw all random numbers from self.rng and self.design_rng; do not iterate over sets, and do not order by id"
        " or hash",
        check_other_process,
    ),
)
"""All checks of a class."""

PROGRAM_ANSWERS: Check[Case] = Check(
    "The program starts, and answers hello and an ask within its time limit.",
    "try it by hand, as docs/guides/programs.md describes; flush every line at once, with print(..., flush=True), with"
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


class Subject(NamedTuple):
    """An algorithm to check: where it comes from, its hyperparameters, and the benchmarks that it can search."""

    source: AlgorithmSource
    parameters: dict[str, Any]
    benchmarks: tuple[str, ...]


def find_subject(use: str, folder: Path, given: Mapping[str, Any], names: Sequence[str]) -> Subject:
    """Find an algorithm to check.

    A custom class is imported in another process, because that runs its code.

    Parameters
    ----------
    use : str
        As in an experiment.
    folder : Path
        Folder that relative paths start from.
    given : mapping
        Hyperparameters that differ from the defaults.
    names : sequence of str
        Benchmarks. Those that the algorithm cannot search are left out.

    Raises
    ------
    ConfigurationError
        If there is no such algorithm, a hyperparameter is wrong, or it can search none of the benchmarks.
    """
    if not is_custom_class(use):
        return _find_subject(use, folder, given, names)
    try:
        with fresh_process() as process:
            found = process.call(_subject_or_problems, use, folder.resolve(), dict(given), tuple(names))
    except ProcessDied as death:
        raise ConfigurationError([f"use = {use!r} cannot be loaded: {death}"]) from None
    if isinstance(found, Subject):
        return found
    raise ConfigurationError(found)


def _subject_or_problems(use: str, folder: Path, given: dict[str, Any], names: tuple[str, ...]) -> Subject | list[str]:
    with time_limit(CHECK_LIMIT, f"did not finish within {CHECK_LIMIT:g} s"):
        try:
            return _find_subject(use, folder, given, names)
        except (ConfigurationError, BenchmarkError) as error:
            return list(getattr(error, "problems", [str(error)]))


def _find_subject(use: str, folder: Path, given: Mapping[str, Any], names: Sequence[str]) -> Subject:
    source = find_source(use, folder)
    cls = source.load()
    parameters = hyperparameters(cls, given, use)
    refusals = {name: Case(cls, use, parameters, load_benchmark(name), 1).refusal() for name in names}
    fitting = tuple(name for name, refusal in refusals.items() if refusal is None)
    if not fitting:
        raise ConfigurationError([f"--benchmark: {use} on {name}: {refusal}" for name, refusal in refusals.items()])
    return Subject(source, parameters, fitting)


def algorithm_verdicts(subject: Subject) -> Iterator[Verdict]:
    """Run all checks of an algorithm, with one and with four simulated workers."""
    if subject.source.is_custom_class:
        yield from _isolated_verdicts(subject)
        return
    cases = _cases(subject)
    checks = ALGORITHM_CHECKS
    if issubclass(cases[0].cls, Program):
        checks = PROGRAM_CHECKS
        yield (answers := _over(PROGRAM_ANSWERS, cases[:1]))
        if not answers.passed:
            return
    for check in checks:
        yield _over(check, cases)


def _cases(subject: Subject) -> list[Case]:
    source, parameters, names = subject
    cls = source.load()
    benchmarks = [load_benchmark(name) for name in names]
    return [Case(cls, source.use, parameters, on, workers, source) for on in benchmarks for workers in WORKERS]


def _isolated_verdicts(subject: Subject) -> Iterator[Verdict]:
    """Run every check of a custom class in another process, and take the death of the process as a failure."""
    process = IsolatedProcess()
    try:
        for number, check in enumerate(ALGORITHM_CHECKS):
            if process.stopped:
                process = IsolatedProcess()
            try:
                yield process.call(_verdict, subject, number)
            except (ProcessDied, FunctionFailed) as death:
                yield Verdict(check.statement, False, str(death), DEATH_HINT, error=str(death))
    finally:
        process.stop()


def _verdict(subject: Subject, number: int) -> Verdict:
    """Run one check in this process."""
    with (
        time_limit(CHECK_LIMIT, f"the check did not finish within {CHECK_LIMIT:g} s: is there a loop without an end?"),
        threadpool_limits(1),
    ):
        return _over(ALGORITHM_CHECKS[number], _cached_cases(subject))


def _cached_cases(subject: Subject) -> list[Case]:
    """Return the cases of a subject, which keep the trial that several checks compare with."""
    key = repr(subject)
    if key not in _kept:
        _kept.clear()
        _kept[key] = _cases(subject)
    return _kept[key]


def benchmark_verdicts(benchmark: Benchmark) -> Iterator[Verdict]:
    """Run all checks of a benchmark's space, and of the benchmark."""
    for on_space in SPACE_CHECKS:
        yield on_space.verdict(benchmark.space)
    for on_benchmark in BENCHMARK_CHECKS:
        yield on_benchmark.verdict(benchmark)


def _over(check: Check[Case], cases: Sequence[Case]) -> Verdict:
    """Run a check on several cases. Return the first failure, or that it passed, or that it applies to none of them."""
    verdicts = []
    for case in cases:
        verdicts.append(verdict := _on(check, case))
        if not verdict.passed:
            return verdict
    return next((verdict for verdict in verdicts if not verdict.skipped), verdicts[0])


def _on(check: Check[Case], case: Case) -> Verdict:
    """Run a check on a case. If a class raised an error, name its place instead of the hint of the check."""
    on = f"on {case.benchmark.facts.name}, workers = {case.workers}: "
    raised = check.attempt(case)
    if raised is None or isinstance(raised, (CheckFailed, DoesNotApply)) or issubclass(case.cls, Program):
        return check.judge(raised, on)
    assert case.source is not None
    error = f"{describe(raised)}{place(raised, case.source)}"
    premature = case.workers > 1 and "ask" in own_functions(raised, case.source)  # it passed with one worker
    return Verdict(check.statement, False, f"{on}{error}", PREMATURE_HINT if premature else "", error)
