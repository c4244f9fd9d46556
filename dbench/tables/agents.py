"""Agents in a table of scores: which there are, and which runs' agents learned the source.

An agent that has not learned where it was trained says nothing about transfer. This is the one
place that says when it has; scores, reports and claims ask here.
"""

from collections.abc import Sequence
from typing import overload

import numpy as np
import pandas as pd

from dbench.agents.environments.seek_avoid import BEST
from dbench.errors import InputError
from dbench.tables.directions import HIGHER
from dbench.tables.tidy import SETTINGS

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


def with_sources(frame: pd.DataFrame, metrics: Sequence[str] | None) -> list[str] | None:
    """`metrics`, and of agents among them the return in the source that a table has beside them."""
    if metrics is None:
        return None
    there = {*frame.columns, *frame.get("metric", ())}
    sources = [f"{name}{SOURCE}" for metric in metrics if (name := agent(metric))]
    return list(dict.fromkeys([*metrics, *(source for source in sources if source in there)]))


def counted(
    scores: pd.DataFrame, name: str, metrics: Sequence[str] | None
) -> tuple[pd.DataFrame, list[str]]:
    """`judged` of the table `name`; an InputError if nothing is left."""
    found, said = judged(scores, metrics)
    said = [f"{name}: {each}" for each in said]
    if not len(found):
        raise InputError(f"no score is left of {'; '.join(said)}")
    return found, said


def judged(
    scores: pd.DataFrame, metrics: Sequence[str] | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """The table without returns in the target of agents that did not learn the source.

    With a sentence an agent of which returns were left out, or of which the table does not say
    who learned: those stay. `metrics`: those to keep [all].
    """
    run = [column for column in SETTINGS if column in scores]
    keep, said = np.ones(len(scores), bool), []
    for name in AGENTS:
        target = (scores["metric"] == name + TARGET).to_numpy()
        if not target.any():
            continue
        source = scores.loc[scores["metric"] == name + SOURCE, [*run, "score"]]
        source = source.drop_duplicates(run, keep=False)  # of runs that nothing tells apart, none
        returns = scores[run].merge(source, "left", run)["score"].to_numpy()
        unknown = target & np.isnan(returns)
        unable = target & ~unknown & ~learned(returns)
        keep &= ~unable
        if count := int(unable.sum()):
            said.append(
                f"in {count} of {int(target.sum())} runs agents ({name}) have {RULE}: their "
                f"{name}{TARGET} says nothing about transfer and is left out"
            )
        if count := int(unknown.sum()):
            said.append(
                f"of {count} of {int(target.sum())} runs it is not known whether agents ({name}) "
                f"learned the source: they have no {name}{SOURCE} here"
            )
    if metrics is not None:
        keep &= scores["metric"].isin(metrics).to_numpy()
    return scores[keep].reset_index(drop=True), said
