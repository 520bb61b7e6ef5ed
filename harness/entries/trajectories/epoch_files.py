"""Folders with one file per epoch, as confopt and NAS-Bench-1Shot1 write them. They have no times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.formats.plain_pickle import read_pickled_arrays
from benchmarks.nasbench101.nasbench1shot1 import NASBench1Shot1Space
from benchmarks.spaces.base import SearchSpace
from benchmarks.spaces.pool import PoolSpace
from harness.entries.trajectories.points import Invalid, Point

CONFOPT = re.compile(r"genotype_(\d{1,9})\.txt", re.ASCII)
ONE_SHOT = re.compile(r"one_shot_architecture_(\d{1,9})\.obj", re.ASCII)
LARGEST = 1 << 20
"""Bytes of a genotype file, at most."""
PRIMITIVES = ("maxpool3x3", "conv3x3-bn-relu", "conv1x1-bn-relu")
"""The operations of NAS-Bench-1Shot1, in the order of their weights."""


def files_by_epoch(folder: Path, name: re.Pattern[str]) -> list[tuple[int, Path]]:
    """Return the numbers and the files of a folder, or of its folder ``genotypes``, in the order of the numbers."""
    inner = folder / "genotypes"
    inside = (inner if inner.is_dir() else folder).iterdir()
    return sorted((int(match[1]), file) for file in inside if (match := name.fullmatch(file.name)))


def file_name(name: re.Pattern[str]) -> str:
    """Write the pattern of a file's name for a message, as in ``genotype_NNNNNNN.txt``."""
    return re.sub(r"\(.*\)", "NNNNNNN", name.pattern).replace("\\", "")


def read_confopt(folder: Path, space: SearchSpace) -> Iterator[Point | Invalid]:
    """Read ``genotype_NNNNNNN.txt``, the genotype after N epochs as confopt 2.0 writes it.

    Parameters
    ----------
    folder : Path
        Of the run, with these files in it or in its folder ``genotypes``.
    space : SearchSpace
        Not used: the text has the notation of its space.
    """
    for epoch, file in files_by_epoch(folder, CONFOPT):
        text = file.read_bytes()[:LARGEST].decode(errors="replace").strip()
        yield Point(f"{file}:1", epoch, None, text.removeprefix("DARTS"))


def read_nasbench1shot1(folder: Path, space: SearchSpace) -> Iterator[Point | Invalid]:
    """Read ``one_shot_architecture_N.obj``, the architecture weights after N epochs.

    Each file is a pickle of arrays: the weights of the operations ``(n_blocks, 3)``, of the parents of the output
    ``(1, n_blocks + 1)``, and of the parents of every block that has a choice. Every block gets the operation with the
    largest weight, and as many of the parents with the largest weights as the search space prescribes (Zela, Siems and
    Hutter 2020, arXiv 2001.10422, section 3.2). The softmax does not change the order.

    Parameters
    ----------
    folder : Path
        Of the run.
    space : NASBench1Shot1Space
    """
    of = space.of if isinstance(space, PoolSpace) else space
    if not isinstance(of, NASBench1Shot1Space):
        yield Invalid(str(folder), f"the format nasbench1shot1 needs a space of NAS-Bench-1Shot1, got {of.name!r}")
        return
    for epoch, file in files_by_epoch(folder, ONE_SHOT):
        try:
            yield Point(str(file), epoch, None, _discretize(read_pickled_arrays(file), of))
        except BenchmarkError as error:
            yield Invalid(str(file), str(error).removeprefix(f"{file} "))


def _discretize(weights: list[NDArray[np.float64]], space: NASBench1Shot1Space) -> str:
    """Return the notation of the architecture with the largest weights."""
    parents = [name for name in space.choices if name.endswith("_parents")]
    options = [len(space.choices[name][0].split("+")) for name in parents]
    inputs = [_candidates(name) for name in parents]
    shapes = [(space.n_blocks, len(PRIMITIVES)), (1, inputs[-1]), *((1, size) for size in inputs[:-1])]
    if (got := [array.shape for array in weights]) != shapes:
        raise BenchmarkError(f"expected arrays of shapes {shapes} for space {space.name!r}, got {got}")
    if not all(np.isfinite(array).all() for array in weights):
        raise BenchmarkError("expected finite weights, got NaN or infinity")
    operations, output, *blocks = weights
    chosen = {f"choice_block_{block}_op": PRIMITIVES[int(np.argmax(row))] for block, row in enumerate(operations, 1)}
    for name, count, row in zip(parents, options, [*blocks, output], strict=True):
        best = np.argsort(-row[0], kind="stable")[:count]
        chosen[name] = "+".join(map(str, sorted(best.tolist())))
    return ",".join(f"{name}={value}" for name, value in chosen.items())


def _candidates(name: str) -> int:
    """Return the number of nodes that may be a parent of ``choice_block_N_parents``: the input and earlier blocks."""
    return int(name.split("_")[2])
