"""Tasks of quick trials are joined: in order, complete, and none longer than its cell allows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from harness.running.driver import Report, Task
from harness.running.joining import SHARE, TARGET, Pace


@dataclass(frozen=True)
class Named:
    id: str


def planned(cell, n, size=25):
    return [Task(Named(cell), tuple(range(i, min(i + size, n))), Path(cell), {}) for i in range(0, n, size)]


def drain(pace, tasks, seconds):
    """Run all tasks in turn on a simulated clock; return them."""
    found = []
    for task in pace.join(tasks):
        found.append(task)
        took = seconds[task.cell.id] * len(task.trials)
        pace.note(Report(task, done=list(task.trials), seconds=took))
    return found


def test_all_trials_run_once_in_order_and_quick_ones_together():
    tasks = planned("quick", 20_000) + planned("slow", 100)
    found = drain(Pace(2), tasks, {"quick": 0.001, "slow": 1.0})
    for cell, n in (("quick", 20_000), ("slow", 100)):
        assert [trial for task in found if task.cell.id == cell for trial in task.trials] == list(range(n))
    quick = [len(task.trials) for task in found if task.cell.id == "quick"]
    assert quick[0] == 25
    assert max(quick) <= TARGET / 0.001
    assert len(quick) < 50
    assert {len(task.trials) for task in found if task.cell.id == "slow"} == {25}


def test_the_last_tasks_are_small_enough_for_all_processes():
    found = drain(Pace(8), planned("a", 4_000), {"a": 1e-5})
    left = 4_000
    for task in found[1:]:
        assert len(task.trials) <= max(25, left / (SHARE * 8))
        left -= len(task.trials)


def test_a_task_whose_trials_all_failed_says_nothing_of_their_time():
    pace = Pace(1)
    pace.note(Report(SimpleNamespace(cell=Named("a")), seconds=0.0))
    assert [len(task.trials) for task in pace.join(planned("a", 50))] == [25, 25]
