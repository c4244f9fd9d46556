"""Agents in a table of scores: which there are, and which runs' agents learned the source.

An agent that has not learned where it was trained says nothing about transfer. This is the one
place that says when it has; scores, reports and claims ask here.
"""

from typing import overload

import pandas as pd

from dbench.agents.environments.seek_avoid import BEST
from dbench.tables.directions import HIGHER

LEARNED = 0.5  # share of the best return that an agent must have in the source
RULE = f"less than {LEARNED:.0%} of the best return in the source"
SOURCE, TARGET = "_source", "_target"  # dqn_source, dqn_target: the returns of an agent
RUN = ["study", "run"]


@overload
def learned(source: float, best: float = BEST) -> bool: ...
@overload
def learned(source: pd.Series, best: float = BEST) -> pd.Series: ...
def learned(source, best=BEST):
    """Whether a return in the source, or each of many, is half of the best one or more.

    A return that is NaN is none: False.
    """
    return source >= LEARNED * best


def agent(metric: str) -> str | None:
    """ "dqn" of dqn_target; None of a score that is no agent's in the target."""
    name = metric.removesuffix(TARGET)
    both = {name + SOURCE, name + TARGET}
    return name if metric.endswith(TARGET) and both <= set(HIGHER) else None


AGENTS = [name for metric in HIGHER if (name := agent(metric))]


def known(scores: pd.DataFrame) -> list[str]:
    """The agents whose returns in both domains are in the table."""
    there = list(scores["metric"].unique())
    names = [name for metric in there if (name := agent(metric))]
    return [name for name in names if name + SOURCE in there]


def able(scores: pd.DataFrame, name: str) -> pd.Series:
    """(study, run) -> whether its agents learned the source, of runs that have a return there."""
    source = scores[scores["metric"] == name + SOURCE].drop_duplicates(RUN, keep="last")
    return learned(source.set_index(RUN)["score"].dropna())
