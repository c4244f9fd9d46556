"""Which factors a capacity is spent on: the logs of runs of capacity_generator, over C.

Burgess et al., "Understanding disentangling in beta-VAE", 2018, section 4.2: the figure of the
utilisation of factors, with reconstructions at 3.1, 7.3, 15.4 and 23.8 nats.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from dbench import files
from dbench.data.registry import recorded
from dbench.errors import InputError
from dbench.inputs.own_metrics import is_own
from dbench.pictures.matrix import short
from dbench.scoring import evaluate
from dbench.tables import results
from dbench.tables.capacity import coded_from
from dbench.training import checkpoint

SHOWN = (3.1, 7.3, 15.4, 23.8)  # nats, of the paper's pictures


def read(folders: Sequence[Path], source: Path | None = None) -> pd.DataFrame:
    """Columns run, step, capacity, factor, nats: for each line of a log and factor that varies.

    All runs must be of capacity_generator, or of users' own models that log the same, and of one
    data set.
    """
    configs = [evaluate.finished(folder) for folder in folders]
    for folder, config in zip(folders, configs, strict=True):
        if config["model"] != "capacity_generator" and not is_own(config["model"]):
            raise InputError(f"{folder} is of {config['model']}, and not of capacity_generator")
        if config["dataset"] != configs[0]["dataset"]:
            raise InputError(f"{folder} is of another data set than {folders[0]}")
    dataset = recorded(configs[0]["dataset"], source)
    for folder, config in zip(folders, configs, strict=True):
        checkpoint.same_data(folder, config, dataset)
    parts = []
    for folder in folders:
        log = results.log(folder / results.LOG)
        wanted = ["step", "capacity", *(f"kl_latent_{j}" for j in dataset.varying)]
        if lacks := [column for column in wanted if column not in log]:
            raise InputError(
                f"{folder / results.LOG} lacks the columns {', '.join(lacks)}; it was cut off or "
                "edited"
            )
        for j in dataset.varying:
            own = log[["step", "capacity"]].assign(nats=log[f"kl_latent_{j}"])
            parts.append(own.assign(run=str(folder), factor=dataset.names[j]))
    return pd.concat(parts, ignore_index=True)


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a factor: nats at each capacity SHOWN and C from which on it is coded, means over runs.

    A capacity that the runs never had is left out; "coded from" is of the runs in which the factor
    ever is, and `runs` says how many these are.
    """
    columns = {}
    largest = frame["capacity"].max()
    for capacity in SHOWN:
        if capacity <= largest:
            away = (frame["capacity"] - capacity).abs()
            nearest = frame.loc[away.groupby([frame["run"], frame["factor"]]).idxmin()]
            columns[f"at {capacity:g}"] = nearest.groupby("factor")["nats"].mean()
    found = coded_from(frame)
    columns["coded from"], columns["spread"] = found.mean(), found.std()
    columns["runs"] = found.notna().sum()
    return pd.DataFrame(columns).sort_values("coded from")


def picture(frame: pd.DataFrame) -> Figure:
    """Nats of each factor over C: the mean over runs, and from the least of them to the most."""
    figure = Figure((6.4, 4.0), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    for factor in frame["factor"].unique():
        lines = (
            frame[frame["factor"] == factor]
            .groupby("step")
            .agg({"capacity": "mean", "nats": ["mean", "min", "max"]})
        )
        c, nats = lines[("capacity", "mean")], lines["nats"]
        (drawn,) = axes.plot(c, nats["mean"], label=short(factor))
        axes.fill_between(c, nats["min"], nats["max"], color=drawn.get_color(), alpha=0.2, lw=0)
    for capacity in SHOWN:
        if capacity <= frame["capacity"].max():
            axes.axvline(capacity, color="0.6", linestyle=":", linewidth=1)
    runs = frame["run"].nunique()
    said = f"what a capacity is spent on, {runs} run{'s' if runs > 1 else ''}"
    axes.set_title(f"{said}; dotted: the paper's pictures", size=9, loc="left")
    axes.set_xlabel("capacity C, nats", size=9)
    axes.set_ylabel("KL of the factor's code, nats", size=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    return figure


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Writes the picture as .png."""
    with files.replacing(path) as temporary:
        picture(frame).savefig(temporary, format="png")
