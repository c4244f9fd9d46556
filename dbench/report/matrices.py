"""What each latent knows of each factor, and how important it is to it: matrices of single runs."""

from functools import partial
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from dbench.metrics.shared.fits import boosted
from dbench.metrics.shared.metric import Work
from dbench.pictures import matrix as pictures
from dbench.pictures.runs import Run
from dbench.report.figure import Figure, picture, say
from dbench.scoring import score_files

LATENTS = "What each latent alone tells of each factor: 1 is all of its entropy."
IMPORTANCE = "How much each latent counts where all of them predict a factor."
DCI = ("dci_disentanglement", "dci_completeness", "dci_informativeness")
TREES = 2_000  # images, drawn with replacement, that trees learn from where no score's did
MANY = 50  # latents, beyond which they would take minutes


def _fit(run: Run) -> bool:
    """Whether importances can be had of the sample: there is something to tell apart."""
    return len(run.latents.factors) > 1 and run.table.mean.shape[1] <= MANY


def importance(run: Run) -> np.ndarray:
    """[d, k] of boosted trees as those of the scores `dci_*`, of fewer images."""
    trees = Work(run.table, jax.random.key(0)).once(boosted, "train", TREES)
    return np.stack([tree.importances for tree in trees], axis=1)


def figures(path: Path, run: Run, end: str, lacks: list[str]) -> list[Figure]:
    """What each latent knows of each factor, and how important it is to it.

    Both are shares, on a scale that goes to 1: noise does not shine, and runs can be compared.
    """
    latents = run.latents
    if not latents.factors:
        return []
    parts = score_files.read_arrays(score_files.beside(path / "scores.csv")[0])
    # The information is that which latents are named by.
    source = "mig" if "mig/information" in parts else f"{len(run.rows):,} images"
    unit = "share of the factor's entropy"
    shown = partial(_figure, run)
    made = [shown("Mutual information", source, latents.share, unit, LATENTS, f"information_{end}")]
    known = next((m for m in DCI if f"{m}/importance" in parts), None)
    matrix = np.asarray(parts[f"{known}/importance"]) if known else None
    if matrix is None and _fit(run):
        known, matrix = f"{TREES:,} draws of {len(run.rows):,} images", importance(run)
    if known is None or matrix is None or matrix.shape != latents.information.shape:
        say(lacks, f"No figure of importance of runs that have none of {', '.join(DCI)}.")
        return made
    unit = "importance, no unit"
    return [*made, shown("Importance", known, matrix, unit, IMPORTANCE, f"importance_{end}")]


def _figure(
    run: Run, title: str, source: str, matrix: np.ndarray, unit: str, said: str, name: str
) -> Figure:
    """A matrix [d, k] with latents in their order."""
    latents = run.latents
    labels = [[f"z{j}" for j in latents.order], list(map(pictures.short, latents.factors))]
    matrix = matrix[latents.order]
    rows = pd.DataFrame(matrix, columns=latents.factors)
    rows.insert(0, "latent", labels[0])
    draw = pictures.hinton if title == "Importance" else pictures.heat_map
    canvas = draw(matrix, labels, ("latent", "factor"), f"{title}, as in {source}", unit, 1.0)
    return picture(
        canvas, name, title, f"{said} Latents with most {latents.sorted_by} first.", rows
    )
