"""A table of claims as text and as Markdown."""

import math
import textwrap

import pandas as pd

from dbench.claims.judge import VERDICTS
from dbench.claims.papers import PAPERS

WIDTH = 100


def text(frame: pd.DataFrame) -> str:
    """By paper: verdict, claim, and below it what was found and what the paper has."""
    wide, lines = max(map(len, VERDICTS)), []
    for paper, rows in frame.groupby("paper", sort=False):
        lines += [PAPERS[paper], ""]
        for row in rows.to_dict("records"):
            lines.append(f"  {row['verdict']:{wide}}  {row['claim']}")
            said = f"{ours(row)}; paper: {row['published']}"
            pad = " " * (wide + 4)
            lines.append(textwrap.fill(said, WIDTH, initial_indent=pad, subsequent_indent=pad))
        lines.append("")
    folders = sorted({f for row in frame["folders"] if row for f in row.split("; ")})
    return "\n".join([*lines, *(f"read: {folder}" for folder in folders), "", summary(frame)])


def markdown(frame: pd.DataFrame) -> str:
    """A table a paper."""
    lines = []
    for paper, rows in frame.groupby("paper", sort=False):
        lines += [f"**{PAPERS[paper]}**", "", "| claim | paper | here | |", "|---|---|---|---|"]
        for row in rows.to_dict("records"):
            cells = (row["claim"], row["published"], ours(row), row["verdict"])
            lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
        lines.append("")
    return "\n".join([*lines, summary(frame), ""])


def summary(frame: pd.DataFrame) -> str:
    """ "40 claims: 20 reproduced, 12 not at this scale, 8 not run"."""
    counts = frame["verdict"].value_counts()
    parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if verdict in counts]
    return f"{len(frame)} claims: {', '.join(parts)}"


def ours(row: dict) -> str:
    """ "0.77 against 0.70: +0.07 (0.03 to 0.11), 8 and 6 runs", or what to run.

    "8 runs" where there are as many on each side, or one side is a limit.
    """
    if row["verdict"] == "not run":
        return row["note"]
    digits = _digits(row)
    more, than, low, high = (f"{row[k]:.{digits}f}" for k in ("more", "than", "low", "high"))
    reach = f" ({low} to {high})" if math.isfinite(row["low"]) else ""
    counts = [f"{row[k]:g}" for k in ("n_more", "n_than") if math.isfinite(row[k])]
    counts = list(dict.fromkeys(counts))
    runs = f"{' and '.join(counts)} run{'' if counts == ['1'] else 's'}"
    said = [f"{more} against {than}: {row['difference']:+.{digits}f}{reach}, {runs}"]
    halves = [f"{row[k]:.{digits}f}" for k in ("upper_more", "upper_than") if math.isfinite(row[k])]
    said += [f"upper halves {' and '.join(halves)}"] if halves else []
    return "; ".join([*said, row["note"]] if row["note"] else said)


def _digits(row: dict) -> int:
    """Decimals that leave two digits to the difference, at least 2 and at most 4."""
    reach = row["high"] - row["low"] if math.isfinite(row["low"]) else 0.0
    size = max(abs(row["difference"]), reach, 1e-9)
    return min(max(1 - math.floor(math.log10(size)), 2), 4)
