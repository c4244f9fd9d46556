"""Formulas as MathML, made when the site is built.

Every browser of today shows MathML by itself: the pages need no script, no font and no network.
"""

from html import escape

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(translator, node) -> None:
    """A formula in a line."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def block(translator, node) -> None:
    """A formula on lines of its own."""
    formula = convert(node.astext(), display="block")
    name = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    translator.body.append(f'<div class="math"{name}>{formula}</div>')
    raise SkipNode


def setup(app) -> dict:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
