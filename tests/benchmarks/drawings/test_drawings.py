"""Drawings of architectures: whole, legible, the same every time, and true to the architecture."""

from __future__ import annotations

import typing
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from scipy.optimize import isotonic_regression

from benchmarks.drawings.layered import _non_decreasing
from benchmarks.drawings.pictures import Arrowhead, Box, Curve, Label
from benchmarks.drawings.registry import DRAWINGS, draw
from benchmarks.drawings.structures import Choices, EdgeCells, Modules, Structure, VertexCell, Widths
from benchmarks.drawings.words import OPERATIONS
from benchmarks.errors import BenchmarkError
from benchmarks.registry import SPACES, load_space
from benchmarks.spaces.pool import PoolSpace
from benchmarks.spaces.structured import StructuredChoiceSpace
from plots.drawing.pictures import draw_picture

KINDS = {"darts": EdgeCells, "nasbench201": EdgeCells, "transnasbench101-micro": EdgeCells, "natsbench-size": Widths}
KINDS |= {"transnasbench101-macro": Modules} | {name: VertexCell for name in SPACES if name.startswith("nasbench10")}
KINDS |= {name: VertexCell for name in SPACES if name.startswith("nasbench1shot1")}


def sampled(name, n=2):
    space, rng = load_space(name), np.random.default_rng(7)
    return space, [space.sample(rng) for _ in range(n)]


def texts(picture):
    return [mark.text for mark in picture.marks if isinstance(mark, Label)]


@pytest.mark.parametrize("name", SPACES)
def test_every_space_draws_as_its_literature_does(name):
    space, architectures = sampled(name)
    for architecture in architectures:
        assert isinstance(space.structure(architecture), KINDS[name])
        picture = space.picture(architecture)
        assert picture.title == space.to_string(architecture)
        assert space.picture(architecture).svg() == picture.svg()
        assert ElementTree.fromstring(picture.svg()).find("{http://www.w3.org/2000/svg}title").text == picture.title


@pytest.mark.parametrize("name", SPACES)
def test_nothing_leaves_the_picture_and_no_box_lies_on_another(name):
    space, architectures = sampled(name)
    for architecture in architectures:
        picture = space.picture(architecture)
        boxes = [mark for mark in picture.marks if isinstance(mark, Box)]
        points = [(box.x, box.y) for box in boxes] + [(box.x + box.width, box.y + box.height) for box in boxes]
        points += [point for mark in picture.marks if isinstance(mark, Curve | Arrowhead) for point in mark.points]
        assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)
        if name == "natsbench-size":
            continue  # bars stand in front of frames
        for a, b in combinations(boxes, 2):
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart


def test_a_cell_of_nasbench201_has_its_six_operations_and_unused_edges_are_dashed():
    picture = load_space("nasbench201").picture((3, 0, 2, 1, 4, 0))
    operations = ["conv 3×3", "conv 1×1", "skip", "avg pool 3×3", "none", "none"]
    assert sorted(texts(picture)) == sorted([*"0123", *operations])
    assert sum(isinstance(mark, Curve) and mark.dashed for mark in picture.marks) == 4  # both halves of two edges
    assert sum(isinstance(mark, Arrowhead) for mark in picture.marks) == 6


def test_cells_of_nasbench201_have_their_nodes_at_the_same_places():
    space = load_space("transnasbench101-micro")
    equal = [space.picture((value,) * 6) for value in (2, 3)]  # names of the same length
    first, second = ([mark for mark in p.marks if isinstance(mark, Curve)] for p in equal)
    assert first == second


def test_a_cell_of_nasbench101_is_pruned():
    space = load_space("nasbench101")
    architecture = space.from_matrix("010" + "001" + "000", ["input", "maxpool3x3", "output"])
    assert texts(space.picture(architecture)) == ["input", "max pool 3×3", "output"]
    assert space.structure(architecture).edges == ((0, 1), (1, 2))


def test_a_genotype_of_darts_has_two_cells_of_eight_operations():
    space, (architecture, *_) = sampled("darts")
    words = texts(space.picture(architecture))
    assert words[0] == "normal cell"
    assert "reduction cell" in words
    assert words.count("c_{k-1}") == words.count("c_{k}") == 2
    known = {part for name, _ in OPERATIONS.values() for part in (name, name.rpartition(" ")[0])}
    assert sum(word in known and word != "" for word in words) == 16


def test_a_skeleton_doubles_channels_and_halves_the_resolution():
    words = texts(load_space("transnasbench101-macro").picture((1, 2, 3, 4, 0, 0)))
    assert words == ["channels", "resolution", "64", "1", "64", "1", "128", "1", "128", "1/2", "256", "1/4"]


def test_sizes_are_bars_as_high_as_their_channels():
    picture = load_space("natsbench-size").picture((0, 7, 3, 3, 1))
    bars = [mark for mark in picture.marks if isinstance(mark, Box)][1::2]
    assert [round(bar.height / bars[1].height * 64) for bar in bars] == [8, 64, 32, 32, 16]
    assert texts(picture) == ["8", "64", "32", "32", "16"]


def test_choices_are_a_table_with_absent_ones_and_shortened_and_escaped_texts():
    space = StructuredChoiceSpace(
        "mine",
        {"layers": ["1", "2"], "op2": ["", "a<b"], "x" * 90: ["<script>&"]},
        conditions={"op2": ("layers", ("2",))},
    )
    picture = space.picture((0, 0, 0))
    words = texts(picture)
    assert words[:4] == ["layers", "1", "op2", "–"]
    assert words[4].endswith("…")
    assert "<script" not in picture.svg()
    assert "&lt;script&gt;&amp;" in picture.svg()
    assert texts(space.picture((1, 1, 0)))[3] == "a<b"


def test_a_pool_draws_its_members_and_what_is_no_architecture_is_refused():
    space, architectures = sampled("nasbench201", 4)
    pool = PoolSpace("pool", space, np.array(architectures, dtype=np.int16))
    assert pool.picture((2,)).svg() == space.picture(architectures[2]).svg()
    with pytest.raises(BenchmarkError, match=r"expected an architecture of space 'nasbench201', .* got \(9, 9\)"):
        space.picture((9, 9))


def test_every_kind_of_structure_has_one_drawing():
    assert list(DRAWINGS) == [kind.__name__ for kind in typing.get_args(Structure)]
    assert draw(Choices(())).marks == ()


@pytest.mark.parametrize("name", ["nasbench201", "natsbench-size"])
def test_on_axes_a_picture_has_the_same_marks(name):
    space, (architecture, *_) = sampled(name)
    picture, axes = space.picture(architecture), Figure().subplots()
    draw_picture(axes, picture)
    assert len(axes.patches) + len(axes.artists) >= len(picture.marks)
    assert axes.get_xlim() == (0, picture.width)
    assert axes.get_ylim() == (picture.height, 0)


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.sampled_from([0.1, 1.0, 8.0])), min_size=1, max_size=8),
)
def test_the_fit_of_a_layer_is_isotonic_regression(row):
    values, weights = (np.array(column) for column in zip(*row, strict=True))
    assert_allclose(_non_decreasing(values, weights), isotonic_regression(values, weights=weights).x, atol=1e-9)
