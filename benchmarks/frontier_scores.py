"""How benchmarks/frontier.py scores models while they train: from few images, drawn once."""

from typing import Any

import numpy as np

VOTES, BATCH, SAMPLE = 1000, 64, 10_000


def drawn(dataset, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of a sample [SAMPLE], rows of the votes [VOTES, BATCH], the factor that each fixes."""
    sizes, varying = np.array(dataset.sizes), np.array(dataset.varying)
    factors = np.stack([rng.integers(0, size, (VOTES, BATCH)) for size in sizes], axis=-1)
    fixed = varying[rng.integers(0, len(varying), VOTES)]
    for vote, factor in enumerate(fixed):
        factors[vote, :, factor] = factors[vote, 0, factor]
    strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1)
    rows = factors @ strides
    if (dataset.factors[rows[:9]] != factors[:9]).any():
        raise SystemExit(f"{dataset.name} is not all combinations of its factors in order")
    return rng.integers(0, dataset.size, SAMPLE), rows, fixed


def factor_vae(sample: np.ndarray, votes: np.ndarray, fixed: np.ndarray) -> float:
    """Accuracy of the majority vote, learned on each half and tested on the other."""
    spread = sample.std(axis=0, ddof=1)
    active = np.flatnonzero(spread >= 0.05)
    if not len(active):
        return 0.0
    vote = (votes[..., active].var(axis=1, ddof=1) / spread[active] ** 2).argmin(axis=1)
    halves = np.split(np.arange(VOTES), 2)
    right = []
    for learn, test in (halves, halves[::-1]):
        tally = np.zeros((len(active), fixed.max() + 1))
        np.add.at(tally, (vote[learn], fixed[learn]), 1)
        right.append((tally.argmax(axis=1)[vote[test]] == fixed[test]).mean())
    return float(np.mean(right))


class Scorer:
    """Scores models of one program from images drawn once."""

    def __init__(self, program, dataset):
        import jax

        model, self.dataset = program.build(), dataset
        self.sample, self.votes, self.fixed = drawn(dataset, np.random.default_rng(0))
        self.encode = jax.jit(
            lambda arrays, params, rows: model.encode(params, dataset.gather(arrays, rows))
        )

    def codes(self, params: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import jax

        arrays, blocks = self.dataset.arrays, np.split(rows, len(rows) // 250)
        parts = [self.encode(arrays, params, block) for block in blocks]
        means, logvars = zip(*jax.device_get(parts), strict=True)
        return np.concatenate(means), np.concatenate(logvars)

    def scores(self, params: Any, dci: bool) -> dict:
        from dbench.codes.tabled import table
        from dbench.scoring import evaluate

        mean, logvar = self.codes(params, self.sample)
        votes, _ = self.codes(params, self.votes.ravel())
        found = {"factor_vae": factor_vae(mean, votes.reshape(VOTES, BATCH, -1), self.fixed)}
        some = table(self.dataset, mean, logvar, self.sample)
        names = ["mig_histogram", *(["dci_disentanglement"] if dci else [])]
        return found | {name: s.value for name, s in evaluate.scores(some, names, 0).items()}
