"""Scores of a model itself, for which its table of codes is not enough."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from dbench.base import Dataset, Score, numpy_rng
from dbench.codes.encode import BLOCK, seen
from dbench.errors import InputError
from dbench.scoring.analogy import analogy, swaps
from dbench.scoring.category_error import category_error, sorts
from dbench.scoring.control import action_selectivity, policy_agreement
from dbench.scoring.controlled import (
    controlled_infomec_m,
    controlled_modularity,
    some_left,
    two_moved,
    uncontrolled,
)
from dbench.scoring.jacobian import decodes, distance_to_orthogonality, jacobian_coherence
from dbench.scoring.moves import acts, movable
from dbench.scoring.of_groups import grouped
from dbench.scoring.pair_reconstruction import pair_reconstruction, pairs_up
from dbench.scoring.polarisation import polarisation, spreads
from dbench.scoring.pose_regression import pose_regression
from dbench.scoring.symbols.described import img2sym_precision, img2sym_recall
from dbench.scoring.symbols.imagined import (
    grounds,
    operator_accuracy,
    operator_diversity,
    recombines,
    sym2img_accuracy,
    sym2img_diversity,
)
from dbench.scoring.symbols.judge import judged_reconstruction, judges
from dbench.scoring.verification import verification
from dbench.training.programs import Program


@partial(jax.jit, static_argnames=("program", "mesh", "gather"))
def _errors(program: Program, mesh: Mesh, gather, numbers: dict, arrays, params, rows, keys):
    """rows [blocks, BLOCK] and keys [blocks] -> nats and squared errors [blocks, BLOCK] each."""
    model = program.build(numbers)
    decode = model.decode
    assert decode is not None  # as it has a likelihood

    def block(arrays, params, rows, key):
        images = program.gather(arrays[0], rows)
        mean, logvar = model.encode(params, gather(arrays[1], rows))
        z = mean
        if logvar is not None:
            z += jnp.exp(logvar / 2.0) * jax.random.normal(key, mean.shape)
        p = decode(params, z)
        inside = jnp.clip(p, 2.0**-24, 1.0 - 2.0**-24)  # as a float, p may have become 0 or 1
        nats = -(images * jnp.log(inside) + (1.0 - images) * jnp.log1p(-inside))
        return nats.sum(axis=(1, 2, 3)), ((p - images) ** 2).sum(axis=(1, 2, 3))

    def local(arrays, params, rows, keys):
        return jax.lax.map(lambda given: block(arrays, params, *given), (rows, keys))

    return jax.shard_map(
        local,
        mesh=mesh,
        in_specs=(P(), P(), P("device"), P("device")),
        out_specs=P("device"),
        check_vma=False,
    )(arrays, params, rows, keys)


def reconstructs(program: Program, _dataset: Dataset) -> None:
    """An InputError if the model has no likelihood."""
    if not program.build().likelihood:
        raise InputError(f"reconstruction needs p(x given z), which {program.model} has not")


def reconstruction(
    dataset: Dataset,
    program: Program,
    numbers: dict,
    params,
    mesh: Mesh,
    key: jax.Array,
    *,
    rows: int = 10_000,
    among: np.ndarray | None = None,
) -> Score:
    """Reconstruction error of a trained model, lower is better: E_x E_q(z|x)[-log p(x|z)], nats.

    Bernoulli pixels, summed over an image; one sample of z for each of `rows` distinct images,
    drawn by the key (all, if there are fewer) of the rows `among` [none: of all]. Range [0, inf);
    for grey pixels the least is their entropy. `stderr`: over images. Parts: `squared_error`, the
    sum over pixels of (p - x)^2. The term of the ELBO in Kingma and Welling, 2014, eq. 7, which
    Kim and Mnih 2018 plot scores against.
    """
    reconstructs(program, dataset)
    arrays, gather = seen(program, dataset)
    size = dataset.size if among is None else len(among)
    count = min(rows, size)
    drawn = numpy_rng(key).choice(size, count, replace=False).astype(np.int32)
    drawn = drawn if among is None else among[drawn].astype(np.int32)
    span = BLOCK * mesh.size
    filled = np.resize(drawn, -(-count // span) * span).reshape(-1, BLOCK)
    keys = jax.random.split(key, len(filled))
    everywhere, shared = NamedSharding(mesh, P()), NamedSharding(mesh, P("device"))
    nats, squared = _errors(
        program,
        mesh,
        gather,
        numbers,
        *jax.device_put(((dataset.arrays, arrays), params), everywhere),
        *jax.device_put((filled, keys), shared),
    )
    nats, squared = (np.asarray(x, np.float64).ravel()[:count] for x in (nats, squared))
    stderr = float(nats.std(ddof=1) / np.sqrt(count))
    return Score(float(nats.mean()), stderr, {"squared_error": float(squared.mean())})


MODEL_METRICS: dict[str, Callable[..., Score]] = {
    "action_selectivity": action_selectivity,
    "analogy": analogy,
    "category_error": category_error,
    "controlled_infomec_m": controlled_infomec_m,
    "controlled_modularity": controlled_modularity,
    "distance_to_orthogonality": distance_to_orthogonality,
    "img2sym_precision": img2sym_precision,
    "img2sym_recall": img2sym_recall,
    "jacobian_coherence": jacobian_coherence,
    "judged_reconstruction": judged_reconstruction,
    "operator_accuracy": operator_accuracy,
    "operator_diversity": operator_diversity,
    "pair_reconstruction": pair_reconstruction,
    "polarisation": polarisation,
    "policy_agreement": policy_agreement,
    "pose_regression": pose_regression,
    "reconstruction": reconstruction,
    "uncontrolled": uncontrolled,
    "verification": verification,
    "sym2img_accuracy": sym2img_accuracy,
    "sym2img_diversity": sym2img_diversity,
}
# (program, data set) -> (), or InputError
NEEDS = {
    "action_selectivity": movable,
    "analogy": swaps,
    "category_error": sorts,
    "controlled_infomec_m": two_moved,
    "controlled_modularity": two_moved,
    "distance_to_orthogonality": decodes,
    "img2sym_precision": grounds,
    "img2sym_recall": grounds,
    "jacobian_coherence": decodes,
    "judged_reconstruction": judges,
    "operator_accuracy": recombines,
    "operator_diversity": recombines,
    "pair_reconstruction": pairs_up,
    "polarisation": spreads,
    "policy_agreement": acts,
    "pose_regression": grouped,
    "reconstruction": reconstructs,
    "uncontrolled": some_left,
    "verification": grouped,
    "sym2img_accuracy": grounds,
    "sym2img_diversity": grounds,
}
UNASKED = ("category_error", "reconstruction")  # of a checkpoint for which no score is named


def allowed(program: Program, dataset: Dataset) -> list[str]:
    """The scores of UNASKED that a model can have of a data set."""

    def fits(name):
        try:
            NEEDS[name](program, dataset)
        except InputError:
            return False
        return True

    return [name for name in UNASKED if fits(name)]
