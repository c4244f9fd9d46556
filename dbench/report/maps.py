"""Where in the image a latent is active: its mean over the two factors of position.

Burgess et al., "Understanding disentangling in beta-VAE", 2018, and Chen et al., "Isolating Sources
of Disentanglement in Variational Autoencoders", NeurIPS 2018, show latents so: one that follows a
coordinate is a band of colours, one that mixes both is turned, one of neither is of one colour.
"""

import itertools

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dbench.base import Table
from dbench.pictures.places import cells, position
from dbench.pictures.runs import Latents

MOST = 10  # latents, those with most KL
ACROSS = 5  # maps side by side
REACH = 1.0  # of the colours at least, so that noise does not shine


def table(codes: Table, latents: Latents) -> pd.DataFrame:
    """latent, the two factors, images, mean: of each latent's codes at each place. Empty of none.

    Values of many are taken together, so that no more than 16 are told apart.
    """
    found = position(latents.factors)
    if found is None:
        return pd.DataFrame()
    places = {}
    for k in found:
        places[latents.factors[k]] = cells(codes.factors[:, k])
    names = [f"z{j}" for j in range(codes.mean.shape[1])]
    frame = pd.DataFrame(codes.mean, columns=names).assign(**places)
    by = frame.groupby(list(places))
    means = by[names].mean().reset_index()
    means["images"] = by.size().to_numpy()
    return means.melt([*places, "images"], names, "latent", "mean")


def picture(data: pd.DataFrame, latents: Latents) -> Figure:
    """A map of each latent: the first factor across, the second down."""
    x, y = data.columns[:2]
    shown = latents.order[:MOST]
    most = float(data.loc[data["latent"].isin([f"z{j}" for j in shown]), "mean"].abs().max())
    reach = max(float(np.ceil(2 * most) / 2), REACH) if np.isfinite(most) else REACH
    columns, rows = min(ACROSS, len(shown)), -(-len(shown) // ACROSS)
    figure = Figure((0.9 + 1.15 * columns, 0.3 + 1.35 * rows), dpi=110, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, j in itertools.zip_longest(grid.flat, shown):
        axes.set_axis_off()
        if j is None:
            continue
        own = data[data["latent"] == f"z{j}"].pivot(index=y, columns=x, values="mean")
        axes.imshow(own, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
        said = f"z{j} {', '.join(latents.carried(j))}"
        axes.set_title(said if len(said) <= 18 else f"{said[:17]}…", size=7, parse_math=False)
    bar = figure.colorbar(grid[0, 0].images[0], ax=grid, fraction=0.05, pad=0.02, aspect=15)
    bar.set_label("mean code", size=8)
    bar.ax.tick_params(labelsize=7)
    return figure
