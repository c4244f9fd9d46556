"""Scores of a decoder's Jacobian: do codes move the image in directions of their own."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy

from dbench.base import Dataset, Score, numpy_rng
from dbench.codes.encode import seen
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

ACTIVE = 0.5  # standard deviation of a code's mean over images: Rolinek et al.
BLOCK = 100  # images whose Jacobians are computed at once
TRIALS = 2_000  # random directions that stand for those of no decoder
EQUAL = 0.05  # gap of singular values, as a share, below which directions are hardly defined


class Squares(NamedTuple):
    """Of the active codes a of m images."""

    gram: np.ndarray  # [m, a, a] float64, J'J
    active: np.ndarray  # [a] int, which codes
    said: list[str]


def decodes(program: Program, _dataset: Dataset) -> None:
    """An InputError if the model has no decoder of its codes."""
    model = program.build()
    if model.decode is None or not model.likelihood:
        raise InputError(
            f"scores of the decoder's Jacobian need a decoder with p(x given z), which "
            f"{program.model} has not"
        )


@partial(jax.jit, static_argnames=("program", "gather"))
def _squares(program: Program, gather, numbers: dict, arrays, params, rows):
    """rows [b] -> posterior means [b, d], J'J [b, d, d] at them."""
    model = program.build(numbers)
    decode = model.decode
    assert decode is not None  # see `decodes`
    mean, _ = model.encode(params, gather(arrays, rows))

    def square(z):
        # Our convolutions have a backward pass of their own, and so none forward. The transpose of
        # the backward pass is the forward one.
        image, back = jax.vjp(lambda z: decode(params, z[None]).ravel(), z)
        _, forth = jax.vjp(lambda u: back(u)[0], jnp.zeros_like(image))
        (j,) = jax.vmap(forth)(jnp.eye(len(z), dtype=z.dtype))  # [d, pixels]
        return jnp.matmul(j, j.T, precision="highest")

    return mean, jax.lax.map(square, mean)


def squares(run: TrainedModel, rows: int) -> Squares:
    """J'J of the active codes at the posterior means of some images, drawn by the key."""
    decodes(run.program, run.dataset)
    arrays, gather = seen(run.program, run.dataset)
    count = min(rows, run.dataset.size)
    drawn = numpy_rng(run.key).choice(run.dataset.size, count, replace=False).astype(np.int32)
    filled = np.resize(drawn, -(-count // BLOCK) * BLOCK).reshape(-1, BLOCK)
    given = jax.device_put((arrays, run.params), run.mesh.devices.flat[0])
    found = [_squares(run.program, gather, run.numbers, *given, block) for block in filled]
    mean, gram = (np.concatenate(each)[:count] for each in zip(*found, strict=True))
    return of_active(mean.astype(np.float64), gram.astype(np.float64))


def of_active(mean: np.ndarray, gram: np.ndarray) -> Squares:
    """Those of codes that vary, of means [m, d] and J'J [m, d, d]."""
    spread = mean.std(axis=0)
    active, said = np.flatnonzero(spread > ACTIVE), []
    if len(active) < 2:
        said = [f"{len(active)} codes are active: the two that vary most are taken"]
        active = np.sort(np.argsort(-spread, kind="stable")[:2])
    return Squares(gram[:, active][:, :, active], active, said)


def jacobian_coherence(
    run: TrainedModel,
    *,
    rows: int = 1_000,
) -> Score:
    """Coherence of the decoder's Jacobian: mean absolute cosine between codes' directions.

        mean over images and pairs i < j of |J_i' J_j| / (|J_i| |J_j|)

    with J_j = d decode(z) / d z_j at the posterior mean of an image, over codes that are active:
    those whose mean has a standard deviation above 0.5 over the images. In [0, 1], lower is better:
    0 if each code moves the image in a direction orthogonal to the others'. A code that moves
    nothing counts 0. Of dbench, after Rolinek, Zietlow and Martius, "Variational Autoencoders
    Pursue PCA Directions (by Accident)", CVPR 2019, whose own score is `distance_to_orthogonality`;
    this one is defined too where two codes move the image equally far.

    `rows` images drawn by the key. Parts: active; cosine [a, a], mean over images. stderr: over
    images.
    """
    found = run.once(squares, rows)
    return coherence(found)


def coherence(found: Squares) -> Score:
    """The score of given squares."""
    length = np.sqrt(np.maximum(np.diagonal(found.gram, axis1=1, axis2=2), 0))
    size = length[:, :, None] * length[:, None, :]
    cosine = np.divide(abs(found.gram), size, out=np.zeros_like(size), where=size > 0)
    cosine = np.minimum(cosine, 1.0)
    i, j = np.triu_indices(len(found.active), 1)
    each = cosine[:, i, j].mean(axis=1)
    parts = {"active": float(len(found.active)), "cosine": cosine.mean(axis=0)}
    stderr = float(each.std(ddof=1) / np.sqrt(len(each)))
    return Score(float(each.mean()), stderr, parts, tuple(found.said))


def distance_to_orthogonality(
    run: TrainedModel,
    *,
    rows: int = 1_000,
) -> Score:
    """Distance of the decoder's singular directions from single codes (Rolinek et al. 2019).

        DtO = mean over images |V - P|,   J = U S V',   P the nearest signed permutation

    as a share of what random orthogonal V of the same size have; J = d decode(z) / dz at the
    posterior mean, over codes that are active: those whose mean has a standard deviation above 0.5
    over the images. Lower is better: 0 if the directions in which the image changes most are single
    codes, 1 if they are as any. The nearest P is found by assignment: |V - P|^2 =
    2 a - 2 max sum |V|. Where two singular values are about equal V is hardly defined, and the
    score is high whatever the decoder does: it warns if that is so of most images.

    Rolinek, Zietlow and Martius, "Variational Autoencoders Pursue PCA Directions (by Accident)",
    CVPR 2019. Departures: active codes alone (a dead one has a direction by chance), and a share,
    as DtO itself grows with the number of codes.

    `rows` images drawn by the key. Parts: active; distance, DtO itself; random, that of random V;
    gap, the mean over images of the least gap of neighbouring singular values, as a share of the
    larger. stderr: over images.
    """
    found = run.once(squares, rows)
    return distance(found)


def distance(found: Squares) -> Score:
    """The score of given squares."""
    values, directions = np.linalg.eigh(found.gram)
    each = np.array([nearest(v) for v in directions])
    random = chance(len(found.active))
    singular = np.sqrt(np.maximum(values, 0))
    larger = singular[:, 1:]
    gap = np.divide(np.diff(singular, axis=1), larger, out=np.zeros_like(larger), where=larger > 0)
    least, said = gap.min(axis=1), list(found.said)
    if np.median(least) < EQUAL:
        said.append(
            "two singular values of most Jacobians are about equal, where directions are chance: "
            "read jacobian_coherence"
        )
    parts = {"active": float(len(found.active)), "distance": float(each.mean())}
    parts |= {"random": random, "gap": float(least.mean())}
    stderr = float(each.std(ddof=1) / np.sqrt(len(each)))
    return Score(float(each.mean()) / random, stderr / random, parts, tuple(said))


def nearest(v: np.ndarray) -> float:
    """Frobenius distance of an orthogonal [a, a] from the nearest signed permutation."""
    size = abs(v)
    most = size[scipy.optimize.linear_sum_assignment(size, maximize=True)].sum()
    return float(np.sqrt(max(2 * len(v) - 2 * most, 0.0)))


def chance(size: int) -> float:
    """Its mean over random orthogonal matrices of a size; the same every time."""
    draws = np.random.default_rng(0).normal(size=(TRIALS, size, size))
    return float(np.mean([nearest(v) for v in np.linalg.qr(draws)[0]]))
