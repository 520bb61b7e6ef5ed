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
        sizes = {min(self.batch, n), n % self.batch} - {0}
        passes = {size: _Pass(self._weights, gradient, self.hidden, size) for size in sizes}
        order = np.tile(np.arange(n), (self.members, 1))
        for _ in range(self.epochs):
            self.rng.permuted(order, axis=1, out=order)
            epoch_inputs, epoch_outputs = inputs[order], outputs[order]
            for start in range(0, n, self.batch):
                batch = slice(start, min(start + self.batch, n))
                net = passes[batch.stop - start]
                predicted = net.forward(epoch_inputs[:, batch])
                net.backward(self.slope(predicted, epoch_outputs[:, batch]))
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
        """Draw new weights, one array ``(members, inputs, outputs)`` per layer."""
        widths = (n_inputs, *self.hidden, 1)
        padded = [*map(_padded, widths[:-1]), 1]
        shapes = [(self.members, i, o) for i, o in pairwise(padded)]
        self._flat = np.zeros(sum(map(prod, shapes)), dtype=np.float32)
        self._weights = _views(self._flat, shapes)
        for weights, (inputs, outputs) in zip(self._weights, pairwise(widths), strict=True):
            limit = np.sqrt(6.0 / (inputs + outputs))
            weights[:, :inputs, :outputs] = self.rng.uniform(-limit, limit, (self.members, inputs, outputs))
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
    """Forward and backward pass for batches of one size, in preallocated arrays.

    Some BLAS kernels round differently if the shapes or the memory layout of the matrices change, so the products keep
    them. The arrays of the hidden layers are neighbours in memory. One call finds the active units of all layers, and
    one call computes the gradients of all layers with weights of one shape. Neither changes a bit of the result.

    Parameters
    ----------
    weights : list of ndarray
        Weights of each layer, ``(members, inputs, outputs)``. Every pass reads them.
    gradient : ndarray
        Flat array that receives the gradients of all weights, 0 for constant and dead units.
    constants : sequence of int
        Index of the constant unit of each hidden layer.
    size : int
        Number of rows per batch.
    """

    def __init__(self, weights: list[Floats], gradient: Floats, constants: Sequence[int], size: int) -> None:
        *self._weights, self._last = weights
        shapes = [(w.shape[0], size, w.shape[2]) for w in self._weights]
        self._flat_activations, self._thresholds, self._flat_active, flat_slopes = np.zeros(
            (4, sum(map(prod, shapes))), dtype=np.float32
        )
        self._activations, self._active = _views(self._flat_activations, shapes), _views(self._flat_active, shapes)
        self._is_active = np.empty(self._thresholds.shape, dtype=np.bool_)
        for thresholds, constant in zip(_views(self._thresholds, shapes), constants, strict=True):
            thresholds[:, :, constant] = np.inf  # no slope reaches its weights, which are fixed
        self._zeros = [np.zeros(shape, dtype=np.float32) for shape in shapes]
        self._predicted, self._slope = np.empty((2, self._last.shape[0], size, 1), dtype=np.float32)
        self._slopes = _views(flat_slopes, shapes)
        self._transposed = [w.transpose(0, 2, 1) for w in weights]
        weight_shapes = [w.shape for w in weights]
        self._first_gradient, *_, last_gradient = _views(gradient, weight_shapes)
        self._gradients = [(self._activations[-1].transpose(0, 2, 1), self._slope, last_gradient)]
        for first, stop in _runs(weight_shapes[1:-1]):
            inputs = _block(self._flat_activations, shapes, first, stop).transpose(0, 1, 3, 2)
            slopes = _block(flat_slopes, shapes, first + 1, stop + 1)
            self._gradients.append((inputs, slopes, _block(gradient, weight_shapes, first + 1, stop + 1)))

    def forward(self, inputs: Floats) -> Floats:
        """Return the predictions ``(members, batch)`` for inputs ``(members, batch, inputs)``."""
        self._inputs = before = inputs
        for weights, after, zeros in zip(self._weights, self._activations, self._zeros, strict=True):
            np.matmul(before, weights, out=after)
            before = np.maximum(after, zeros, out=after)  # an array of zeros is faster than the number 0
        return np.matmul(before, self._last, out=self._predicted)[:, :, 0]

    def backward(self, slope: Floats) -> None:
        """Compute the gradients of all weights, in place, from the derivative of the loss by the predictions."""
        np.greater(self._flat_activations, self._thresholds, out=self._is_active)
        np.copyto(self._flat_active, self._is_active)  # once, instead of at every multiplication
        self._slope[:, :, 0] = slope
        after = np.multiply(self._slope, self._transposed[-1], out=self._slopes[-1])
        after *= self._active[-1]
        for layer in range(len(self._slopes) - 2, -1, -1):
            after = np.matmul(after, self._transposed[layer + 1], out=self._slopes[layer])
            after *= self._active[layer]
        np.matmul(self._inputs.transpose(0, 2, 1), after, out=self._first_gradient)
        for inputs, slopes, gradients in self._gradients:
            np.matmul(inputs, slopes, out=gradients)


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
    return [_block(flat, shapes, i, i + 1)[0] for i in range(len(shapes))]


def _block(flat: Floats, shapes: Sequence[tuple[int, ...]], first: int, stop: int) -> Floats:
    """Return the views ``first`` to ``stop - 1``, which have one shape, as one array with a leading axis."""
    begin = sum(map(prod, shapes[:first]))
    size = (stop - first) * prod(shapes[first])
    return flat[begin : begin + size].reshape(stop - first, *shapes[first])


def _runs(shapes: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Return the runs of equal neighbours, as their first index and the index after their last."""
    ends = [i for i in range(1, len(shapes) + 1) if i == len(shapes) or shapes[i] != shapes[i - 1]]
    return list(zip([0, *ends[:-1]], ends, strict=True)) if shapes else []
