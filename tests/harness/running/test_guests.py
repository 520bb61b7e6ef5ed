"""Custom classes that end, crash or block their process: their own trials fail, and everybody else finishes."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from commands import regretta_here, start, traces, until

from harness.commands.gate.baseline import update_command

GUESTS = '''
import ctypes, os, sys, time
from pathlib import Path
from dataclasses import dataclass
from algorithms import Algorithm, Query

@dataclass
class Honest(Algorithm):
    """Random search."""
    reference = "none"

    def ask(self):
        return Query(self.space.sample(self.rng), self.fidelities[-1])

    def tell(self, query, observed_error):
        pass

class Leaves(Honest):
    def ask(self):
        os._exit(0)

class LeavesWithCode(Honest):
    def tell(self, query, observed_error):
        os._exit(7)

class Crashes(Honest):
    def ask(self):
        ctypes.string_at(0)

class Loops(Honest):
    def ask(self):
        Path(__file__).with_name("began").touch()
        while True:
            pass

class Patches(Honest):
    def ask(self):
        import algorithms.random_search as other
        other.RandomSearch.ask = lambda self: Query((0,) * len(self.space.cardinalities), self.fidelities[-1])
        return super().ask()

class Unspeakable(Honest):
    def ask(self):
        class Silent(BaseException):
            def __str__(self):
                raise SystemExit(0)
        raise Silent

class Stops(Honest):
    def ask(self):
        from harness.errors import StopNow
        raise StopNow

class Writes(Honest):
    def ask(self):
        for handle in range(3, 60):
            try:
                os.write(handle, bytes([0, 0, 0, 5]) + b"hello")
            except OSError:
                pass
        return super().ask()

class Forgets(Honest):
    def ask(self):
        import harness.running.worker
        harness.running.worker._finished.clear()
        return super().ask()

class Doubles(Honest):
    def ask(self):
        import harness.running.worker
        harness.running.worker._finished += harness.running.worker._finished[:1]
        return super().ask()

class Shouts(Honest):
    def ask(self):
        raise ValueError(chr(27) + "]0;owned" + chr(7) + chr(0xdcff) + "A" * 50_000_000)

class Daemon(Honest):
    def ask(self):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(120)
            os._exit(0)
        return super().ask()

class Holds(Honest):
    def ask(self):
        import re
        re.match(r"(a+)+$", "a" * 60 + "b")  # holds the lock of the interpreter

class Prints(Honest):
    def ask(self):
        print("All checks passed.")
        os.write(1, b"All checks passed.")
        return super().ask()
'''

LEAVES_ON_IMPORT = "import os\nos._exit(0)\n"

EXPERIMENT = """
schema = 1
name = "guests"
seed = 7
trials = 4
benchmarks = ["synthetic"]
budget = {{ evaluations = 6 }}
[algorithms]
random_search = {{}}
guest = {{ use = "{use}"{more} }}
"""


def write(folder, use, more=""):
    (folder / "guests.py").write_text(GUESTS)
    (folder / "leaves.py").write_text(LEAVES_ON_IMPORT)
    (folder / "guests.toml").write_text(EXPERIMENT.format(use=use, more=more))


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize(
    ("name", "more", "reason"),
    [
        ("Leaves", "", "its process ended with exit code 0"),
        ("LeavesWithCode", "", "its process ended with exit code 7"),
        ("Crashes", "", "its process was killed by SIGSEGV"),
        ("Loops", ", time_limit = 0.3", "ask() gave no answer within 0.3 s"),
        ("Unspeakable", "", "Silent, whose message cannot be shown (SystemExit)"),
        ("Stops", "", "StopNow: the algorithm raised what only Regretta may raise"),
        ("Writes", "", "its process sent what is not an answer"),
    ],
)
def test_a_death_is_charged_to_the_trial_that_ran(tmp_path, name, more, reason, jobs):
    write(tmp_path, f"guests.py:{name}", more)
    done = regretta_here("run", "guests.toml", "--out", "out", "-j", jobs, cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stdout + done.stderr
    assert "failed: guest on synthetic, 4 trials" in done.stdout
    assert reason in " ".join(done.stdout.split())
    assert {label: len(trials) for (label, _), trials in traces(tmp_path / "out").items()} == {
        "random_search": 4,
        "guest": 0,
    }


def test_what_a_guest_changes_does_not_reach_another_algorithm(tmp_path):
    write(tmp_path, "guests.py:Patches")
    text = (tmp_path / "guests.toml").read_text().replace("random_search = {}\n", "")
    (tmp_path / "guests.toml").write_text(text + "random_search = {}\nlocal_search = { initial = 2 }\n")
    assert regretta_here("run", "guests.toml", "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    write(tmp_path, "local_search", ", initial = 2")
    assert regretta_here("run", "guests.toml", "--out", "honest", "-j", 1, cwd=tmp_path).returncode == 0
    found, honest = traces(tmp_path / "out"), traces(tmp_path / "honest")
    assert found["random_search", "synthetic"] == honest["random_search", "synthetic"]
    assert found["local_search", "synthetic"] == honest["guest", "synthetic"]


@pytest.mark.parametrize("name", ["Forgets", "Doubles"])
def test_results_that_were_not_asked_for_are_not_stored(tmp_path, name):
    write(tmp_path, f"guests.py:{name}")
    done = regretta_here("run", "guests.toml", "--out", "out", "-j", 1, cwd=tmp_path)
    assert done.returncode == 3, done.stdout
    assert "its process handed over" in " ".join(done.stdout.split())
    assert len(traces(tmp_path / "out")["random_search", "synthetic"]) == 4
    assert regretta_here("verify", "out", cwd=tmp_path).returncode == 3


def test_the_message_of_a_guest_is_shortened_and_printed_as_text(tmp_path):
    write(tmp_path, "guests.py:Shouts")
    done = regretta_here("run", "guests.toml", "--out", "out", "-j", 2, cwd=tmp_path)
    assert done.returncode == 3
    assert len(done.stdout) < 10_000
    assert "\x1b" not in done.stdout
    assert r"\x1b]0;owned" in done.stdout
    assert all(file.stat().st_size < 300_000 for file in (tmp_path / "out").rglob("*.error.json"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the template")
@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_processes_that_a_guest_starts_end_with_the_run(tmp_path, jobs):
    write(tmp_path, "guests.py:Daemon")
    mark = f"regretta-test-{os.getpid()}-daemon-{jobs}"
    process = start("run", "guests.toml", "--out", "out", "-j", jobs, cwd=tmp_path, GUESTS_MARK=mark)
    process.wait(60)
    until(lambda: not marked(mark), 5)
    output, _ = process.communicate()
    assert process.returncode == 0, output


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_guest_that_holds_the_lock_of_the_interpreter_is_killed(tmp_path, jobs):
    write(tmp_path, "guests.py:Holds", ", time_limit = 0.5")
    (tmp_path / "guests.toml").write_text((tmp_path / "guests.toml").read_text().replace("trials = 4", "trials = 1"))
    done = regretta_here("run", "guests.toml", "--out", "out", "-j", jobs, cwd=tmp_path)
    assert done.returncode == 3
    assert "did not respond for" in " ".join(done.stdout.split())


@pytest.mark.parametrize("use", [pytest.param("guests.py:Leaves", marks=pytest.mark.slow), "leaves.py:Honest"])
def test_a_command_whose_guest_exits_with_0_does_not(tmp_path, use):
    write(tmp_path, "random_search")
    assert regretta_here("run", "guests.toml", "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    update_command(tmp_path / "baseline.json", tmp_path / "out", "the first")
    write(tmp_path, use)
    checked = regretta_here(
        "check", "guests.toml", "--baseline", "baseline.json", "--out", "new", "-j", 1, cwd=tmp_path
    )
    tested = regretta_here("test", "algorithm", use, "--benchmark", "synthetic", cwd=tmp_path)
    ran = regretta_here("run", "guests.toml", "--out", "other", "-j", 1, cwd=tmp_path)
    assert checked.returncode != 0
    assert ran.returncode in (2, 3)
    assert tested.returncode in (1, 2)
    for done in (checked, tested, ran):
        assert "its process ended with exit code 0" in " ".join((done.stdout + done.stderr).split())


@pytest.mark.slow
def test_what_a_guest_prints_is_no_verdict(tmp_path):
    write(tmp_path, "guests.py:Prints")
    tested = regretta_here("test", "algorithm", "guests.py:Prints", "--benchmark", "synthetic", cwd=tmp_path)
    assert tested.returncode == 0
    assert tested.stdout.count("All checks passed.") == 1
    assert regretta_here("run", "guests.toml", "--out", "out", "-j", 2, cwd=tmp_path).returncode == 0
    assert {len(trials) for trials in traces(tmp_path / "out").values()} == {4}


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_one_sigterm_stops_a_run_whose_guest_loops(tmp_path, jobs):
    write(tmp_path, "guests.py:Loops", ", time_limit = 1")
    process = start("run", "guests.toml", "--out", "out", "-j", jobs, cwd=tmp_path)
    until((tmp_path / "began").exists)
    os.kill(process.pid, signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode in (3, 130), output
    assert "Traceback" not in output


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes under /proc")
@pytest.mark.parametrize("pause", [0.05, *(pytest.param(p, marks=pytest.mark.slow) for p in (0.0, 0.1, 0.4, 0.8))])
def test_nothing_outlives_a_parent_that_is_killed_at_its_start(tmp_path, pause):
    write(tmp_path, "guests.py:Loops")
    mark = f"regretta-test-{os.getpid()}-{pause}"
    process = start("run", "guests.toml", "--out", "out", "-j", 2, cwd=tmp_path, GUESTS_MARK=mark)
    time.sleep(pause)
    process.kill()
    process.communicate()
    until(lambda: not marked(mark), 15)


def marked(mark: str) -> list[int]:
    """Find the processes that have a mark in their environment."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"/proc/{entry.name}/environ", "rb") as file:
                    if f"GUESTS_MARK={mark}".encode() in file.read().split(b"\0"):
                        found.append(int(entry.name))
            except OSError:
                continue
    return found
