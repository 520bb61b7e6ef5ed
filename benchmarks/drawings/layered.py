"""A layered layout of a small directed acyclic graph.

Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", IEEE Transactions on
Systems, Man, and Cybernetics 11(2), 1981: layers by the longest path, placeholders for edges that pass a layer, orders
by barycentres, and then coordinates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, pairwise

import numpy as np

Point = tuple[float, float]

SWEEPS = 12
"""Number of passes over all layers, for the orders and for the coordinates."""
SETTLED = 0.5
"""Coordinates that move less than this in a pass are final [pixels]."""
STARTS = 12
"""Number of orders to begin with."""
STRAIGHT = 8.0
"""Weight of an edge between placeholders, relative to others: long edges are straight."""


@dataclass(frozen=True)
class Layout:
    """Places in a coordinate along the edges and one across them.

    Attributes
    ----------
    places : list of (float, float)
        Centre of each vertex.
    routes : list of list of (float, float)
        Of each edge: the points at which it leaves and enters layers, from that of its source to that of its target.
    length, breadth : float
        Extent along and across the edges.
    """

    places: list[Point]
    routes: list[list[Point]]
    length: float
    breadth: float


def layers_of(n: int, edges: Sequence[tuple[int, int]], midway: Mapping[int, tuple[int, int]]) -> list[int]:
    """Return the layer of each vertex: the length of the longest path to it.

    Parameters
    ----------
    n : int
    edges : sequence of (int, int)
        Of an acyclic graph, in any order.
    midway : mapping
        Vertices that are put half-way between two others.
    """
    layers = [0] * n
    for _ in range(n):
        for source, target in edges:
            layers[target] = max(layers[target], layers[source] + 1)
    for vertex, (source, target) in midway.items():
        layers[vertex] = (layers[source] + layers[target]) // 2
    return layers


def layered_layout(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    layers: Sequence[int],
    layer_gap: float,
    gap: float,
) -> Layout:
    """Place the vertices of a graph in layers, so that few edges cross.

    Parameters
    ----------
    sizes : sequence of (float, float)
        Of each vertex, along and across the edges.
    edges : sequence of (int, int)
    layers : sequence of int
        Of each vertex, see `layers_of`.
    layer_gap, gap : float
        Distance between layers, and between vertices of a layer.
    """
    breadths, chains, of_layer, links = _with_placeholders(sizes, edges, layers)
    order = _ordered(tuple(map(tuple, of_layer)), tuple(links))
    across = _across(order, links, breadths, len(sizes), gap)
    bounds = _along(sizes, layers, len(of_layer), layer_gap)
    centres = [(start + end) / 2 for start, end in bounds]
    first = {vertex: layer for layer, row in enumerate(order) for vertex in row}
    routes = []
    for chain in chains:
        route = [(end, across[vertex]) for vertex in chain for end in bounds[first[vertex]]]
        routes.append(route[1:-1])
    places = [(centres[layers[v]], across[v]) for v in range(len(sizes))]
    breadth = max(place + breadth / 2 for place, breadth in zip(across, breadths, strict=True))
    return Layout(places, routes, bounds[-1][1], breadth)


def _with_placeholders(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], layers: Sequence[int]
) -> tuple[list[float], list[list[int]], list[list[int]], list[tuple[int, int]]]:
    """Return breadths, the vertices along each edge, the vertices of each layer, and all links between layers."""
    breadths = [breadth for _, breadth in sizes]
    of_layer: list[list[int]] = [[] for _ in range(max(layers) + 1)]
    for vertex, layer in enumerate(layers):
        of_layer[layer].append(vertex)
    chains = []
    for source, target in edges:
        chain = [source]
        for layer in range(layers[source] + 1, layers[target]):
            of_layer[layer].append(len(breadths))
            chain.append(len(breadths))
            breadths.append(0.0)
        chains.append([*chain, target])
    return breadths, chains, of_layer, [link for chain in chains for link in pairwise(chain)]


@lru_cache(maxsize=4096)
def _ordered(of_layer: tuple[tuple[int, ...], ...], links: tuple[tuple[int, int], ...]) -> list[list[int]]:
    """Order each layer so that few links cross.

    Layers are sorted by the barycentres of their neighbours, down and up, from several orders to begin with.
    """
    rng = np.random.default_rng(0)
    best, fewest = [list(row) for row in of_layer], _crossings(of_layer, links)
    for _ in range(STARTS):
        if fewest == 0:
            break
        order = [rng.permutation(row).tolist() for row in of_layer]
        for sweep in range(SWEEPS):
            order = _swept(order, links, down=sweep % 2 == 0, ties=sweep % 4 < 2)
            crossings = _crossings(order, links)
            if crossings < fewest:
                best, fewest = order, crossings
    return best


def _swept(
    order: Sequence[Sequence[int]], links: Sequence[tuple[int, int]], *, down: bool, ties: bool
) -> list[list[int]]:
    """Sort each layer by the layer before it, from the first to the last layer or back."""
    found = [list(row) for row in order]
    for layer in range(len(found)) if down else reversed(range(len(found))):
        before = layer - 1 if down else layer + 1
        if 0 <= before < len(found):
            places = {vertex: place for place, vertex in enumerate(found[before])}
            found[layer] = _by_barycentre(found[layer], places, links, ties=ties)
    return found


def _by_barycentre(
    row: list[int], places: Mapping[int, int], links: Sequence[tuple[int, int]], *, ties: bool
) -> list[int]:
    """Sort a layer by the mean place of each vertex's neighbours. Ties keep their order, or reverse it."""
    means = {}
    for place, vertex in enumerate(row):
        near = [places[a if b == vertex else b] for a, b in links if vertex in (a, b) and (a in places or b in places)]
        means[vertex] = float(np.mean(near)) if near else float(place)
    return sorted(row if ties else row[::-1], key=lambda vertex: means[vertex])


def _crossings(order: Sequence[Sequence[int]], links: Sequence[tuple[int, int]]) -> int:
    places = {vertex: (layer, place) for layer, row in enumerate(order) for place, vertex in enumerate(row)}
    of_layer: dict[int, list[tuple[int, int]]] = {}
    for a, b in links:
        layer, place = places[a]
        of_layer.setdefault(layer, []).append((place, places[b][1]))
    pairs = (pair for ends in of_layer.values() for pair in combinations(ends, 2))
    return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in pairs)


def _across(
    order: Sequence[Sequence[int]],
    links: Sequence[tuple[int, int]],
    breadths: Sequence[float],
    n_real: int,
    gap: float,
) -> list[float]:
    """Return the coordinate across the edges of every vertex: near its neighbours, in order, without overlaps."""
    across = [0.0] * len(breadths)
    offsets = []
    for row in order:
        steps = [(breadths[a] + breadths[b]) / 2 + gap for a, b in pairwise(row)]
        offset = list(accumulate(steps, initial=0.0))
        offsets.append(offset)
        for vertex, place in zip(row, offset, strict=True):
            across[vertex] = place - sum(offset) / len(offset)
    near: list[list[tuple[int, float]]] = [[] for _ in breadths]
    for a, b in links:
        weight = STRAIGHT if a >= n_real and b >= n_real else 2.0 if a >= n_real or b >= n_real else 1.0
        near[a].append((b, weight))
        near[b].append((a, weight))
    rows = list(zip(order, offsets, strict=True))
    for _ in range(SWEEPS):
        before = across.copy()
        for row, offset in (*rows, *rows[::-1]):
            _settle(row, offset, near, across)
        if all(abs(old - new) <= SETTLED for old, new in zip(before, across, strict=True)):
            break
    lowest = min(place - breadth / 2 for place, breadth in zip(across, breadths, strict=True))
    return [place - lowest for place in across]


def _settle(
    row: Sequence[int], offset: Sequence[float], near: Sequence[Sequence[tuple[int, float]]], across: list[float]
) -> None:
    """Move a layer as close to its neighbours as the distances within the layer allow, by least squares."""
    wanted, weights = [], []
    for vertex in row:
        total = sum(weight for _, weight in near[vertex])
        mean = sum(weight * across[other] for other, weight in near[vertex]) / total if total else across[vertex]
        wanted.append(mean)
        weights.append(max(total, 0.1))
    if len(row) == 1:
        across[row[0]] = wanted[0]
        return
    fitted = _non_decreasing([place - moved for place, moved in zip(wanted, offset, strict=True)], weights)
    for vertex, place, moved in zip(row, fitted, offset, strict=True):
        across[vertex] = place + moved


def _non_decreasing(values: Iterable[float], weights: Iterable[float]) -> list[float]:
    """Return the weighted least-squares fit by a non-decreasing sequence: pool adjacent violators.

    Ayer, Brunk, Ewing, Reid and Silverman, "An empirical distribution function for sampling with incomplete
    information", Annals of Mathematical Statistics 26(4), 1955. The import of `scipy.optimize`, which has it, would
    take longer than all drawings of a report.
    """
    pools: list[tuple[float, float, int]] = []  # the mean, the weight, and the number of values
    for value, weight in zip(values, weights, strict=True):
        mean, total, count = value, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, earlier = pools.pop()
            mean, total, count = (mean * total + other * more) / (total + more), total + more, count + earlier
        pools.append((mean, total, count))
    return [mean for mean, _, count in pools for _ in range(count)]


def _along(
    sizes: Sequence[tuple[float, float]], layers: Sequence[int], n: int, layer_gap: float
) -> list[tuple[float, float]]:
    """Return the start and the end of each layer along the edges."""
    lengths = [0.0] * n
    for (length, _), layer in zip(sizes, layers, strict=True):
        lengths[layer] = max(lengths[layer], length)
    ends = np.cumsum(np.array(lengths) + layer_gap) - layer_gap
    return [(float(end - length), float(end)) for end, length in zip(ends, lengths, strict=True)]
