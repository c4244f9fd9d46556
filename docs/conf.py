"""The documentation site: `make docs` builds it, offline; a warning is an error."""

import sys
from pathlib import Path

import dbench

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "dbench"
author = "the dbench developers"
release = dbench.__version__

extensions = [
    "myst_nb",  # pages in Markdown; those with code cells are run
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
    "docstrings",  # ours: formulas in docstrings
    "mathml",  # ours: formulas need no network
]
exclude_patterns = ["_build"]
html_math_renderer = "mathml"
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}

html_theme = "furo"
html_title = "dbench"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"  # a page is run again when its code has changed
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
maximum_signature_line_length = 200
default_role = "code"  # docstrings write `name` for code

html_static_path = ["_static"]
html_css_files = ["wide.css", "tables.css"]
