"""A comparison as aligned text, Markdown and LaTeX."""

import math
import re
import textwrap
from collections.abc import Iterator

import numpy as np
import pandas as pd

from dbench.compare.comparison import Comparison
from dbench.compare.legend import legend

WAYS = {1: "higher is better", -1: "lower is better", 0: "no direction"}
PAIR = ["reference", "other", "dataset", "scale", "steps"]
WIDTH = 100


def text(found: Comparison) -> str:
    """All there is to read: a block for each two tables and data set, then what the columns are."""
    lines = [_wrap(f"NOT COMPARABLE, compared all the same: {why}") for why in found.reasons]
    for pair, part in found.frame.groupby(PAIR, sort=False):
        lines += ["", *_titles(pair, part, found.notes), "", _aligned(part, found), ""]
        lines += map(_wrap, _remarks(part))
    lines += [_wrap(note) for note in found.notes]
    return "\n".join([*lines, "", *map(_wrap, legend(found.frame, found.level))]).strip("\n")


def markdown(found: Comparison) -> str:
    """A table for each two tables and data set, with a line before it that says which."""
    lines = []
    for pair, part in found.frame.groupby(PAIR, sort=False):
        head = ["score", *_head(found)]
        lines += ["  \n".join(_titles(pair, part, found.notes)), "", "| " + " | ".join(head) + " |"]
        lines += ["|---|---|" + "---:|" * (len(head) - 3) + "---|"]
        for metric, rows in _rows(part):
            name = f"`{metric}`, {_way(part, metric)}"
            cells = [[x.replace("|", r"\|") for x in (name, *row)] for row in rows]
            lines += [f"| {' | '.join(row)} |" for row in cells]
        lines += ["", *(f"- {remark}" for remark in _remarks(part))]
        lines += [""] * (lines[-1] != "")
    notes = [f"not comparable, compared all the same: {why}" for why in found.reasons]
    notes += [*found.notes, *legend(found.frame, found.level)]
    return "\n".join([*lines, *(f"- {note}" for note in notes)]) + "\n"


def latex(found: Comparison) -> str:
    """A tabular for each two tables and data set, of plain LaTeX; comments say what it shows."""
    lines = [f"% not comparable, compared all the same: {why}" for why in found.reasons]
    for pair, part in found.frame.groupby(PAIR, sort=False):
        head = _head(found)
        lines += [f"% {title}" for title in _titles(pair, part, found.notes)]
        lines += [rf"\begin{{tabular}}{{l{'r' * (len(head) - 2)}l}}", r"\hline"]
        lines += [" & ".join(map(_escape, head)) + r" \\", r"\hline"]
        for metric, rows in _rows(part):
            name = _escape(f"{metric}, {_way(part, metric)}")
            lines += [rf"\multicolumn{{{len(head)}}}{{l}}{{{name}}} \\"]
            lines += [" & ".join(map(_escape, row)) + r" \\" for row in rows]
        lines += [r"\hline", r"\end{tabular}", *(f"% {remark}" for remark in _remarks(part)), ""]
    notes = [*found.notes, *legend(found.frame, found.level)]
    return "\n".join([*lines, *(f"% {note}" for note in notes)]) + "\n"


def _remarks(part: pd.DataFrame) -> list[str]:
    """What is noted of comparisons, once each; of published numbers what they are and whence."""
    several = _several(part)
    notes: dict[str, list[str]] = {}
    for row in part[part["note"] != ""].to_dict("records"):
        place = f"{row['metric']} {_setting(row, several)}".strip()
        notes.setdefault(row["note"], []).append(place)
    return [f"{_few(places)}: {note}" for note, places in notes.items()]


def _titles(pair: tuple[str, ...], part: pd.DataFrame, notes: list[str]) -> list[str]:
    """ "A = results/a (beta_vae)" and B, and the data set, scale and steps where one says them."""
    sides = []
    for letter, name, side in (("A", pair[0], "reference"), ("B", pair[1], "other")):
        models = [model for model in part[f"model_{side}"].unique() if model]
        sides.append(f"{letter} = {name}" + (f" ({models[0]})" if len(models) == 1 else ""))
    known = zip(("data set {}", "scale {}", "{} steps"), pair[2:], strict=True)
    where = ", ".join(what.format(value) for what, value in known if value)
    unsaid = [
        letter
        for letter, name in zip("AB", pair, strict=False)
        if any(note.startswith(f"{name} does not say its") for note in notes)
    ]
    where += f" ({' and '.join(unsaid)} not known in full: see below)" if where and unsaid else ""
    return [*sides, where] if where else sides


def _head(found: Comparison) -> list[str]:
    span = f"{100 * (1 - found.level):g}% interval"
    return ["", "n", "A", "B", "B - A", span, "median", "P", "p", "Holm", "detectable", "verdict"]


def _rows(part: pd.DataFrame) -> Iterator[tuple[str, list[list[str]]]]:
    """Each score with its rows of cells, as `_head` has them."""
    several = _several(part)
    for metric, rows in part.groupby("metric", sort=False):
        yield metric, [_cells(row, _digits(rows), several) for row in rows.to_dict("records")]


def _way(part: pd.DataFrame, metric: str) -> str:
    return WAYS[part.loc[part["metric"] == metric, "direction"].iloc[0]]


def _several(part: pd.DataFrame) -> bool:
    """Whether a side has more models than one, so that rows must name them."""
    return bool(part[["model_reference", "model_other"]].nunique().max() > 1)


def _cells(row: dict, digits: int, several: bool) -> list[str]:
    def number(value, sign=""):
        return f"{value:{sign}.{digits}f}" if math.isfinite(value) else "-"

    n = [f"{x:g}" if math.isfinite(x) else "?" for x in (row["n_reference"], row["n_other"])]
    known = math.isfinite(row["low"])
    return [
        _setting(row, several),
        n[0] if n[0] == n[1] else " / ".join(n),
        number(row["mean_reference"]),
        number(row["mean_other"]),
        number(row["difference"], "+"),
        f"{number(row['low'], '+')} to {number(row['high'], '+')}" if known else "-",
        number(row["median_difference"], "+"),
        f"{row['improvement']:.2f}" if math.isfinite(row["improvement"]) else "-",
        _p(row["p"]),
        _p(row["p_holm"]),
        number(row["detectable"]),
        row["verdict"] + (", paired" if row["paired"] else ""),
    ]


def _p(p: float) -> str:
    if not math.isfinite(p):
        return "-"
    return "<.001" if p < 0.001 else f"{p:.3f}"


def _digits(rows: pd.DataFrame) -> int:
    """Decimals that leave two digits to a typical reach of the intervals."""
    reach = (rows["high"] - rows["low"]).to_numpy() / 2
    reach = reach[np.isfinite(reach) & (reach > 0)]
    return int(np.clip(1 - math.floor(math.log10(np.median(reach))), 0, 6)) if len(reach) else 3


def _setting(row: dict, several: bool) -> str:
    """ "beta=4" where both sides are of it, else "A's / B's"; `several`: with the model."""
    sides = []
    for side in ("reference", "other"):
        model = row[f"model_{side}"] if several else ""
        sides.append(f"{model} {row[f'strength_{side}']}".strip())
    return sides[0] if sides[0] == sides[1] else " / ".join(side or "-" for side in sides)


def _aligned(part: pd.DataFrame, found: Comparison) -> str:
    blocks = list(_rows(part))
    head = _head(found)
    full = [head, *(row for _, rows in blocks for row in rows)]
    widths = [max(len(row[i]) for row in full) for i in range(len(head))]

    def line(row, indent="  "):
        middle = [c.rjust(w) for c, w in zip(row[1:-1], widths[1:-1], strict=True)]
        return (indent + "  ".join([row[0].ljust(widths[0]), *middle, row[-1]])).rstrip()

    lines = [line(head)]
    for metric, rows in blocks:
        lines += [f"{metric} ({_way(part, metric)})", *map(line, rows)]
    return "\n".join(lines)


def _few(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if names[4:] else "")


def _wrap(sentence: str) -> str:
    return textwrap.fill(sentence, WIDTH, subsequent_indent="  ", break_long_words=False)


def _escape(cell: str) -> str:
    cell = cell.replace("\\", r"\textbackslash ")
    cell = re.sub(r"([&%$#_{}])", r"\\\1", cell).replace("<", "$<$")
    cell = cell.replace("^", r"\^{}").replace("~", r"\~{}")
    return re.sub(r"(?<!\S)-(?=[\d ])", "$-$", cell)
