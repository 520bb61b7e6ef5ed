"""Draw the gallery as small PNG files: ``gallery.py QUICKSTART MULTI_FIDELITY FOLDER``.

A third results folder, ``gallery.py QUICKSTART MULTI_FIDELITY FOLDER SPACES``, of ten search spaces at least, gives the
diagram of critical differences.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from harness import Drawings
from plots import draw
from plots.drawing.style import style_context
from plots.figures.registry import FIGURES, idle
from results import load

COLOURS, DPI = 48, 110


def small_png(figure, file):
    """Save a figure with few colours. The file has a fifth of the size, without a visible difference."""
    buffer = io.BytesIO()
    with style_context():
        figure.savefig(buffer, format="png", dpi=DPI)
    Image.open(buffer).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    quickstart, multi_fidelity, folder, *spaces = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    others = dict(zip(("fidelity", "critical-difference"), (multi_fidelity, *spaces), strict=False))
    for kind in FIGURES:
        study = load(others.get(kind, quickstart))
        if idle(kind, study):
            continue
        figure, _ = draw(kind, study, drawings=Drawings(study) if kind == "architectures" else None)
        small_png(figure, folder / f"{kind}.png")
