"""The examples of docs/guides/own-table.md work as written, on files that continue the lines shown."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from commands import regretta_here

from benchmarks import load_benchmark
from benchmarks.loading import benchmark_names

PAGE = (Path(__file__).parent.parent / "docs" / "guides" / "own-table.md").read_text()
SECTIONS = {
    name: PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    for name, heading in (
        ("finals", "Final accuracies with three seeds, in JSON"),
        ("curves", "Learning curves with failed runs, in CSV"),
        ("tasks", "Two tasks and a latency, on the cells of NAS-Bench-201"),
        ("totals", "One training time, several fidelities"),
    )
}


def block(name, language=""):
    """Return the blocks of a section in a language, in their order."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", SECTIONS[name], flags=re.MULTILINE | re.DOTALL)
    return [text for its, text in blocks if its == language]


def finals(rng):
    shown = json.loads(block("finals", "json")[0])
    rows = []
    for depth, width, op in itertools.product((2, 3, 4), (16, 32, 64), ("conv3x3", "pool")):
        mean = 80 + depth + width / 16 - 2 * (op == "pool")
        seeds = {f"acc_seed{i}": round(mean + rng.normal() / 3, 2) for i in range(3)}
        rows.append({"depth": depth, "width": width, "op": op, **seeds, "minutes": depth * width / 3})
    first = {(row["depth"], row["width"], row["op"]) for row in shown}
    return json.dumps(shown + [row for row in rows if (row["depth"], row["width"], row["op"]) not in first])


def curves(rng):
    lines = block("curves")[0].strip().splitlines()
    known = {tuple(line.split(";")[:4]) for line in lines[1:]}
    cells = [("1", op, "") for op in ("conv", "pool")] + [
        ("2", *ops) for ops in itertools.product(("conv", "pool"), repeat=2)
    ]
    for (layers, *ops), seed in itertools.product(cells, (0, 1)):
        if (layers, *ops, str(seed)) in known:
            continue
        accuracy = [round(0.3 + 0.05 * int(layers) + 0.1 * e + rng.random() / 50, 3) for e in range(4)]
        seconds = [int(layers) * 5 * 3**e * 2 + seed for e in range(4)]
        lines.append(";".join(map(str, (layers, *ops, seed, *accuracy, *seconds))))
    return "\n".join(lines) + "\n"


def tasks(rng):
    lines = block("tasks")[0].strip().splitlines()
    for number in range(1, 60):
        for task in ("ninapro", "svhn"):
            value = rng.uniform(60, 90)
            lines.append(f"{number},{task},{value:.2f},{value - rng.random():.2f},{rng.uniform(0.01, 0.02):.4f}")
    return "\n".join(lines) + "\n"


MAKERS = {"finals": (finals, "finals.json"), "curves": (curves, "curves.csv"), "tasks": (tasks, "tasks.csv")}


@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.slow) for name in ("curves", "finals")), "tasks"]
)
def test_from_the_raw_file_to_a_figure(name, tmp_path, monkeypatch):
    make, file = MAKERS[name]
    (tmp_path / file).write_text(make(np.random.default_rng(3)))
    (tmp_path / f"{name}.toml").write_text(block(name, "toml")[0])
    commands = next(text for text in block(name) if text.startswith("regretta")).replace("\\\n", " ")
    data = str(tmp_path / "data")
    for line in commands.strip().splitlines():
        done = regretta_here(*shlex.split(line)[1:], cwd=tmp_path, REGRETTA_DATA=data)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert list(tmp_path.glob(f"runs/{name}/figures/regret*.png"))
    monkeypatch.setenv("REGRETTA_DATA", data)
    load_benchmark.cache_clear()
    if name == "finals":
        python = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(python[0], {})
        assert "Observation(error=0.15" in out.getvalue()  # 84.6 %
    for table in [one for one in benchmark_names() if one.startswith(name)]:
        exported = tmp_path / f"{table}.csv"
        assert regretta_here("data", "export", table, exported, cwd=tmp_path, REGRETTA_DATA=data).returncode == 0
        assert regretta_here("data", "remove", table, cwd=tmp_path, REGRETTA_DATA=data).returncode == 0
    assert not [one for one in benchmark_names() if one.startswith(name)]
    load_benchmark.cache_clear()


def test_a_table_with_one_training_time(tmp_path, monkeypatch):
    (tmp_path / "totals.csv").write_text(block("totals")[0])
    data = str(tmp_path / "data")
    monkeypatch.setenv("REGRETTA_DATA", data)
    load_benchmark.cache_clear()
    (importing, showing) = block("totals")[1].replace("\\\n", " ").strip().splitlines()
    assert regretta_here(*shlex.split(importing)[1:], cwd=tmp_path, REGRETTA_DATA=data).returncode == 0
    shown = " ".join(regretta_here(*shlex.split(showing)[1:], cwd=tmp_path, REGRETTA_DATA=data).stdout.split())
    assert "times training from scratch takes on average 71 s to 10, 355 s to 50 epochs" in shown
    facts = load_benchmark("totals").facts
    assert facts.title == "totals, seconds to 10 epochs modelled"
    assert "modelled as a share of the seconds of a longer training: 0.2*train_seconds@10" in facts.notes
    (steps,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    repeated = shlex.split(steps.splitlines()[0].partition("- run: ")[2])[1:]
    assert regretta_here(*repeated, "--replace", cwd=tmp_path, REGRETTA_DATA=data).returncode == 0
    load_benchmark.cache_clear()
    assert load_benchmark("totals").facts.data_hash == facts.data_hash
    load_benchmark.cache_clear()
