"""Tables of both spaces of NATS-Bench from the official folders, and of the size space from a file of test values.

The schedules of a space (12 and 200 epochs for topology; 1, 12 and 90 for size) have their own learning rates. So none
is a prefix of another, and training cannot be resumed. The ``-curves`` benchmarks have the longest schedule only, epoch
by epoch: one training run, which can be resumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.benchmark import Facts
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.natsbench.folder import DATASETS, Collected, collect
from benchmarks.natsbench.space import CITATION, NATSBenchSizeSpace
from benchmarks.spaces.base import SearchSpace
from benchmarks.storage.official_files import Source
from benchmarks.table import TableBenchmark, build_table
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec, TestSpec
from benchmarks.user_tables.specification import TableSpec

LICENCE = "MIT (NATS-Bench)"
TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet16-120": "ImageNet16-120"}
SCHEDULES = {"topology": ("12", "200"), "size": ("01", "12", "90")}
CURVES = {"topology": ("cifar10",), "size": tuple(DATASETS)}
"""Data sets whose validation accuracy was recorded at every epoch of the longest schedule."""


def kept_epochs(last: int) -> list[int]:
    """Return the epochs of a curve that are kept as fidelities: the first thirty, then every fifth."""
    return [*range(1, min(30, last) + 1), *range(35, last + 1, 5)]


def read_folder(
    kind: str, space: SearchSpace, schedules: Sequence[str], folder: Path, names: Sequence[str]
) -> Iterator[TableBenchmark]:
    """Read the tables of these benchmarks from a folder with one file per architecture."""
    collected = collect(folder, space, schedules, CURVES[kind], kept_epochs(int(schedules[-1])))
    for dataset in DATASETS:
        for name, make in ((f"natsbench-{kind}-{dataset}", _schedules), (curves_name(kind, dataset), _curves)):
            if name in names:
                yield make(name, kind, dataset, space, collected, folder)


def curves_name(kind: str, dataset: str) -> str:
    """Return the name of the benchmark with the longest schedule, epoch by epoch."""
    return f"natsbench-{kind}-{dataset}-curves"


def _schedules(
    name: str, kind: str, dataset: str, space: SearchSpace, collected: Collected, folder: Path
) -> TableBenchmark:
    runs = {schedule: collected.runs[dataset, schedule] for schedule in collected.schedules}
    facts = _facts(
        name,
        kind,
        dataset,
        space,
        collected,
        folder,
        title=f"NATS-Bench {kind}, {TITLES[dataset]}",
        fidelities=[float(schedule) for schedule in runs],
        sisters=tuple(f"natsbench-{kind}-{other}" for other in DATASETS if other != dataset),
    )
    return build_table(
        facts,
        space,
        {float(schedule): 1.0 - found.validation / 100.0 for schedule, found in runs.items()},
        {float(schedule): found.seconds for schedule, found in runs.items()},
        {float(schedule): 1.0 - found.test / 100.0 for schedule, found in runs.items()},
    )


def _curves(
    name: str, kind: str, dataset: str, space: SearchSpace, collected: Collected, folder: Path
) -> TableBenchmark:
    curve, last = collected.curves[dataset], collected.schedules[-1]
    facts = _facts(
        name,
        kind,
        dataset,
        space,
        collected,
        folder,
        title=f"NATS-Bench {kind} curves, {TITLES[dataset]}",
        fidelities=[float(epoch) for epoch in curve],
        sisters=tuple(curves_name(kind, other) for other in CURVES[kind] if other != dataset),
        continuable=True,
    )
    return build_table(
        facts,
        space,
        {float(epoch): 1.0 - found.validation / 100.0 for epoch, found in curve.items()},
        {float(epoch): found.seconds for epoch, found in curve.items()},
        {float(last): 1.0 - collected.runs[dataset, last].test / 100.0},
    )


def _facts(
    name: str, kind: str, dataset: str, space: SearchSpace, collected: Collected, folder: Path, *, title: str,
    fidelities: list[float], sisters: tuple[str, ...], continuable: bool = False,
) -> Facts:  # fmt: skip
    return Facts(
        name=name,
        title=title,
        dataset=dataset,
        space=space.name,
        metric="validation accuracy, maximised, %",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=tuple(fidelities),
        continuable=continuable,
        provenance="recorded",
        licence=LICENCE,
        citation=CITATION,
        source=f"imported from {folder.name}",
        data_hash="",
        repeats=(0, 0),
        validation_share=collected.validation_share[dataset],
        sisters=sisters,
        notes=("test error of networks trained on the whole training set",) if dataset == "cifar10" else (),
    )


def read_test_values(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    """Read the size space from a file of test values. They are the search signal, because the file has nothing else."""
    columns: Mapping[str, str] = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "ImageNet16-120"}
    for dataset, prefix in columns.items():
        if _test_name(dataset) not in names:
            continue
        column = f"{prefix}_test90"
        spec = TableSpec(
            name=_test_name(dataset),
            space="natsbench-size",
            signal=(ColumnSpec((column,)),),
            scale="accuracy-percent",
            architecture="arch",
            tests=(TestSpec(ColumnSpec((column,))),),
            epochs=90.0,
            official=True,
            title=f"NATS-Bench size, {TITLES[dataset]}, searched by test values",
            dataset=dataset,
            licence=LICENCE,
            citation=CITATION,
            sisters=tuple(_test_name(other) for other in DATASETS if other != dataset),
            notes=(
                "no validation value and no time was recorded in this file",
                f"the search signal, {column}, is a test value",
            ),
        )
        yield import_table(spec, file)


def _test_name(dataset: str) -> str:
    return f"natsbench-size-{dataset}-test"


def _source(kind: str, space: SearchSpace, folder: str, what: str) -> Source:
    return Source(
        names=(
            *(f"natsbench-{kind}-{dataset}" for dataset in DATASETS),
            *(curves_name(kind, dataset) for dataset in CURVES[kind]),
        ),
        files=(folder,),
        read=partial(read_folder, kind, space, SCHEDULES[kind]),
        what=what,
        size=f"{space.size:,}",
        licence=LICENCE,
        citation=CITATION,
    )


SOURCES = (
    _source(
        "topology",
        NASBench201Space(),
        "NATS-tss-v1_0-3ffb9-simple",
        "the unpacked folder NATS-tss-v1_0-3ffb9-simple, which github.com/D-X-Y/NATS-Bench links to",
    ),
    _source(
        "size",
        NATSBenchSizeSpace(),
        "NATS-sss-v1_0-50262-simple",
        "the unpacked folder NATS-sss-v1_0-50262-simple, which github.com/D-X-Y/NATS-Bench links to",
    ),
    Source(
        names=tuple(map(_test_name, DATASETS)),
        files=("natsbench_size.csv.gz",),
        read=read_test_values,
        what="a file natsbench_size.csv.gz with the test accuracies of the size space",
        size="32,768",
        licence=LICENCE,
        citation=CITATION,
    ),
)
