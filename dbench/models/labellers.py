"""Who labels the images of a model with few labels, and how well.

    perfect     the factors
    binned      at most 5 values a factor: min(floor(v / (n / 5)), 4)
    noisy       each label with probability .1 any of its values
    permuted    the values of each factor in a random order
    partial     two of the factors, drawn at random, and no others

Locatello et al., "Disentangling Factors of Variation Using Few Labels", ICLR 2020, and the authors'
program (disentanglement_lib), whose numbers these are.
"""

from typing import Literal

import numpy as np

Labeller = Literal["perfect", "binned", "noisy", "permuted", "partial"]
BINS, NOISE, OBSERVED = 5, 0.1, 2


def told(
    labels: np.ndarray, sizes: np.ndarray, labeller: Labeller, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What a labeller says of true labels [n, k] of factors of `sizes` [k] values.

    Returns its labels and how many values it knows of each factor; of two factors alone, in the
    order drawn, if it is "partial".
    """
    if labeller == "binned":
        bins = np.minimum(labels // (sizes / BINS), BINS - 1).astype(int)
        return np.where(sizes > BINS, bins, labels), np.minimum(sizes, BINS)
    if labeller == "noisy":
        random = rng.random(labels.shape) < NOISE
        return np.where(random, rng.integers(sizes, size=labels.shape), labels), sizes
    if labeller == "permuted":
        orders = [rng.permutation(size) for size in sizes]
        return np.stack([order[labels[:, j]] for j, order in enumerate(orders)], axis=1), sizes
    if labeller == "partial":
        some = rng.choice(len(sizes), min(OBSERVED, len(sizes)), replace=False)
        return labels[:, some], sizes[some]
    return labels, sizes
