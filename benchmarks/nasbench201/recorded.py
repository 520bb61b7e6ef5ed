"""NAS-Bench-201 with recorded 12-epoch and 200-epoch runs and test errors, imported from a file.

The 12-epoch run has its own learning-rate schedule. It is not a prefix of the 200-epoch run, so training cannot be
resumed. Its cost is 12/200 of the recorded 200-epoch time, because the source defines the time per epoch as constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.nasbench201.table import CITATION, DATASETS
from benchmarks.storage.official_files import Source
from benchmarks.table import TableBenchmark
from benchmarks.user_tables.importing import import_table
from benchmarks.user_tables.notation import ColumnSpec, TestSpec
from benchmarks.user_tables.specification import TableSpec

FILE = "nasbench201.csv.gz"
SUFFIX = "-12-200"
LICENCE = "MIT (NAS-Bench-201)"
_COLUMNS = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}


def recipe(name: str) -> TableSpec:
    """Return the settings that import a table from ``nasbench201.csv.gz``."""
    dataset = name.removeprefix("nasbench201-").removesuffix(SUFFIX)
    prefix = _COLUMNS[dataset]
    _, title, share = DATASETS[dataset]
    runs = "mean of two runs" if dataset == "cifar10" else "one run"
    return TableSpec(
        name=name,
        space="nasbench201",
        architecture="arch_str",
        signal=(
            ColumnSpec((f"{prefix}_val12",), 12.0),
            ColumnSpec(tuple(f"{prefix}_val200_{repeat}" for repeat in range(3)), 200.0),
        ),
        tests=(
            TestSpec(ColumnSpec((f"{prefix}_test12",), 12.0)),
            TestSpec(ColumnSpec((f"{prefix}_test200_mean",), 200.0)),
        ),
        scale="accuracy-percent",
        accept=frozenset({"unequal-repeats"}),
        official=True,
        cost=(
            ColumnSpec((f"{prefix}_train_time200",), 12.0, 12.0 / 200.0),
            ColumnSpec((f"{prefix}_train_time200",), 200.0),
        ),
        title=f"NAS-Bench-201 12/200, {title}",
        dataset=dataset,
        licence=LICENCE,
        citation=CITATION,
        sisters=tuple(f"nasbench201-{other}{SUFFIX}" for other in DATASETS if other != dataset),
        notes=(f"the 12-epoch error is that of the {runs} recorded",),
        validation_share=share,
    )


def read(file: Path, names: Sequence[str]) -> Iterator[TableBenchmark]:
    """Read the tables of these benchmarks."""
    return (import_table(recipe(name), file) for name in names)


SOURCES = (
    Source(
        names=tuple(f"nasbench201-{dataset}{SUFFIX}" for dataset in DATASETS),
        files=(FILE,),
        read=read,
        what=f"a file {FILE} with the recorded 12-epoch and 200-epoch runs",
        size="15,625",
        licence=LICENCE,
        citation=CITATION,
    ),
)
