"""The judge: a classifier of the named factors, trained on real images once for each data set.

It decides whether an image that a model makes is what was asked for. How far it can be trusted is
part of each score: its accuracy on real images that it was not trained on. For those that a decoder
makes there is `judged_reconstruction`.

A softmax for each named factor, cross-entropy, Adam 1e-3, STEPS batches of 64; the encoder of the
net `compact`, or `small` or `mlp` where the images do not fit. It is kept in the cache folder. SCAN
scores its models by a classifier too (section 5.1); which, is not known to us.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load, save
from tqdm import tqdm

from dbench import files
from dbench.base import Dataset, Score, numpy_rng
from dbench.data import cache
from dbench.data.concepts import Vocabulary, vocabulary
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

RULE = "1"  # another number trains all judges anew
STEPS, BATCH, RATE = 3_000, 64, 1e-3
TESTED = 2_000  # images at most, a tenth of all: kept for its own test


class Judge(NamedTuple):
    """A trained classifier of a data set's named factors."""

    net: Any  # a flax module, whose `encode` gives logits of all symbols
    params: Any
    sizes: tuple[int, ...]  # (k,)
    accuracy: np.ndarray  # [k] on real images that it was not trained on


_known: dict[Path, Judge] = {}


def judge(dataset: Dataset) -> Judge:
    """The judge of a data set, trained if there is none in the cache."""
    words = vocabulary(dataset)
    made_of = (RULE, str(STEPS), dataset.name, str(dataset.sha256), str(dataset.shape))
    path = cache.folder() / f"judge_{cache.key(*made_of, *words.names)}.safetensors"
    if path not in _known:
        net = _net(dataset, words)
        count = min(TESTED, max(1, dataset.size // 10))
        order = np.random.default_rng(0).permutation(dataset.size).astype(np.int32)
        if not path.exists():
            tqdm.write(f"training the judge of {dataset.name}, once", file=sys.stderr)
            params = _learn(net, words.sizes, dataset, order[count:])
            leaves = {str(i): np.asarray(x) for i, x in enumerate(jax.tree.leaves(params))}
            files.write_bytes(path, save(leaves))
        params = _read(path, jax.eval_shape(partial(_start, net), jax.random.key(0)))
        told = _of_rows(net, words.sizes, dataset.gather, params, dataset.arrays, order[:count])
        right = told == named(dataset, words, order[:count])
        _known[path] = Judge(net, params, words.sizes, right.mean(axis=0))
    return _known[path]


def _read(path: Path, shapes: Any) -> Any:
    try:
        found = load(path.read_bytes())
        return jax.tree.unflatten(
            jax.tree.structure(shapes), [found[str(i)] for i in range(len(found))]
        )
    except Exception as error:  # of a damaged file the library raises anything
        raise InputError(f"the cache file {path} is damaged: delete it and run again") from error


def named(dataset: Dataset, words: Vocabulary, rows: np.ndarray) -> np.ndarray:
    """The named factors of some rows, [n, k]."""
    return dataset.factors[rows][:, list(words.columns)]


def tell(net, sizes: tuple[int, ...], params, images: jax.Array) -> jax.Array:
    """The value of each named factor of images [n, h, w, c]: [n, k] int. May be compiled."""
    logits = net.apply(params, images, method="encode")[0]
    parts = jnp.split(logits, np.cumsum(sizes)[:-1].tolist(), axis=1)
    return jnp.stack([part.argmax(axis=1) for part in parts], axis=1)


def _of_rows(net, sizes: tuple[int, ...], gather: Callable, params, arrays, rows: np.ndarray):
    """What a judge tells of the images of rows [n]: [n, k]."""
    return np.asarray(_told(net, sizes, gather, params, arrays, _filled(rows)))[: len(rows)]


@partial(jax.jit, static_argnames=("net", "sizes", "gather"))
def _told(net, sizes, gather, params, arrays, rows):
    told = jax.lax.map(lambda some: tell(net, sizes, params, gather(arrays, some)), rows)
    return told.reshape(-1, len(sizes))


def judges(program: Program, dataset: Dataset) -> None:
    """An InputError if the model decodes no images, or the data set has no symbols."""
    model = program.build()
    if model.decode is None or not model.likelihood:
        raise InputError(f"judged_reconstruction needs a decoder, which {program.model} has not")
    vocabulary(dataset)


def judged_reconstruction(run: TrainedModel, *, rows: int = 2_000) -> Score:
    """Share of named factors that a judge tells rightly of reconstructions, higher is better.

    Images are encoded, their posterior means decoded, and a classifier trained on real images (see
    judge.py) tells the value of each factor whose values have names. Range [0, 1]; chance is one
    over the number of values. What is lost here is in no sample of the decoder: it is the ceiling
    of `sym2img_accuracy` for a model of symbols that stands on this one. `rows` distinct images,
    drawn by the key (all, if there are fewer). stderr: over images. Parts: `factors` [k], the share
    by factor; `judge` [k], the judge's own on real images. After SCAN, Higgins et al. 2018, section
    5.1, which judges samples in this way.
    """
    judges(run.program, run.dataset)
    words, by = vocabulary(run.dataset), judge(run.dataset)
    drawn = numpy_rng(run.key).choice(run.dataset.size, min(rows, run.dataset.size), replace=False)
    drawn = drawn.astype(np.int32)
    told = _again(
        *(
            run.program,
            by.net,
            by.sizes,
            run.numbers,
            run.params,
            by.params,
            run.dataset.arrays,
            _filled(drawn),
        )
    )
    told = np.asarray(told)
    right = told[: len(drawn)] == named(run.dataset, words, drawn)
    each = right.mean(axis=1)
    return Score(
        float(each.mean()),
        float(each.std(ddof=1) / np.sqrt(len(each))),
        {"factors": right.mean(axis=0), "judge": by.accuracy},
    )


@partial(jax.jit, static_argnames=("program", "net", "sizes"))
def _again(program: Program, net, sizes, numbers, params, by, arrays, rows):
    """What the judge `by` tells of reconstructions of rows [m, BATCH]: [m * BATCH, k]."""
    model = program.build(numbers)
    decode = model.decode
    assert decode is not None  # see `judges`

    def block(rows):
        mean, _ = model.encode(params, program.gather(arrays, rows))
        return tell(net, sizes, by, decode(params, mean))

    return jax.lax.map(block, rows).reshape(-1, len(sizes))


def _net(dataset: Dataset, words: Vocabulary):
    from dbench.nets import NETS, vaes  # here, as scores of codes need no nets

    h, w, _ = dataset.shape
    fitting = [n for n in ("compact", "small") if getattr(NETS[n], "takes")(h, w)]  # noqa: B009
    return vaes.build((*fitting, "mlp")[0], dataset.shape, sum(words.sizes))


def _start(net, key: jax.Array):
    return net.init(key, jnp.zeros((1, *net.shape)), method="encode")


def _learn(net, sizes: tuple[int, ...], dataset: Dataset, rows: np.ndarray):
    """Parameters after STEPS batches of the rows."""
    labels = named(dataset, vocabulary(dataset), rows).astype(np.int32)
    keys = jax.random.split(jax.random.key(0), STEPS)
    return _trained(net, sizes, dataset.gather, dataset.arrays, rows, labels, keys)


@partial(jax.jit, static_argnames=("net", "sizes", "gather"))
def _trained(net, sizes, gather, arrays, rows, labels, keys):
    import optax

    optimizer, ends = optax.adam(RATE), np.cumsum(sizes)[:-1].tolist()

    def loss(params, images, wanted):
        logits = net.apply(params, images, method="encode")[0]
        errors = [
            optax.softmax_cross_entropy_with_integer_labels(part, wanted[:, j])
            for j, part in enumerate(jnp.split(logits, ends, axis=1))
        ]
        return jnp.stack(errors).sum(axis=0).mean()

    def step(state, key):
        params, moments = state
        at = jax.random.randint(key, (BATCH,), 0, len(rows))
        grads = jax.grad(loss)(params, gather(arrays, rows[at]), labels[at])
        updates, moments = optimizer.update(grads, moments)
        return (optax.apply_updates(params, updates), moments), None

    params = _start(net, keys[0])
    (params, _), _ = jax.lax.scan(step, (params, optimizer.init(params)), keys)
    return params


def _filled(rows: np.ndarray) -> np.ndarray:
    """Rows [n] as blocks [m, BATCH], the last one filled up."""
    return np.resize(rows, (-(-len(rows) // BATCH), BATCH)).astype(np.int32)
