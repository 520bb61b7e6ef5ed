"""A small synthetic benchmark with continuable learning curves, for tests, examples and debugging."""

from __future__ import annotations

import hashlib

import numpy as np

from benchmarks.benchmark import Facts
from benchmarks.spaces.base import ChoiceSpace
from benchmarks.table import TableBenchmark, build_table

CHOICES: dict[str, tuple[object, ...]] = {
    "operation": ("conv1x1", "conv3x3", "separable3x3", "maxpool3x3"),
    "depth": (1, 2, 3, 4, 5),
    "width": (16, 32, 64, 128),
    "activation": ("relu", "tanh", "swish"),
    "skip": ("no", "yes"),
}
FIDELITIES = (1.0, 3.0, 9.0, 27.0)
LOWEST_ERROR = 0.05
"""Exact true error of the best architecture at the highest fidelity."""


def load(name: str) -> TableBenchmark:
    """Make the benchmark: 480 architectures with three repeats, after 1, 3, 9 and 27 epochs of one training run.

    The final error is a sum of main effects and pairwise interactions. A learning curve falls to it from 0.9 as a power
    of the epoch, at different speeds, so that the ranks of architectures change between fidelities. The noise of an
    architecture's three repeats sums to zero, so the means and the optimum are known exactly. All numbers are rounded
    to 1e-6, which makes them the same on every machine.
    """
    space = ChoiceSpace("synthetic", CHOICES)
    rng = np.random.default_rng(20201)
    features = space.encode(space.enumerate(), "one_hot").astype(np.float64)
    n, d = features.shape
    interactions = rng.normal(0.0, 0.35, (d, d))
    raw = features @ rng.normal(0.0, 1.0, d) + np.einsum("ni,ij,nj->n", features, interactions, features)
    final = LOWEST_ERROR + 0.5 * ((raw - raw.min()) / np.ptp(raw)) ** 1.5
    exponent = 0.5 + 0.5 * rng.random(n)
    noise = rng.normal(0.0, 0.004, (n, 3))
    errors = {}
    for fidelity in FIDELITIES:
        excess = (0.9 - final) * (fidelity**-exponent - FIDELITIES[-1] ** -exponent)
        wobble = noise + rng.normal(0.0, 0.002, (n, 3)) * (FIDELITIES[-1] / fidelity) ** 0.5
        wobble = np.round(wobble - wobble.mean(axis=1, keepdims=True), 6)
        wobble[:, 2] = -wobble[:, 0] - wobble[:, 1]
        errors[fidelity] = np.clip(np.round(final + excess, 6)[:, np.newaxis] + wobble, 0.0, 1.0)
    depth, width = space.enumerate()[:, 1] + 1.0, 2.0 ** space.enumerate()[:, 2]
    epoch_seconds = np.round(4.0 + 2.0 * depth * (0.5 + width / 4.0), 6)
    facts = Facts(
        name=name,
        title="Synthetic learning curves",
        dataset="synthetic",
        space=space.name,
        metric="validation error, minimised",
        unit="fraction",
        valid_range=(0.0, 1.0),
        fidelities=FIDELITIES,
        continuable=True,
        provenance="synthetic",
        licence="Apache-2.0",
        citation="Regretta",
        source="computed",
        data_hash=hashlib.sha256(b"".join(e.tobytes() for e in (*errors.values(), epoch_seconds))).hexdigest(),
        repeats=(3, 3),
        validation_share=0.1,
    )
    seconds = {fidelity: (epoch_seconds * fidelity)[:, np.newaxis] for fidelity in FIDELITIES}
    return build_table(facts, space, errors, seconds)
