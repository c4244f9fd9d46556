"""What the policies of a run choose, of models that act."""

import numpy as np
import pandas as pd

from dbench.pictures import policies
from dbench.pictures.runs import Run
from dbench.report.figure import Figure, picture

PLACES = (
    "Colours: mean of each code at each place. Arrows: where its policy moves on average, a short \
one if it is not sure or moves another factor. Above: the first action of the policy and its \
mean probability. Where a model has learned what it can control, colours rise along the arrows all \
over a map. Of a code that hardly varies the policy means nothing."
)
CHOICES = (
    "Probability of each action by the policy of each code, mean over images. Codes that vary \
most first; the policy of one that hardly varies means nothing. A policy that is sure has one \
action; one with both directions of a factor takes one here and the other there, or either."
)
GROWTH = (
    "Mean change of each code by each action, over images that the action changes. A code that \
follows one factor answers to its two actions alone, by as much up as down. One that changes, but \
up here and down there, has a mean of 0."
)

APART = (
    " Of a model that acts, codes of opposite moves contradict each other where one alone moves: \
no image has such codes, and what is decoded may fall apart."
)


def figures(run: Run, end: str) -> list[Figure]:
    """Codes and policies over the place, choices, changes; none of a model without policies."""
    if not run.program.build().act:
        return []
    found = policies.read(run)
    data = policies.table(run, found)
    made = []
    if len(data):
        drawn = policies.picture(run, found, data)
        made.append(picture(drawn, f"policies_{end}", "Codes and policies", PLACES, data))
    for draw, values, name, title, said in (
        (policies.choices, found.policy.mean(axis=0), "choices", "Choices of policies", CHOICES),
        (policies.growth, found.growth, "growth", "Changes by action", GROWTH),
    ):
        made.append(picture(draw(run, found), f"{name}_{end}", title, said, _rows(found, values)))
    return made


def _rows(found: policies.Choices, values: np.ndarray) -> pd.DataFrame:
    names = [action.name for action in found.actions]
    rows = pd.DataFrame(values[found.order], columns=names)
    rows.insert(0, "latent", [f"z{j}" for j in found.order])
    return rows
