"""What benchmarks print: numbers, Markdown tables, and on stderr how far they are."""

import sys
from collections.abc import Iterable, Sequence


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def number(value: float) -> str:
    """Two decimals, or two digits of what is small."""
    if abs(value) < 5e-5 or (value > 1 and value == int(value)):
        return f"{value:.0f}".lstrip("-")
    if abs(value) < 0.095:
        return f"{value:.2g}" if abs(value) >= 1e-3 else f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def markdown(
    heads: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)
) -> str:
    """A table with its columns padded; those in `left` are text, the others numbers."""
    rows = [list(heads), *map(list, rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(w) if i in left else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    rules = ["-" * (w + 2) if i in left else "-" * (w + 1) + ":" for i, w in enumerate(widths)]
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])
