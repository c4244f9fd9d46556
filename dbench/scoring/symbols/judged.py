"""What a judge tells of images of concepts, as accuracy and diversity."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.errors import InputError
from dbench.scoring.symbols.judge import Judge


class Judged(NamedTuple):
    """What the judge tells of images of c concepts."""

    concepts: np.ndarray  # [c, k], -1 where nothing is said
    told: np.ndarray  # [c, samples, k]
    judge: Judge


def accuracy_of(found: Judged) -> tuple[np.ndarray, np.ndarray]:
    """Share of right values by concept and factor [c, k], NaN if not said; of all right [c]."""
    said = (found.concepts >= 0)[:, None]
    right = found.told == found.concepts[:, None]
    share = np.where(said[:, 0], right.mean(axis=1), np.nan)
    return share, (right | ~said).all(axis=2).mean(axis=1)


def diversity_of(found: Judged) -> np.ndarray:
    """KL(told || flat) by concept and factor [c, k] in nats, NaN where the factor is said.

    Of counts p_i / n the estimate is ln m + sum p_i ln p_i, too high by about (m' - 1) / 2n for m'
    values that are met (Miller 1955); that is taken off.
    """
    kl = np.full(found.concepts.shape, np.nan)
    count = found.told.shape[1]
    for j, size in enumerate(found.judge.sizes):
        for i in np.flatnonzero(found.concepts[:, j] < 0):
            counts = np.bincount(found.told[i, :, j], minlength=size)
            share = counts[counts > 0] / count
            kl[i, j] = np.log(size) + (share * np.log(share)).sum() - (len(share) - 1) / (2 * count)
    return kl


def accuracy(found: Judged) -> Score:
    share, exact = accuracy_of(found)
    return _score(share, (found.concepts >= 0).sum(axis=1), found, exact=float(exact.mean()))


def diversity(found: Judged) -> Score:
    kl = diversity_of(found)
    open_ = ~np.isnan(kl).all(axis=1)
    if not open_.any():
        raise InputError("no concept of the test leaves a factor open: there is no diversity")
    return _score(kl[open_], (found.concepts[open_] >= 0).sum(axis=1), found)


def _score(shares: np.ndarray, level: np.ndarray, found: Judged, **parts: float) -> Score:
    """The mean over concepts of the means of shares [c, k] that are not NaN."""
    each = np.nanmean(shares, axis=1)
    met = ~np.isnan(shares).all(axis=0)
    factors = np.full(shares.shape[1], np.nan)
    factors[met] = np.nanmean(shares[:, met], axis=0)
    stderr = float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0
    levels = by_level(each, level, shares.shape[1])
    more = {"levels": levels, "factors": factors, "judge": found.judge.accuracy}
    return Score(float(each.mean()), stderr, {**parts, **more})


def by_level(each: np.ndarray, level: np.ndarray, most: int) -> np.ndarray:
    """The means [most] of concepts that have 1, 2, ... symbols, NaN of a number that none has."""
    some = [each[level == at] for at in range(1, most + 1)]
    return np.array([part.mean() if len(part) else np.nan for part in some])
