"""NATS-Bench: example files of the official folders, synthetic folders, and damaged or malicious files."""

from __future__ import annotations

import bz2
import os
import pickle
from collections import OrderedDict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError
from benchmarks.formats.plain_pickle import LARGEST, read_plain_pickle
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.natsbench import folder as natsbench_folder
from benchmarks.natsbench.folder import collect
from benchmarks.natsbench.runs import read_architecture
from benchmarks.natsbench.space import NATSBenchSizeSpace
from benchmarks.natsbench.tables import SCHEDULES, kept_epochs, read_folder

SMALL = NATSBenchSizeSpace((8, 16), 2)
EPOCHS = {"01": 1, "12": 12, "90": 90}


def made_up(architecture, dataset, schedule, seed):
    """Return a run in the official format, with numbers that identify it."""
    n, base = EPOCHS[schedule], 10 * sum(map(ord, dataset)) % 7 + sum(map(ord, architecture)) % 11 + seed / 1000
    parts = {"cifar10-valid": ("x-valid", "ori-test"), "cifar10": ("ori-test",)}
    parts = parts.get(dataset, ("x-valid", "x-test", "ori-test"))
    keys = [f"{part}@{epoch}" for part in parts for epoch in range(n)]
    return {
        "name": dataset,
        "train_acc1es": dict.fromkeys(range(n), 50.0),
        "train_times": OrderedDict((epoch, 2.0 + seed / 1000) for epoch in range(n)),
        "params": np.float64(0.8),
        "latency": [np.float64(0.016)],
        "epochs": n,
        "seed": f"0{seed}",
        "eval_acc1es": {key: base + int(key.rpartition("@")[2]) / 10 + len(key.partition("@")[0]) for key in keys},
        "eval_times": dict.fromkeys(keys, 0.5),
        "net_state_dict": None,
    }


def official(architecture):
    """Return the content of the file of an architecture."""
    schedules = OrderedDict()
    for schedule in EPOCHS:
        seeds = (777, 888, 999) if schedule == "12" else (777,)
        results = {
            (dataset, seed): made_up(architecture, dataset, schedule, seed)
            for dataset in ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120")
            for seed in seeds
        }
        schedules[schedule] = {"arch_str": architecture, "all_results": results, "clear_net_done": True}
    return schedules


def write(file, content):
    file.write_bytes(bz2.compress(content if isinstance(content, bytes) else pickle.dumps(content, 4), 1))
    return file


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "NATS-sss-v1_0-50262-simple"
    folder.mkdir()
    for i, architecture in enumerate(("16:8", "8:8", "16:16", "8:16")):
        write(folder / f"{i:06d}.pickle.pbz2", official(architecture))
    write(folder / "meta.pickle.pbz2", {"meta_archs": [], "evaluated_indexes": set()})
    return folder


class TestWholeFolder:
    def test_every_run_is_stored_with_its_architecture(self, folder):
        names = [f"natsbench-size-{d}{s}" for d in ("cifar10", "cifar100", "imagenet16-120") for s in ("", "-curves")]
        tables = {t.facts.name: t for t in read_folder("size", SMALL, SCHEDULES["size"], folder, names)}
        assert list(tables) == names
        for dataset, searched, tested, part in (
            ("cifar10", "cifar10-valid", "cifar10", "ori-test"),
            ("cifar100", "cifar100", "cifar100", "x-test"),
            ("imagenet16-120", "ImageNet16-120", "ImageNet16-120", "x-test"),
        ):
            table, curves = tables[f"natsbench-size-{dataset}"], tables[f"natsbench-size-{dataset}-curves"]
            assert table.facts.fidelities == (1.0, 12.0, 90.0)
            assert (table.facts.continuable, curves.facts.continuable) == (False, True)
            assert table.facts.validation_share == pytest.approx(0.5 / 2.777)
            for row in SMALL.enumerate().tolist():
                name = SMALL.to_string(tuple(row))
                for schedule, last in EPOCHS.items():
                    seeds = (777, 888, 999) if schedule == "12" else (777,)
                    expected = [
                        made_up(name, searched, schedule, s)["eval_acc1es"][f"x-valid@{last - 1}"] for s in seeds
                    ]
                    errors = table.errors([row], float(last))[0]
                    assert errors[np.isfinite(errors)] == pytest.approx(1 - np.array(expected) / 100)
                    tests = [made_up(name, tested, schedule, seed)["eval_acc1es"] for seed in seeds]
                    tests = [accuracies[f"{part}@{last - 1}"] for accuracies in tests]
                    assert table.true_errors([row], f"test@{last}") == pytest.approx(1 - np.mean(tests) / 100)
                    assert table.observe(tuple(row), float(last), 0).seconds == pytest.approx(2.777 * last)
                run = made_up(name, searched, "90", 777)
                for epoch in map(int, curves.facts.fidelities):
                    error = 1 - run["eval_acc1es"][f"x-valid@{epoch - 1}"] / 100
                    assert curves.observe(tuple(row), float(epoch), 0) == pytest.approx((error, 2.777 * epoch, 0))
                assert curves.true_errors([row], "test@90") == table.true_errors([row], "test@90")

    def test_only_the_requested_benchmarks_are_read(self, folder):
        (table,) = read_folder("size", SMALL, SCHEDULES["size"], folder, ["natsbench-size-cifar100"])
        assert table.facts.name == "natsbench-size-cifar100"
        assert table.facts.sisters == ("natsbench-size-cifar10", "natsbench-size-imagenet16-120")

    def test_the_kept_epochs(self):
        assert kept_epochs(12) == list(range(1, 13))
        assert kept_epochs(90)[:31] == [*range(1, 31), 35]
        assert kept_epochs(200)[-2:] == [195, 200]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                lambda f: (f / "000002.pickle.pbz2").unlink(),
                r"the 4 architectures .*, got 3; the first missing one is 16:16\. Unpack",
            ),
            (
                lambda f: write(f / "000009.pickle.pbz2", official("8:8")),
                r"000009\.pickle\.pbz2 has the same architecture 8:8 as 000001\.pickle\.pbz2; remove one",
            ),
            (
                lambda f: write(f / "000001.pickle.pbz2", official("8:12")),
                "'8:12' is not an architecture .* right folder",
            ),
            (
                lambda f: edit(f, lambda a: a.pop("12")),
                "schedule 12, cifar10: expected 1 to 3 runs on cifar10-valid, got 0",
            ),
            (
                lambda f: edit(f, lambda a: a["90"]["all_results"].pop(("cifar10", 777))),
                "schedule 90, cifar10: expected 1 to 3 runs on cifar10, got 0",
            ),
            (
                lambda f: edit(f, lambda a: run(a)["eval_acc1es"].pop("x-valid@89")),
                "seed 777 lacks the accuracy x-valid after epoch 90",
            ),
            (
                lambda f: edit(f, lambda a: run(a)["eval_acc1es"].update({"x-valid@3": 9_000.0})),
                r"data set cifar100, seed 777: expected an accuracy x-valid in \[0, 100\] after epoch 4, got 9000\.0",
            ),
            (
                lambda f: edit(f, lambda a: run(a)["eval_acc1es"].update({"x-valid@3": float("nan")})),
                "after epoch 4, got nan",
            ),
            (
                lambda f: edit(f, lambda a: run(a)["train_times"].update({3: -1.0})),
                "expected training times above 0, got",
            ),
            (lambda f: edit(f, lambda a: run(a)["train_times"].pop(3)), "schedule 90: KeyError"),
            (
                lambda f: edit(f, lambda a: run(a)["eval_times"].clear()),
                "expected an evaluation time above 0 s, got nan s",
            ),
            (lambda f: edit(f, lambda a: a["90"].update(arch_str="8:16")), "are not all of the same architecture"),
            (lambda f: edit(f, lambda a: a.clear()), "it has no schedules"),
            (lambda f: edit(f, lambda a: a["90"].update(all_results=[1])), "schedule 90: AttributeError"),
        ],
    )
    def test_a_wrong_folder_is_rejected_and_the_message_names_file_and_place(self, folder, change, message):
        change(folder)
        with pytest.raises(BenchmarkError, match=message) as caught:
            list(read_folder("size", SMALL, SCHEDULES["size"], folder, ["natsbench-size-cifar100"]))
        assert "BenchmarkError" not in str(caught.value)  # a message is not quoted within another one


def run(architecture):
    return architecture["90"]["all_results"]["cifar100", 777]


def edit(folder, change):
    content = official("8:8")
    change(content)
    write(folder / "000001.pickle.pbz2", content)


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


class TestPickles:
    def test_plain_data_with_numpy_numbers_is_read(self, tmp_path):
        content = OrderedDict(a=[np.float64(0.25), np.int64(3), 1.5, "x", None, (1, 2)], b={1, 2})
        for protocol in (4, 5):
            file = write(tmp_path / "plain.pbz2", pickle.dumps(content, protocol))
            assert read_plain_pickle(file) == content

    def test_a_pickle_that_runs_code_is_rejected_and_not_run(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        file = write(tmp_path / "evil.pbz2", {"arch_str": Evil()})
        with pytest.raises(
            BenchmarkError, match=r"evil\.pbz2 was not read: it refers to posix\.system, .* was not run"
        ):
            read_plain_pickle(file)
        assert not (tmp_path / "evil").exists()

    @pytest.mark.parametrize(
        "payload",
        [
            b"cos\nsystem\n(S'touch evil'\ntR.",
            b"cbuiltins\neval\n(S'1'\ntR.",
            b"csubprocess\nPopen\n(S'touch evil'\ntR.",
            b"cnumpy\nload\n(S'x'\ntR.",
            b"ccollections\nOrderedDict.__init__\n.",
            b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x011\x85R.",
        ],
    )
    def test_all_other_names_are_rejected(self, tmp_path, payload):
        with pytest.raises(BenchmarkError, match="it refers to"):
            read_plain_pickle(write(tmp_path / "evil.pbz2", payload))

    @pytest.mark.parametrize("value", [np.array([1.0]), np.float64("1").astype(object), np.bool_(True), np.float128(1)])
    def test_other_numpy_objects_are_rejected(self, tmp_path, value):
        try:
            found = read_plain_pickle(write(tmp_path / "x.pbz2", pickle.dumps([value], 4)))
        except BenchmarkError:
            return
        assert type(found[0]) is float

    def test_a_pickle_that_is_too_large_is_rejected(self, tmp_path):
        file = write(tmp_path / "bomb.pbz2", b"\0" * (LARGEST + 10))
        with pytest.raises(BenchmarkError, match="at most 67,108,864 bytes when decompressed, got more"):
            read_plain_pickle(file)

    @pytest.mark.parametrize(
        "content", [b"", b"BZh9", b"not bzip2 at all", bz2.compress(b""), bz2.compress(b"\x80\x04")]
    )
    def test_damaged_files_are_rejected(self, tmp_path, content):
        file = tmp_path / "damaged.pbz2"
        file.write_bytes(content)
        with pytest.raises(BenchmarkError, match=r"damaged\.pbz2 cannot be read: .*it is damaged, so get it again"):
            read_plain_pickle(file)

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(data=st.data())
    def test_arbitrary_bytes_raise_no_other_error(self, tmp_path_factory, data):
        content = bytearray(pickle.dumps({"a": OrderedDict(x=np.float64(1.0)), "b": [1, "text", 2.5]}, 4))
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        file = write(tmp_path_factory.mktemp("fuzz") / "any.pbz2", bytes(content))
        try:
            read_plain_pickle(file)
        except BenchmarkError as error:
            found = str(error)
        else:
            found = "any.pbz2"
        assert "any.pbz2" in found


@pytest.mark.data("nats_examples")
class TestExamples:
    def test_curves_are_those_of_the_pickles(self, data_folder):
        files = sorted((data_folder / "nats_examples").glob("NATS-*/0*.pickle.pbz2"))
        assert len(files) == 6
        for file in files:
            content = pickle.loads(bz2.decompress(file.read_bytes()))  # the standard unpickler, on trusted files
            name, runs = read_architecture(file)
            assert {name} == {record["arch_str"] for record in content.values()}
            assert len(runs) == sum(len(record["all_results"]) for record in content.values())
            for run in runs:
                record = content[run.schedule]["all_results"][run.dataset, run.seed]
                for ours, theirs in ((run.evaluations, "eval_acc1es"), (run.evaluation_seconds, "eval_times")):
                    assert {f"{part}@{epoch - 1}": value for (part, epoch), value in ours.items()} == record[theirs]
                assert np.allclose(run.seconds, np.cumsum(list(record["train_times"].values())), rtol=1e-12)

    @pytest.mark.data("nasbench201.csv.gz")
    def test_topology_agrees_with_the_recorded_table(self, data_folder, monkeypatch):
        folder = data_folder / "nats_examples" / "NATS-tss-v1_0-3ffb9-simple"
        monkeypatch.setattr(natsbench_folder, "_refuse_absent", lambda *_: None)
        space = NASBench201Space()
        found = collect(folder, space, ("12", "200"), ("cifar10",), [1, 12, 200])
        frame = pd.read_csv(data_folder / "nasbench201.csv.gz").set_index("arch_index").loc[[0, 11, 284]]
        rows = [space.index(space.from_string(text)) for text in frame["arch_str"]]
        for dataset, prefix in (("cifar10", "c10"), ("cifar100", "c100"), ("imagenet16-120", "in16")):
            long, short = found.runs[dataset, "200"], found.runs[dataset, "12"]
            seeds = np.sort(frame[[f"{prefix}_val200_{i}" for i in range(3)]].to_numpy(), axis=1)
            assert np.allclose(np.sort(long.validation[rows], axis=1), seeds, atol=1e-4, equal_nan=True)
            assert np.allclose(long.test[rows], frame[f"{prefix}_test200_mean"], atol=1e-4)
            assert np.allclose(np.nanmean(long.seconds[rows], axis=1), frame[f"{prefix}_train_time200"], rtol=1e-3)
            assert np.allclose(np.nanmean(short.validation[rows], axis=1), frame[f"{prefix}_val12"], atol=1e-3)
        assert np.array_equal(
            found.curves["cifar10"][200].validation[rows], found.runs["cifar10", "200"].validation[rows]
        )


@pytest.mark.data("natsbench_size.csv.gz")
def test_a_search_by_test_values_is_stated_in_the_title(data_folder, any_benchmark):
    for dataset, prefix in (("cifar10", "cifar10"), ("cifar100", "cifar100"), ("imagenet16-120", "ImageNet16-120")):
        benchmark = any_benchmark(f"natsbench-size-{dataset}-test")
        frame = pd.read_csv(data_folder / "natsbench_size.csv.gz")
        genotypes = [benchmark.space.from_string(text) for text in frame["arch"]]
        accuracies = 100 * (1 - benchmark.true_errors(genotypes, "test@90"))
        assert np.allclose(accuracies, frame[f"{prefix}_test90"], atol=1e-9)
        assert benchmark.facts.title.endswith("searched by test values")
        assert "is a test value" in benchmark.facts.notes[1]
        assert not benchmark.facts.has_seconds


def test_the_notation_of_the_size_space():
    space = NATSBenchSizeSpace()
    assert space.size == 32_768
    assert space.from_string("8:16:24:32:64") == (0, 1, 2, 3, 7)
    for text in ("8:16:24:32", "8:16:24:32:65", "8:16:24:32:8:8", "8;16;24;32;64"):
        with pytest.raises(BenchmarkError, match="write 5 numbers of channels, separated by colons, each one of 8, 16"):
            space.from_string(text)
