"""From a claim and its evidence to a verdict.

reproduced          the interval of (what is claimed to be more) - (than what) lies above 0
contradicted        it lies below 0: here the opposite is so
not at this scale   it holds 0; or the claim is a height that a paper's scale has and this has not
too few seeds       fewer than three runs on a side
not to be judged    it is of agents moved to a target, and on a side fewer than three runs are left
                    whose agents learned the source (tables/agents.py); the note says of which
not run             a study it needs has no table here, or a table without these runs

The interval is the 95% bootstrap interval of the difference of means of `stats.interval`; against a
limit it is Student's t interval, as means of three or four runs drawn anew stay between the least
and the greatest of them, which miss the truth too often (of three in a quarter of cases). With one
run a side there is none. Two numbers of the same runs (a log at two steps, two factors of a net)
are pairs; other runs of a common seed are not, as in `dbench compare`. Each claim is judged by
itself: of forty whose two numbers are the same, about one is called reproduced by chance and one
contradicted; of three seeds, two or three of each. Runs that failed, or whose agents did not learn
the source, are in no mean; the note says how many. Of pairs both must have learned it.
"""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd

from dbench import environment, stats
from dbench.claims.evidence import Evidence, Missing, whose
from dbench.claims.sides import Runs, Side
from dbench.tables.agents import agent

VERDICTS = (
    "reproduced",
    "not at this scale",
    "contradicted",
    "too few seeds",
    "not to be judged",
    "not run",
)
COLUMNS = {
    "paper": str,
    "claim": str,
    "published": str,  # what the paper has, and what of it was seen or is recalled
    "seen": str,  # "seen" if the claim was, else "recalled": then it is not the paper's word
    "more": float,  # mean over runs of what is claimed to be more
    "than": float,
    "difference": float,  # more - than; low, high: its interval
    "low": float,
    "high": float,
    "n_more": float,  # runs; NaN of a limit
    "n_than": float,
    "upper_more": float,  # mean of the upper half of the runs, where the paper reports that
    "upper_than": float,
    "verdict": str,
    "studies": str,
    "folders": str,  # where these were read, in their order; commits likewise
    "commits": str,
    "machines": str,
    "hours": float,  # that they took together
    "note": str,
}


class Claim(NamedTuple):
    """`more` is above `than`."""

    paper: str  # of PAPERS
    says: str
    published: str
    more: Side | float
    than: Side | float
    height: bool = False  # a number that the paper's scale has: not reached is not contradicted
    upper: bool = False  # the paper reports the upper half of runs: show that too


@environment.fixed()
def table(claims: Sequence[Claim], evidence: Evidence, seed: int = 0) -> pd.DataFrame:
    """COLUMNS, a row a claim, the same whichever others are asked for."""
    key = jax.random.key(seed)
    numbers = [zlib.crc32(f"{claim.paper} {claim.says}".encode()) for claim in claims]
    rows = [
        _row(claim, evidence, jax.random.fold_in(key, number))
        for claim, number in zip(claims, numbers, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def studies(claim: Claim) -> list[str]:
    """Those it is read from."""
    sides = (claim.more, claim.than)
    return list(dict.fromkeys(side.study for side in sides if not isinstance(side, float)))


def _row(claim: Claim, evidence: Evidence, key: jax.Array) -> dict:
    names = studies(claim)
    row: dict = {"paper": claim.paper, "claim": claim.says, "published": claim.published}
    row["seen"] = "seen" if "seen" in claim.published else "recalled"
    row |= {"studies": ", ".join(names), "folders": "", "commits": ""}
    row |= {"machines": "", "note": ""}
    found, lacks = [], []
    for side in (claim.more, claim.than):
        try:
            found.append(_read(side, evidence))
        except Missing as error:
            lacks.append(str(error))
    if lacks:
        return row | {"note": "; ".join(dict.fromkeys(lacks)), "verdict": "not run"}
    both, able, failed = zip(*found, strict=True)
    paired = same_runs(claim.more, claim.than) and len(able[0]) == len(able[1])
    out = _unlearned((claim.more, claim.than), able)
    able = (able[0] & able[1],) * 2 if paired else able
    few = any(own.sum() < stats.LEAST for own in able if not own.all())
    said = f"{'' if few else 'left out, as '}agents did not learn the source: {out}" if out else ""
    row["note"] = "; ".join(filter(None, dict.fromkeys([said, *failed])))
    row |= _made(names, evidence)
    if few:
        return row | {"verdict": "not to be judged"}
    sides = [x if isinstance(x, float) else x[own] for x, own in zip(both, able, strict=True)]
    for word, values in zip(("more", "than"), sides, strict=True):
        row[word] = np.mean(values)
        if isinstance(values, np.ndarray):
            row[f"n_{word}"] = len(values)
            row[f"upper_{word}"] = upper(values) if claim.upper else np.nan
    row["difference"] = row["more"] - row["than"]
    more, than = sides
    row["low"], row["high"] = _interval(more, than, key, paired)
    return row | {"verdict": verdict(row, sides, claim.height)}


def _read(side: Side | float, evidence: Evidence) -> tuple[np.ndarray | float, np.ndarray, str]:
    """Its numbers, which of them count, and how many runs failed."""
    if isinstance(side, float):
        return side, np.ones(1, bool), ""
    values = side.of(evidence)
    able = side.able(evidence) if isinstance(side, Runs) else np.ones(len(values), bool)
    return values, able, evidence.failed(side)


def _unlearned(sides: Sequence[Side | float], able: Sequence[np.ndarray]) -> str:
    """ "dqn on beta_vae 4 in 3 of 5 runs"; "" where all agents learned the source."""
    said = [
        f"{agent(side.metric)} on {whose(side)} in {(~own).sum()} of {len(own)} runs"
        for side, own in zip(sides, able, strict=True)
        if isinstance(side, Runs) and not own.all()
    ]
    return " and ".join(said)


def upper(values: np.ndarray) -> float:
    """Mean of the upper half, the middle one with it, as Higgins et al. 2017 report scores."""
    return float(np.sort(values)[len(values) // 2 :].mean())


def same_runs(more: Side | float, than: Side | float) -> bool:
    """Whether both are numbers of the same runs."""
    keys = ("study", "model", "value", "dataset")
    first, second = ([getattr(side, key, None) for key in keys] for side in (more, than))
    return first == second and not isinstance(more, float)


def _interval(
    more: np.ndarray | float, than: np.ndarray | float, key: jax.Array, paired: bool
) -> tuple[float, float]:
    sizes = [len(x) for x in (more, than) if not isinstance(x, float)]
    if min(sizes) < 2:
        return np.nan, np.nan
    spread = [0.0 if isinstance(x, float) else np.ptp(x) for x in (more, than)]
    if not any(spread):  # nothing to draw; not of means, which rounding tells apart
        first, second = (x if isinstance(x, float) else float(x[0]) for x in (more, than))
        return (first - second,) * 2
    if len(sizes) == 1:
        (a, sd_a), (b, sd_b) = (
            (x, 0.0) if isinstance(x, float) else (x.mean(), x.std(ddof=1)) for x in (more, than)
        )
        return stats.welch(a, sd_a, sizes[0], b, sd_b, sizes[0])[1:]
    return stats.interval(more, than, key, paired=paired)


def verdict(row: dict, sides: Sequence[np.ndarray | float], height: bool) -> str:
    """One of VERDICTS; `row` has low and high."""
    if min(len(x) for x in sides if isinstance(x, np.ndarray)) < stats.LEAST:
        return "too few seeds"
    if row["low"] > 0:
        return "reproduced"
    return "contradicted" if row["high"] < 0 and not height else "not at this scale"


def _made(names: list[str], evidence: Evidence) -> dict:
    entries = [evidence.about(name) for name in names]
    seconds = [entry.get("seconds", np.nan) for entry in entries]
    seconds = [x.get("all") if isinstance(x, dict) else x for x in seconds]
    seconds = [x if isinstance(x, int | float) else np.nan for x in seconds]  # not if edited
    known = {key: [str(entry.get(key) or "unknown") for entry in entries] for key in _SAID}
    commits = ", ".join(commit[:7] + commit[40:] for commit in known["commit"])
    machines = "; ".join(dict.fromkeys(known["device"]))
    folders = "; ".join(str(evidence.folder(name)) for name in names)
    return {
        "folders": folders,
        "commits": commits,
        "machines": machines,
        "hours": sum(seconds) / 3600,
    }


_SAID = ("commit", "device")
