"""Draws the README's gallery as small PNG files: ``gallery.py QUICKSTART MULTI_FIDELITY FOLDER``."""

import io
import sys
from pathlib import Path

from PIL import Image

from plots.drawing.style import style_context
from plots.figures.registry import FIGURES, draw
from results.storage.loading import load

COLOURS, DPI = 48, 110


def small_png(figure, file):
    """Save a figure with few colours: a fifth of the bytes, and nobody sees it."""
    buffer = io.BytesIO()
    with style_context():
        figure.savefig(buffer, format="png", dpi=DPI)
    Image.open(buffer).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    quickstart, multi_fidelity, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in FIGURES:
        figure, _ = draw(kind, load(multi_fidelity if kind == "fidelity" else quickstart))
        small_png(figure, folder / f"{kind}.png")
