"""The looks of algorithms can be told apart: by colour-blind readers, in grey, and where colours repeat."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb
from numpy.testing import assert_allclose

from plots.drawing.colours import COLOURS, faded_styles, styles_of
from plots.drawing.style import shortened, text_width

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado et al. 2009, "A physiologically-based model for simulation of color vision deficiency", severity 1.0."""
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour):
    """Linear RGB of an sRGB colour."""
    values = np.array(to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB."""
    x, y, z = np.cbrt(TO_XYZ @ np.clip(rgb, 0, 1) / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_conversion_is_that_of_the_standard():
    assert_allclose(lab(linear("white")), [100, 0, 0], atol=0.1)
    assert_allclose(lab(linear("red")), [53.2, 80.1, 67.2], atol=0.3)
    red, green = (lab(DEUTERANOPIA @ linear(colour)) for colour in ("#b05050", "#708030"))
    assert np.linalg.norm(red - green) < 0.5 * np.linalg.norm(lab(linear("#b05050")) - lab(linear("#708030")))


def test_any_two_colours_differ_for_everybody_and_in_grey():
    for first, second in combinations(map(linear, COLOURS), 2):
        assert np.linalg.norm(lab(first) - lab(second)) > 30
        assert np.linalg.norm(lab(DEUTERANOPIA @ first) - lab(DEUTERANOPIA @ second)) > 15
        assert abs(lab(first)[0] - lab(second)[0]) > 5


def test_no_colour_is_faint_on_white():
    for colour in map(linear, COLOURS):
        assert 1.05 / (TO_XYZ[1] @ colour + 0.05) > 2.5


def test_no_two_algorithms_look_the_same():
    styles = list(styles_of(map(str, range(360))).values())
    assert len(set(styles)) == 360
    assert len({(style.marker, style.dashes) for style in styles[:45]}) == 45
    faded = list(faded_styles(styles_of(map(str, range(120))), []).values())
    assert len(set(faded)) == 120
    assert all(style.faded for style in faded)


def test_highlighted_algorithms_have_different_colours_and_keep_their_own_if_they_can():
    styles = styles_of(map(str, range(20)))
    faded = faded_styles(styles, ["1", "3", "9", "17"])  # 1, 9 and 17 have the same colour
    assert len({faded[label].colour for label in ("1", "3", "9", "17")}) == 4
    assert (faded["1"], faded["3"]) == (styles["1"], styles["3"])
    assert [label for label in faded if not faded[label].faded] == ["1", "3", "9", "17"]
    assert all((faded[k].marker, faded[k].dashes) == (styles[k].marker, styles[k].dashes) for k in styles)


def test_a_long_name_is_shortened_to_its_room():
    assert shortened("short", 6, 2) == "short"
    cut = shortened("a very long name indeed", 6, 0.5)
    assert cut.endswith("…")
    assert text_width(cut, 6) <= 0.5
    assert "a very long name indeed".startswith(cut[:-1])
