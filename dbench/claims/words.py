"""A table of claims as text and as Markdown."""

import math
import textwrap

import pandas as pd

from dbench.claims.judge import VERDICTS
from dbench.claims.papers import PAPERS

WIDTH = 100
RECALLED = "recalled, and not the paper's word until it is seen"


def text(frame: pd.DataFrame) -> str:
    """By paper: verdict, claim, and below it what was found and what the paper has."""
    wide, lines = max(map(len, VERDICTS)), []
    for paper, rows in frame.groupby("paper", sort=False):
        for whose, some in _apart(rows):
            lines += [PAPERS[paper] if whose == "paper" else f"{PAPERS[paper]}: {RECALLED}", ""]
            for row in some.to_dict("records"):
                lines.append(f"  {row['verdict']:{wide}}  {row['claim']}")
                said = f"{ours(row)}; {whose}: {_published(row)}"
                pad = " " * (wide + 4)
                lines.append(textwrap.fill(said, WIDTH, initial_indent=pad, subsequent_indent=pad))
            lines.append("")
    folders = sorted({f for row in frame["folders"] if row for f in row.split("; ")})
    return "\n".join([*lines, *(f"read: {folder}" for folder in folders), "", summary(frame)])


def markdown(frame: pd.DataFrame) -> str:
    """A table a paper, and one of what is recalled of it."""
    lines = []
    for paper, rows in frame.groupby("paper", sort=False):
        for whose, some in _apart(rows):
            title = f"**{PAPERS[paper]}**" + (f": {RECALLED}" if whose == "recalled" else "")
            lines += [title, "", f"| claim | {whose} | here | |", "|---|---|---|---|"]
            for row in some.to_dict("records"):
                cells = (row["claim"], _published(row), ours(row), row["verdict"])
                lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
            lines.append("")
    return "\n".join([*lines, summary(frame), ""])


def _apart(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What was seen, the paper's word, and apart from it what is recalled; none that is empty."""
    found = [(w, rows[rows["seen"] == s]) for w, s in (("paper", "seen"), ("recalled", "recalled"))]
    return [(whose, some) for whose, some in found if len(some)]


def _published(row: dict) -> str:
    """What stands under "paper", or under "recalled", which need not say so again."""
    return (
        row["published"].removesuffix(", recalled") if row["seen"] != "seen" else row["published"]
    )


def summary(frame: pd.DataFrame) -> str:
    """ "36 claims: 20 reproduced, 12 not at this scale, 4 not run"; then those recalled."""
    said = []
    for whose, some in _apart(frame):
        counts = some["verdict"].value_counts()
        parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if verdict in counts]
        which = "claims" if whose == "paper" else "more, recalled and not the papers' word"
        said.append(f"{len(some)} {which}: {', '.join(parts)}")
    return "; ".join(said)


def ours(row: dict) -> str:
    """ "0.77 against 0.70: +0.07 (0.03 to 0.11), 8 and 6 runs", or what to run.

    "8 runs" where there are as many on each side, or one side is a limit. Of a claim that is not to
    be judged, why.
    """
    if row["verdict"] in ("not run", "not to be judged"):
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
