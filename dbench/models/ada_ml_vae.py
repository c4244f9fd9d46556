"""Ada-ML-VAE: an ML-VAE that finds by itself which codes the images of a pair share.

Nothing is told but that the images of a pair share some factors. Locatello et al.,
"Weakly-Supervised Disentanglement Without Compromises", ICML 2020, section 4.1; formulas and
departures are in pairs.py.
"""

from typing import Annotated

from dbench.base import Model
from dbench.models.pairs import Pairs, of_pairs


def ada_ml_vae(
    shape: tuple[int, int, int],
    *,
    beta: float = 1.0,
    changes: Annotated[int, 0] = 1,
    pairs: Pairs = "exact",
    **options,
) -> Model:
    """VAE of pairs that finds which codes they share, ML-VAE's average (Locatello et al. 2020).

    `beta` >= 0, no unit, weighs the KL; `changes` is the number of factors that differ in a pair,
    0 for a random one of each pair; `pairs` "exact" or "published" (see `sampling.pairs`);
    `options` are those of `vae`: net, latents, learning_rate. Logs: see pairs.py.
    """
    return of_pairs(shape, "ada_ml_vae", beta=beta, changes=changes, pairs=pairs, **options)
