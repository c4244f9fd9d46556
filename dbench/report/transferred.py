"""A table: the return of agents by model and domain, and whose agents learned the source at all."""

import numpy as np
import pandas as pd

from dbench import stats
from dbench.report.agents import model_of
from dbench.report.figure import Figure
from dbench.tables.agents import RULE, RUN, SOURCE, TARGET, able, known

NOTHING = "not to be judged"
CAPTION = (
    "Mean return of an episode, with its 95% interval over runs (Student's t) where there are two "
    "or more. The source is of all runs, the target of those whose agents learned the source: "
    f"agents with {RULE} say nothing about transfer."
)


def returns(scores: pd.DataFrame, end: str = "") -> list[Figure]:
    """A table of all agents; none where the table of scores has none."""
    rows = [row for agent in known(scores) for row in _of(scores, agent)]
    if not rows:
        return []
    data = pd.DataFrame(rows)
    return [Figure(f"agents{end}", "Where agents learned, and moved", CAPTION, data, broad=True)]


def _of(scores: pd.DataFrame, agent: str) -> list[dict]:
    """A row a model of one agent."""
    learned = able(scores, agent)
    own = scores[scores["metric"].isin([agent + SOURCE, agent + TARGET])]
    own = own.assign(able=pd.MultiIndex.from_frame(own[RUN]).isin(learned.index[learned]))
    rows = []
    for keys, runs in own.groupby(["method", "strength"], sort=False):
        source, target = (runs[runs["metric"] == agent + end] for end in (SOURCE, TARGET))
        model, count = model_of(*keys), int(source["able"].sum())
        moved = target.loc[target["able"], "score"].to_numpy()
        rows.append(
            {
                "agent": agent,
                "model": model,
                "learned the source": f"{count} of {len(source)}",
            }
            | said("source", source["score"].to_numpy())
            | said("target", moved)
            | ({} if len(moved) else {"target": NOTHING})
        )
    return rows


def said(name: str, returns: np.ndarray) -> dict[str, str]:
    """Their mean and its interval, a column each; "" of what so few runs have not."""
    mean, low, high = np.nan, np.nan, np.nan
    if count := len(returns):
        mean, sd = float(returns.mean()), float(returns.std(ddof=1)) if count > 1 else 0.0
        low, high = stats.welch(mean, sd, count, 0.0, 0.0, count)[1:]
    columns = {name: mean, f"{name}, low": low, f"{name}, high": high}
    return {column: f"{x:.2f}" if np.isfinite(x) else "" for column, x in columns.items()}
