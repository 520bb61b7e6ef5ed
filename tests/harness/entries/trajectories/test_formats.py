"""The readers of recorded trajectories: what they read, and what they refuse with file and line."""

from __future__ import annotations

import math
import os
import pickle

import numpy as np
import pytest
from darts_genotypes import DARTS_V2, PC_DARTS
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import load_benchmark
from benchmarks.nasbench101.nasbench1shot1 import NASBench1Shot1Space
from benchmarks.nasbench301.space import DARTSSpace
from harness.entries.trajectories.epoch_files import PRIMITIVES, read_confopt, read_nasbench1shot1
from harness.entries.trajectories.points import Invalid, Point
from harness.entries.trajectories.tables import read_csv
from harness.entries.trajectories.text_logs import read_darts

SPACE = DARTSSpace()
ROBUST = f"""2019-07-11 23:59:50,000 gpu device = 0
2019-07-11 23:59:51,000 epoch 0 lr 2.500000e-02 drop_prob 0.000000e+00
2019-07-11 23:59:52,000 train 000 2.354983e+00 12.500000 50.000000
2019-07-12 00:00:00,500 valid_acc 46.404000
2019-07-12 00:00:01,500 genotype = {DARTS_V2}
a line of a library that has no time
2019-07-12 00:00:02,000 epoch 1 lr 2.497632e-02
2019-07-12 00:00:11,000 valid_acc nan
2019-07-12 00:00:12,000 genotype = {PC_DARTS}
"""
DARTS = f"""2018-06-01 10:00:00,000 gpu device = 0
2018-06-01 10:00:10,000 epoch 0 lr 2.500000e-02
2018-06-01 10:00:11,000 genotype = {DARTS_V2}
2018-06-01 11:00:00,000 train_acc 40.0
2018-06-01 11:10:00,000 valid_acc 50.0
2018-06-01 11:10:01,000 epoch 1 lr 2.497632e-02
2018-06-01 11:10:02,000 genotype = {PC_DARTS}
2018-06-01 12:00:00,000 valid_acc 60.0
"""


def read(file, text, reader=read_darts, space=SPACE):
    file.write_text(text)
    return list(reader(file, space))


def test_a_log_of_robustdarts_has_its_genotypes_after_the_training(tmp_path):
    first, second = read(tmp_path / "log.txt", ROBUST)
    assert (first.epoch, first.seconds, first.architecture) == (1, 11.5, DARTS_V2)
    assert first.observed_error == pytest.approx(0.53596)
    assert (second.epoch, second.seconds, second.architecture) == (2, 22.0, PC_DARTS)
    assert math.isnan(second.observed_error)
    assert (first.place, second.place) == (f"{tmp_path}/log.txt:5", f"{tmp_path}/log.txt:9")


def test_a_log_of_darts_has_its_genotypes_before_the_training(tmp_path):
    first, second = read(tmp_path / "log.txt", DARTS)
    assert (first.epoch, first.seconds) == (0, 11.0)
    assert math.isnan(first.observed_error)
    assert (second.epoch, second.seconds, second.observed_error) == (1, 4202.0, 0.5)


def test_lines_of_a_log_that_cannot_be_used_are_named(tmp_path):
    wrong = ROBUST.replace("00:00:02,000 epoch 1", "00:00:00,000 epoch 1").replace("46.404000", "146.4")
    found = [part for part in read(tmp_path / "log.txt", wrong) if isinstance(part, Invalid)]
    assert [part.place.rpartition(":")[2] for part in found] == ["4", "7"]
    assert found[0].reason == "valid_acc: expected an accuracy from 0 to 100 percent, got 146.4"
    assert found[1].reason.startswith("the clock goes backwards, from 2019-07-12 00:00:01.5")
    assert isinstance(read(tmp_path / "log.txt", "2019-13-41 00:00:00 genotype = x\n")[0], Invalid)
    assert read(tmp_path / "log.txt", "no log\n") == []


def test_a_byte_order_mark_does_not_hide_the_first_time_stamp(tmp_path):
    plain, marked = (read(tmp_path / "log.txt", mark + ROBUST) for mark in ("", "\ufeff"))
    assert [point.seconds for point in marked] == [point.seconds for point in plain]


def test_a_table_of_choices(tmp_path):
    text = 'run,epoch,time_seconds,architecture,observed_accuracy_percent\na,1,5.5,"x=1,y=2",80\nb,1,6,z,\n'
    first, second = read(tmp_path / "runs.csv", text, read_csv)
    assert first == Point(f"{tmp_path}/runs.csv:2", 1, 5.5, "x=1,y=2", pytest.approx(0.2), "a")
    assert (second.run, second.architecture, math.isnan(second.observed_error)) == ("b", "z", True)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("time,architecture\n1,x\n", 1, "unknown column 'time'"),
        ("time_seconds\n1\n", 1, "expected the columns architecture and time_seconds or epoch, got time_seconds"),
        ("epoch,epoch,architecture\n1,1,x\n", 1, "expected each column once"),
        ("epoch,architecture,observed_accuracy,observed_accuracy_percent\n", 1, "expected one of observed_accuracy"),
        ("", 1, "expected the columns architecture and time_seconds or epoch, got none"),
        ("epoch,architecture\n1,x\n2,x,3\n", 3, "expected 2 values, got 3; quote an architecture that has commas"),
        ("epoch,architecture\none,x\n", 2, "epoch: expected a number, got 'one'"),
        ("epoch,architecture\n1.5,x\n", 2, "expected an epoch as a whole number from 0, got '1.5'"),
        ("epoch,architecture\n1e300,x\n", 2, "expected an epoch as a whole number from 0, got '1e300'"),
        ("time_seconds,architecture\n,x\n", 2, "time_seconds: expected a number, got ''"),
        ("time_seconds,architecture\nnan,x\n", 2, "expected a finite time_seconds, got nan"),
        ("epoch,architecture,observed_accuracy\n1,x,85\n", 2, "name the column observed_accuracy_percent"),
        ('epoch,architecture\n1,"x\n', 2, "expected CSV"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path, text, line, reason):
    *_, found = read(tmp_path / "runs.csv", text, read_csv)
    assert isinstance(found, Invalid)
    assert found.place == f"{tmp_path}/runs.csv:{line}"
    assert reason in found.reason


def test_genotypes_of_confopt_are_those_after_their_epoch(tmp_path):
    folder = tmp_path / "genotypes"
    folder.mkdir()
    (folder / "genotype_0000010.txt").write_text(f"DARTS{PC_DARTS}\n")
    (folder / "genotype_0000002.txt").write_text(f"DARTS{DARTS_V2}")
    (folder / "last_genotype.txt").write_text("genotype_0000010.txt")
    found = list(read_confopt(tmp_path, SPACE))
    assert [(part.epoch, part.seconds) for part in found] == [(2, None), (10, None)]
    assert [SPACE.from_string(part.architecture) for part in found] == [
        SPACE.from_string(text) for text in (DARTS_V2, PC_DARTS)
    ]


def test_two_files_of_one_epoch_are_both_read(tmp_path):
    for name in ("genotype_2.txt", "genotype_02.txt"):
        (tmp_path / name).write_text(DARTS_V2)
    assert [part.epoch for part in read_confopt(tmp_path, SPACE)] == [2, 2]  # the second one is then out of order


SHAPES = {1: (4, [3, 4], 5), 2: (4, [2, 3, 4], 5), 3: (5, [2, 3, 4, 5], 6)}
PARENTS = {1: (2, 2, 2), 2: (1, 2, 2, 3), 3: (1, 1, 2, 2, 2)}
"""Of the blocks with a choice, and of the output, as the paper states them."""


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([1, 2, 3]), st.integers(0, 2**32))
def test_weights_of_nasbench1shot1_become_the_architecture_with_the_largest(tmp_path_factory, number, seed):
    rng = np.random.default_rng(seed)
    blocks, inputs, output = SHAPES[number]
    weights = [
        rng.normal(size=shape).astype(np.float32) for shape in ((blocks, 3), (1, output), *((1, i) for i in inputs))
    ]
    folder = tmp_path_factory.mktemp("run")
    (folder / "one_shot_architecture_7.obj").write_bytes(pickle.dumps(weights, protocol=3))
    space = NASBench1Shot1Space(number)
    (found,) = read_nasbench1shot1(folder, space)
    assert (found.epoch, found.seconds) == (7, None)
    chosen = dict(pair.split("=") for pair in space.to_string(space.from_string(found.architecture)).split(","))
    for block in range(blocks):
        assert chosen[f"choice_block_{block + 1}_op"] == PRIMITIVES[np.exp(weights[0][block]).argmax()]
    parents = [name for name in chosen if name.endswith("_parents")]
    for name, row, count in zip(parents, [*weights[2:], weights[1]], PARENTS[number], strict=True):
        best = sorted(range(row.shape[1]), key=lambda node, row=row: row[0, node])[-count:]
        assert chosen[name] == "+".join(map(str, sorted(best)))


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pickle.dumps([Evil()]), "refers to posix.system"),
        (pickle.dumps({"alphas": 1}), "expected a list of arrays"),
        (pickle.dumps([np.zeros(3)], protocol=3), "expected arrays of shapes"),
        (pickle.dumps([np.array(["text"])], protocol=3), "expected numbers of type"),
        (b"\x80\x03", "it is damaged"),
        (pickle.dumps([np.zeros(1 << 18)], protocol=3), "expected at most 1,048,576 bytes"),
    ],
)
def test_other_pickles_are_refused_and_not_run(tmp_path, content, reason, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one_shot_architecture_0.obj").write_bytes(content)
    (found,) = read_nasbench1shot1(tmp_path, NASBench1Shot1Space(1))
    assert isinstance(found, Invalid)
    assert reason in found.reason
    assert not (tmp_path / "evil").exists()


def test_weights_need_their_space_and_finite_numbers(tmp_path):
    (found,) = read_nasbench1shot1(tmp_path, load_benchmark("synthetic").space)
    assert "needs a space of NAS-Bench-1Shot1, got 'synthetic'" in found.reason
    weights = [np.full((4, 3), np.nan), np.zeros((1, 5)), np.zeros((1, 3)), np.zeros((1, 4))]
    (tmp_path / "one_shot_architecture_0.obj").write_bytes(pickle.dumps(weights, protocol=3))
    (found,) = read_nasbench1shot1(tmp_path, NASBench1Shot1Space(1))
    assert "expected finite weights" in found.reason
