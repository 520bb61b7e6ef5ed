"""How close the training of the ensembles is to the limit of this machine.

A step of training is one batch of every member: forward pass, backward pass, Adam. The script takes it apart, in turn
and on the same arrays: the matrix products alone, then all other operations alone, each of which reads and writes every
array once. It prints what is left for Python, the speed of the products, that of one large product, the effect of
another layout of the matrices (``OPENBLAS_CORETYPE=Haswell`` selects the kernel of other processors), and the time of
the same step written as one call per layer and operation.

It then trains the ensembles of several trials in one product, as a process could that has several trials to do, checks
that every bit is that of separate training, and prints the time per step and trial. Last, it counts the steps of the
four algorithms with an ensemble in a trial of 300 evaluations, and the share of the trial that training takes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from time import process_time

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from algorithms.bananas import Bananas
from algorithms.models import mlp_ensemble
from algorithms.models.adam import Adam
from algorithms.models.mlp_ensemble import BinaryRelation, MLPEnsemble
from algorithms.models.predictors import standardised
from algorithms.predictor_sampler import PredictorSampler
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial

ROUNDS, REPEATS, OBSERVED = 15, 150, 192
TOGETHER = (1, 2, 4, 8)

benchmark = load_benchmark("nasbench201-cifar10")
protocol = Protocol(budget=Budget(evaluations=300), fidelities=(200.0,), report=("validation@200",))


def seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    began = process_time()
    for _ in range(repeats):
        action()
    return (process_time() - began) / repeats


def observations(encoding: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    genotypes = [benchmark.space.sample(rng) for _ in range(OBSERVED)]
    return benchmark.space.encode(genotypes, encoding), benchmark.errors(np.array(genotypes), 200.0)[:, 0]


class Step:
    """One step of training on a full batch, and its parts."""

    def __init__(self, cls: type[MLPEnsemble], encoding: str) -> None:
        x, y = observations(encoding, 0)
        self.ensemble = cls(np.random.default_rng(0))
        self.ensemble.fit(x, y)
        members, size = cls.members, cls.batch
        rows = np.random.default_rng(1).integers(0, OBSERVED, (members, OBSERVED))
        self.inputs = mlp_ensemble._with_constant(x)[rows][:, :size]
        self.wanted = standardised(y)[0].astype(np.float32)[rows][:, :size]
        self.gradient = np.zeros_like(self.ensemble._flat)
        self.net = mlp_ensemble._Pass(self.ensemble._weights, self.gradient, cls.hidden, size)
        self.adam = Adam(self.ensemble._flat, 0.0, cls.decays, cls.epsilon)  # the weights stay as they are
        shapes = [weights.shape for weights in self.ensemble._weights]
        self.plain_gradient, self.trainable = np.zeros((2, len(self.gradient)), dtype=np.float32)
        self.plain_gradients = mlp_ensemble._views(self.plain_gradient, shapes)
        widths = (x.shape[1], *cls.hidden, 1)
        for i, part in enumerate(mlp_ensemble._views(self.trainable, shapes)):
            part[:, : widths[i] + 1, : widths[i + 1]] = 1.0
        self.masks = [np.empty(activations.shape, dtype=np.bool_) for activations in self.net._activations]
        self.whole()
        self.plain()
        assert np.array_equal(self.gradient, self.plain_gradient)
        self.matrices = list(self.operands())

    def whole(self) -> None:
        predicted = self.net.forward(self.inputs)
        self.net.backward(self.ensemble.slope(predicted, self.wanted))
        self.adam.step(self.gradient)

    def operands(self):
        """Yield both factors and the result of every product of a step."""
        net = self.net
        layers = [self.inputs, *net._activations]
        yield from zip(layers, [*net._weights, net._last], [*net._activations, net._predicted], strict=True)
        yield from zip(net._slopes[1:], net._transposed[1:-1], net._slopes[:-1], strict=True)
        yield self.inputs.transpose(0, 2, 1), net._slopes[0], net._first_gradient
        yield from net._gradients

    def products(self) -> None:
        for left, right, out in self.matrices:
            np.matmul(left, right, out=out)

    def others(self) -> None:
        net = self.net
        for activations, zeros in zip(net._activations, net._zeros, strict=True):
            np.maximum(activations, zeros, out=activations)
        slope = self.ensemble.slope(net._predicted[:, :, 0], self.wanted)
        np.greater(net._flat_activations, net._thresholds, out=net._is_active)
        np.copyto(net._flat_active, net._is_active)
        net._slope[:, :, 0] = slope
        np.multiply(net._slope, net._transposed[-1], out=net._slopes[-1])
        for slopes, active in zip(net._slopes, net._active, strict=True):
            np.multiply(slopes, active, out=slopes)
        self.adam.step(self.gradient)

    def plain(self) -> None:
        """The same step, written as one call per layer and operation; every bit is the same."""
        net, weights, gradients = self.net, self.ensemble._weights, self.plain_gradients
        before = [self.inputs, *net._activations]
        for layer, out in enumerate([*net._activations, net._predicted]):
            np.matmul(before[layer], weights[layer], out=out)
            if out is not net._predicted:
                np.maximum(out, 0.0, out=out)
        net._slope[:, :, 0] = self.ensemble.slope(net._predicted[:, :, 0], self.wanted)
        slopes = [*net._slopes, net._slope]
        for layer in range(len(weights) - 1, -1, -1):
            np.matmul(before[layer].transpose(0, 2, 1), slopes[layer], out=gradients[layer])
            if layer > 0:
                np.matmul(slopes[layer], weights[layer].transpose(0, 2, 1), out=slopes[layer - 1])
                np.greater(before[layer], 0.0, out=self.masks[layer - 1])
                np.multiply(slopes[layer - 1], self.masks[layer - 1], out=slopes[layer - 1])
        self.plain_gradient *= self.trainable
        self.adam.step(self.plain_gradient)

    def operations(self) -> int:
        """Return the floating-point operations of the products."""
        return sum(2 * prod(out.shape) * left.shape[-1] for left, _, out in self.matrices)


def take_apart(name: str, step: Step) -> None:
    """Print the parts of a step."""
    parts = (step.whole, step.products, step.others, step.plain)
    times = 1e6 * np.array([[seconds(part) for part in parts] for _ in range(ROUNDS)])
    whole, products, others, plain = np.median(times, axis=0)
    share, rest = np.median(times[:, 1] / times[:, 0]), np.median(times[:, 2] / times[:, 0])
    print(
        f"{name}: {whole:.0f} us per step; products alone {products:.0f} us ({share:.0%},"
        f" {step.operations() / products / 1e3:.0f} GFLOP/s); other operations alone {others:.0f} us ({rest:.0%});"
        f" the rest {1 - share - rest:+.0%}; written plainly, {plain:.0f} us,"
        f" {np.median(times[:, 3] / times[:, 0]):.2f} times as long"
    )


def large_product() -> None:
    """Print the speed of a product of large matrices, which BLAS computes at its best."""
    a, b = np.random.default_rng(0).normal(size=(2, 1024, 1024)).astype(np.float32)
    print(f"one product of 1024 x 1024 matrices: {2 * 1024**3 / seconds(lambda: a @ b, 20) / 1e9:.0f} GFLOP/s")


def layouts() -> None:
    """Print whether other layouts of the matrices are faster, and whether BLAS rounds them in the same way."""
    rng = np.random.default_rng(0)
    slopes, weights = (rng.normal(size=(5, n, 24)).astype(np.float32) for n in (32, 24))
    rows, columns = weights.transpose(0, 2, 1), np.ascontiguousarray(slopes.transpose(0, 2, 1))
    times = np.array([[seconds(lambda: slopes @ rows), seconds(lambda: weights @ columns)] for _ in range(ROUNDS)])
    equal = np.array_equal(slopes @ rows, (weights @ columns).transpose(0, 2, 1))
    kernel = next(library["architecture"] for library in threadpool_info() if library["user_api"] == "blas")
    print(
        f"slopes of a layer, stored by unit and not by row: {np.median(times[:, 0] / times[:, 1]):.2f} times as fast;"
        f" bits equal with the kernel {kernel}: {equal}"
    )


def trained_together(ensembles: list[MLPEnsemble], data: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Train ensembles of the same size in one product. Return the weights of each, flat."""
    first, width, n = ensembles[0], data[0][0].shape[1], len(data[0][1])
    for ensemble in ensembles:
        ensemble._initialise(width)
    shapes = [(len(ensembles) * w.shape[0], *w.shape[1:]) for w in first._weights]
    flat = np.concatenate([np.concatenate([e._weights[i] for e in ensembles]).ravel() for i in range(len(shapes))])
    gradient, weights = np.zeros_like(flat), mlp_ensemble._views(flat, shapes)
    net = mlp_ensemble._Pass(weights, gradient, first.hidden, first.batch)
    adam = Adam(flat, first.learning_rate, first.decays, first.epsilon)
    inputs = [mlp_ensemble._with_constant(x) for x, _ in data]
    wanted = [standardised(y)[0].astype(np.float32) for _, y in data]
    orders = [np.tile(np.arange(n), (first.members, 1)) for _ in data]
    for _ in range(first.epochs):
        for ensemble, order in zip(ensembles, orders, strict=True):
            ensemble.rng.permuted(order, axis=1, out=order)
        epoch_inputs = np.concatenate([x[order] for x, order in zip(inputs, orders, strict=True)])
        epoch_wanted = np.concatenate([y[order] for y, order in zip(wanted, orders, strict=True)])
        for start in range(0, n, first.batch):
            batch = slice(start, start + first.batch)
            net.backward(first.slope(net.forward(epoch_inputs[:, batch]), epoch_wanted[:, batch]))
            adam.step(gradient)
    parts = [np.split(w, len(ensembles)) for w in weights]
    return [np.concatenate([part[i].ravel() for part in parts]) for i in range(len(ensembles))]


def several_at_once(cls: type[MLPEnsemble], encoding: str) -> None:
    """Print the time per step and trial of training together, beside that of separate training, in turn."""
    data = [observations(encoding, seed) for seed in range(max(TOGETHER))]
    steps = cls.epochs * -(-OBSERVED // cls.batch)
    apart, together, equal = [], [], True
    for _ in range(ROUNDS // 3):
        row = []
        for count in TOGETHER:
            began = process_time()
            found = trained_together([cls(np.random.default_rng(i)) for i in range(count)], data[:count])
            row.append((process_time() - began) / count / steps)
            ensemble = cls(np.random.default_rng(count - 1))
            began = process_time()
            ensemble.fit(*data[count - 1])
            apart.append((process_time() - began) / steps)
            equal = equal and ensemble._flat.tobytes() == found[-1].tobytes()
        together.append(row)
    ratios = np.median(np.reshape(apart, (-1, len(TOGETHER))) / np.array(together), axis=0)
    print(f"{cls.__name__}, trained separately: {1e6 * np.median(apart):.0f} us per step and trial")
    for count, took, ratio in zip(TOGETHER, 1e6 * np.median(together, axis=0), ratios, strict=True):
        print(f"  {count} trials in one product: {took:.0f} us, {ratio:.2f} times as fast; all bits equal: {equal}")


def shares() -> None:
    """Print the seconds of a trial of each algorithm, and the share that training takes."""
    spent = [0.0, 0]
    fit = MLPEnsemble.fit

    def timed(self: MLPEnsemble, x: np.ndarray, y: np.ndarray) -> None:
        began = process_time()
        fit(self, x, y)
        spent[0] += process_time() - began
        spent[1] += self.epochs * -(-len(y) // self.batch)

    MLPEnsemble.fit = timed
    names = ("neural_predictor", "weaknas_nasbench201", "brp_nas")
    entries = {name: PredictorSampler(**PredictorSampler.presets[name]) for name in names}
    for name, algorithm in ({"bananas": Bananas()} | entries).items():
        spent[:] = [0.0, 0]
        took = seconds(lambda a=algorithm, n=name: run_trial(a, n, benchmark, protocol, 1, 0), 1)
        print(
            f"{name}: {took:.2f} s per trial of 300 evaluations, {spent[0] / took:.0%} in {spent[1]:,} training steps"
        )
    MLPEnsemble.fit = fit


if __name__ == "__main__":
    with threadpool_limits(1):
        large_product()
        layouts()
        take_apart("BANANAS, neural predictor, WeakNAS", Step(MLPEnsemble, "path"))
        take_apart("BRP-NAS", Step(BinaryRelation, "one_hot"))
        several_at_once(MLPEnsemble, "path")
        several_at_once(BinaryRelation, "one_hot")
        shares()
