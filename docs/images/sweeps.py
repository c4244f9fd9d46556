"""Draws sweeps.png: three sweeps of results/reference, and a run whose latents move one factor.

python docs/images/sweeps.py results/tc_sweep/laptop/dsprites/beta_tcvae/beta=4/seed=2
"""

import sys
from pathlib import Path

import jax
import matplotlib
import numpy as np
from matplotlib import pyplot as plt

from dbench import tables
from dbench.scoring import evaluate
from dbench.tables import results
from dbench.training import devices

matplotlib.use("agg")
HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "results" / "reference"
SWEEPS = {"beta_sweep": "beta-VAE", "tc_sweep": "beta-TCVAE", "gamma_sweep": "FactorVAE"}
SCORES = {"mig": "MIG", "factor_vae": "FactorVAE score"}
ROWS, COLUMNS, SPAN = 5, 9, 2.0


def sweep(axes, name: str, label: str) -> None:
    """A line a score: means over seeds by strength, over the mean reconstruction error."""
    frame = tables.load(REFERENCE / name, scale="laptop")
    wide = frame.pivot_table(index=["value", "seed"], columns="metric", values="score")
    mean, error = (getattr(wide.groupby("value"), f)() for f in ("mean", "sem"))
    for ax, score in zip(axes, SCORES, strict=True):
        place = mean["reconstruction"], mean[score], error[score]
        ax.errorbar(*place, marker="o", ms=4, capsize=2, label=label)
        for value, row in mean.iterrows():
            at = (row["reconstruction"], row[score])
            ax.annotate(f"{value:g}", at, (4, 4), textcoords="offset points", fontsize=7)


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
    for name, label in SWEEPS.items():
        sweep((left, middle), name, label)
    for ax, label in zip((left, middle), SCORES.values(), strict=True):
        ax.set(xlabel="reconstruction error, nats an image", ylabel=label)
        ax.grid(alpha=0.3)
    left.legend(fontsize=8)
    images = np.pad(traversed(folder), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.5)
    right.imshow(np.concatenate([np.concatenate(row, axis=1) for row in images]), cmap="gray")
    right.set(xticks=[], yticks=[], title=f"five latents of a run, each from {-SPAN:g} to {SPAN:g}")
    fig.savefig(HERE / "sweeps.png", dpi=100)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
