"""From which capacity on a factor is coded, of the logs of capacity_generator."""

import pandas as pd

CODED = 0.5  # nats from which on a factor is said to be coded


def coded_from(frame: pd.DataFrame) -> pd.DataFrame:
    """run x factor: C from which on a factor has CODED nats to the end, NaN if it never has."""

    def first(line: pd.DataFrame) -> float:
        line = line.sort_values("step")
        later = line["nats"][::-1].cummin()[::-1] >= CODED
        return float(line["capacity"][later].min())

    parts = frame.groupby(["run", "factor"], sort=False)[["step", "capacity", "nats"]]
    return parts.apply(first).unstack("factor")[list(frame["factor"].unique())]
