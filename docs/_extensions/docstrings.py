"""Docstrings of dbench as they are meant: a block that is indented is a formula, shown as it is.

Also the directive `metrics`, which documents every score of METRICS as a function.
"""

import re

from sphinx.util.docutils import SphinxDirective


def literal(lines: list[str]) -> list[str]:
    """Lines of reStructuredText in which each indented block after a blank line is literal."""
    made, inside = [], False
    for i, line in enumerate(lines):
        indented = line.startswith("    ")
        listed = made and any(s.lstrip().startswith(("- ", ":", "..")) for s in _paragraph(made))
        if indented and not inside and not listed and (i == 0 or not lines[i - 1].strip()):
            made += ["::", ""]
            inside = True
        elif line.strip() and not indented:
            inside = False
        made.append(line if inside else bars(line))
    return made


def bars(line: str) -> str:
    """|x| of running text is no substitution; code in backticks is left alone."""
    parts = re.split("(`[^`]*`)", line)
    return "".join(part if part[:1] == "`" else part.replace("|", r"\|") for part in parts)


def _paragraph(lines: list[str]) -> list[str]:
    """The last paragraph."""
    found = []
    for line in reversed(lines):
        if line.strip():
            found.append(line)
        elif found:
            break
    return found


def process(app, what, name, obj, options, lines) -> None:
    """Called for each docstring, before napoleon reads it."""
    lines[:] = literal(lines)


class Metrics(SphinxDirective):
    """Every score, in the order of the list."""

    def run(self) -> list:
        from dbench.metrics import METRICS

        text = "\n".join(f".. autofunction:: dbench.metrics.{name}\n" for name in METRICS)
        return self.parse_text_to_nodes("```{eval-rst}\n" + text + "```\n")


def setup(app) -> dict:
    app.connect("autodoc-process-docstring", process, priority=100)
    app.add_directive("metrics", Metrics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
