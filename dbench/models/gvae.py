"""GVAE: a VAE of pairs that is told which factors they share; shared posteriors are averaged.

Hosoya, "Group-based Learning of Disentangled Representations with Generalizability for Novel
Contents", IJCAI 2019, as Locatello et al. (ICML 2020) compare with it; formulas and departures are
in pairs.py.
"""

from typing import Annotated

from dbench.base import Model
from dbench.models.pairs import Pairs, of_pairs


def gvae(
    shape: tuple[int, int, int],
    *,
    beta: float = 1.0,
    changes: Annotated[int, 0] = 1,
    pairs: Pairs = "exact",
    **options,
) -> Model:
    """VAE of pairs that is told which factors they share (Hosoya 2019).

    `beta` >= 0, no unit, weighs the KL; `changes` is the number of factors that differ in a pair,
    0 for a random one of each pair; `pairs` "exact" or "published" (see `sampling.pairs`);
    `options` are those of `vae`: net, latents, learning_rate. Logs: see pairs.py.
    """
    return of_pairs(shape, "gvae", beta=beta, changes=changes, pairs=pairs, **options)
