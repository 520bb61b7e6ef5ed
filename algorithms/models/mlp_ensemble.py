"""Ensembles of multilayer perceptrons in numpy, whose members are trained at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from algorithms.models.adam import Adam
from algorithms.models.predictors import Features, Prediction, Predictor, Values, standardised

Floats = NDArray[np.float32]

CHUNK = 1024
"""Number of rows that are predicted at a time, so that the activations fit into the cache."""


class MLPEnsemble(Predictor):
    """An ensemble of perceptrons with different initial weights and orders of batches.

    It is the ensemble of White et al. 2021 (BANANAS, arXiv 1910.11858), trained as in their code naszilla: 10 layers of
    20 rectified units and a linear output, Glorot-uniform weights, zero biases, mean absolute error, Adam with the
    second decay 0.99 and Keras's epsilon, 150 epochs of batches of 32 with a smaller last batch, single precision. One
    difference: the targets are standardised, whereas naszilla's targets are errors in percent.

    A layer is one product ``(members, batch, inputs) @ (members, inputs, outputs)``. A bias is the weight of a constant
    unit that each layer passes on to the next. Widths are padded with dead units to a multiple of four, for which the
    product is faster. All weights are views of one array, so that Adam updates them in one step.
    """

    members: ClassVar[int] = 5
    hidden: ClassVar[tuple[int, ...]] = (20,) * 10
    epochs: ClassVar[int] = 150
    batch: ClassVar[int] = 32
    learning_rate: ClassVar[float] = 0.01
    decays: ClassVar[tuple[float, float]] = (0.9, 0.99)
    epsilon: ClassVar[float] = 1e-7

    def fit(self, x: Features, y: Values) -> None:
        """Train from new random weights."""
        targets, self._offset, self._scale = standardised(y)
        inputs, outputs = _with_constant(x), targets.astype(np.float32)
        n = len(outputs)
        self._initialise(x.shape[1])
        adam = Adam(self._flat, self.learning_rate, self.decays, self.epsilon)
        gradient = np.zeros_like(self._flat)
        gradients = _views(gradient, [weights.shape for weights in self._weights])
        sizes = {min(self.batch, n), n % self.batch} - {0}
        passes = {size: _Pass(self._weights, size) for size in sizes}
        order = np.tile(np.arange(n), (self.members, 1))
        for _ in range(self.epochs):
            self.rng.permuted(order, axis=1, out=order)
            epoch_inputs, epoch_outputs = inputs[order], outputs[order]
            for start in range(0, n, self.batch):
                batch = slice(start, min(start + self.batch, n))
                net = passes[batch.stop - start]
                predicted = net.forward(epoch_inputs[:, batch])
                net.backward(self.slope(predicted, epoch_outputs[:, batch]), gradients)
                gradient *= self._free
                adam.step(gradient)

    def slope(self, predicted: Floats, wanted: Floats) -> Floats:
        """Return the derivative of a batch's mean absolute error by the predictions, ``(members, batch)``."""
        slopes: Floats = np.sign(predicted - wanted) / np.float32(predicted.shape[1])
        return slopes

    def predict(self, x: Features) -> Prediction:
        """Return the mean and the standard deviation over the members."""
        predicted = self.predict_members(x)
        return Prediction(predicted.mean(axis=0), predicted.std(axis=0))

    def predict_members(self, x: Features) -> Values:
        """Return the predictions of each member, ``(members, n)``."""
        parts = []
        for start in range(0, len(x), CHUNK):
            activations = _with_constant(x[start : start + CHUNK])
            for weights in self._weights[:-1]:
                activations = activations @ weights
                np.maximum(activations, 0.0, out=activations)
            parts.append((activations @ self._weights[-1])[:, :, 0])
        return self._offset + self._scale * np.concatenate(parts, axis=1).astype(np.float64)

    def _initialise(self, n_inputs: int) -> None:
        """Draw new weights, one array ``(members, inputs, outputs)`` per layer, and mark the trainable ones."""
        widths = (n_inputs, *self.hidden, 1)
        padded = [*map(_padded, widths[:-1]), 1]
        shapes = [(self.members, i, o) for i, o in pairwise(padded)]
        self._flat = np.zeros(sum(map(prod, shapes)), dtype=np.float32)
        self._free = np.zeros_like(self._flat)
        self._weights = _views(self._flat, shapes)
        for weights, free, (inputs, outputs) in zip(
            self._weights, _views(self._free, shapes), pairwise(widths), strict=True
        ):
            limit = np.sqrt(6.0 / (inputs + outputs))
            weights[:, :inputs, :outputs] = self.rng.uniform(-limit, limit, (self.members, inputs, outputs))
            free[:, : inputs + 1, :outputs] = 1.0
            if weights.shape[2] > 1:
                weights[:, inputs, outputs] = 1.0  # the constant unit


class BinaryRelation(MLPEnsemble):
    """Learns which of two architectures is better (Dudziak et al. 2020, BRP-NAS, arXiv 2007.08668).

    A network scores each architecture. The logistic function of the difference of two scores is the probability that
    the first architecture has the larger error. Training minimises the cross-entropy over all pairs within a batch. The
    scores order any number of architectures without comparisons of pairs.

    Differences from the paper: a small ensemble of perceptrons on an encoding instead of one graph network; labels of 0
    and 1 instead of the softmax of the two accuracies; pairs within a batch instead of pairs of all architectures.

    The predicted mean is the average score of the members. It has no unit; only its order has a meaning. Of the
    targets, too, only the order is used.
    """

    members: ClassVar[int] = 3
    hidden: ClassVar[tuple[int, ...]] = (40,) * 3
    epochs: ClassVar[int] = 150
    batch: ClassVar[int] = 64
    learning_rate: ClassVar[float] = 0.003
    decays: ClassVar[tuple[float, float]] = (0.9, 0.999)

    def slope(self, predicted: Floats, wanted: Floats) -> Floats:
        """Return the derivative of the mean cross-entropy over the pairs of a batch, ``(members, batch)``."""
        larger = 0.5 * (1.0 + np.sign(wanted[:, :, None] - wanted[:, None, :]))
        believed = 0.5 * (1.0 + np.tanh(0.5 * (predicted[:, :, None] - predicted[:, None, :])))
        slopes: Floats = 2.0 * (believed - larger).mean(axis=2) / np.float32(predicted.shape[1])
        return slopes


class _Pass:
    """Forward and backward pass for batches of one size, in preallocated arrays."""

    def __init__(self, weights: list[Floats], size: int) -> None:
        self._weights = weights
        self._transposed = [w.transpose(0, 2, 1) for w in weights]
        shapes = [(w.shape[0], size, w.shape[2]) for w in weights]
        self._activations = [np.empty(shape, dtype=np.float32) for shape in shapes]
        self._slopes = [np.empty(shape, dtype=np.float32) for shape in shapes]
        self._active = [np.empty(shape, dtype=np.bool_) for shape in shapes]

    def forward(self, inputs: Floats) -> Floats:
        """Return the predictions ``(members, batch)`` for inputs ``(members, batch, inputs)``."""
        self._inputs = [inputs, *self._activations[:-1]]
        for weights, before, after in zip(self._weights, self._inputs, self._activations, strict=True):
            np.matmul(before, weights, out=after)
            if after is not self._activations[-1]:
                np.maximum(after, 0.0, out=after)
        return self._activations[-1][:, :, 0]

    def backward(self, slope: Floats, gradients: list[Floats]) -> None:
        """Compute the gradients of all weights, in place, from the derivative of the loss by the outputs."""
        self._slopes[-1][:, :, 0] = slope
        for layer in range(len(self._weights) - 1, -1, -1):
            inputs = self._inputs[layer]
            np.matmul(inputs.transpose(0, 2, 1), self._slopes[layer], out=gradients[layer])
            if layer > 0:
                np.matmul(self._slopes[layer], self._transposed[layer], out=self._slopes[layer - 1])
                np.greater(inputs, 0.0, out=self._active[layer - 1])
                np.multiply(self._slopes[layer - 1], self._active[layer - 1], out=self._slopes[layer - 1])


def _padded(width: int) -> int:
    """Return the width of a layer with its constant unit and dead units, a multiple of four."""
    return 4 * (width // 4 + 1)


def _with_constant(x: Features) -> Floats:
    """Return the inputs with the constant unit and dead units, ``(n, padded)``."""
    padded = np.zeros((len(x), _padded(x.shape[1])), dtype=np.float32)
    padded[:, : x.shape[1]] = x
    padded[:, x.shape[1]] = 1.0
    return padded


def _views(flat: Floats, shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
    """Split a flat array into views of the given shapes."""
    ends = np.cumsum([prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
