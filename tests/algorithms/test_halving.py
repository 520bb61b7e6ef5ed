"""Bracket tables, promotions and rung barriers, and the algorithms of Hyperband's family on the simulator."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from toys import first_repeat, make_protocol, make_table

from algorithms import Pause
from algorithms.asha import ASHA
from algorithms.bohb import BOHB
from algorithms.halving import Bracket
from algorithms.hyperband import Hyperband
from algorithms.rungs import available_rungs, brackets, ladder
from algorithms.successive_halving import SuccessiveHalving
from harness.simulation.simulator import simulate


@pytest.mark.parametrize(
    ("bounds", "sizes"),
    [
        ((4, 108), [[27, 9, 3, 1], [9, 3, 1], [6, 2], [4]]),
        ((1, 12), [[9, 3, 1], [3, 1], [3]]),
        ((11, 199), [[9, 3, 1], [3, 1], [3]]),
    ],
)
def test_brackets_are_hpbandsters(bounds, sizes):
    steps = ladder(*bounds, 3)
    assert [[n for n, _ in bracket] for bracket in brackets(steps)] == sizes
    assert [fidelity for _, fidelity in brackets(steps)[0]] == pytest.approx(
        [bounds[1] / 3**k for k in reversed(range(len(steps)))]
    )


def test_rungs_are_members_of_what_is_recorded():
    assert available_rungs((12.0, 200.0), 3) == (12.0, 200.0)
    assert brackets((12.0, 200.0)) == [[(16, 12.0), (1, 200.0)], [(2, 200.0)]]
    assert available_rungs((4.0, 12.0, 36.0, 108.0), 3) == (4.0, 12.0, 36.0, 108.0)
    assert available_rungs((1.0, 3.0, 9.0, 27.0), 3) == (1.0, 3.0, 9.0, 27.0)
    assert available_rungs(tuple(float(epoch) for epoch in range(1, 99)), 3) == (1.0, 4.0, 11.0, 33.0, 98.0)
    assert available_rungs((12.0, 25.0, 50.0, 100.0, 200.0), 3) == (12.0, 100.0, 200.0)
    assert available_rungs((12.0, 25.0, 50.0, 100.0, 200.0), 2) == (12.0, 25.0, 50.0, 100.0, 200.0)
    assert available_rungs((200.0,), 3) == (200.0,)


def test_the_best_of_a_rung_are_promoted_once_all_of_it_is_told():
    bracket = Bracket([(3, 1.0), (2, 3.0), (1, 9.0)])
    first = [bracket.ask(lambda i=i: (i,), i) for i in range(3)]
    assert bracket.ask(lambda: (9,), 3) is None
    for query, error in zip(first, [0.3, 0.1, 0.2], strict=True):
        bracket.tell(query, error)
    second = [bracket.ask(lambda: (9,), 3) for _ in range(2)]
    assert [(q.architecture, q.fidelity, q.network) for q in second] == [((1,), 3.0, 1), ((2,), 3.0, 2)]
    assert bracket.ask(lambda: (9,), 3) is None
    bracket.tell(second[1], 0.05)
    bracket.tell(second[0], 0.06)
    last = bracket.ask(lambda: (9,), 3)
    assert last[:3] == ((2,), 9.0, 2)
    assert not bracket.finished
    bracket.tell(last, 0.05)
    assert bracket.finished


def race(algorithm, workers=1, evaluations=60, continuation="resume", epoch_seconds=None):
    table = make_table(epoch_seconds or np.linspace(5, 20, 40))
    table._errors = {f: np.tile(np.linspace(0, 0.9, 40)[:, None], 3) for f in table._errors}
    protocol = make_protocol(evaluations=evaluations, workers=workers, continuation=continuation)
    algorithm.setup(table.space, protocol.fidelities, np.random.default_rng(0), np.random.default_rng(1))
    return simulate(algorithm, table, protocol, first_repeat).evaluations


def test_hyperband_runs_its_brackets_in_order_and_again():
    fidelities = [e.fidelity_to for e in race(Hyperband(), evaluations=69 + 40)]
    expected = (
        [1.0] * 27
        + [3.0] * 9
        + [9.0] * 3
        + [27.0]
        + [3.0] * 9
        + [9.0] * 3
        + [27.0]
        + [9.0] * 6
        + [27.0] * 2
        + [27.0] * 4
    )
    assert len(expected) == 65
    assert fidelities == (expected + expected)[: 69 + 40]
    again = [e.fidelity_to for e in race(SuccessiveHalving(), evaluations=80)]
    assert again == ([1.0] * 27 + [3.0] * 9 + [9.0] * 3 + [27.0]) * 2


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("make", [SuccessiveHalving, Hyperband, BOHB])
def test_the_best_of_a_rung_are_promoted_and_continue_their_network(make, workers):
    evaluations = race(make(), workers, evaluations=40)
    rungs = [[e for e in evaluations if e.fidelity_to == f] for f in (1.0, 3.0, 9.0, 27.0)]
    for lower, upper in itertools.pairwise(rungs):
        best = sorted(lower, key=lambda e: e.observed_error)[: len(upper)]
        assert sorted(e.observed_error for e in best) == sorted(e.observed_error for e in upper)
        assert {e.network for e in upper} <= {e.network for e in lower}
        assert max(e.end for e in lower) <= min(e.start for e in upper)
        assert all(e.fidelity_from == lower[0].fidelity_to for e in upper)


def test_a_rung_waits_with_several_workers():
    @dataclass
    class Watched(Hyperband):
        def ask(self):
            answer = super().ask()
            self.pauses = getattr(self, "pauses", 0) + (answer is Pause.WAIT)
            return answer

    algorithm = Watched()
    race(algorithm, workers=5)
    assert algorithm.pauses > 0


@pytest.mark.parametrize("workers", [1, 4])
def test_asha_promotes_at_once_what_is_in_the_top_share_and_never_waits(workers):
    evaluations = race(ASHA(), workers, evaluations=120)
    told: dict[float, list[float]] = {1.0: [], 3.0: [], 9.0: [], 27.0: []}
    pending = []
    for evaluation in evaluations:
        for other in [e for e in pending if e.end <= evaluation.start]:
            told[other.fidelity_to].append(other.observed_error)
            pending.remove(other)
        if evaluation.fidelity_to > 1.0:
            below = sorted(told[evaluation.fidelity_to / 3])
            assert evaluation.observed_error in below[: len(below) // 3]
        pending.append(evaluation)
    counts = [sum(e.fidelity_to == f for e in evaluations) for f in (1.0, 3.0, 9.0, 27.0)]
    assert counts[0] > 2 * counts[1] > 4 * counts[2] > 0
    assert counts[3] > 0
    for worker in range(workers):
        own = [e for e in evaluations if e.worker == worker]
        assert all(a.end == b.start for a, b in itertools.pairwise(own))
