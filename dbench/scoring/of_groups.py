"""What scores of a model's groups of codes share: which images, which codes, which factors.

The first group that the model declares is held against the data set's first factor that varies
(identity, digit), all its other codes against the other factors (pose). Of a model that declares
none, as a VAE, all codes are held against both. Images are those that training did not see, where
the run was of a view that leaves some out; else any.
"""

from typing import NamedTuple

import jax
import numpy as np

from dbench.base import Dataset, numpy_rng
from dbench.data.views import trained
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

REST = "rest"  # codes in no group
ALL = "all"  # codes of a model without groups
COMPONENTS = 50  # of the pixels, for comparison


class Images(NamedTuple):
    """Some images, in rows [n] of the data set."""

    rows: np.ndarray  # [n]
    first: np.ndarray  # [n] int, the first factor
    others: np.ndarray  # [n, k] float, what the other factors stand for
    codes: dict[str, np.ndarray]  # of each group [n, d]; then pixels [n, h w c]


def grouped(program: Program, dataset: Dataset) -> None:
    """An InputError if the model declares no groups of codes, or the data set has few factors."""
    if not program.build().groups:
        raise InputError(f"scores of groups of codes need some, and {program.model} declares none")
    several(program, dataset)


def several(program: Program, dataset: Dataset) -> None:
    """An InputError if the data set has no first factor and others."""
    if len(dataset.varying) < 2:
        raise InputError(
            "scores of groups of codes need a first factor and others, and in "
            f"{dataset.name} {len(dataset.varying)} vary"
        )


def sets(program: Program, codes: int) -> dict[str, list[int]]:
    """Numbers of the codes of each group, those in no group last, as "rest"; else "all"."""
    if not program.build().groups:
        return {ALL: [*range(codes)]}
    found = {name: [*numbers] for name, numbers in program.build().groups}
    taken = {j for numbers in found.values() for j in numbers}
    rest = [j for j in range(codes) if j not in taken]
    return found | ({REST: rest} if rest else {})


def unseen(dataset: Dataset) -> tuple[np.ndarray, list[str]]:
    """Rows that training did not see, of whole values of the first factor if there are such."""
    every = np.arange(dataset.size)
    left = np.setdiff1d(every, trained(dataset))
    if not len(left):
        return every, ["training saw these images: no view has left some out"]
    first = dataset.factors[:, dataset.varying[0]]
    new = np.setdiff1d(np.unique(first[left]), np.unique(first[trained(dataset)]))
    left = left[np.isin(first[left], new)] if len(new) > 1 else left
    if len(np.unique(first[left])) < 2:
        return every, ["training left out one value of the first factor: all images are taken"]
    return left, []


def chosen(codes: dict[str, np.ndarray], others: bool) -> tuple[list[str], list[str]]:
    """Which of the codes of `Images` a score takes, and what is to be said of that.

    The first group; or all `others`, for which it stands if there are none.
    """
    first, *beside = (name for name in codes if name != "pixels")
    if others and not beside:
        return [first], [f"there are no codes beside the group {first!r}: it stands for them"]
    return beside if others else [first], []


def images(
    run: TrainedModel,
    rows: np.ndarray,
    label: str,
) -> Images:
    """Rows encoded, with what they are of."""
    table = run.codes(label, rows)
    own = {n: table.mean[:, j] for n, j in sets(run.program, table.mean.shape[1]).items()}
    first, *others = run.dataset.varying
    pixels = run.dataset.images(rows)
    values = [run.dataset.values[j][run.dataset.factors[rows, j]] for j in others]
    return Images(
        rows,
        np.asarray(run.dataset.factors[rows, first]),
        np.stack(values, axis=1).astype(np.float64),
        {n: np.asarray(x, np.float64) for n, x in own.items()}
        | {"pixels": pixels.reshape(len(rows), -1).astype(np.float64)},
    )


def some(rows: np.ndarray, count: int, key: jax.Array) -> np.ndarray:
    """`count` of the rows, drawn by the key, in order; all if there are fewer."""
    return np.sort(numpy_rng(key).choice(rows, min(count, len(rows)), replace=False))


def components(fitted: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Principal components, of pixels `fitted` [m, p], of pixels [n, p]."""
    centre = fitted.mean(axis=0)
    _, values, axes = np.linalg.svd(fitted - centre, full_matrices=False)
    return (pixels - centre) @ axes[: min(COMPONENTS, int((values > 1e-9).sum()))].T


def over_values(statistic, values: np.ndarray) -> float:
    """Standard error by a jackknife that leaves out the images of one value at a time.

    `statistic`: which rows are kept [n] bool -> a number.
    """
    found = np.array([statistic(values != value) for value in np.unique(values)])
    n = len(found)
    return float(np.sqrt((n - 1) / n * ((found - found.mean()) ** 2).sum()))
