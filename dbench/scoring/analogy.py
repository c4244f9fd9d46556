"""Analogies: the identity of one image with the pose of another, decoded and held to the truth."""

import jax
import numpy as np

from dbench.base import Dataset, Score, numpy_rng
from dbench.data.grid import grid
from dbench.errors import InputError
from dbench.scoring import of_groups
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program


def whole(dataset: Dataset) -> bool:
    """Whether a data set has an image of each combination of factors, in order, once."""
    complete = dataset.size == np.prod(dataset.sizes)
    return bool(complete and (dataset.factors == grid(dataset.sizes)).all())


def swapped(dataset: Dataset, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rows [n] of a whole data set with the first factor of rows a, all others of rows b."""
    both = dataset.factors[b].copy()
    both[:, dataset.varying[0]] = dataset.factors[a][:, dataset.varying[0]]
    return np.ravel_multi_index(tuple(both.T), dataset.sizes)


def swaps(program: Program, dataset: Dataset) -> None:
    """An InputError if the model cannot decode, or the true image of an analogy is not there."""
    of_groups.grouped(program, dataset)
    if program.build().decode is None:
        raise InputError(f"analogy needs a decoder, which {program.model} has not")
    if not whole(dataset):
        raise InputError(
            "analogy needs the true image of each combination of factors, in order, and "
            f"{dataset.name} has not one of each"
        )


def analogy(
    run: TrainedModel,
    *,
    rows: int = 500,
) -> Score:
    """Squared error of the first group of one image decoded with all other codes of another.

    The true image has the first factor (identity) of image A and all others (pose) of image B. The
    score is the squared error summed over pixels, mean over `rows` pairs A, B of images that
    training did not see (see `of_groups`), lower is better, 0 at best. It is to be read beside the
    parts: what the model makes of the true image itself (`reconstruction`), and the errors of B, in
    the right pose but of another identity (`copy_b`), and of A (`copy_a`). As the analogies of Reed
    et al. (2014), which they show and do not measure: they have no true images.

    stderr: jackknife over the values of the first factor of A.
    """
    swaps(run.program, run.dataset)
    known, said = of_groups.unseen(run.dataset)
    a, b = numpy_rng(run.key).choice(known, (2, rows))
    true = swapped(run.dataset, a, b)
    model = run.program.build(run.numbers)
    decode = model.decode
    assert decode is not None  # see `swaps`
    encode, decode = jax.jit(model.encode), jax.jit(decode)
    at = [jax.numpy.asarray(x, np.int32) for x in (a, b, true)]
    seen = [run.dataset.gather(run.dataset.arrays, x) for x in at]
    codes = [np.asarray(encode(run.params, x)[0]) for x in seen]
    first = next(iter(of_groups.sets(run.program, codes[0].shape[1]).values()))
    mixed = codes[1].copy()
    mixed[:, first] = codes[0][:, first]
    made = {"analogy": decode(run.params, mixed), "reconstruction": decode(run.params, codes[2])}
    made |= {"copy_a": seen[0], "copy_b": seen[1]}
    truth = np.asarray(seen[2], np.float64)
    errors = {
        name: ((np.asarray(x, np.float64) - truth) ** 2).sum(axis=(1, 2, 3))
        for name, x in made.items()
    }
    parts = {name: float(each.mean()) for name, each in errors.items() if name != "analogy"}
    own = errors["analogy"]
    values = run.dataset.factors[a][:, run.dataset.varying[0]]
    error = of_groups.over_values(lambda kept: own[kept].mean(), values)
    return Score(float(own.mean()), error, parts, tuple(said))
