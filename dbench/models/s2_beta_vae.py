"""S2-beta-VAE: a beta-VAE that is told the factors of a few images.

Locatello et al., "Disentangling Factors of Variation Using Few Labels", ICLR 2020; formulas and
departures are in few_labels.py.
"""

from typing import Annotated

from dbench.base import Model
from dbench.models.few_labels import Regulariser, Schedule, Supervision, with_labels
from dbench.models.labellers import Labeller


def s2_beta_vae(
    shape: tuple[int, int, int],
    *,
    beta: float = 4.0,
    weight: float = 1.0,
    labels: int = 100,
    labeller: Labeller = "perfect",
    regulariser: Regulariser = "xent",
    schedule: Schedule = "fixed",
    anneal_steps: int = 100_000,
    observed: str = "",
    label_seed: Annotated[int, 0] = 0,
    **options,
) -> Model:
    """beta-VAE that is told the factors of a few images (Locatello et al. 2020, ICLR).

    `beta` >= 0 is the weight of the KL, `weight` >= 0 that of `regulariser`, to which `labels`
    images by `labeller` are held; `schedule` says how the weight grows over `anneal_steps`;
    `observed` are names of the factors that are known, comma-separated, all if empty; `label_seed`
    draws the labelled images; `options` are those of `vae`. See few_labels.py.
    """
    how = Supervision(labels, labeller, regulariser, schedule, anneal_steps, observed, label_seed)
    return with_labels(
        shape, "s2_beta_vae", lambda batch: (beta * batch.kl, {}), weight, how, **options
    )
