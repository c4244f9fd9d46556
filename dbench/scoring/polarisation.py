"""Polarised regime: is each code of a VAE either sure of every image or left at the prior."""

import numpy as np

from dbench.base import Dataset, Score
from dbench.errors import InputError
from dbench.scoring.jacobian import ACTIVE
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs
from dbench.training.programs import Program


def spreads(program: Program, dataset: Dataset) -> None:
    """An InputError if the model has no log variances."""
    if not programs.codes(program, len(dataset.names))[1]:
        raise InputError(
            f"polarisation needs the log variances of a posterior, which {program.model} has not"
        )


def polarisation(
    run: TrainedModel,
    *,
    rows: int = 10_000,
) -> Score:
    """Share of the KL that the polarised regime accounts for (Rolinek et al. 2019).

        E_x sum_active 1/2 (m_j^2 - log s_j^2 - 1) / KL
        KL = E_x sum_all 1/2 (m_j^2 + s_j^2 - log s_j^2 - 1)

    of posteriors N(m_j, s_j^2). A code is active if its mean has a standard deviation above 0.5
    over the images. In (-inf, 1]; neither way is better. It is 1 if each code is either active
    with a variance of about 0, or left at the prior, N(0, 1): then the posterior is polarised. Its
    complement, the part `kl_error`, is the paper's Delta KL. That is the sum of two parts:
    `noise`, the variances of active codes, and `passive`, the KL of the others. It can be below 0
    where active codes are unsure: m_j^2 - log s_j^2 below 1 on average.

    Rolinek, Zietlow and Martius, "Variational Autoencoders Pursue PCA Directions (by Accident)",
    CVPR 2019; not seen, by what a reproduction of others says. Departures: whether theirs is the
    ratio of two means, as here, or a mean of ratios is not known; a model with correlated
    posteriors is scored by the variances of its codes alone.

    `rows` distinct images, drawn by the key (all, if there are fewer). Parts: active, how many;
    kl in nats; kl_error; noise; passive. stderr: over images, the active codes as found.
    """
    spreads(run.program, run.dataset)
    some = run.distinct(rows)
    table = run.codes("polarisation", some)
    assert table.logvar is not None  # see `spreads`
    return share(table.mean.astype(np.float64), table.logvar.astype(np.float64))


def share(mean: np.ndarray, logvar: np.ndarray) -> Score:
    """The score of posteriors [n, d]."""
    active = mean.std(axis=0) > ACTIVE
    variance = np.exp(logvar)
    each = (mean**2 + variance - logvar - 1) / 2  # [n, d] nats
    kl, noise = each.sum(axis=1), variance[:, active].sum(axis=1) / 2
    passive = each[:, ~active].sum(axis=1)
    said = [] if active.any() else ["no code is active: nothing is polarised"]
    whole = float(kl.mean())
    parts = {"active": float(active.sum()), "kl": whole}
    if whole <= 0:  # the prior for every image; below 0 by rounding alone
        said = ["the posterior is the prior for every image: there is no KL to share"]
        return Score(0.0, 0.0, parts | {"kl_error": 1.0, "noise": 0.0, "passive": 1.0}, tuple(said))
    error = (noise + passive).mean() / whole
    parts |= {"kl_error": float(error)}
    parts |= {"noise": float(noise.mean() / whole), "passive": float(passive.mean() / whole)}
    off = noise + passive - error * kl  # of a ratio of means, by the delta method
    stderr = float(off.std(ddof=1) / np.sqrt(len(kl)) / whole)
    return Score(float(1 - error), stderr, parts, tuple(said))
