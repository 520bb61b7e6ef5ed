"""Train every perceptron of a small space alone, and search the same space with shared weights.

The data are the digits of scikit-learn. It writes ``digits.csv``, a table of all networks, each trained alone with
three seeds, and ``search0.csv`` to ``search9.csv``, what ten searches with shared weights would have chosen after each
epoch.
The searches follow Guo et al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020,
arXiv 1904.00420: each step trains one network, drawn uniformly, and networks share the first units of each layer.
"""

from __future__ import annotations

import csv
from itertools import pairwise, product
from time import process_time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

WIDTHS, ACTIVATIONS = (2, 4, 8, 16, 32), ("relu", "tanh", "identity")
NETWORKS = list(product(WIDTHS, WIDTHS, ACTIVATIONS))  # two hidden layers
EPOCHS, BATCH, RATE = 12, 32, 0.1
SEEDS, SEARCHES = 3, 10

pixels, labels = load_digits(return_X_y=True)
SPLIT = train_test_split(pixels / 16 - 0.5, labels, test_size=0.4, random_state=0, stratify=labels)
APPLY = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "identity": lambda z: z}
SLOPE = {"relu": lambda h: (h > 0) * 1.0, "tanh": lambda h: 1 - h**2, "identity": np.ones_like}


def new_weights(width1, width2, rng):
    """Draw the weights and biases of three layers."""
    layers = pairwise((64, width1, width2, 10))
    return [[rng.normal(0, (1 / inputs) ** 0.5, (inputs, outputs)), np.zeros(outputs)] for inputs, outputs in layers]


def parts(weights, network):
    """Return the weights that a network uses: views of the first units of each layer."""
    width1, width2, _ = network
    sizes = pairwise((64, width1, width2, 10))
    return [(w[:i, :o], b[:o]) for (w, b), (i, o) in zip(weights, sizes, strict=True)]


def forward(layers, activation, x):
    """Return the outputs of all layers; the last ones are probabilities."""
    outputs = [x]
    for w, b in layers[:-1]:
        outputs.append(APPLY[activation](outputs[-1] @ w + b))
    scores = outputs[-1] @ layers[-1][0] + layers[-1][1]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return [*outputs, odds / odds.sum(axis=1, keepdims=True)]


def step(weights, network, x, y):
    """Train a network on a batch by gradient descent, in place."""
    layers, activation = parts(weights, network), network[2]
    outputs = forward(layers, activation, x)
    gradient = outputs[-1].copy()
    gradient[np.arange(len(y)), y] -= 1
    gradient /= len(y)
    for place in (2, 1, 0):
        w, b = layers[place]
        back = (gradient @ w.T) * SLOPE[activation](outputs[place]) if place else None
        w -= RATE * outputs[place].T @ gradient
        b -= RATE * gradient.sum(axis=0)
        gradient = back


def epoch(weights, choose, rng):
    """Train for an epoch; each batch trains the network that ``choose()`` returns."""
    train, _, y, _ = SPLIT
    order = rng.permutation(len(train))
    for batch in np.array_split(order, len(order) // BATCH):
        step(weights, choose(), train[batch], y[batch])


def accuracy(weights, network):
    """Return the validation accuracy of a network with these weights."""
    _, held_out, _, y = SPLIT
    return float((forward(parts(weights, network), network[2], held_out)[-1].argmax(axis=1) == y).mean())


def train_alone(network, seed):
    """Return the accuracy and the training time [s] of a network that is trained alone."""
    rng, begin = np.random.default_rng([seed, NETWORKS.index(network)]), process_time()
    weights = new_weights(network[0], network[1], rng)
    for _ in range(EPOCHS):
        epoch(weights, lambda: network, rng)
    return accuracy(weights, network), process_time() - begin


def search(seed):
    """Yield, after each epoch, the time [s] and the network with the best accuracy under shared weights."""
    rng, begin = np.random.default_rng([seed, 10**6]), process_time()
    weights = new_weights(max(WIDTHS), max(WIDTHS), rng)
    for _ in range(3 * EPOCHS):
        epoch(weights, lambda: NETWORKS[rng.integers(len(NETWORKS))], rng)
        seen = [accuracy(weights, network) for network in NETWORKS]
        best = int(np.argmax(seen))
        yield process_time() - begin, NETWORKS[best], seen[best]


def write(file, header, rows):
    """Write a CSV file."""
    with open(file, "w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


if __name__ == "__main__":
    table = [(*network, seed, *train_alone(network, seed)) for network in NETWORKS for seed in range(SEEDS)]
    write("digits.csv", ("width1", "width2", "activation", "seed", "accuracy", "seconds"), table)
    for number in range(SEARCHES):
        rows = [
            (place, seconds, f"width1={network[0]},width2={network[1]},activation={network[2]}", seen)
            for place, (seconds, network, seen) in enumerate(search(number), 1)
        ]
        write(f"search{number}.csv", ("epoch", "time_seconds", "architecture", "observed_accuracy"), rows)
