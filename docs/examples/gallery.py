"""Draw the gallery of the README as small PNG files: ``gallery.py QUICKSTART MULTI_FIDELITY FOLDER``."""

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
    quickstart, multi_fidelity, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in FIGURES:
        study = load(multi_fidelity if kind == "fidelity" else quickstart)
        if idle(kind, study):
            continue
        figure, _ = draw(kind, study, drawings=Drawings(study) if kind == "architectures" else None)
        small_png(figure, folder / f"{kind}.png")
