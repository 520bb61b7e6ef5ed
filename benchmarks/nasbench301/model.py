"""NAS-Bench-301: the model of the DARTS space that YAHPO Gym publishes, run by onnxruntime.

Zela et al., "Surrogate NAS Benchmarks: Going Beyond the Limited Search Spaces of Tabular NAS Benchmarks", ICLR 2022,
arXiv 2008.09777, trained about 60,000 networks for 98 epochs on CIFAR-10. Pfisterer et al., "YAHPO Gym", AutoML 2022,
arXiv 2109.03670, fitted a neural network to their learning curves. It predicts accuracy and training time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.benchmark import Facts, Target, TargetFacts
from benchmarks.errors import BenchmarkError, DataAbsentError
from benchmarks.nasbench301.space import (
    CELL_POSITIONS,
    CELLS,
    EDGES,
    NODES,
    OPERATIONS,
    PAIRS,
    POSSIBLE_EDGES,
    DARTSSpace,
)
from benchmarks.storage import official_files
from benchmarks.storage.official_files import Source
from benchmarks.surrogate import Array, SurrogateBenchmark

NAME = "nasbench301"
LICENCE = "Apache-2.0 (yahpo_data)"
CITATION = (
    "Zela et al., Surrogate NAS Benchmarks, ICLR 2022, arXiv 2008.09777; Pfisterer et al., YAHPO Gym, AutoML 2022,"
    " arXiv 2109.03670"
)
FIDELITIES = tuple(float(epoch) for epoch in range(1, 99))
MODEL_FILE, ENCODING_FILE = "new_model.onnx", "encoding.json"
SHA256 = "3c6a6fb3a70998bf6c55883bdc5cc71cff190e1859468d72cc6960b88f06d280"
"""SHA-256 of the model that the reference values belong to."""
PREFIX = "NetworkSelectorDatasetInfo_COLON_darts_COLON_"
ABSENT = "#na#"
CODES = {name: code for code, name in enumerate((ABSENT, *sorted(OPERATIONS)))}

_OPERATION_CODES = np.array([CODES[name] for name in OPERATIONS], dtype=np.int32)
_FIRST_PAIR = np.cumsum([0, *(len(PAIRS[node]) for node in NODES)])[:-1]
_COLUMNS = np.array([[POSSIBLE_EDGES.index((node, i)) for i in pair] for node in NODES for pair in PAIRS[node]])
"""Columns of the two edges of each pair of inputs, numbered over all nodes: ``(20, 2)``."""


class NASBench301Model:
    """The network of YAHPO Gym, run with one thread so that it is deterministic.

    Parameters
    ----------
    content : array of uint8
        Bytes of the ONNX file with a free batch dimension. See :func:`free_batch_dimension`.
    """

    libraries: ClassVar[tuple[str, ...]] = ("onnx", "onnxruntime")

    def __init__(self, content: NDArray[np.uint8]) -> None:
        self.content = content

    def predict(self, genotypes: ArrayLike, fidelity: float) -> tuple[Array, Array]:
        """Return validation errors, as fractions, and training times [s], each ``(n,)``.

        A batch gives bitwise the same values as single queries.
        """
        categories = categories_of(genotypes)
        if len(categories) == 0:
            return np.empty(0), np.empty(0)
        epochs = np.full((len(categories), 1), fidelity, dtype=np.float32)
        (predicted,) = _session(self).run(None, {"x_cat": categories, "x_cont": epochs})
        accuracies, seconds = predicted.astype(np.float64).T
        return 1.0 - accuracies / 100.0, seconds


def categories_of(genotypes: ArrayLike) -> NDArray[np.int32]:
    """Convert architectures ``(n, 22)`` to the inputs of the model, ``(n, 34)``.

    The columns are the operations of the 14 possible edges of the normal cell and then of the reduction cell, 0 for an
    absent edge, followed by the pairs of inputs of the nodes 3, 4 and 5 of each cell.
    """
    cells = np.asarray(genotypes, dtype=np.int64).reshape(-1, len(CELLS), CELL_POSITIONS)
    pairs = cells[:, :, EDGES:]
    nodes = np.concatenate([np.zeros_like(pairs[:, :, :1]), pairs], axis=2)
    columns = _COLUMNS[nodes + _FIRST_PAIR].reshape(len(cells), len(CELLS), EDGES)
    edges = np.zeros((len(cells), len(CELLS), len(POSSIBLE_EDGES)), dtype=np.int32)
    np.put_along_axis(edges, columns, _OPERATION_CODES[cells[:, :, :EDGES]], axis=2)
    inputs = (pairs + 1).astype(np.int32)
    return np.hstack([part.reshape(len(cells), part.shape[1] * part.shape[2]) for part in (edges, inputs)])


@lru_cache(maxsize=4)
def _session(model: NASBench301Model) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3  # else it warns about shapes that the free batch dimension contradicts
    return onnxruntime.InferenceSession(model.content.tobytes(), options, providers=["CPUExecutionProvider"])


def load(name: str) -> SurrogateBenchmark:
    """Open the imported benchmark.

    Raises
    ------
    DataAbsentError
        If it was not imported, or a library is not installed.
    """
    benchmark = official_files.load(name)
    if missing := SOURCES[0].missing_library():
        raise DataAbsentError(f"benchmark {name!r}: {missing}")
    assert isinstance(benchmark, SurrogateBenchmark)
    return benchmark


def read(folder: Path, names: Sequence[str]) -> Iterator[SurrogateBenchmark]:
    """Read the model from the folder that YAHPO Gym publishes.

    Raises
    ------
    BenchmarkError
        If a file is missing, or has another version than the reference values.
    DataAbsentError
        If a library is not installed.
    """
    if missing := SOURCES[0].missing_library():
        raise DataAbsentError(f"benchmark {NAME!r}: {missing}")
    folder = folder.parent if folder.name == MODEL_FILE else folder
    try:
        content = (folder / MODEL_FILE).read_bytes()
        encoding = json.loads((folder / ENCODING_FILE).read_text())
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"{folder}: expected the files {MODEL_FILE} and {ENCODING_FILE}: {error}") from None
    if not isinstance(encoding, dict):
        raise BenchmarkError(
            f"{folder / ENCODING_FILE}: expected a JSON object of codes by category, got {type(encoding).__name__}"
        )
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise BenchmarkError(
            f"{folder / MODEL_FILE}: expected SHA-256 {SHA256}, to which the reference values belong, got {found}; get"
            f" the file from {SOURCES[0].what}"
        )
    _check_encoding(encoding, folder / ENCODING_FILE)
    model = NASBench301Model(free_batch_dimension(content))
    yield SurrogateBenchmark(_facts(folder), DARTSSpace(), model, NAME)


def free_batch_dimension(content: bytes) -> NDArray[np.uint8]:
    """Change an ONNX file so that it accepts any number of rows instead of one. Return its bytes, read-only."""
    import onnx

    model = onnx.load_model_from_string(content)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(model)
    return np.frombuffer(model.SerializeToString(deterministic=True), dtype=np.uint8)


def _check_encoding(encoding: dict[str, Any], file: Path) -> None:
    """Check that the codes of the categories are those that :func:`categories_of` writes."""
    wanted = {f"{PREFIX}edge_{cell}_{k}": CODES for cell in CELLS for k in range(len(POSSIBLE_EDGES))}
    for node in NODES[1:]:
        pairs = (ABSENT, *(f"{a}_{b}" for a, b in PAIRS[node]))
        codes = {pair: code for code, pair in enumerate(pairs)}
        wanted |= {f"{PREFIX}inputs_node_{cell}_{node}": codes for cell in CELLS}
    wrong = [name for name, codes in wanted.items() if encoding.get(name) != codes]
    if wrong:
        name = wrong[0]
        raise BenchmarkError(
            f"{file}: expected codes {wanted[name]} of {name}, got {encoding.get(name)}; check that it is the right"
            " version"
        )


def reference_values() -> dict[str, Any]:
    """Read the frozen reference values.

    They are ``version``, ``how``, ``architecture``, and ``optimum`` and ``median`` by epoch.
    """
    record: dict[str, Any] = json.loads((files("benchmarks.nasbench301") / "reference.json").read_text())
    return record


def _facts(folder: Path) -> Facts:
    reference = reference_values()
    targets = {}
    for fidelity, optimum, median in zip(FIDELITIES, reference["optimum"], reference["median"], strict=True):
        targets[str(Target("validation", fidelity))] = TargetFacts(optimum, 0.01 * (median - optimum), median)
    return Facts(
        name=NAME,
        title="NAS-Bench-301",
        dataset="cifar10",
        space="darts",
        metric="validation accuracy, maximised, as a model predicts it",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=FIDELITIES,
        continuable=True,
        provenance="surrogate",
        licence=LICENCE,
        citation=CITATION,
        source=f"imported from {folder.name}",
        data_hash="",
        repeats=(1, 1),
        targets=targets,
        reference=reference["version"],
        notes=(
            f"the optima are reference values, version {reference['version']}: {reference['how']}. A search may beat"
            " them",
            "a model without noise; the floor of the regret is 1 % of the way from reference to median",
            "the time is predicted at 98 epochs, and is taken to be linear in the epochs",
        ),
    )


SOURCES = (
    Source(
        names=(NAME,),
        files=("nasbench301_onnx", "nb301", MODEL_FILE),
        read=read,
        what="the folder nb301 of github.com/slds-lmu/yahpo_data",
        size="10^18",
        licence=LICENCE,
        citation=CITATION,
        provenance="surrogate",
        libraries=NASBench301Model.libraries,
        extra="onnxruntime",
    ),
)
