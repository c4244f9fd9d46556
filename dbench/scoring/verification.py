"""Are two images of one identity: by the cosine of a group of codes."""

import jax
import numpy as np

from dbench.base import Score, numpy_rng
from dbench.data.views import trained
from dbench.scoring import of_groups
from dbench.scoring.trained_model import TrainedModel

FITTED = 500  # images whose principal components are taken


def verification(
    run: TrainedModel,
    *,
    rows: int = 2_000,
    pairs: int = 10_000,
) -> Score:
    """AUROC of telling pairs of one value of the first factor from others, by the first group.

    The first factor that varies (identity, digit) is verified: of a pair, the cosine of the codes
    of the model's first group, centred over the images, says how alike they are. The score is the
    area under the ROC curve, the chance that a pair of one value is more alike than a pair of two.
    In [0, 1], 0.5 is chance, higher is better. `pairs` pairs, half of one value and half of two, of
    `rows` images that training did not see, of values that it did not see if there are two or more
    (see `of_groups`), drawn by the key. As Reed et al. (2014) verify faces of new people.

    Of a model without groups it is that of all codes (all).

    Parts: auroc/<name> and stderr/<name> of each group, of codes in no group (rest), of pixels and
    of their first 50 principal components (pca). stderr: jackknife over the values.
    """
    of_groups.several(run.program, run.dataset)
    return _verified(run, rows, pairs, others=False)


def verification_others(
    run: TrainedModel,
    *,
    rows: int = 2_000,
    pairs: int = 10_000,
) -> Score:
    """The same by all codes but the first group's (pose): what should not tell identities apart.

    In [0, 1], 0.5 is chance, and best. Of a model with groups. Parts and stderr as of
    `verification`; of several other groups, all together are one part more (a and b).
    """
    of_groups.grouped(run.program, run.dataset)
    return _verified(run, rows, pairs, others=True)


def _verified(run: TrainedModel, rows: int, pairs: int, others: bool) -> Score:
    """By the first group, or by all codes beside it."""
    known, said = of_groups.unseen(run.dataset)
    drawn = of_groups.some(known, rows, run.key)
    found = of_groups.images(run, drawn, "verification")
    fitted = of_groups.some(trained(run.dataset), FITTED, jax.random.fold_in(run.key, 1))
    pixels = run.dataset.images(fitted).reshape(len(fitted), -1).astype(np.float64)
    chosen, more = of_groups.chosen(found.codes, others)
    together = " and ".join(chosen)
    codes = found.codes | {"pca": of_groups.components(pixels, found.codes["pixels"])}
    codes[together] = np.concatenate([found.codes[name] for name in chosen], axis=1)
    one, two = drawn_pairs(found.first, pairs, numpy_rng(jax.random.fold_in(run.key, 2)))
    parts: dict[str, float] = {}
    for name, x in codes.items():
        value, error = area(cosine(x, one, two), found.first, one, two)
        parts |= {f"auroc/{name}": value, f"stderr/{name}": error}
    value, error = parts[f"auroc/{together}"], parts[f"stderr/{together}"]
    return Score(value, error, parts, (*said, *more))


def drawn_pairs(
    first: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of two images each: the first half of one value, the second of two, [count] each."""
    one = rng.integers(len(first), size=20 * count)
    two = rng.integers(len(first), size=20 * count)
    apart = one != two
    same, other = (np.flatnonzero(apart & (first[one] == first[two]) == w) for w in (True, False))
    other = other[first[one[other]] != first[two[other]]]
    half = min(count // 2, len(same), len(other))
    at = np.concatenate([same[:half], other[:half]])
    return one[at], two[at]


def cosine(codes: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Of codes [n, d], centred, of pairs of rows; 0 where one has none."""
    x = codes - codes.mean(axis=0)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    x = np.divide(x, length, out=np.zeros_like(x), where=length > 0)
    return np.einsum("nd,nd->n", x[one], x[two])


def area(
    alike: np.ndarray, first: np.ndarray, one: np.ndarray, two: np.ndarray
) -> tuple[float, float]:
    """The area under the ROC curve of pairs, and its standard error over values."""
    from scipy.stats import rankdata

    same = first[one] == first[two]

    def auroc(kept):
        p, n = int((same & kept).sum()), int((~same & kept).sum())
        if not p or not n:
            return 0.5
        ranks = rankdata(alike[kept])  # equal ones share a rank: half a win each
        return float((ranks[same[kept]].sum() - p * (p + 1) / 2) / (p * n))

    values = np.unique(first)
    found = [auroc((first[one] != v) & (first[two] != v)) for v in values]
    m, whole = len(values), auroc(np.ones(len(one), bool))
    return whole, float(np.sqrt((m - 1) / m * ((found - np.mean(found)) ** 2).sum()))
