"""The benchmarks by name. A new one is a file, and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.errors import UnknownNameError, unknown_name
from benchmarks.space import SearchSpace

BENCHMARKS = {
    "nasbench101": "benchmarks.sources:load",
    "nasbench101-pool": "benchmarks.sources:load",
    "nasbench101-surrogate": "benchmarks.sources:load",
    "nasbench1shot1-1": "benchmarks.sources:load",
    "nasbench1shot1-2": "benchmarks.sources:load",
    "nasbench1shot1-3": "benchmarks.sources:load",
    "nasbench1shot1-1-pool": "benchmarks.sources:load",
    "nasbench1shot1-2-pool": "benchmarks.sources:load",
    "nasbench1shot1-3-pool": "benchmarks.sources:load",
    "nasbench1shot1-1-surrogate": "benchmarks.sources:load",
    "nasbench1shot1-2-surrogate": "benchmarks.sources:load",
    "nasbench1shot1-3-surrogate": "benchmarks.sources:load",
    "ecnas-4v": "benchmarks.sources:load",
    "ecnas-5v": "benchmarks.sources:load",
    "nasbench201-cifar10": "benchmarks.nasbench201:load",
    "nasbench201-cifar100": "benchmarks.nasbench201:load",
    "nasbench201-imagenet16-120": "benchmarks.nasbench201:load",
    "nasbench201-cifar10-12-200": "benchmarks.sources:load",
    "nasbench201-cifar100-12-200": "benchmarks.sources:load",
    "nasbench201-imagenet16-120-12-200": "benchmarks.sources:load",
    "nasbench201-cifar10-curves": "benchmarks.nasbench201_curves:load",
    "nasbench201-cifar100-curves": "benchmarks.nasbench201_curves:load",
    "nasbench201-imagenet16-120-curves": "benchmarks.nasbench201_curves:load",
    "nasbench301": "benchmarks.nasbench301:load",
    "natsbench-topology-cifar10": "benchmarks.sources:load",
    "natsbench-topology-cifar100": "benchmarks.sources:load",
    "natsbench-topology-imagenet16-120": "benchmarks.sources:load",
    "natsbench-topology-cifar10-curves": "benchmarks.sources:load",
    "natsbench-size-cifar10": "benchmarks.sources:load",
    "natsbench-size-cifar100": "benchmarks.sources:load",
    "natsbench-size-imagenet16-120": "benchmarks.sources:load",
    "natsbench-size-cifar10-curves": "benchmarks.sources:load",
    "natsbench-size-cifar100-curves": "benchmarks.sources:load",
    "natsbench-size-imagenet16-120-curves": "benchmarks.sources:load",
    "natsbench-size-cifar10-test": "benchmarks.sources:load",
    "natsbench-size-cifar100-test": "benchmarks.sources:load",
    "natsbench-size-imagenet16-120-test": "benchmarks.sources:load",
    "transnasbench101-micro-scene": "benchmarks.sources:load",
    "transnasbench101-micro-object": "benchmarks.sources:load",
    "transnasbench101-micro-jigsaw": "benchmarks.sources:load",
    "transnasbench101-micro-layout": "benchmarks.sources:load",
    "transnasbench101-micro-segmentation": "benchmarks.sources:load",
    "transnasbench101-micro-normal": "benchmarks.sources:load",
    "transnasbench101-micro-autoencoder": "benchmarks.sources:load",
    "transnasbench101-macro-scene": "benchmarks.sources:load",
    "transnasbench101-macro-object": "benchmarks.sources:load",
    "transnasbench101-macro-jigsaw": "benchmarks.sources:load",
    "transnasbench101-macro-layout": "benchmarks.sources:load",
    "transnasbench101-macro-segmentation": "benchmarks.sources:load",
    "transnasbench101-macro-normal": "benchmarks.sources:load",
    "transnasbench101-macro-autoencoder": "benchmarks.sources:load",
    "fcnet-naval": "benchmarks.fcnet:load",
    "fcnet-parkinsons": "benchmarks.fcnet:load",
    "fcnet-protein": "benchmarks.fcnet:load",
    "fcnet-slice": "benchmarks.fcnet:load",
    "synthetic": "benchmarks.synthetic:load",
}
"""By name, the function ``module:function`` that loads it: ``load(name) -> Benchmark``."""

SPACES = {
    "darts": "benchmarks.darts:DARTSSpace",
    "nasbench101": "benchmarks.nasbench101:NASBench101Space",
    "nasbench101-4v": "benchmarks.nasbench101:four_vertices",
    "nasbench101-5v": "benchmarks.nasbench101:five_vertices",
    "nasbench1shot1-1": "benchmarks.nasbench1shot1:first",
    "nasbench1shot1-2": "benchmarks.nasbench1shot1:second",
    "nasbench1shot1-3": "benchmarks.nasbench1shot1:third",
    "nasbench201": "benchmarks.nasbench201:NASBench201Space",
    "natsbench-size": "benchmarks.natsbench:NATSBenchSizeSpace",
    "transnasbench101-micro": "benchmarks.transnasbench101:MicroSpace",
    "transnasbench101-macro": "benchmarks.transnasbench101:MacroSpace",
}
"""By name, the spaces on which a user's own table can be imported."""

MODELS = {"nasbench301": "benchmarks.nasbench301:NASBench301Model"}
"""By kind, the models of surrogates whose spaces are too large for a table: ``model(content) -> Model``."""

SOURCES = (
    "benchmarks.nasbench201_recorded:SOURCES",
    "benchmarks.nasbench101_tables:SOURCES",
    "benchmarks.nasbench101_surrogate:SOURCES",
    "benchmarks.nasbench301:SOURCES",
    "benchmarks.natsbench_tables:SOURCES",
    "benchmarks.transnasbench101:SOURCES",
)
"""Tuples of the official files that benchmarks are imported from, see :func:`benchmarks.sources.known_imports`."""


def resolve(reference: str) -> Any:
    """Import ``module:attribute``."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


def load_space(name: str) -> SearchSpace:
    """Make a known space.

    Raises
    ------
    UnknownNameError
        If no space has that name.
    """
    if name not in SPACES:
        raise UnknownNameError(unknown_name("space", name, SPACES))
    space: SearchSpace = resolve(SPACES[name])()
    return space
