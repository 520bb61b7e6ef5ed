"""TransNAS-Bench-101: comparison with its files and with published facts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import BenchmarkError
from benchmarks.transnasbench101 import TASKS, MacroSpace, MicroSpace, names_of

BEST = {  # highest recorded value of each task, in the micro and the macro space
    "class_scene": (54.94, 57.41), "class_object": (45.59, 47.42), "jigsaw": (95.37, 97.02),
    "room_layout": (-0.6010, -0.5822), "segmentsemantic": (94.61, 94.86), "normal": (0.5873, 0.6435),
    "autoencoder": (0.5772, 0.7488),
}  # fmt: skip


class TestSpaces:
    def test_sizes(self):
        assert MicroSpace().size == len(MicroSpace().enumerate()) == 4_096
        assert MacroSpace().size == len(MacroSpace().enumerate()) == 3_256

    def test_notation(self):
        assert MicroSpace().from_string("64-41414-1_30_321") == (1, 3, 0, 3, 2, 1)
        assert MacroSpace().from_string("64-1234-basic") == (1, 2, 3, 4, 0, 0)
        assert MacroSpace().to_string((1, 2, 3, 4, 0, 0)) == "64-1234-basic"

    @pytest.mark.parametrize("text", ["64-41414-1_30_324", "64-41414-1_30_32", "64-1234-basic", "32-41414-1_30_321"])
    def test_invalid_cells_are_rejected(self, text):
        with pytest.raises(BenchmarkError, match="write 64-41414-d_dd_ddd, with d 0"):
            MicroSpace().from_string(text)

    @pytest.mark.parametrize(
        "text",
        [
            "64-111-basic",  # too short
            "64-1111-basic",  # no module doubles or halves
            "64-2222-basic",  # no module halves
            "64-442412-basic",  # four double
            "64-333332-basic",  # five halve
            "64-1234123-basic",  # too long
            "64-12304-basic",
            "64-1234-bottleneck",
        ],
    )
    def test_invalid_skeletons_are_rejected(self, text):
        with pytest.raises(BenchmarkError, match="write 64-dddd-basic with 4 to 6 digits"):
            MacroSpace().from_string(text)


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        pytest.param(kind, place, marks=pytest.mark.data(f"transnasbench101_{kind}.csv.gz"))
        for place, kind in enumerate(("micro", "macro"))
    ],
)
class TestTables:
    def test_every_value_is_stored_with_its_architecture(self, data_folder, kind, place, any_benchmark):
        frame = pd.read_csv(data_folder / f"transnasbench101_{kind}.csv.gz")
        for column, (short, _, epochs, scale, valid_range) in TASKS.items():
            benchmark = any_benchmark(f"transnasbench101-{kind}-{short}")
            genotypes = [benchmark.space.from_string(text) for text in frame["arch_str"]]
            assert len(set(genotypes)) == benchmark.space.size
            errors = benchmark.errors(genotypes, epochs)[:, 0]
            values = 100 * (1 - errors) if scale else -errors
            assert np.allclose(values, frame[column], rtol=0, atol=1e-9)
            assert values.max() == pytest.approx(BEST[column][place], abs=0.005 if scale else 5e-5)
            assert benchmark.facts.valid_range == valid_range
            assert benchmark.facts.fidelities == (epochs,)

    def test_no_times_are_recorded_and_the_seven_tasks_are_siblings(self, kind, place, any_benchmark):
        for name in names_of(f"transnasbench101-{kind}"):
            facts = any_benchmark(name).facts
            assert not facts.has_seconds
            assert {facts.name, *facts.sisters} == set(names_of(f"transnasbench101-{kind}"))
            assert any("no time was recorded" in note for note in facts.notes)
