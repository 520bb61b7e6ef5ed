"""Functions in another process: results, exceptions, deaths, time limits, and no orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import until

from harness.entries.isolated import (
    FunctionFailed,
    ProcessDied,
    borrow_process,
    end_idle_processes,
    fresh_process,
    give_back,
    time_limit,
)

CODE = """
import ctypes, os, sys, time
from harness.entries.isolated import time_limit

def double(value): return 2 * value
def prints(): print("noise"); return 7
def leaves(code): os._exit(code)
def exits(): sys.exit(3)
def crashes(): ctypes.string_at(0)
def unpicklable(): return lambda: 0
def forks():
    if os.fork() == 0:
        time.sleep(60)
    os._exit(5)
def loops():
    with time_limit(0.3, "ask() gave no answer within 0.3 s"):
        while True: pass
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("functions")
    (folder / "isolated_functions.py").write_text(CODE)
    sys.path.insert(0, str(folder))
    import isolated_functions

    yield isolated_functions
    sys.path.remove(str(folder))


@pytest.fixture
def process(functions):
    with fresh_process() as process:
        yield process


def test_results_and_exceptions_come_back_and_prints_do_not_matter(process, functions):
    assert process.call(functions.double, 4) == 8
    assert process.call(functions.prints) == 7
    with pytest.raises(FunctionFailed, match="TypeError: ") as raised:
        process.call(functions.double, None)
    assert "in double" in raised.value.details
    with pytest.raises(FunctionFailed, match="SystemExit: 3"):
        process.call(functions.exits)
    with pytest.raises(FunctionFailed, match="pickle"):
        process.call(functions.unpicklable)
    assert process.call(functions.double, "a") == "aa"


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("leaves", (0,), "its process ended with exit code 0"),
        ("leaves", (7,), "its process ended with exit code 7"),
        ("crashes", (), "its process was killed by SIGSEGV"),
        ("forks", (), "its process ended with exit code 5"),
        ("loops", (), "gave no answer within 0.3 s"),
    ],
)
def test_a_death_is_described(functions, name, arguments, message):
    with fresh_process() as process:
        began = time.monotonic()
        with pytest.raises(ProcessDied, match=message):
            process.call(getattr(functions, name), *arguments)
        assert time.monotonic() - began < 10
        assert process.stopped


def test_a_killed_process_is_noticed(process, functions):
    assert process.call(functions.double, 1) == 2
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(ProcessDied, match="killed by SIGKILL"):
        process.call(functions.double, 1)


def test_a_borrowed_process_is_used_again_unless_it_died():
    end_idle_processes()
    first = borrow_process()
    give_back(first)
    assert borrow_process() is first
    first.stop()
    give_back(first)
    second = borrow_process()
    assert second is not first
    second.stop()


def test_time_limits_do_nothing_in_the_main_process():
    with time_limit(0.0, "never"):
        time.sleep(0.01)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes under /proc")
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.2])
def test_nothing_outlives_a_parent_that_is_killed(tmp_path, pause):
    code = """
import time
from harness.entries.isolated import IsolatedProcess
processes = [IsolatedProcess(), IsolatedProcess()]
print(*(process._process.pid for process in processes), flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = parent.stdout.readline().split()
    time.sleep(pause)
    parent.kill()
    parent.wait()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    parent.stdout.close()
    assert len(children) == 2
