"""Whether a concept says something of its own factors and leaves the others open, in the codes."""

import jax.numpy as jnp
import numpy as np

from dbench.base import Score
from dbench.data.concepts import k_hot, vocabulary
from dbench.metrics.kl import kl_per_row
from dbench.scoring.symbols.imagined import grounds, lessons_of
from dbench.scoring.symbols.judge import named
from dbench.scoring.symbols.judged import by_level
from dbench.scoring.trained_model import TrainedModel


def symbol_specificity(run: TrainedModel, *, rows: int = 2_000) -> Score:
    """Share of what a concept fixes that lies in latents of its own factors, higher is better.

        S(y) = sum_j KL_j(y) sum_{k said by y} e_jk / sum_j KL_j(y)

    with KL_j(y) of latent j of q(z|y) from the prior, in nats (how specific the concept is there),
    and e_jk the share of the variance of the posterior mean of latent j that factor k alone
    explains, over `rows` distinct images drawn by the key (all, if there are fewer), corrected for
    the number of values (Kelley's epsilon squared) and no lower than 0. The score is the mean over
    the test concepts. Range [0, 1]: 1 if a concept fixes only latents that its factors alone move.
    It is low where a concept fixes what it does not speak of, and where latents are of several
    factors. A concept that fixes nothing scores 0, with a warning. stderr: over concepts. Parts:
    `levels` [k], by how many symbols a concept has (NaN: there is none); `kl` [d] nats, mean over
    concepts; `explained` [d, k].

    Higgins et al., "SCAN", ICLR 2018, section 5.1, draws how specific latents are, and gives no
    such number we know of: the score is ours.
    """
    grounds(run.program, run.dataset)
    words, lessons = vocabulary(run.dataset), lessons_of(run.program, run.dataset)
    some = run.distinct(rows)
    table = run.codes("symbol_specificity", some)
    share = explained(table.mean, named(run.dataset, words, some))
    known = run.program.build(run.numbers).symbols
    assert known is not None
    symbols = k_hot(jnp.asarray(lessons.tested), lessons.offsets)
    gaussian = [np.asarray(part, float) for part in known.infer(run.params, symbols)]
    return specificity(kl_per_row(*gaussian), share, lessons.tested)


def specificity(kl: np.ndarray, share: np.ndarray, concepts: np.ndarray) -> Score:
    """Of KL [c, d] of each concept, explained shares [d, k], and concepts [c, k], -1: not said."""
    said = concepts >= 0
    total = kl.sum(axis=1)
    own = (kl * (said @ share.T)).sum(axis=1)
    each = np.divide(own, total, out=np.zeros_like(total), where=total > 0)
    levels = by_level(each, said.sum(axis=1), said.shape[1])
    stderr = float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0
    parts = {"levels": levels, "kl": kl.mean(axis=0), "explained": share}
    empty = int((total <= 0).sum())
    warnings = (f"{empty} of {len(total)} concepts fix nothing",) if empty else ()
    return Score(float(each.mean()), stderr, parts, warnings)


def explained(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Epsilon squared of each code [n, d] by each factor [n, k] int: [d, k] in [0, 1]."""
    codes = np.asarray(codes, float)
    off = codes - codes.mean(axis=0)
    total = (off**2).sum(axis=0)
    found = np.zeros((codes.shape[1], values.shape[1]))
    for k, value in enumerate(values.T):
        count = np.bincount(value)
        groups = np.flatnonzero(count)
        sums = np.stack([off[value == group].sum(axis=0) for group in groups])
        between = (sums**2 / count[groups, None]).sum(axis=0)
        free = len(codes) - len(groups)
        chance = (len(groups) - 1) * (total - between) / free if free > 0 else between
        share = np.divide(between - chance, total, out=np.zeros_like(total), where=total > 0)
        found[:, k] = np.clip(share, 0, 1)
    return found
