"""Does a code follow a factor: code against value, and images rendered again with the code moved.

Kulkarni et al., "Deep Convolutional Inverse Graphics Network", NeurIPS 2015, section 4, show both
of a DC-IGN. Here of any trained model: one code for each factor, a DC-IGN's by its options, of
another model the one with most mutual information. All from a sample of the images.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd
import scipy
from jax.sharding import Mesh
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dbench import files
from dbench.base import Dataset, Table
from dbench.errors import InputError, choose
from dbench.metrics.shared.validate import factor_names
from dbench.models.dc_ign import listed
from dbench.pictures import sheet
from dbench.pictures.matrix import short
from dbench.pictures.runs import Run, decode, load
from dbench.scoring import evaluate
from dbench.tables import spreadsheet
from dbench.training import programs
from dbench.training.programs import Program

STARTS = 30  # images that are rendered again to measure the error
BAND = (0.1, 0.9)  # quantiles of a code at one value of its factor
COLUMNS = {
    "pearson": "-1 to 1, linear correlation of the code with the factor's value",
    "spearman": "-1 to 1, the same of ranks: does the code only rise, or only fall",
    "explained": "0 to 1, share of the code's variance that the factor's value explains, by a "
    "curve of any form; 1: the code follows this factor and no other",
    "rendered": f"squared pixel error an image, of up to {STARTS} images rendered again at every "
    "value of the factor with the code moved there; lower is better",
    "unmoved": "the same with the code as it was: rendered is below it if moving the code helps",
}


class Pair(NamedTuple):
    """A code and the factor that it should follow."""

    code: int
    factor: str


def read(
    folder: Path, mesh: Mesh, factors: Sequence[str] | None, source: Path | None, seed: int
) -> Run:
    """The run in a folder, as `runs.read`; what cannot be shown is said before any work."""
    config, dataset = evaluate.opened(folder, source)
    require(dataset, programs.program(dataset, config["model"], config["options"]), factors)
    return load([folder], dataset, mesh, seed)[0]


def require(dataset: Dataset, program: Program, factors: Sequence[str] | None) -> None:
    """An InputError if there are no such factors, or the model does not decode."""
    names = [dataset.names[j] for j in dataset.varying]
    if not names:
        raise InputError(f"equivariance needs factors, and {dataset.name} has none")
    for factor in factors or ():
        choose("factor", factor, names)
    if program.build().decode is None:
        raise InputError(f"equivariance renders images again, and {program.model} does not decode")


def pairs(run: Run, factors: Sequence[str] | None = None) -> list[Pair]:
    """The code of each of the factors: by default those of a DC-IGN's own codes, else all."""
    own = {}
    if run.program.model == "dc_ign":
        names = listed(dict(run.program.structure)["extrinsic"])
        own = {name: code for code, name in enumerate(names)}
    names, best = run.latents.factors, run.latents.information.argmax(axis=0)
    chosen = factors or own or names
    return [Pair(own.get(f, int(best[names.index(f)])), f) for f in chosen]


def _both(table: Table, pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """The code and the factor of a pair, [n] each."""
    return table.mean[:, pair.code], table.factors[:, factor_names(table).index(pair.factor)]


def curve(table: Table, pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of the factor in the table [m], mean of the code at each [m], its BAND [2, m]."""
    codes, column = _both(table, pair)
    values = np.unique(column)
    at = [codes[column == value] for value in values]
    return values, np.array([a.mean() for a in at]), np.array([np.quantile(a, BAND) for a in at]).T


def follows(table: Table, pair: Pair, values: np.ndarray) -> dict[str, float]:
    """How a code follows its factor, `values` [size] of which the indices stand for: see COLUMNS.

    Explained is Var E[code|factor] / Var code, so that it is fair to a factor that comes round.
    """
    codes, column = _both(table, pair)
    if codes.std() < 1e-6:
        return {"pearson": 0.0, "spearman": 0.0, "explained": 0.0}
    there, means, _ = curve(table, pair)
    between = (means[np.searchsorted(there, column)] - codes.mean()) ** 2
    return {
        "pearson": float(np.corrcoef(codes, values[column])[0, 1]),
        "spearman": float(scipy.stats.spearmanr(codes, values[column])[0]),
        "explained": float(between.mean() / codes.var()),
    }


def rendered(run: Run, pair: Pair, starts: Sequence[int]) -> tuple[np.ndarray, ...]:
    """As the factor runs through its values, other factors as in an image `starts` of the sample:

    the true images [m, h, w, c]; that image with the code moved to its mean at each value, decoded;
    and as it was encoded, decoded: m images each, those of one start after those of another.
    """
    j, (there, means, _) = run.dataset.names.index(pair.factor), curve(run.table, pair)
    lines = [sheet.traversal(run.dataset, run.rows[at], j) for at in starts]
    rows = np.concatenate(lines)
    codes = np.repeat(run.table.mean[list(starts)], [len(line) for line in lines], axis=0)
    moved = codes.copy()
    moved[:, pair.code] = np.interp(run.dataset.factors[rows, j], there, means)
    true = jax.jit(run.dataset.gather)(run.dataset.arrays, rows.astype(np.int32))
    return np.asarray(true), decode(run, moved), decode(run, codes)


def errors(run: Run, pair: Pair) -> dict[str, float]:
    """Squared pixel errors an image, from STARTS images: `rendered` with the code moved and, to
    compare, `unmoved`, with the code as it was; both against the true images."""
    true, moved, still = rendered(run, pair, range(min(STARTS, len(run.rows))))
    wrong = [((x - true) ** 2).sum(axis=(1, 2, 3)).mean() for x in (moved, still)]
    return dict(zip(("rendered", "unmoved"), map(float, wrong), strict=True))


def measure(run: Run, chosen: Sequence[Pair]) -> pd.DataFrame:
    """One row a pair: factor, code, and what `follows` and `errors` say."""
    values = dict(zip(run.dataset.names, run.dataset.values, strict=True))
    return pd.DataFrame(
        {
            "factor": p.factor,
            "code": f"z{p.code}",
            **follows(run.table, p, values[p.factor]),
            **errors(run, p),
        }
        for p in chosen
    )


def picture(run: Run, chosen: Sequence[Pair], frame: pd.DataFrame, at: int = 0) -> Figure:
    """Above, each code against the value of its factor; below, for each factor, true images and
    those of one image rendered again."""
    k = len(chosen)
    values = dict(zip(run.dataset.names, run.dataset.values, strict=True))
    figure = Figure((max(2.7 * k, 8.5), 2.9 + 1.75 * k), dpi=110, layout="constrained")
    heights = [2.9, 1.75 * k]
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    grid = above.subplots(1, k, squeeze=False)[0]
    for axes, pair, (_, said) in zip(grid, chosen, frame.iterrows(), strict=True):
        there, means, band = curve(run.table, pair)
        x = values[pair.factor][there]
        axes.fill_between(x, *band, color="#BBBBBB", linewidth=0, label="10% to 90%")
        axes.plot(x, means, color="#0072B2", marker=".", label="mean")
        title = f"z{pair.code}: r {said['pearson']:+.2f}, {said['explained']:.0%} explained"
        axes.set_title(title, size=9, loc="left")
        axes.set_xlabel(short(pair.factor), size=9, parse_math=False)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0].set_ylabel("code (posterior mean)", size=9)
    grid[0].legend(fontsize=7, frameon=False)
    rows = below.subplots(2 * k, 1, squeeze=False)[:, 0]
    for i, pair in enumerate(chosen):
        true, again, _ = rendered(run, pair, [at])
        for axes, images, said in zip(
            rows[2 * i : 2 * i + 2], (true, again), ("true", "z moved"), strict=True
        ):
            _strip(axes, images, f"{short(pair.factor)}: {said}")
    return figure


def _strip(axes: Axes, images: np.ndarray, label: str) -> None:
    """Images [m, h, w, c] side by side."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1.0)
    strip = np.concatenate(list(framed), axis=1)
    axes.imshow(np.broadcast_to(strip, (*strip.shape[:2], 3)))
    axes.set_axis_off()
    axes.set_anchor("W")
    place = axes.transAxes
    axes.text(-0.01, 0.5, label, size=8, parse_math=False, ha="right", va="center", transform=place)


def write(
    folder: Path,
    mesh: Mesh,
    path: Path,
    factors: Sequence[str] | None = None,
    source: Path | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """What `measure` says of the run in a folder; writes it as .csv beside the picture `path`."""
    run = read(folder, mesh, factors, source, seed)
    chosen = pairs(run, factors)
    frame = measure(run, chosen)
    with files.replacing(path) as temporary:
        picture(run, chosen, frame).savefig(temporary, format="png")
    files.write_bytes(path.with_suffix(".csv"), spreadsheet.csv(frame).encode())
    return frame
