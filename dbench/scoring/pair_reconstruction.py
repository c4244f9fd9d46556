"""Weakly supervised reconstruction: a score that needs pairs of images, and no factors of them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset, Score
from dbench.codes.encode import BLOCK
from dbench.data.views import sampling
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs
from dbench.training.programs import Program


def pairs_up(program: Program, dataset: Dataset) -> None:
    """An InputError if a model, or a data set, has no such score."""
    if not program.build().likelihood or not programs.codes(program, len(dataset.names))[1]:
        raise InputError(
            f"pair_reconstruction needs posteriors and p(x given z), which {program.model} has not"
        )
    sampling.whole_grid(dataset, "pair_reconstruction")
    if len(dataset.varying) < 2:
        raise InputError(
            "pair_reconstruction needs pairs that share a factor and differ in another, and in "
            f"{dataset.name} {len(dataset.varying)} factors vary"
        )


def pair_reconstruction(
    run: TrainedModel,
    *,
    pairs: int = 5_000,
) -> Score:
    """Reconstruction error of pairs whose shared codes are averaged (Locatello et al. 2020).

        E_pairs 1/2 sum_i E_q'_i[-log p(x_i|z)]

    Nats, lower is better: the first term of the loss of a model of pairs, by which the paper
    chooses runs without labels. q' are the posteriors of both images with those of the codes that
    they share averaged, as the model does in training (models/pairs.py); any other VAE is treated
    as an Ada-GVAE, so that its own way to choose is not asked. `pairs` are drawn by the key as in
    training (of any other model: they differ in one factor). In [0, inf); at least the least of
    `reconstruction`, of which one code for all images would be the dearest.

    Locatello, Poole, Ratsch, Scholkopf, Bachem and Tschannen, "Weakly-Supervised Disentanglement
    Without Compromises", ICML 2020, section 5. Departures: theirs is of the last training batches;
    other VAEs are not scored there.

    Parts: shared, how many codes a pair shares. stderr: over pairs.
    """
    pairs_up(run.program, run.dataset)
    options, (key_rows, key_z) = dict(run.program.structure), jax.random.split(run.key)
    changes, published = options.get("changes", 1), options.get("pairs") == "published"
    sizes = np.array(run.dataset.sizes)
    first, second, changed = map(
        np.asarray, sampling.pairs(sizes, key_rows, pairs, changes or None, published)
    )
    both = np.concatenate([first, second])
    rows, at = np.unique(both, return_inverse=True)
    table = run.codes("pair_reconstruction", rows)
    assert table.logvar is not None  # see `pairs_up`
    here, there = np.split(at, 2)
    one, two = (
        (jnp.asarray(table.mean[part]), jnp.asarray(table.logvar[part])) for part in (here, there)
    )
    from dbench.models import losses  # here, as scores of codes need no models
    from dbench.models.pairs import RULES

    rule = RULES.get(run.program.model, RULES["ada_gvae"])
    mean, logvar, same = rule.averaged(one, two, jnp.asarray(changed[:, run.dataset.varying]))
    z = np.asarray(losses.sample(key_z, mean, logvar))
    blocks = np.arange(-(-len(both) // BLOCK) * BLOCK).reshape(-1, BLOCK) % len(both)
    nats = [
        _nats(run.program, run.numbers, run.dataset.arrays, run.params, both[b], z[b])
        for b in blocks
    ]
    each = np.concatenate(nats, dtype=np.float64)[: len(both)].reshape(2, -1).mean(axis=0)
    stderr = float(each.std(ddof=1) / np.sqrt(len(each)))
    return Score(float(each.mean()), stderr, {"shared": float(same.sum(axis=1).mean())})


@partial(jax.jit, static_argnames=("program",))
def _nats(program: Program, numbers: dict, arrays, params, rows, z):
    """-log p(x|z) of images by their rows [b] and codes [b, d]: [b]."""
    decode = program.build(numbers).decode
    assert decode is not None  # as it has a likelihood
    images, p = program.gather(arrays, rows), decode(params, z)
    inside = jnp.clip(p, 2.0**-24, 1.0 - 2.0**-24)  # as a float, p may have become 0 or 1
    each = images * jnp.log(inside) + (1.0 - images) * jnp.log1p(-inside)
    return -each.sum(axis=(1, 2, 3))
