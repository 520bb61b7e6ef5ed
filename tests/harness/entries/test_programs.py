"""Programs and custom classes as entries: which work, and which fail their own trials with a helpful message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import until

from benchmarks.registry import load_space
from harness.entries.sources import find_source
from harness.errors import ConfigurationError
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.loading import load

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
PYTHON = f"program:{sys.executable} "


def experiment(algorithms, folder=EXAMPLES, **changes):
    raw = {
        "schema": 1,
        "name": "programs",
        "trials": 3,
        "benchmarks": ["nasbench201-cifar10"],
        "budget": {"evaluations": 30},
        "algorithms": algorithms,
    }
    return resolve_experiment(raw | changes, folder)


def run(algorithms, out, folder=EXAMPLES, jobs=1, **changes):
    return run_experiment(experiment(algorithms, folder, **changes), out, jobs=jobs)


def traces(folder):
    return {cell.label: list(cell.trials["outcomes"]) for cell in load(folder).cells}


PROGRAMS = {"climber": {"use": PYTHON + "program.py", "restart": 0.2}, "sh": {"use": "program:sh program.sh"}}


@pytest.mark.parametrize("workers", [1, 4])
def test_the_examples_race_and_repeat_in_every_process(tmp_path, workers):
    changes = {"protocol": {"workers": workers}}
    assert not run(PROGRAMS, tmp_path / "a", **changes).failed
    assert not run(PROGRAMS, tmp_path / "b", jobs=2, **changes).failed
    found = traces(tmp_path / "a")
    assert found == traces(tmp_path / "b")
    assert all(len(set(hashes)) == 3 for hashes in found.values())


def test_the_climber_climbs(tmp_path):
    grid = {"random_search": {}, "climber": {"use": PYTHON + "program.py"}}
    run(grid, tmp_path, trials=8, budget={"evaluations": 200})
    ends = {
        cell.label: cell.evaluations.groupby("trial")["incumbent_error:validation@200"].last().mean()
        for cell in load(tmp_path).cells
    }
    assert ends["climber"] < ends["random_search"]


READY = """
import json, sys, time, os
hello = json.loads(sys.stdin.readline())
def send(**message): print(json.dumps(message), flush=True)
def begin():
    send(type="ready", protocol=1)
    sys.stdin.readline()
def query(times=1, **changes):
    message = {"type": "query", "architecture": [0] * len(hello["space"]["cardinalities"])} | changes
    sys.stdout.write((json.dumps(message) + "\\n") * times)
    sys.stdout.flush()
"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise SystemExit('no licence')", "ended early (exit code 1); its stderr ends with: no licence"),
        ("time.sleep(60)", "gave no answer within 1 s"),
        ("sys.stdout.write('x' * 3_000_000); sys.stdout.flush(); time.sleep(60)", "without a line break"),
        ("print('good morning', flush=True); time.sleep(60)", "wrote 'good morning'; expected a line with a JSON"),
        ("print('[1]', flush=True); time.sleep(60)", "wrote '[1]'; expected a line with a JSON object"),
        ("send(type='ready')", 'expected {"type": "ready", "protocol": 1}'),
        ("send(type='ready', protocol=1)", "ended early (exit code 0)"),
        ("begin(); send(type='hi'); time.sleep(60)", "expected a message of type query, wait or done"),
        (
            "begin(); query(architecture='x'); time.sleep(60)",
            "expected a list of integers",
        ),
        ("begin(); query(architecture=[9]); time.sleep(60)", "which is not an architecture of"),
        ("begin(); query(fidelity=3); time.sleep(60)", "asked for the fidelity 3; expected one of"),
        ("begin(); query(network='x'); time.sleep(60)", "sent the network 'x'"),
        ("begin(); query(network=3); time.sleep(60)", "network 3"),
        ("begin(); query(fidelty=27); time.sleep(60)", "sent 'fidelty' in a message of type 'query'; expected archi"),
        ("begin(); send(type='wait'); time.sleep(60)", "answered ask with wait, but nothing is running"),
        ("begin(); send(type='mutate', architecture=[9]); time.sleep(60)", "is not an architecture"),
        (
            "begin(); send(type='encode', architecture=[0] * 6, encoding='hot'); time.sleep(60)",
            "asked for the encoding 'hot', which space 'nasbench201' does not have; it has one_hot",
        ),
        ("begin()\nwhile True: send(type='sample'); sys.stdin.readline()", "gave no answer within 1 s"),
        ("begin(); query(times=2); time.sleep(60)", "when nothing was asked"),
        ("send(type='ready', protocol=1)\nwhile True: query(times=100)", "when nothing was asked"),
        ("begin(); query(); [sys.stdin.readline() for _ in '12']; send(type='thanks'); time.sleep(60)", "thanks"),
        ("os.close(1); time.sleep(60)", "closed its output"),
        ("begin(); os.close(0); query(); time.sleep(60)", "closed its input"),
        ("os.kill(os.getpid(), 11)", "ended early (killed by SIGSEGV)"),
        (
            "sys.stderr.write('e\\n' * 999 + '\\x1b[31mred'); sys.exit(4)",
            r"stderr ends with: " + 19 * "e\n" + r"\x1b[31mred",
        ),
    ],
)
def test_a_program_that_misbehaves_fails_its_own_trials_with_a_reason(source, message, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.entries.child_process.GRACE", 0.1)
    (tmp_path / "bad.py").write_text(READY + source)
    limit = 1.0 if "no answer" in message else 30.0
    grid = {"bad": {"use": PYTHON + "bad.py", "time_limit": limit}, "random_search": {}}
    outcome = run(grid, tmp_path / "out", tmp_path, trials=1)
    assert outcome.done == 1
    (why,) = outcome.failed.values()
    assert message in why


def test_a_program_asks_what_is_valid_and_how_it_is_encoded(tmp_path):
    asks = """
begin()
def told(**message):
    send(**message)
    return json.loads(sys.stdin.readline())
print(json.dumps([hello["space"]["encodings"]] + [
    told(type="is_valid", architecture=[4, 0, 0, 0, 0, 0]),
    told(type="is_valid", architecture=[5, 0, 0, 0, 0, 0]),
    told(type="is_valid", architecture=[0]),
    told(type="encode", architecture=[4, 0, 0, 0, 0, 0], encoding="one_hot"),
]), file=open("told.json", "w"))
send(type="done")
time.sleep(60)
"""
    (tmp_path / "curious.py").write_text(READY + asks)
    outcome = run({"curious": {"use": PYTHON + "curious.py"}}, tmp_path / "out", tmp_path, trials=1)
    assert not outcome.failed
    encodings, *valid, features = json.loads((tmp_path / "told.json").read_text())
    space = load_space("nasbench201")
    assert encodings == list(space.encodings)
    assert valid == [{"type": "validity", "valid": one} for one in (True, False, False)]
    assert features == {"type": "features", "features": space.encode([(4, 0, 0, 0, 0, 0)], "one_hot")[0].tolist()}


def test_no_process_is_left_behind(tmp_path):
    mark = f"left-behind-by-{os.getpid()}"
    one = f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(77)', '{mark}'], start_new_session={{}})"
    children = "import subprocess; " + "; ".join(one.format(away) for away in (False, True))
    (tmp_path / "bad.py").write_text(READY + children + "\nsend(type='ready', protocol=1)\ntime.sleep(77)")
    run({"bad": {"use": PYTHON + "bad.py", "time_limit": 1.5}}, tmp_path / "out", tmp_path, trials=1)
    assert mark not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the template")
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_process_that_hides_from_its_mark_ends_with_the_run(tmp_path, jobs):
    mark = f"88.{os.getpid()}{jobs}"
    daemon = f"""
import json
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", "{mark}"], {{}})
    os._exit(0)
"""
    (tmp_path / "program.py").write_text(daemon + (EXAMPLES / "program.py").read_text())
    assert not run({"m": {"use": PYTHON + "program.py"}}, tmp_path / "out", tmp_path, jobs=jobs).failed

    def running():
        return mark in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    until(lambda: not running(), 5)


def test_a_program_receives_the_signals_that_workers_ignore(tmp_path):
    signals = (
        "import signal\nassert all(signal.getsignal(n) is not signal.SIG_IGN for n in (signal.SIGINT, signal.SIGTERM))"
    )
    (tmp_path / "program.py").write_text(signals + "\n" + (EXAMPLES / "program.py").read_text())
    assert not run({"m": {"use": PYTHON + "program.py"}}, tmp_path / "out", tmp_path, jobs=2).failed


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"use": "program:"}, "does not name a program"),
        ({"use": "program:'"}, "cannot be split into words"),
        ({"use": "program:sh x", "time_limit": 0}, "time_limit: expected a number of seconds above 0, got 0"),
    ],
)
def test_mistakes_are_reported_before_the_start(table, message):
    with pytest.raises(ConfigurationError, match=message):
        experiment({"x": table})


def test_a_missing_command_is_reported(tmp_path):
    outcome = run({"x": {"use": "program:no-such-program-here"}}, tmp_path, trials=1)
    assert "cannot be started" in next(iter(outcome.failed.values()))


def test_the_source_and_the_hyperparameters_decide_the_cell_and_the_time_limit_does_not(tmp_path):
    (tmp_path / "program.py").write_text("one")
    use = {"use": PYTHON + "program.py"}
    (plain,) = experiment({"x": use}, tmp_path).cells
    (patient,) = experiment({"x": use | {"time_limit": 5}}, tmp_path).cells
    (other,) = experiment({"x": use | {"restart": 0.5}}, tmp_path).cells
    (tmp_path / "program.py").write_text("two")
    (edited,) = experiment({"x": use}, tmp_path).cells
    assert plain.id == patient.id
    assert len({plain.id, other.id, edited.id}) == 3


CUSTOM = """
from dataclasses import dataclass
from algorithms import Algorithm, Query
from {helper} import choose
@dataclass
class Mine(Algorithm):
    reference = "none"
    def ask(self): return Query(choose(self.space, self.rng), self.fidelities[-1])
    def tell(self, query, observed_error): pass
"""
FIRST = "def choose(space, rng): return tuple(0 for _ in space.cardinalities)"
SECOND = "def choose(space, rng): return space.sample(rng)"


def test_custom_classes_import_helpers_of_the_same_name_from_their_own_folders(tmp_path):
    for folder, helper in (("one", FIRST), ("two", SECOND)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(CUSTOM.format(helper="helper"))
        (tmp_path / folder / "helper.py").write_text(helper)
    grid = {name: {"use": f"{name}/mine.py:Mine"} for name in ("one", "two")}
    before = experiment(grid, tmp_path)
    outcome = run(grid, tmp_path / "out", tmp_path, jobs=2)
    assert not outcome.failed
    asked = {cell.label: cell.evaluations["observed_error"].nunique() for cell in load(tmp_path / "out").cells}
    assert asked["one"] < 4 < asked["two"]
    (tmp_path / "one" / "helper.py").write_text(FIRST + "  # edited")
    after = experiment(grid, tmp_path)
    assert [a.id == b.id for a, b in zip(before.cells, after.cells, strict=True)] == [False, True]


def test_every_source_file_of_a_package_decides_the_cell(tmp_path):
    ids = []
    for number, helper in enumerate((SECOND, SECOND, SECOND + "  # edited")):
        package = tmp_path / str(number) / f"own_search_{number}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "mine.py").write_text(CUSTOM.format(helper=".helper"))
        (package / "helper.py").write_text(helper)
        use = f"own_search_{number}.mine:Mine"
        found = find_source(use, tmp_path / str(number))
        assert found.load().__name__ == "Mine"
        ids.append(found.revision)
        assert not run({"m": {"use": use}}, tmp_path / f"out{number}", package.parent, jobs=2).failed
    assert (ids[0] == ids[1], ids[1] == ids[2]) == (True, False)


def test_a_folder_with_packages_of_our_names_works_as_a_program_and_gets_a_hint_as_a_file(tmp_path):
    for package in ("algorithms", "benchmarks"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
        (tmp_path / package / "own.py").write_text(SECOND)
    (tmp_path / "mine.py").write_text(CUSTOM.format(helper="algorithms.own"))
    with pytest.raises(ConfigurationError, match="rename yours, or run your code as a program"):
        experiment({"m": {"use": "mine.py:Mine"}}, tmp_path)
    program = "import algorithms.own, benchmarks.own\n" + (EXAMPLES / "program.py").read_text()
    (tmp_path / "mine_program.py").write_text(program)
    assert not run({"m": {"use": PYTHON + "mine_program.py"}}, tmp_path / "out", tmp_path).failed
    (tmp_path / "mine.py").write_text(CUSTOM.format(helper="helper"))
    (tmp_path / "helper.py").write_text(SECOND)
    assert not run({"m": {"use": "mine.py:Mine"}}, tmp_path / "out2", tmp_path).failed
