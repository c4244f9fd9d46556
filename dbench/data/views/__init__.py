"""Views of a data set: trained on some of its rows, or on factors that are correlated.

    make        what a study's `views` make of a data set
    joints      factors that are correlated, by joint distributions of pairs
    kept        rows that are left out
    sampling    pairs and batches that share factors
    coverage    what is said of factors that a data set does not have in every combination

In: a `Dataset`. Out: the same with a `Drawing`, by which training draws its rows.
"""

from dbench.data.views.joints import CHEN, band, chen
from dbench.data.views.kept import part, without
from dbench.data.views.make import check_view, drawn, trained, trained_on, view, weighs

__all__ = [
    "CHEN",
    "band",
    "check_view",
    "chen",
    "drawn",
    "part",
    "trained",
    "trained_on",
    "view",
    "weighs",
    "without",
]
