"""What each latent knows of each factor, and how important it is to it: matrices of single runs."""

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

# Title; scores that have it, the first that is there; their part; unit; what it is. Both are
# shares, on a scale that goes to 1: noise does not shine, and runs can be compared.
MATRICES = [
    (
        "Mutual information",
        ("mig", "mig_histogram", "mig_sup"),
        "information",
        "share of the factor's entropy",
        "What each latent alone tells of each factor: 1 is all of its entropy.",
    ),
    (
        "Importance",
        ("dci_disentanglement", "dci_completeness", "dci_informativeness"),
        "importance",
        "importance, no unit",
        "How much each latent counts where all of them predict a factor.",
    ),
]


TREES = 2_000  # images that trees learn from where no score of a run did, a second or two
MANY = 50  # latents, beyond which they would take minutes


def _fit(run: Run) -> bool:
    """Whether importances can be had of the sample: there is something to tell apart."""
    return len(run.latents.factors) > 1 and run.table.mean.shape[1] <= MANY


def importance(run: Run) -> np.ndarray:
    """[d, k] of boosted trees as those of the scores `dci_*`, of fewer images."""
    trees = Work(run.table, jax.random.key(0)).once(boosted, "train", TREES)
    return np.stack([tree.importances for tree in trees], axis=1)


def figures(path: Path, run: Run, end: str, lacks: list[str]) -> list[Figure]:
    """What each latent knows of each factor, and how important it is to it."""
    parts = score_files.read_arrays(score_files.beside(path / "scores.csv")[0])
    made, latents = [], run.latents
    labels = [[f"z{j}" for j in latents.order], list(map(pictures.short, latents.factors))]
    for title, metrics, part, unit, said in MATRICES:
        known = next((m for m in metrics if f"{m}/{part}" in parts), None)
        matrix = parts[f"{known}/{part}"] if known else None
        if matrix is None and part == "information" and latents.factors:
            known, matrix = f"{len(run.rows):,} images", latents.information
        if matrix is None and part == "importance" and _fit(run):
            known, matrix = f"{TREES:,} images", importance(run)
        if matrix is None or matrix.shape != latents.information.shape:
            say(
                lacks,
                f"No figure of {title.lower()} of runs that have none of {', '.join(metrics)}.",
            )
            continue
        matrix = np.asarray(matrix)
        if part == "information":
            matrix = latents._replace(information=matrix).share
        matrix = matrix[latents.order]
        rows = pd.DataFrame(matrix, columns=latents.factors)
        rows.insert(0, "latent", labels[0])
        draw = pictures.hinton if part == "importance" else pictures.heat_map
        canvas = draw(matrix, labels, ("latent", "factor"), f"{title}, as in {known}", unit, 1.0)
        name = f"{part}_{end}"
        most = latents.sorted_by
        made.append(picture(canvas, name, title, f"{said} Latents with most {most} first.", rows))
    return made
