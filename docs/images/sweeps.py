"""Draws sweeps.png: three sweeps of results/reference, and a run whose latents move one factor.

python docs/images/sweeps.py results/tc_sweep/laptop/dsprites/beta_tcvae/beta=4/seed=2
"""

import sys
from pathlib import Path

import jax
import matplotlib
import numpy as np
from matplotlib import patheffects
from matplotlib import pyplot as plt

from dbench import tables
from dbench.scoring import evaluate
from dbench.tables import results
from dbench.training import devices

matplotlib.use("agg")
HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "results" / "reference"
SWEEPS = {  # study -> method, where strengths stand beside marks after the best one and up to it
    "beta_sweep": ("beta-VAE", (5, -10), (5, -10)),
    "tc_sweep": ("beta-TCVAE", (5, 4), (5, 4)),
    "gamma_sweep": ("FactorVAE", (5, 4), (-5, 4)),
}
SCORES = {"mig": "MIG", "factor_vae": "FactorVAE score"}
ROWS, COLUMNS, SPAN = 5, 9, 2.0


def sweep(axes, name: str, label: str, after: tuple[int, int], before: tuple[int, int]) -> None:
    """A line a score: means over seeds by strength, over the mean reconstruction error."""
    frame = tables.load(REFERENCE / name, scale="laptop")
    wide = frame.pivot_table(index=["value", "seed"], columns="metric", values="score")
    mean, error = (getattr(wide.groupby("value"), f)() for f in ("mean", "sem"))
    for ax, score in zip(axes, SCORES, strict=True):
        place = mean["reconstruction"], mean[score], error[score]
        bars = ax.errorbar(*place, marker="o", ms=4, capsize=2, label=label)
        for value, row in mean.iterrows():
            at = (row["reconstruction"], row[score])
            offset = before if value <= mean[score].idxmax() else after
            side = "left" if offset[0] > 0 else "right"
            text = ax.annotate(f"{value:g}", at, offset, textcoords="offset points", ha=side)
            text.set(fontsize=8, color=bars.lines[0].get_color(), zorder=5)
            text.set_path_effects([patheffects.withStroke(linewidth=2, foreground="white")])


def traversed(folder: Path) -> np.ndarray:
    """[ROWS, COLUMNS, h, w]: the latents that say most moved, all others at their medians."""
    config, dataset = evaluate.opened(folder)
    program, numbers, params = evaluate.rebuilt(folder, config, dataset)
    log = results.log(folder / "log.csv").iloc[-1]
    kl = log[[c for c in log.index if c.startswith("kl_latent_")]].to_numpy(float)
    (table,) = evaluate.tables_of(
        [folder], [config], dataset, devices.mesh(), rows=np.arange(0, dataset.size, 1000)
    )
    codes = np.tile(np.median(table.mean, axis=0), (ROWS, COLUMNS, 1)).astype(np.float32)
    for row, latent in enumerate(np.argsort(-kl)[:ROWS]):
        codes[row, :, latent] = np.linspace(-SPAN, SPAN, COLUMNS)
    model = program.build(numbers)
    images = jax.jit(model.decode)(params, codes.reshape(-1, codes.shape[-1]))
    return np.asarray(images)[..., 0].reshape(ROWS, COLUMNS, *dataset.shape[:2])


def main(folder: Path) -> None:
    devices.setup(cpus=1)
    fig = plt.figure(figsize=(13, 4.2), layout="constrained")
    left, middle, right = fig.subplots(1, 3, width_ratios=[1, 1, 1.45])
    for name, said in SWEEPS.items():
        sweep((left, middle), name, *said)
    for ax, label in zip((left, middle), SCORES.values(), strict=True):
        ax.set(xlabel="reconstruction error, nats an image", ylabel=label)
        ax.grid(alpha=0.3)
        ax.margins(x=0.13)
    said = "mean ± standard error over 8 seeds, FactorVAE 6; numbers: beta, FactorVAE gamma"
    lines = left.get_legend_handles_labels()
    right.legend(
        *lines,
        title=said,
        ncols=3,
        fontsize=8,
        title_fontsize=8,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.04),
    )
    images = np.pad(traversed(folder), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.5)
    right.imshow(np.concatenate([np.concatenate(row, axis=1) for row in images]), cmap="gray")
    right.set(xticks=[], yticks=[], title=f"five latents of a run, each from {-SPAN:g} to {SPAN:g}")
    fig.savefig(HERE / "sweeps.png", dpi=100)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
