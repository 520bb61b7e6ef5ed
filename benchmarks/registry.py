"""Registries of benchmarks, spaces and models. A new benchmark is one file and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.spaces.base import SearchSpace

BENCHMARKS = {
    "nasbench101": "benchmarks.storage.official_files:load",
    "nasbench101-pool": "benchmarks.storage.official_files:load",
    "nasbench101-surrogate": "benchmarks.storage.official_files:load",
    "nasbench1shot1-1": "benchmarks.storage.official_files:load",
    "nasbench1shot1-2": "benchmarks.storage.official_files:load",
    "nasbench1shot1-3": "benchmarks.storage.official_files:load",
    "nasbench1shot1-1-pool": "benchmarks.storage.official_files:load",
    "nasbench1shot1-2-pool": "benchmarks.storage.official_files:load",
    "nasbench1shot1-3-pool": "benchmarks.storage.official_files:load",
    "nasbench1shot1-1-surrogate": "benchmarks.storage.official_files:load",
    "nasbench1shot1-2-surrogate": "benchmarks.storage.official_files:load",
    "nasbench1shot1-3-surrogate": "benchmarks.storage.official_files:load",
    "ecnas-4v": "benchmarks.storage.official_files:load",
    "ecnas-5v": "benchmarks.storage.official_files:load",
    "nasbench201-cifar10": "benchmarks.nasbench201.table:load",
    "nasbench201-cifar100": "benchmarks.nasbench201.table:load",
    "nasbench201-imagenet16-120": "benchmarks.nasbench201.table:load",
    "nasbench201-cifar10-12-200": "benchmarks.storage.official_files:load",
    "nasbench201-cifar100-12-200": "benchmarks.storage.official_files:load",
    "nasbench201-imagenet16-120-12-200": "benchmarks.storage.official_files:load",
    "nasbench201-cifar10-curves": "benchmarks.nasbench201.curves:load",
    "nasbench201-cifar100-curves": "benchmarks.nasbench201.curves:load",
    "nasbench201-imagenet16-120-curves": "benchmarks.nasbench201.curves:load",
    "nasbench301": "benchmarks.nasbench301.model:load",
    "natsbench-topology-cifar10": "benchmarks.storage.official_files:load",
    "natsbench-topology-cifar100": "benchmarks.storage.official_files:load",
    "natsbench-topology-imagenet16-120": "benchmarks.storage.official_files:load",
    "natsbench-topology-cifar10-curves": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar10": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar100": "benchmarks.storage.official_files:load",
    "natsbench-size-imagenet16-120": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar10-curves": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar100-curves": "benchmarks.storage.official_files:load",
    "natsbench-size-imagenet16-120-curves": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar10-test": "benchmarks.storage.official_files:load",
    "natsbench-size-cifar100-test": "benchmarks.storage.official_files:load",
    "natsbench-size-imagenet16-120-test": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-scene": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-object": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-jigsaw": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-layout": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-segmentation": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-normal": "benchmarks.storage.official_files:load",
    "transnasbench101-micro-autoencoder": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-scene": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-object": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-jigsaw": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-layout": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-segmentation": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-normal": "benchmarks.storage.official_files:load",
    "transnasbench101-macro-autoencoder": "benchmarks.storage.official_files:load",
    "fcnet-naval": "benchmarks.fcnet:load",
    "fcnet-parkinsons": "benchmarks.fcnet:load",
    "fcnet-protein": "benchmarks.fcnet:load",
    "fcnet-slice": "benchmarks.fcnet:load",
    "hpobench-mlp-car": "benchmarks.hpobench:load",
    "hpobench-mlp-phoneme": "benchmarks.hpobench:load",
    "hpobench-mlp-vehicle": "benchmarks.hpobench:load",
    "hpobench-mlp-australian": "benchmarks.hpobench:load",
    "hpobench-mlp-kc1": "benchmarks.hpobench:load",
    "hpobench-mlp-segment": "benchmarks.hpobench:load",
    "hpobench-mlp-blood-transfusion": "benchmarks.hpobench:load",
    "hpobench-mlp-credit-g": "benchmarks.hpobench:load",
    "synthetic": "benchmarks.synthetic:load",
}
"""Benchmarks by name: the function ``module:function`` that loads one, ``load(name) -> Benchmark``."""

SPACES = {
    "darts": "benchmarks.nasbench301.space:DARTSSpace",
    "nasbench101": "benchmarks.nasbench101.space:NASBench101Space",
    "nasbench101-4v": "benchmarks.nasbench101.space:four_vertices",
    "nasbench101-5v": "benchmarks.nasbench101.space:five_vertices",
    "nasbench1shot1-1": "benchmarks.nasbench101.nasbench1shot1:first",
    "nasbench1shot1-2": "benchmarks.nasbench101.nasbench1shot1:second",
    "nasbench1shot1-3": "benchmarks.nasbench101.nasbench1shot1:third",
    "nasbench201": "benchmarks.nasbench201.space:NASBench201Space",
    "natsbench-size": "benchmarks.natsbench.space:NATSBenchSizeSpace",
    "transnasbench101-micro": "benchmarks.transnasbench101:MicroSpace",
    "transnasbench101-macro": "benchmarks.transnasbench101:MacroSpace",
}
"""Spaces by name: those on which a user-defined table can be imported."""

MODELS = {"nasbench301": "benchmarks.nasbench301.model:NASBench301Model"}
"""Models by kind, for surrogates whose spaces are too large for a table: ``model(content) -> Model``."""

ROW_INDEXES = {
    "hashes": "benchmarks.nasbench101.cell_index:CellIndex",
    "rows": "benchmarks.row_index:SharedRows",
}
"""Row indexes of stored tables, by the name of an array that only they have: ``index(space, **arrays) -> RowIndex``."""

NUMBERED = {"nasbench201": "benchmarks.embedded:official_order"}
"""Spaces whose architectures have official numbers: ``order(space)`` returns the architectures in that order."""

SOURCES = (
    "benchmarks.nasbench201.recorded:SOURCES",
    "benchmarks.nasbench101.tables:SOURCES",
    "benchmarks.nasbench101.surrogate:SOURCES",
    "benchmarks.nasbench301.model:SOURCES",
    "benchmarks.natsbench.tables:SOURCES",
    "benchmarks.transnasbench101:SOURCES",
)
"""Tuples of :class:`benchmarks.storage.official_files.Source`, from which benchmarks are imported."""

EMBEDDED = ("benchmarks.nasbench201.table", "benchmarks.fcnet", "benchmarks.hpobench")
"""Modules with a function ``outline``, which returns the facts and the space of a benchmark without its table."""


def resolve(reference: str) -> Any:
    """Import and return the attribute named by ``module:attribute``."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


def load_space(name: str) -> SearchSpace:
    """Make the registered space of that name.

    Raises
    ------
    UnknownNameError
        If no space has that name.
    """
    if name not in SPACES:
        raise UnknownNameError(unknown_name("space", name, SPACES))
    space: SearchSpace = resolve(SPACES[name])()
    return space
