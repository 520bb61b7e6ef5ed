"""The help of every verb: examples that work, argument names in one style; completion; suggestions."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
import typer
from commands import environment, regretta_here

from harness.cli import completion
from harness.cli.app import app
from harness.cli.verbs import EXAMPLES, with_suggestion

ROOT = typer.main.get_command(app)


def verbs(group=ROOT, path=()):
    """Yield the words and the command of every verb."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from verbs(command, (*path, name))
        else:
            yield (*path, name), command


VERBS = dict(verbs())


@pytest.mark.parametrize("path", VERBS, ids=" ".join)
def test_every_verb_has_examples_that_parse(path):
    command = VERBS[path]
    heading, *lines = command.epilog.replace(r"\[", "[").splitlines()
    assert heading == EXAMPLES
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert tuple(words[: len(path) + 1]) == ("regretta", *path)
        context = command.make_context(" ".join(path), words[len(path) + 1 :])
        assert context.args == []


@pytest.mark.parametrize("path", VERBS, ids=" ".join)
def test_argument_names_have_one_style(path):
    for parameter in VERBS[path].params:
        if parameter.is_flag if hasattr(parameter, "is_flag") else False:
            continue
        if parameter.metavar is None:
            assert parameter.type_descriptor.choices, f"{parameter.name}: give it a metavar"
        else:  # a word in capitals, or what to write literally
            assert re.match(r"['\[]*[A-Z]|refuse", parameter.metavar), parameter.metavar


@pytest.mark.parametrize("path", [("run",), ("data", "remove"), ("score",), ("plot",)], ids=" ".join)
def test_no_help_shows_types_of_python(path, tmp_path):
    shown = regretta_here(*path, "--help", cwd=tmp_path).stdout
    assert not re.search(r"<(list|bool|str|int|path|file|float)\b", shown)
    assert EXAMPLES in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "algoritms"], "did you mean 'algorithms'?"),
        (["plot", ".", "--axis", "evaluation"], "did you mean 'evaluations'?"),
        (["table", ".", "--format", "latx"], "did you mean 'latex'?"),
        (["show", "hyperbnd"], "did you mean 'hyperband'?"),
        (["show", "standard", "--kind", "protocl"], "did you mean 'protocol'?"),
        (["data", "show", "natsbnch"], "did you mean 'natsbench'?"),
        (["best", ".", "--top", "many"], "Invalid value for '--top'"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(words, message, tmp_path):
    done = regretta_here(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Value error" not in done.stderr


def test_a_message_that_is_no_choice_is_left_as_it_is():
    assert with_suggestion("expected a number") == "expected a number"
    assert with_suggestion("'x' is not one of 'a', 'b'.") == "expected one of a, b, got 'x'"


def test_names_are_completed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").touch()
    (tmp_path / "runs/done").mkdir(parents=True)
    (tmp_path / "runs/done/experiment.json").touch()
    assert completion.algorithms("hyper") == ["hyperband"]
    assert completion.experiments("qu") == ["quickstart"]
    assert completion.experiments("mi") == ["mine.toml"]
    assert completion.benchmarks("fcnet-n") == ["fcnet-naval"]
    assert completion.results("") == ["runs/"]
    assert completion.results("runs/") == ["runs/done"]
    assert completion.results("nowhere/") == []
    assert completion.figures("a") == ["across", "architectures", "all"]
    assert completion.names("naszi") == ["naszilla"]
    assert completion.kinds("p") == ["protocol"]
    assert completion.studies("sat") == ["saturation"]
    assert completion.models("rid") == ["ridge"]
    assert completion.reproductions("q") == ["queries-to-optimum"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "completed"), [("regretta run qu", "quickstart"), ("regretta show naszi", "naszilla")]
)
def test_the_shell_gets_the_names(line, completed, tmp_path):
    asked = {"_REGRETTA_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "2"}
    code = "import sys; sys.argv = ['regretta']; from harness.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env=environment(**asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [completed]
