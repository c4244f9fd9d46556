"""How posterior means follow each factor: the codes of a sample, by the values of each factor."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from dbench.base import Table
from dbench.pictures.matrix import LETTER, short
from dbench.pictures.runs import Latents

BAND = (0.1, 0.9)  # quantiles of the codes of one value
REACH = 3.0  # of a panel where codes are not finite
MOST = 60  # values of a factor that are told apart


def table(codes: Table, latents: Latents) -> pd.DataFrame:
    """latent, factor, value, mean, low, high: of the codes of each value of each factor."""
    rows = []
    for k, name in enumerate(latents.factors):
        column = codes.factors[:, k]
        values = np.unique(column)
        if len(values) > MOST:  # neighbours together
            column = column // -(-len(values) // MOST) * -(-len(values) // MOST)
            values = np.unique(column)
        for value in values:
            some = codes.mean[column == value]
            low, high = np.quantile(some, BAND, axis=0)
            mean = some.mean(axis=0)
            rows += [
                (f"z{j}", name, int(value), mean[j], low[j], high[j]) for j in range(len(mean))
            ]
    columns = ["latent", "factor", "value", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def picture(data: pd.DataFrame, latents: Latents, most: int = 10) -> Figure:
    """A panel for each latent (those of most KL) and factor: mean over its value, 10% to 90%.

    All panels are drawn in one pair of axes, which takes a tenth of the time of as many.
    """
    chosen = [f"z{j}" for j in latents.order[:most]]
    rows, columns = len(chosen), len(latents.factors)
    reach = _reach(data[data["latent"].isin(chosen)])
    figure = Figure((0.6 + 1.3 * columns, 0.7 + 0.5 * rows), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    lines, bands = [], []
    for (latent, factor), part in data[data["latent"].isin(chosen)].groupby(["latent", "factor"]):
        i, k = chosen.index(latent), latents.factors.index(factor)
        at = part["value"] - part["value"].min()
        x = k + 0.05 + 0.9 * at / max(at.max(), 1)
        mean, low, high = (
            i + 0.5 - 0.45 * part[name].clip(-reach, reach) / reach
            for name in ("mean", "low", "high")
        )
        lines.append(np.column_stack([x, mean]))
        there, back = np.column_stack([x, low]), np.column_stack([x, high])
        bands.append(np.concatenate([there, back[::-1]]))
    axes.hlines(np.arange(rows) + 0.5, 0, columns, color="0.75", lw=0.6)
    axes.add_collection(PolyCollection(bands, facecolor="#BBBBBB", edgecolor="none"))
    axes.add_collection(LineCollection(lines, color="#0072B2", lw=1.4))
    axes.hlines(np.arange(rows + 1), 0, columns, color="0.85", lw=0.6)
    axes.vlines(np.arange(columns + 1), 0, rows, color="0.85", lw=0.6)
    axes.set(xlim=(0, columns), ylim=(rows, 0), frame_on=False)
    names = [short(name) for name in latents.factors]
    axes.set_xticks(np.arange(columns) + 0.5, names, size=8, parse_math=False)
    axes.set_yticks(np.arange(rows) + 0.5, chosen, size=8)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    said = f"in each panel: values of the factor; codes from -{reach:g} to {reach:g}"
    axes.set_xlabel(textwrap.fill(said, int(figure.get_figwidth() / LETTER)), size=8)
    return figure


def _reach(data: pd.DataFrame) -> float:
    """Half the height of a panel: what holds all lines, of all latents, so that they compare."""
    most = data[["mean", "low", "high"]].abs().max().max()
    return max(float(np.ceil(2 * most) / 2), 0.5) if np.isfinite(most) else REACH
