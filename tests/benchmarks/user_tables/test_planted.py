"""Tables with planted facts come back exactly, whatever their shape, and resuming on them is charged to the second."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algorithms import Algorithm, Query
from benchmarks.table import TableBenchmark
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec
from benchmarks.user_tables.specification import TableSpec
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

planted = settings(
    derandomize=True, deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def records(draw):
    """Draw a recorded space: rows (choices, seed, epochs, value, seconds), of which some runs lack a fidelity."""
    depths = draw(st.lists(st.integers(-5, 99), min_size=2, max_size=4, unique=True))
    ops = draw(st.lists(st.sampled_from(["None", "null", "conv 3x3", "nan", "é"]), min_size=1, max_size=3, unique=True))
    epochs = draw(st.lists(st.sampled_from([0.5, 1, 3, 9, 27]), min_size=1, max_size=3, unique=True).map(sorted))
    number = itertools.count(1)
    rows = []
    for depth, op in itertools.product(depths, ops):
        seeds = draw(st.lists(st.sampled_from(["0", "1", "10", "a"]), min_size=1, max_size=3, unique=True))
        for place, seed in enumerate(seeds):
            kept = (
                epochs if place == 0 else draw(st.lists(st.sampled_from(epochs), min_size=1, unique=True).map(sorted))
            )
            start = next(number)
            rows += [(depth, op, seed, epoch, start / 1000 + epoch / 100, start + 10 * epoch) for epoch in kept]
    frame = pd.DataFrame(rows, columns=["depth", "op", "seed", "epoch", "val", "time"])
    return frame.sample(frac=1.0, random_state=draw(st.integers(0, 9)))


SPEC = TableSpec(
    name="mine", space="columns:depth,op", signal=(ColumnSpec(("val",)),), scale="accuracy", fidelity="epoch",
    repeat="seed", cost=(ColumnSpec(("time",)),),
)  # fmt: skip


def written(frame, file):
    if file.suffix == ".parquet":
        frame.to_parquet(file, index=False)
    elif file.suffix == ".json":
        file.write_text(json.dumps(frame.to_dict("records")))
    elif file.suffix == ".jsonl":
        file.write_text("\n".join(json.dumps(row) for row in frame.to_dict("records")))
    else:
        frame.to_csv(file, index=False, sep=";" if "semicolon" in file.name else ",")
    return file


@planted
@given(records(), st.sampled_from(["a.csv", "semicolon.csv", "a.csv.gz", "a.parquet", "a.json", "a.jsonl"]))
def test_every_observation_is_a_recorded_one_of_one_run(tmp_path, frame, name):
    table = import_table(SPEC, written(frame, tmp_path / name))
    errors = frame.assign(error=1 - frame.val)
    for (depth, op), own in errors.groupby(["depth", "op"]):
        architecture = table.space.from_string(f"depth={depth},op={op}")
        complete = {seed for seed, run in own.groupby("seed") if len(run) == len(table.facts.fidelities)}
        drawn = set()
        for draw in range(6):
            seen = [table.observe(architecture, fidelity, draw) for fidelity in table.facts.fidelities]
            runs = [
                set(own.seed[(own.epoch == fidelity) & (own.error == o.error) & (own.time == o.seconds)])
                for fidelity, o in zip(table.facts.fidelities, seen, strict=True)
            ]
            same = set.intersection(*runs)
            assert len(same) == 1  # all values and times are those of one run
            assert len({o.repeat for o in seen}) == 1
            drawn |= same
        assert drawn == complete
        for fidelity in table.facts.fidelities:
            recorded = own.error[own.epoch == fidelity]
            assert table.true_errors([architecture], f"validation@{fidelity:g}")[0] == pytest.approx(recorded.mean())
            found = table.errors([architecture], fidelity)[0]
            assert sorted(found[np.isfinite(found)]) == sorted(recorded)


def ladder():
    """Return a table of learning curves: 9 architectures, 1, 3, 9 and 27 epochs, 10 s an epoch and 1 s to begin."""
    rows = [
        {"depth": depth, "val": [0.2 + depth / 50 + e / 10 for e in range(4)], "epochs": [1, 3, 9, 27],
         "time": [1 + 10 * epoch for epoch in (1, 3, 9, 27)]}
        for depth in range(9)
    ]  # fmt: skip
    return json.dumps(rows)


@pytest.fixture
def curves(tmp_path) -> TableBenchmark:
    (tmp_path / "curves.json").write_text(ladder())
    spec = TableSpec(
        name="mine", space="columns:depth", signal=(ColumnSpec(("val",)),), scale="accuracy", fidelity="epochs",
        cost=(ColumnSpec(("time",)),), continuable=True,
    )  # fmt: skip
    return import_table(spec, tmp_path / "curves.json")


class Ladder(Algorithm):
    """Trains nine architectures for 1 epoch, the best three for 3, the best for 9 and 27, on the same networks."""

    reference = "a rung after the other"

    def begin(self):
        self.rungs = [[(index,) for index in range(9)]]
        self.network, self.told = {}, []
        self.asked = 0

    def ask(self):
        rung, fidelity = self.rungs[-1], self.fidelities[len(self.rungs) - 1]
        if self.asked == len(rung):
            best = sorted(self.told, key=lambda one: one[0])[: max(1, len(rung) // 3)]
            self.rungs.append([architecture for _, architecture in best])
            self.told, self.asked = [], 0
            return self.ask()
        architecture = rung[self.asked]
        self.asked += 1
        return Query(architecture, fidelity, self.network.get(architecture))

    def tell(self, query, observed_error):
        self.network.setdefault(query.architecture, len(self.network))
        self.told.append((observed_error, query.architecture))


@pytest.mark.parametrize(
    ("continuation", "seconds"), [("resume", 9 * 11 + 3 * 20 + 60 + 180), ("scratch", 9 * 11 + 3 * 31 + 91 + 271)]
)
def test_a_ladder_of_resumed_trainings_is_charged_to_the_second(curves, continuation, seconds):
    rules = {"fidelities": curves.facts.fidelities, "report": ("validation@27",), "continuation": continuation}
    protocol = Protocol(budget=Budget(evaluations=14), **rules)
    trial = run_trial(Ladder(), "ladder", curves, protocol, 1, 0)
    assert len(trial.columns["number"]) == 14
    assert trial.columns["end"][-1] == seconds
    assert trial.columns["charged_seconds"].sum() == seconds


@pytest.mark.slow
@pytest.mark.parametrize("name", ["big.csv", "big.parquet"])
def test_five_million_rows_take_less_than_a_gigabyte(tmp_path, name):
    rng, n = np.random.default_rng(0), 5_000_000
    codes = rng.permutation(n)
    places = {"a": codes % 100, "b": codes // 100 % 100, "c": codes // 10_000 % 3, "seed": codes // 30_000}
    frame = pd.DataFrame(places | {"val": rng.random(n)})
    del places
    file = written(frame, tmp_path / name)
    del frame, codes
    spec = TableSpec(
        name="mine", space="columns:a,b,c", signal=(ColumnSpec(("val",)),), scale="accuracy", repeat="seed"
    )
    shares = []
    tracemalloc.start()
    table = import_table(spec, file, shares.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table.space.size == 30_000
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)
    assert peak < 1 << 30
