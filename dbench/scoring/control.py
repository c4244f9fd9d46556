"""Does one code alone answer to each action, and do policies choose what their codes answer to."""

import numpy as np

from dbench.base import Score
from dbench.scoring.moves import Moves, acts, moves, policies
from dbench.scoring.trained_model import TrainedModel

LEAST = 1e-6  # share of the largest change that rounding alone may make


def action_selectivity(
    run: TrainedModel,
    *,
    rows: int = 2_000,
) -> Score:
    """Selectivity by action: does one code alone answer to each action, higher is better.

        mean_a max_k E_s max(+-D_k, 0) / sum_j max(+-D_j, 0),   D = f(s') - f(s)

    over states s that the action a changes; the better of both signs, so that a code may grow or
    fall alone. In (0, 1]: 1 if of all codes that grow under an action, or of all that fall, there
    is one only, the same in every state. Directed as the released form of ICF: the opposite
    directions of a factor may have a code each. Actions are those of the model if it has some,
    else all moves of all factors by one value. After Thomas et al., "Independently Controllable
    Factors", 2017; this score is of dbench.

    `rows` distinct states, drawn by the key. Parts: by_action [d, a], mean share of the growth;
    falls [d, a], that of the fall; absolute, the same score of absolute changes, at most 1/2 where
    codes come in opposite pairs. stderr: over states; 0 if all were taken.
    """
    found = run.once(moves, rows)
    return selective(found)


def selective(found: Moves) -> Score:
    """The score of given moves."""
    change = found.change
    change = np.where(abs(change) > LEAST * abs(change).max(), change, 0.0)
    parts = [_shares(part) for part in (np.maximum(change, 0), np.maximum(-change, 0), abs(change))]
    counts = np.maximum(found.moved.sum(axis=0), 1)
    up, down, both = (
        np.where(found.moved[..., None], part, 0).sum(axis=0) / counts[:, None] for part in parts
    )  # [a, d]
    signed, shares = np.stack([up, down]), np.stack(parts[:2])  # [2, a, d], [2, n, a, d]
    sign, code = np.unravel_index(
        signed.transpose(1, 0, 2).reshape(len(up), -1).argmax(axis=1), (2, up.shape[1])
    )
    a = np.arange(len(up))
    best, each = signed[sign, a, code], shares[sign, :, a, code].T  # [a], [n, a]
    off = (found.moved * (each - best) / (counts / len(each))).mean(axis=1)
    kept = {"by_action": up.T, "falls": down.T, "absolute": float(both.max(axis=1).mean())}
    return Score(float(best.mean()), _stderr(off, found.share), kept)


def _shares(size: np.ndarray) -> np.ndarray:
    """Of each code of all, 0 where none changes: [n, a, d]."""
    whole = size.sum(axis=2, keepdims=True)
    return np.divide(size, whole, out=np.zeros_like(size), where=whole > 0)


def _stderr(each: np.ndarray, share: float) -> float:
    """Of a mean over states, drawn without replacement: that share of all there are."""
    return float(each.std(ddof=1) / np.sqrt(len(each)) * np.sqrt(max(1 - share, 0)))


def policy_agreement(
    run: TrainedModel,
    *,
    rows: int = 2_000,
) -> Score:
    """Agreement of policies with codes: does a policy choose what its code answers to.

        mean_k E_s pi_k(a_k | s),   a_k the action under which code k grows most on average

    over active codes, those whose range is more than 1/20 of the largest. In [0, 1], higher is
    better; chance is 1 over the number of actions. Where a form is not directed, as the absolute
    ones of `icf`, a policy may do as well by the opposite action: see the part `factor`. After
    Thomas et al., "Independently Controllable Factors", 2017, whose figure shows policies beside
    codes; this score is of dbench.

    `rows` distinct states, drawn by the key. Parts: factor, the probability of all actions of the
    factor whose moves change the code most; first, that of each policy's own first action, a mean
    over active codes; policy [d, a], mean probabilities; growth [d, a], mean changes. stderr: over
    states; 0 if all were taken.
    """
    acts(run.program, run.dataset)
    found = run.once(moves, rows)
    return agreement(found, policies(run, found.rows))


def agreement(found: Moves, policy: np.ndarray) -> Score:
    """The score of given moves and policies [n, d, a]."""
    growth = found.change.mean(axis=0).T  # [d, a]
    size = abs(found.change).mean(axis=0).T
    factors = np.array([name[:-2] for name in found.names])
    of = factors[:, None] == factors  # [a, a]: actions of one factor
    k, said = np.flatnonzero(found.active), []
    if not len(k):
        k, said = np.arange(growth.shape[0]), ["no code changes: nothing can agree with policies"]
    each = policy[:, k, growth[k].argmax(axis=1)].mean(axis=1)  # [n]
    largest = (size @ of).argmax(axis=1)  # [d], an action of the factor that counts most
    factor = np.einsum("nka,ka->", policy[:, k], of[largest[k]].astype(float))
    mean = policy.mean(axis=0)
    parts = {
        "factor": float(factor / (len(policy) * len(k))),
        "first": float(mean[k].max(axis=1).mean()),
        "active": float(found.active.sum()),
        "policy": mean,
        "growth": growth,
    }
    return Score(float(each.mean()), _stderr(each, found.share), parts, tuple(said))
