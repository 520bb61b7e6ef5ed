"""The page on notebooks is true: its examples run, and print what stands below them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import pytest

from harness.experiments.opening import open_experiment
from harness.running.runner import run_experiment

PAGE = (Path(__file__).parents[1] / "docs" / "guides" / "notebooks.md").read_text()


@pytest.mark.slow
def test_the_examples_run_and_print_what_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    experiment = open_experiment("quickstart", "2", ["budget.evaluations=10"])
    assert not run_experiment(experiment, tmp_path / "runs" / "quickstart", jobs=1).missing
    capsys.readouterr()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    namespace = {}
    with mpl.rc_context({"backend": "agg"}):
        for (language, source), (_, below) in pairwise([*blocks, ("", "")]):
            if language == "python":
                exec(compile(source, "docs/guides/notebooks.md", "exec"), namespace)
                if printed := capsys.readouterr().out:
                    assert printed == below
    assert [axes.get_title() for axes in namespace["axes"]] == [
        f"NAS-Bench-201, {data}" for data in ("CIFAR-10", "CIFAR-100", "ImageNet16-120")
    ]
    assert list(namespace["found"]["rank"].notna()) == [True] * 9
