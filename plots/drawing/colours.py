"""The looks of algorithms: colours, markers and dashes, for figures and the report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from results.storage.study import Study

RGB = tuple[float, float, float]
"""Red, green and blue, from 0 to 1."""

COLOURS = ("#0173b2", "#de8f05", "#029e73", "#d13cc4", "#b01a2e", "#57300c", "#4b17d1", "#1d2430")
"""The colours of algorithms. Any two differ in lightness, and stay apart for readers without green-sensitive cones."""

GREYS = (0.60, 0.72, 0.50)
"""The brightness of algorithms that are not highlighted. All have the first one, unless they are more than 45."""

MARKERS = ("o", "s", "^", "D", "v", "<", ">", "p", "*")
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1.5, 1.2), (5, 1.5, 1.2, 1.5), (8, 1.5))


@dataclass(frozen=True)
class LabelStyle:
    """The look of an algorithm: a colour, a marker, and a dash pattern in line widths, empty for solid.

    An algorithm that is not highlighted is `faded`: thin, grey and without a band.
    """

    colour: RGB
    marker: str
    dashes: tuple[float, ...]
    faded: bool = False


def rgb(code: str) -> RGB:
    """Read a colour such as ``#0173b2``."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def hex_code(colour: RGB) -> str:
    """Write a colour as such as ``#0173b2``."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def label_styles(study: Study) -> dict[str, LabelStyle]:
    """Assign a style to every algorithm of a study, by its place in the experiment."""
    return styles_of(dict.fromkeys(cell.label for cell in study.cells))


def styles_of(labels: Iterable[str]) -> dict[str, LabelStyle]:
    """Assign a colour, a marker and dashes to every algorithm of an experiment.

    They are the same in every figure of the study, whichever algorithms it shows. No two of up to 360 algorithms have
    the same colour, marker and dashes, and no two of up to 45 the same marker and dashes.
    """
    return {
        label: LabelStyle(rgb(COLOURS[i % len(COLOURS)]), MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)])
        for i, label in enumerate(labels)
    }


def faded_styles(styles: Mapping[str, LabelStyle], highlighted: Collection[str]) -> dict[str, LabelStyle]:
    """Return the styles with all but the highlighted algorithms in grey.

    A highlighted algorithm keeps its colour, unless an earlier one has the same. Then it gets the first free colour.

    Parameters
    ----------
    styles : mapping
        From `label_styles`, of all algorithms of the study.
    highlighted : collection of str
    """
    free, faded = list(map(rgb, COLOURS)), {}
    for i, (label, style) in enumerate(styles.items()):
        if label not in highlighted:
            brightness = GREYS[i // (len(MARKERS) * len(DASHES)) % len(GREYS)]
            faded[label] = replace(style, colour=(brightness,) * 3, faded=True)
            continue
        colour = style.colour if style.colour in free or not free else free[0]
        if colour in free:
            free.remove(colour)
        faded[label] = replace(style, colour=colour)
    return faded
