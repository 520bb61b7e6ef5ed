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
    fresh_process,
    time_limit,
)

CODE = """
import ctypes, os, sys, time
from harness.entries.isolated import time_limit

def double(value): return 2 * value
def prints(): print("noise"); return 7
def global_randomness():
    import random, numpy
    return random.random(), numpy.random.random()
def setting(name): return os.environ.get(name)
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
    with pytest.raises(FunctionFailed, match=r"pickle|local object"):
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


def test_copies_share_no_random_state_and_no_settings(functions, monkeypatch, tmp_path):
    with fresh_process() as first, fresh_process() as second:
        assert first.call(functions.global_randomness) != second.call(functions.global_randomness)
    monkeypatch.setenv("OF_THIS_TEST", "seen")
    monkeypatch.chdir(tmp_path)
    with fresh_process() as process:
        assert process.call(functions.setting, "OF_THIS_TEST") == "seen"
        assert process.call(functions.setting, "OMP_NUM_THREADS") == "1"
        assert process.call(os.getcwd) == str(tmp_path)
    monkeypatch.delenv("OF_THIS_TEST")
    with fresh_process({"PYTHONHASHSEED": "7"}) as process, fresh_process({"PYTHONHASHSEED": "8"}) as other:
        assert process.call(functions.setting, "OF_THIS_TEST") is None
        assert process.call(hash, "text") != other.call(hash, "text")


def test_what_code_prints_goes_to_the_stderr_of_now(functions, capfd):
    with fresh_process() as process:
        assert process.call(functions.prints) == 7
        process.call(sys_flush)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "noise" in printed.err


def sys_flush() -> None:
    sys.stdout.flush()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux starts processes as copies of a template")
def test_the_death_of_the_template_ends_its_copies_and_another_is_started(functions):
    with fresh_process() as process:
        template = process.call(os.getppid)
        os.kill(template, signal.SIGKILL)
        with pytest.raises(ProcessDied):
            process.call(time.sleep, 60)
    with fresh_process() as process:
        assert process.call(os.getppid) != template
        assert process.call(functions.double, 2) == 4


def test_time_limits_do_nothing_in_the_main_process():
    with time_limit(0.0, "never"):
        time.sleep(0.01)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes under /proc")
@pytest.mark.parametrize("pause", [0.05, *(pytest.param(p, marks=pytest.mark.slow) for p in (0.0, 0.2))])
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
