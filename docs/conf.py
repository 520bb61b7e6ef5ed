"""Configuration of the documentation, which `make docs` builds."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for generated.py

import generated
from docutils import nodes

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
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": [], "gallery": [], "start": [], "contributing": [], "security": [], "changelog": []}


LONGEST_NUMBER = 32
"""Length of an estimate with its interval and an additional number, at most."""


def mark_numbers(app, doctree):
    """Give tables of numbers a class of their own: all cells but the first of each row are short."""
    for table in doctree.findall(nodes.table):
        rows = [row.children[1:] for body in table.findall(nodes.tbody) for row in body.children]
        cells = [cell.astext() for row in rows for cell in row]
        if cells and max(map(len, cells)) <= LONGEST_NUMBER and any(any(map(str.isdigit, text)) for text in cells):
            table["classes"].append("numbers")


def setup(app):
    """Write the generated pages before the sources are read, and mark tables of numbers."""
    app.connect("builder-inited", lambda app: generated.write(Path(app.srcdir) / "reference"))
    app.connect("doctree-read", mark_numbers)
