"""The rules of the simulator, one at a time, on a toy table whose epochs cost 10 s."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Scripted, first_repeat, make_protocol, make_table

from algorithms.base import Algorithm, Pause, Query
from algorithms.random_search import RandomSearch
from benchmarks import BenchmarkError
from harness.simulation.accounting import STALLED_AFTER, AlgorithmError
from harness.simulation.simulator import simulate

LADDER = [1.0, 3.0, 9.0, 27.0]


def play(script, protocol, table=None, draw=first_repeat):
    table = table or make_table()
    algorithm = Scripted(list(script))
    algorithm.setup(table.space, protocol.fidelities, np.random.default_rng(0), np.random.default_rng(1))
    return simulate(algorithm, table, protocol, draw), algorithm


def climb(architecture=(0,), network=0):
    return [Query(architecture, 1.0), *(Query(architecture, f, network) for f in LADDER[1:])]


@pytest.mark.parametrize(("continuation", "total"), [("resume", 270.0), ("scratch", 400.0)])
def test_the_ladder_costs_270_s_resumed_and_400_s_from_scratch(continuation, total):
    run, _ = play(climb(), make_protocol(seconds=1000.0, continuation=continuation))
    assert sum(e.charged_seconds for e in run.evaluations) == total
    assert run.evaluations[-1].end == total
    assert [e.fidelity_from for e in run.evaluations] == ([0, 1, 3, 9] if continuation == "resume" else [0, 0, 0, 0])
    assert run.ended == "done"


def test_resuming_costs_its_overhead_once_per_resumption():
    run, _ = play(climb(), make_protocol(seconds=1000.0, continuation="resume", resume_cost=5.0, startup=2.0))
    assert [e.charged_seconds for e in run.evaluations] == [12.0, 27.0, 67.0, 187.0]


@pytest.mark.parametrize(("other_ends", "reached", "charged"), [(49.0, 0.0, 270.0), (50.0, 3.0, 240.0)])
def test_a_checkpoint_written_at_50_is_usable_from_50_on(other_ends, reached, charged):
    """Network 0 trains to 3 epochs until t = 50; another worker becomes free at 49, or at 50, and continues it."""
    table = make_table(epoch_seconds=(10.0, other_ends))
    script = [Query((0,), 3.0), Query((1,), 1.0), Query((0,), 27.0, 0)]
    protocol = make_protocol(seconds=1000.0, workers=2, continuation="resume", startup=0.0, decision=0.0)
    table._seconds[3.0] = np.array([[50.0], [500.0]])
    table._seconds[27.0] = np.array([[290.0], [5000.0]])
    run, _ = play(script, protocol, table)
    last = run.evaluations[2]
    assert (last.start, last.fidelity_from) == (other_ends, reached)
    assert last.charged_seconds == (240.0 if reached else 290.0)


def test_a_promoted_network_keeps_its_repeat_and_a_new_one_draws_again():
    draws = {((0,), 0): 2, ((0,), 1): 1}
    script = [*climb(), Query((0,), 27.0)]
    run, _ = play(script, make_protocol(evaluations=10, continuation="resume"), draw=lambda a, n: draws[a, n])
    assert [e.repeat for e in run.evaluations] == [2, 2, 2, 2, 1]
    assert [e.network for e in run.evaluations] == [0, 0, 0, 0, 1]
    assert run.evaluations[3].observed_error == pytest.approx(0.002)


def test_the_mean_is_observed_and_charged_where_the_signal_is_the_mean():
    table = make_table()
    table._seconds[27.0] = np.full((4, 3), [100.0, 200.0, 600.0])
    table._mean_seconds[27.0] = table._seconds[27.0].mean(axis=1)
    run, _ = play([Query((1,), 27.0)], make_protocol(evaluations=1, signal="mean"), table)
    (evaluation,) = run.evaluations
    assert (evaluation.observed_error, evaluation.charged_seconds) == pytest.approx((0.011, 300.0))
    assert evaluation.repeat == -1
    run, _ = play([Query((1,), 27.0)], make_protocol(evaluations=1), table, draw=lambda a, n: 2)
    assert run.evaluations[0].charged_seconds == 600.0


def test_validation_passes_are_charged_once_or_every_epoch():
    for rule, extra in [("none", 0.0), ("once", 1.0), ("every_epoch", 9.0)]:
        run, _ = play([Query((0,), 9.0)], make_protocol(evaluations=1, evaluation_time=rule))
        assert run.evaluations[0].charged_seconds == pytest.approx(90.0 + extra)


def test_an_evaluation_that_ends_after_the_budget_is_dropped_or_kept():
    script = [Query((0,), 3.0), Query((1,), 3.0)]
    run, algorithm = play(script, make_protocol(seconds=59.0))
    assert [e.status for e in run.evaluations] == ["completed", "truncated"]
    assert [kind for kind, _ in algorithm.events] == ["ask", "tell", "ask"]
    run, algorithm = play(script, make_protocol(seconds=59.0, overshoot="keep"))
    assert [e.status for e in run.evaluations] == ["completed", "completed"]
    assert [kind for kind, _ in algorithm.events].count("tell") == 2
    run, _ = play(script, make_protocol(seconds=60.0))
    assert [e.status for e in run.evaluations] == ["completed", "completed"]
    assert run.ended == "budget"


def test_duplicates_are_recharged_cached_or_counted():
    script = [Query((0,), 1.0)] * 3
    draw = lambda a, n: n  # noqa: E731
    run, _ = play(script, make_protocol(evaluations=2), draw=draw)
    assert [(e.repeat, e.charged_seconds) for e in run.evaluations] == [(0, 10.0), (1, 10.0)]
    run, _ = play(script, make_protocol(evaluations=2, duplicates="count"), draw=draw)
    assert [(e.repeat, e.charged_seconds) for e in run.evaluations] == [(0, 10.0), (0, 0.0)]
    run, _ = play(script, make_protocol(evaluations=2, duplicates="cached"), draw=draw)
    assert [(e.repeat, e.charged_seconds) for e in run.evaluations] == [(0, 10.0), (0, 0.0), (0, 0.0)]
    assert [e.end for e in run.evaluations] == [10.0, 10.0, 10.0]


def test_a_cached_value_is_available_once_its_evaluation_has_finished():
    script = [Query((0,), 3.0), Query((0,), 3.0)]
    run, _ = play(script, make_protocol(evaluations=9, workers=2, duplicates="cached"))
    assert [(e.start, e.end, e.charged_seconds) for e in run.evaluations] == [(0.0, 30.0, 30.0), (0.0, 30.0, 0.0)]


def test_completions_of_one_instant_are_told_before_the_next_ask_and_the_lowest_worker_is_filled_first():
    script = [Query((i % 4,), 1.0) for i in range(6)]
    run, algorithm = play(script, make_protocol(evaluations=6, workers=3))
    kinds = "".join(kind[0] for kind, _ in algorithm.events)
    assert kinds == "aaatttaaattt"
    assert [e.worker for e in run.evaluations] == [0, 1, 2, 0, 1, 2]
    told = [query for kind, query in algorithm.events if kind == "tell"]
    assert all(any(query is asked for asked in script) for query in told)


def test_waiting_with_all_workers_idle_is_an_error_and_done_ends_the_trial():
    with pytest.raises(AlgorithmError, match="WAIT, but nothing is running"):
        play([Pause.WAIT], make_protocol(evaluations=3))
    run, _ = play([Query((0,), 1.0)], make_protocol(evaluations=3))
    assert (run.ended, len(run.evaluations)) == ("done", 1)
    run, algorithm = play([Query((0,), 1.0), Pause.DONE], make_protocol(evaluations=9, workers=2))
    assert run.ended == "done"
    assert [kind for kind, _ in algorithm.events] == ["ask", "ask", "tell"]


def test_many_free_evaluations_in_a_row_end_the_trial_as_stalled():
    @dataclass
    class Stubborn(Algorithm):
        reference = "none"

        def ask(self):
            return Query((0,), 1.0)

        def tell(self, query, observed_error):
            pass

    algorithm, table = Stubborn(), make_table()
    run = simulate(algorithm, table, make_protocol(evaluations=3, duplicates="cached"), first_repeat)
    assert (run.ended, len(run.evaluations)) == ("stalled", STALLED_AFTER + 1)
    run = simulate(algorithm, table, make_protocol(evaluations=3, duplicates="count"), first_repeat)
    assert (run.ended, len(run.evaluations)) == ("budget", 3)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "expected a Query, Pause.WAIT or Pause.DONE, got None"),
        (Query((9,), 1.0), r"expected an architecture of .*; got \(9,\)"),
        (Query((-1,), 1.0), r"expected an architecture of .*; got \(-1,\)"),
        (Query((0, 0), 1.0), r"expected an architecture of .*; got \(0, 0\)"),
        (Query((0,), 2.0), "expected one of the fidelities 1, 3, 9, 27, got 2.0"),
        (Query((0,), np.float64("nan")), "expected one of the fidelities 1, 3, 9, 27, got nan"),
        (Query((0,), 1.0, 7), "cannot continue network 7; networks begun so far: 0"),
    ],
)
def test_a_broken_contract_is_reported_with_what_is_expected(answer, message):
    with pytest.raises(AlgorithmError, match=message):
        play([answer], make_protocol(evaluations=3))


EXAMPLE = (
    r"expected an architecture of ChoiceSpace\('toy', cardinalities=\(4,\)\), a tuple of ints such as \(\d,\); got "
)


@pytest.mark.parametrize("rules", [{}, {"duplicates": "cached"}, {"signal": "mean"}], ids=repr)
@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ([0], EXAMPLE + r"\[0\] \(list\); convert it with tuple\(\.\.\.\)$"),
        (np.array([0]), EXAMPLE + r"array\(\[0\]\) \(ndarray\); convert it with tuple\(\.\.\.\)$"),
        ("0", EXAMPLE + r"'0' \(str\)"),
        (None, EXAMPLE + r"None \(NoneType\)"),
        ((2.0,), EXAMPLE + r"\(2\.0,\) \(tuple\)$"),
        (("x",), EXAMPLE + r"\('x',\) \(tuple\)$"),
        (([0],), EXAMPLE + r"\(\[0\],\) \(tuple\)$"),
    ],
    ids=repr,
)
def test_a_wrong_architecture_is_reported_with_an_example_and_a_remedy(architecture, message, rules):
    with pytest.raises(AlgorithmError, match=message):
        play([Query((1,), 1.0), Query(architecture, 1.0)], make_protocol(evaluations=3, **rules))


def test_an_architecture_may_hold_numpy_integers():
    run, _ = play([Query(tuple(np.array([2])), 1.0)], make_protocol(evaluations=1))
    assert run.evaluations[0].architecture == (2,)


@pytest.mark.parametrize("query", [Query((0,), [1.0]), Query((0,), 1.0, "0"), Query((0,), 1.0, 0.0)], ids=repr)
def test_a_fidelity_or_network_of_a_wrong_type_is_reported(query):
    with pytest.raises(
        AlgorithmError,
        match=r"expected (one of the fidelities|a number as fidelity, and an int or None as network; got 1\.0 and '?0)",
    ):
        play([Query((0,), 1.0), query], make_protocol(evaluations=3))


def test_an_error_of_the_benchmark_is_not_blamed_on_the_algorithm():
    with pytest.raises(BenchmarkError, match="time of a validation pass is not known"):
        play(
            [Query((0,), 1.0)], make_protocol(evaluations=1, evaluation_time="once"), make_table(validation_share=None)
        )


def test_continuing_a_network_as_another_architecture_is_rejected():
    with pytest.raises(AlgorithmError, match=r"cannot continue network 0 as \(1,\); its architecture is \(0,\)"):
        play([Query((0,), 1.0), Query((1,), 3.0, 0)], make_protocol(evaluations=3))


def test_without_recorded_times_only_the_constants_of_the_protocol_are_charged():
    table = make_table(has_seconds=False)
    run, _ = play([Query((0,), 1.0)] * 2, make_protocol(evaluations=2, startup=3.0), table)
    assert [e.charged_seconds for e in run.evaluations] == [3.0, 3.0]


def race(costs, workers, budget, choices):
    table = make_table(epoch_seconds=costs)
    script = [Query((choice % len(costs),), 1.0) for choice in choices]
    return play(script, make_protocol(workers=workers, **budget), table)[0]


costs_ = st.lists(st.floats(0.5, 50.0), min_size=1, max_size=6)
choices_ = st.lists(st.integers(0, 5), min_size=1, max_size=40)


@given(workers=st.integers(1, 9), n=st.integers(1, 60))
def test_w_workers_with_equal_costs_finish_n_evaluations_in_ceil_n_over_w_rounds(workers, n):
    run = race([7.0], workers, {"evaluations": n}, [0] * n)
    assert max(e.end for e in run.evaluations) == pytest.approx(7.0 * math.ceil(n / workers))


@given(costs=costs_, choices=choices_, workers=st.integers(1, 6))
def test_grahams_bounds_hold(costs, choices, workers):
    """Greedy list scheduling: total / w <= makespan <= total / w + (1 - 1 / w) * longest (Graham 1969)."""
    run = race(costs, workers, {"evaluations": len(choices)}, choices)
    charged = [e.charged_seconds for e in run.evaluations]
    makespan, share = max(e.end for e in run.evaluations), sum(charged) / workers
    assert share - 1e-9 <= makespan <= share + (1 - 1 / workers) * max(charged) + 1e-9


@given(
    costs=costs_,
    choices=choices_,
    workers=st.integers(1, 4),
    budget=st.floats(1.0, 500.0),
    longer=st.floats(1.0, 500.0),
)
def test_a_longer_horizon_keeps_the_shared_prefix(costs, choices, workers, budget, longer):
    short = race(costs, workers, {"seconds": budget}, choices).evaluations
    long = race(costs, workers, {"seconds": budget + longer}, choices).evaluations
    done = [e for e in short if e.status == "completed"]
    assert [e for e in long if e.end <= budget] == done
    assert [e._replace(status="") for e in long[: len(short)]] == [e._replace(status="") for e in short]


@given(costs=costs_, choices=choices_, workers=st.integers(1, 4))
def test_no_worker_does_two_things_at_once_and_none_idles_while_something_is_asked(costs, choices, workers):
    evaluations = race(costs, workers, {"evaluations": len(choices)}, choices).evaluations
    for worker in range(workers):
        own = [e for e in evaluations if e.worker == worker]
        assert all(a.end <= b.start for a, b in itertools.pairwise(own))
    assert all(a.start <= b.start for a, b in itertools.pairwise(evaluations))


@given(workers=st.integers(1, 4), n=st.integers(1, 50), more=st.integers(1, 50), seed=st.integers(0, 9))
def test_a_larger_evaluation_budget_keeps_the_shared_prefix(workers, n, more, seed):
    def race_random(evaluations):
        table, algorithm = make_table(epoch_seconds=(3.0, 5.0, 8.0, 13.0)), RandomSearch()
        algorithm.setup(table.space, (1.0,), np.random.default_rng(seed), np.random.default_rng(seed))
        return simulate(algorithm, table, make_protocol(evaluations=evaluations, workers=workers), first_repeat)

    assert race_random(n + more).evaluations[:n] == race_random(n).evaluations


def test_a_completion_at_no_cost_is_told_before_another_worker_is_asked():
    table = make_table(epoch_seconds=(0.0, 10.0, 10.0))
    script = [Query((0,), 27.0), Query((1,), 27.0)]
    _, algorithm = play(script, make_protocol(seconds=1000.0, workers=2), table)
    assert [kind for kind, _ in algorithm.events][:3] == ["ask", "tell", "ask"]


def test_a_cached_value_changes_neither_a_running_network_nor_the_repeats_of_later_ones():
    script = [Query((0,), 1.0), Query((0,), 9.0), Query((0,), 9.0, 0), Query((0,), 27.0, 0), Query((0,), 3.0, 0)]
    protocol = make_protocol(evaluations=9, duplicates="cached", continuation="resume")
    run, _ = play(script, protocol, draw=lambda a, n: n)
    assert [e.repeat for e in run.evaluations] == [0, 1, 1, 0, 0]
    assert run.evaluations[4].fidelity_from == 1.0
    run, _ = play([Query((0,), 27.0), Query((0,), 27.0), Query((0,), 9.0)], protocol, draw=lambda a, n: n)
    assert [(e.repeat, e.network) for e in run.evaluations] == [(0, 0), (0, 1), (1, 2)]


def test_a_query_object_is_kept_until_its_result_is_told():
    """Optimizers use the id of a query as a key, as the guide does, and need not keep the object."""

    class KnowsIds(RandomSearch):
        def begin(self):
            super().begin()
            self.running = set()

        def ask(self):
            query = super().ask()
            assert id(query) not in self.running
            self.running.add(id(query))
            return query

        def tell(self, query, observed_error):
            self.running.remove(id(query))

    table = make_table()
    algorithm = KnowsIds()
    algorithm.setup(table.space, (27.0,), np.random.default_rng(0), np.random.default_rng(1))
    run = simulate(algorithm, table, make_protocol(evaluations=500, workers=4), first_repeat)
    assert len(run.rows) == 500
    assert not algorithm.running
