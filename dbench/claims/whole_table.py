"""Claims about a whole study: how scores rank its runs, and what their variance is due to."""

from functools import partial

import pandas as pd

from dbench.claims.judge import Claim
from dbench.claims.sides import Statistic
from dbench.errors import InputError
from dbench.stats.study import variance_shares, wide

SCORES = ("higgins", "factor_vae", "mig", "dci_disentanglement", "sap", "modularity")


def locatello() -> list[Claim]:
    """Of twelve thousand models on seven data sets; ours are of dSprites alone."""
    claim = partial(Claim, "locatello2019")

    def share(column: str) -> Statistic:
        name = "share of the variance of scores"
        return Statistic("locatello2019", name, partial(mean_share, column=column))

    def alike(one: str, other: str) -> Statistic:
        name = f"rank correlation of {one} and {other}"
        return Statistic("locatello2019", name, partial(rank_correlation, one=one, other=other))

    told = "{} on Noisy-dSprites, recalled".format
    return [
        claim("the method explains less than half", "37%, recalled", 0.5, share("method")),
        claim("a quarter or more is left to the seed", "41%, recalled", share("seed"), 0.25),
        claim("Higgins and FactorVAE score rank alike", told(".8"), alike(*SCORES[:2]), 0.6),
        claim("MIG and DCI rank alike", told(".76"), alike("mig", "dci_disentanglement"), 0.6),
        claim("modularity and MIG do not", told("about 0"), 0.3, alike("modularity", "mig")),
    ]


def mean_share(frame: pd.DataFrame, column: str) -> float:
    """A column of `variance_shares`, mean over SCORES."""
    found = variance_shares(frame[frame["metric"].isin(SCORES)])
    return float(found[column].mean())


def rank_correlation(frame: pd.DataFrame, one: str, other: str) -> float:
    """Spearman's, over all runs."""
    table = wide(frame[frame["metric"].isin((one, other))])
    if lacks := [name for name in (one, other) if name not in table]:
        raise InputError(f"the table has no {lacks[0]}")
    return float(table.corr("spearman").loc[one, other])
