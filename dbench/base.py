"""The nouns of dbench: Dataset, Sampler, Model, State, Table, Score.

Shapes: n rows (images of a data set), d codes (latents), k factors, b batch; h, w, c image.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np


class Drawing(NamedTuple):
    """How training draws rows, made by data/views."""

    arrays: Any  # pytree of arrays: all that `rows` needs
    rows: Callable[[Any, jax.Array, int], jax.Array]  # arrays, key, b -> rows [b] int32; pure
    size: int  # rows that may be drawn


class Dataset(NamedTuple):
    """Images with the factors that generated them.

    `factors` [n, k] has the index of each factor's value, `names` and `values` say what it stands
    for, and `images(rows)` gives images. The other fields are for training on a device:
    `arrays` may live on a device whole; `gather` is pure and runs inside a jitted step, so a
    data set can be bit-packed, composed from parts, or drawn on the fly.
    """

    name: str
    shape: tuple[int, int, int]  # (h, w, c) of one image
    arrays: Any  # pytree of arrays (may be memory-mapped): all that `gather` needs
    gather: Callable[
        [Any, jax.Array], jax.Array
    ]  # arrays, rows [b] -> [b, h, w, c] float32 in [0, 1]
    factors: np.ndarray  # [n, k] int; column j takes values 0 .. sizes[j] - 1
    names: tuple[str, ...]  # (k,) names of the factors
    values: tuple[np.ndarray, ...]  # (k,) of [sizes[j]] float: what each factor index stands for
    sha256: str | None = None  # of what a user gave to make it of; None if it is always the same
    drawing: Drawing | None = None  # how training draws rows, if not uniformly
    continuous: tuple[str, ...] = ()  # names of factors whose values are numbers, not labels
    cyclic: tuple[str, ...] = ()  # names of factors whose last value is followed by the first
    # (k,) of the names that the values of a factor have, () of one whose values have none; or ()
    labels: tuple[tuple[str, ...], ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """(k,) number of values of each factor."""
        return tuple(len(values) for values in self.values)

    @property
    def varying(self) -> list[int]:
        """Numbers of the factors that have more than one value."""
        return [j for j, size in enumerate(self.sizes) if size > 1]

    @property
    def size(self) -> int:
        """n, the number of images."""
        return len(self.factors)

    def images(self, rows: Any) -> np.ndarray:
        """The images of these rows [b], numbers from 0 to n - 1: [b, h, w, c] float32 in [0, 1].

        An array of the caller's own, to train on elsewhere; IndexError for a row that is not there.
        """
        rows = np.asarray(rows)
        if rows.size and not (rows.min() >= 0 and rows.max() < self.size):
            raise IndexError(f"rows of {self.name} go from 0 to {self.size - 1:,}")
        return np.array(self.gather(self.arrays, jax.numpy.asarray(rows)))


class Sampler(NamedTuple):
    """What an update may take of a data set."""

    size: int  # images that may be drawn
    batch: int  # b, images in a batch
    rows: Callable[[jax.Array], jax.Array]  # key -> [b] int32, drawn as the data set says
    gather: Callable[[jax.Array], jax.Array]  # rows [r] -> images [r, h, w, c]
    extra: Any = ()  # what `Model.extra` made of the data set

    def images(self, key: jax.Array) -> jax.Array:
        """A fresh batch [b, h, w, c]."""
        return self.gather(self.rows(key))


class State(NamedTuple):
    """What training changes. `params` alone is enough to encode and decode."""

    params: Any  # parameters of all networks of the model
    optimizer: Any  # optimiser states
    step: jax.Array  # () int32, updates made


class Symbols(NamedTuple):
    """Pure functions of a model that knows symbols, [b, s] each k-hot: see data/concepts.

    A Gaussian is its mean and log variance, [b, d] each.
    """

    infer: Callable  # (params, symbols) -> Gaussian q(z|y)
    describe: Callable  # (params, codes [b, d]) -> probability of each symbol [b, s]
    # (params, Gaussian, Gaussian, operator [b]) -> Gaussian; None of a model without operators
    recombine: Callable | None


class Model(NamedTuple):
    """Pure functions that train and use a representation.

    An update may draw as many batches as its method needs. Logs are means over a batch, each
    () or [d], in nats where they are terms of a loss. Below the first four is what only some models
    are: most have images, trained by updates, as all that they know of.
    """

    init: Callable[[jax.Array], State]  # key -> state
    update: Callable[[State, Sampler, jax.Array], tuple[State, dict]]  # -> state, logs
    encode: Callable  # (params, images [b, h, w, c]) -> mean [b, d], logvar [b, d] or None
    decode: Callable | None  # (params, codes [b, d]) -> images [b, h, w, c] in [0, 1]
    # Of a model that trains on more than images: data set -> pytree of arrays, `Sampler.extra`.
    # Of factors and rows alone: a study is planned with it, where nothing is drawn.
    extra: Callable[[Dataset], Any] | None = None
    # Of one that is made at once, and not by updates: (data set, key) -> params like those of init.
    fit: Callable[[Dataset, jax.Array], Any] | None = None
    likelihood: bool = True  # decode gives the means of p(x|z), so that it can reconstruct
    categories: tuple[int, ...] = ()  # encode gives the probabilities of these many values first
    sees_factors: bool = False  # encode gets standardised factors [b, k] in place of images
    # Of one that acts: (params, images) -> probabilities [b, d, a] of each action by the policy of
    # each code, and its actions as data/actions.py reads them.
    act: Callable | None = None
    actions: str = ""
    ends: tuple[float, float] = (-math.inf, math.inf)  # least and greatest that a code can be
    groups: tuple[tuple[str, tuple[int, ...]], ...] = ()  # codes that belong together, as a Table's
    # Of one that stands on another model, which its option `base` names: (state, the other's
    # params, sampler) -> the state that training starts from.
    stand: Callable[[State, Any, Sampler], State] | None = None
    symbols: Symbols | None = None  # of one that grounds symbols in its codes


class Table(NamedTuple):
    """A representation table, one row per image: all that a metric may see.

    A continuous factor is in `factors` by the index of its bin (see `tables.table`) and in `values`
    as it is; any other is the same in both.
    """

    mean: np.ndarray  # [n, d] float, posterior means (the codes)
    factors: np.ndarray  # [n, k] int; k may be 0, for scores that need codes alone
    logvar: np.ndarray | None = None  # [n, d] float, log variances of the posterior, if known
    names: tuple[str, ...] | None = None  # (k,) names of the factors
    values: np.ndarray | None = None  # [n, k] float, if some factor is continuous
    continuous: tuple[str, ...] = ()  # names of the continuous factors
    cyclic: tuple[str, ...] = ()  # names of those that go round once in even steps
    # Codes that belong together: name, numbers of codes. Scores take each group as one code, see
    # `metrics.shared.code_groups`.
    groups: tuple[tuple[str, tuple[int, ...]], ...] = ()
    symbols: tuple[int, ...] = ()  # numbers of codes that are categories, not quantities


class Once:
    """Work that is asked for again and again, done at the first time."""

    def __init__(self) -> None:
        self._known: dict = {}

    def once(self, function: Callable, *args):
        """`function(self, *args)`, computed at the first call; it must be pure."""
        at = (function, args)
        if at not in self._known:
            self._known[at] = function(self, *args)
        return self._known[at]


class Score(NamedTuple):
    """A headline number, which is `float(score)`, its standard error, and what is behind it."""

    value: float
    stderr: float  # sampling error of `value`; 0.0 where nothing is sampled
    parts: Mapping[str, Any]  # named numbers and arrays
    warnings: tuple[str, ...] = ()  # why the number may mislead, one sentence each

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        said = f", {len(self.warnings)} warning(s)" if self.warnings else ""
        parts = ", ".join(self.parts)
        return f"Score({self.value:.6g} ± {self.stderr:.2g}, parts: {parts}{said})"


def numpy_rng(key: jax.Array) -> np.random.Generator:
    """A NumPy generator seeded by a JAX key: the only bridge between the two."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))
