"""Reports of small races, for the tests that read them and those that open them in a browser."""

from __future__ import annotations

import base64
import json
import shutil
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.commands.report import report_command
from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.loading import EXPERIMENT

SCRIPT = "<script>alert(1)</script>"
IMAGE = "</script><img src=x onerror=alert(2)>"


def race(folder: Path, **changes: Any) -> Path:
    """Run a small race with names that look like markup, and write its report; returns the result folder."""
    experiment = {
        "schema": 1,
        "name": "small",
        "seed": 5,
        "trials": 9,
        "benchmarks": ["synthetic", "nasbench201-cifar10"],
        "budget": {"evaluations": 40},
        "algorithms": {
            SCRIPT: {"use": "random_search"},
            IMAGE: {"use": "local_search", "initial": 3},
            'evolution & "co" $x_{{': {"use": "regularized_evolution", "population": 5, "sample": 2},
        },
    }
    out = folder / "results"
    outcome = run_experiment(resolve_experiment(experiment | changes, folder), out, jobs=1)
    assert not outcome.missing
    report_command(out)
    return out


def partial(complete: Path, folder: Path) -> Path:
    """A copy without one cell's trials, with its report."""
    shutil.copytree(complete, folder)
    victim = min((folder / "trials").glob("*--nasbench201-cifar10--*"))
    shutil.rmtree(victim)
    report_command(folder)
    return folder


def empty(complete: Path, folder: Path) -> Path:
    """A folder of the same experiment without any trial, with its report."""
    folder.mkdir()
    shutil.copy(complete / EXPERIMENT, folder)
    report_command(folder)
    return folder


class Page(HTMLParser):
    """A page as a browser would read it: its elements, its text, and the JSON in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.json: dict[str, str] = {}
        self.feed(text)
        self.data, self.traces = (json.loads(self.json.get(name, "null")) for name in ("data", "traces"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.elements[-1] if self.elements else ("", {})
        name = attributes.get("id") if tag == "script" else None
        if name:
            self.json.setdefault(str(name), data)
        elif tag not in ("script", "style"):
            self.text += data


def unpacked(text: str) -> np.ndarray:
    """The numbers that `plots.report.packing.pack_numbers` encoded."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(8, -1)
    return np.bitwise_xor.accumulate(np.ascontiguousarray(planes.T).view("<u8").ravel()).view("<f8")


def counts(text: str) -> np.ndarray:
    """The integers that `plots.report.packing.pack_counts` encoded."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(4, -1)
    return np.ascontiguousarray(planes.T).view("<u4").ravel()


def lines(text: str) -> list[str]:
    """The texts that `plots.report.packing.pack_lines` encoded."""
    return zlib.decompress(base64.b64decode(text)).decode().split("\n")


def read_exactly(csv: Path) -> pd.DataFrame:
    """Read a figure's CSV, each number to its last bit."""
    frame = pd.read_csv(csv, dtype=str)
    numbers = ["x", "centre", "low", "high"]
    return frame.assign(**{name: [float(text) for text in frame[name].fillna("nan")] for name in numbers})
