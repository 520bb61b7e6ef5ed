"""The page on scale is true: its commands work, and its links and options exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import drill, regretta_here, traces

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guides" / "scale.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_shards_and_their_merge_work_as_written(tmp_path):
    (commands,) = [text.splitlines() for _, text in BLOCKS if "merge" in text]
    assert len(commands) == 5
    for command in commands:
        words = shlex.split(
            command.replace("run quickstart", "run quickstart --trials 4 --set budget.evaluations=20 -j 1")
        )
        done = regretta_here(*words[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert {len(trials) for trials in traces(tmp_path / "runs/merged").values()} == {4}


@pytest.mark.slow
def test_the_job_array_runs_every_part(tmp_path):
    drill(tmp_path, 4)
    (script,) = [text for language, text in BLOCKS if language == "bash"]
    command = script[script.index("regretta") :].replace("\\\n", "").replace("study.toml", "drill.toml")
    for task in ("1", "2", "3"):
        variables = {"SLURM_CPUS_PER_TASK": "1", "SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": "3"}
        filled = re.sub(r"\$(\w+)", lambda match, known=variables: known[match[1]], command)
        assert regretta_here(*shlex.split(filled)[1:], cwd=tmp_path).returncode == 0
    parts = [tmp_path / "runs" / f"part-{task}" for task in ("1", "2", "3")]
    assert sum(len(trials) for part in parts for trials in traces(part).values()) == 8


def test_the_python_examples_are_python():
    examples = [text for language, text in BLOCKS if language == "python"]
    assert len(examples) == 2
    for text in examples:
        compile(text, "docs/guides/scale.md", "exec")
