"""Problems with a known answer, which every score is shown on: `metric_demos.py`.

They are grids of factors, each combination once, 15,120 rows. A code is a factor of equally
spaced values scaled to a standard deviation of 1, with a posterior of 0.05.
"""

from collections.abc import Sequence

import numpy as np

from dbench.base import Table

SIZES = (5, 6, 7, 8, 9)  # values of each factor
SIGMA = 0.05  # of the posteriors of codes that are in use
EVERY = 1_000  # one row in so many is an outlier
OUTLIER = 20.0  # its value in every code


def grid(sizes: Sequence[int] = SIZES) -> np.ndarray:
    """Every combination of values once, [n, k] int."""
    return np.indices(sizes).reshape(len(sizes), -1).T


def standard(columns: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1, [n, d]."""
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def table(codes: np.ndarray, factors: np.ndarray, sigma: float | np.ndarray = SIGMA) -> Table:
    return Table(codes, factors, np.broadcast_to(2 * np.log(sigma), codes.shape))


def rotated(codes: np.ndarray) -> np.ndarray:
    """The first two codes turned by 45 degrees in their plane."""
    out = codes.copy()
    out[:, 0], out[:, 1] = codes[:, 0] + codes[:, 1], codes[:, 0] - codes[:, 1]
    out[:, :2] /= np.sqrt(2)
    return out


def mixed(codes: np.ndarray) -> np.ndarray:
    """All codes turned by one random rotation."""
    rng = np.random.default_rng(1)
    return codes @ np.linalg.qr(rng.standard_normal(2 * codes.shape[1:]))[0]


def circle(codes: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """The last code replaced by two, cosine and sine of its factor as an angle."""
    angle = 2 * np.pi * factor / (factor.max() + 1)
    pair = np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.column_stack([codes[:, :-1], pair])


def with_outliers(codes: np.ndarray) -> np.ndarray:
    out = codes.copy()
    out[::EVERY] = OUTLIER
    return out


def correlated(factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many rows of a grid, drawn where the last two factors are near each other, [n, k]."""
    x, y = (factors[:, j] / factors[:, j].max() for j in (-2, -1))
    share = np.exp(-(((x - y) / 0.3) ** 2))
    return factors[rng.choice(len(factors), len(factors), p=share / share.sum())]


def problems() -> dict[str, Table]:
    """Tables by a word or two that head a column."""
    rng = np.random.default_rng(0)
    factors = grid()
    codes = standard(factors)
    n, d = codes.shape
    noise = rng.standard_normal((n, d))
    more = np.append(np.full(d, SIGMA), 1.0)  # and a code that is not in use
    many, close = grid((40, 6, 7, 9)), correlated(factors, rng)
    return {
        "perfect": table(codes, factors),
        "noise": table(noise, factors),
        "rotated": table(rotated(codes), factors),
        "mixed": table(mixed(codes), factors),
        "dropped": table(codes[:, :-1], factors),
        "copies": table(np.tile(codes, 2), factors),
        "circle": table(circle(codes, factors[:, -1]), factors),
        "noisy": table(codes + 0.5 * noise, factors),
        "dead": table(np.column_stack([codes, np.zeros(n)]), factors, more),
        "faint": table(np.column_stack([codes, 0.02 * noise[:, 0]]), factors, more),
        "+ noise": table(np.column_stack([codes, noise]), factors),
        "x 0.01": table(0.01 * codes, factors, 0.01 * SIGMA),
        "outliers": table(with_outliers(codes), factors),
        "40 values": table(standard(many), many, 0.2 * SIGMA),
        "correlated": table(standard(close), close),
    }


WHAT = {
    "perfect": "one code a factor",
    "noise": "five codes of independent Gaussian noise",
    "rotated": "perfect, two of the five codes turned by 45 degrees in their plane",
    "mixed": "perfect, all codes turned by a random rotation",
    "dropped": "perfect, but one factor has no code (four codes)",
    "copies": "perfect, every code twice (ten codes)",
    "circle": "perfect, but one factor has two codes, cosine and sine (six codes)",
    "noisy": "perfect, plus noise of half a standard deviation",
    "dead": "perfect, and a code that is constant",
    "faint": "perfect, and a code of noise with a standard deviation of 0.02",
    "+ noise": "perfect, and five codes of noise like the others in scale",
    "x 0.01": "perfect, all codes 100 times smaller",
    "outliers": "perfect, but one row in a thousand has the value 20 in every code",
    "40 values": "perfect, four factors of 40, 6, 7 and 9 values, posteriors of 0.01",
    "correlated": "perfect, rows drawn so that the last two factors correlate",
}
