"""Configuration of the documentation, which `make docs` builds."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for generated.py

import generated

project = "Regretta"
author = "The Regretta developers"
copyright = author
version = release = importlib.metadata.version("regretta")

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build", "reference/generated/benchmarks.md"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
numpydoc_show_class_members = False
autodoc_typehints = "none"  # numpydoc's sections have the types in words
autodoc_preserve_defaults = True

html_theme = "pydata_sphinx_theme"
html_title = "Regretta"
html_static_path = []
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": [], "gallery": [], "start": [], "contributing": [], "security": [], "changelog": []}


def setup(app):
    """Write the generated pages before the sources are read."""
    app.connect("builder-inited", lambda app: generated.write(Path(app.srcdir) / "reference"))
