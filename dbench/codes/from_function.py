"""The codes of a user's Python function, in any framework, over a data set of ours.

    def encode(images):  # [b, h, w, c] float32 in [0, 1], a NumPy array
        return codes     # [b, d], or (mean [b, d], logvar [b, d])

Whatever goes wrong in it is one sentence with the name of the function and the batch.
"""

import math
from collections.abc import Callable, Iterator

import jax
import numpy as np

from dbench import memory
from dbench.base import Dataset, Table
from dbench.codes import tabled
from dbench.codes.time_left import Images
from dbench.errors import InputError
from dbench.inputs.functions import array, guard, kind
from dbench.metrics.shared import tables


def encode(
    function: Callable,
    dataset: Dataset,
    *,
    batch: int = 64,
    name: str = "",
    rows: np.ndarray | None = None,
    first: Callable[[Table], None] = lambda _: None,
) -> Table:
    """Every image once, in order, or `rows` [n], through `function`.

    Factors with one value only are left out. `name` is what the function is called in messages.
    `first` is called once the first batch is encoded, with the table as it will be but for its
    numbers, which are 0: what is wrong with it is better said before the work.
    """
    if not name:
        with guard("the encoder"):
            name = str(getattr(function, "__name__", "the encoder"))
    wanted = np.arange(dataset.size) if rows is None else rows
    batch = min(batch, len(wanted))
    # Thrice: as JAX draws them, as the function gets them, and in between.
    memory.check(3 * 4 * batch * math.prod(dataset.shape), f"a batch of {batch:,} images")
    means: list[np.ndarray] = []
    logvars: list[np.ndarray | None] = []
    with Images(len(wanted), name) as told:
        for i, images in enumerate(_batches(dataset, batch, wanted)):
            where = f"{name}, batch {i} (images of shape {list(images.shape)})"
            with guard(f"{where},"):
                result = function(images)
            with guard(f"{where},", "returned what NumPy cannot read:"):
                arrays, alone = _plain(result)
            mean, logvar = _codes(arrays, alone, len(images), where)
            if means:
                _check_alike((mean, logvar), (means[0], logvars[0]), where)
            else:
                blank = np.broadcast_to(mean.dtype.type(0), (len(wanted), mean.shape[1]))
                first(tabled.table(dataset, blank, None if logvar is None else blank, rows))
            means.append(mean)
            logvars.append(logvar)
            told.more(len(mean))
    given = [logvar for logvar in logvars if logvar is not None]  # of all batches, or of none
    logvar = np.concatenate(given) if given else None
    return tabled.table(dataset, np.concatenate(means), logvar, rows)


def _batches(dataset: Dataset, batch: int, wanted: np.ndarray) -> Iterator[np.ndarray]:
    """Images [batch, h, w, c] float32 of the rows `wanted`; the last batch may be smaller."""
    gather, arrays = jax.jit(dataset.gather), jax.device_put(dataset.arrays)
    for first in range(0, len(wanted), batch):
        at = np.minimum(np.arange(first, first + batch), len(wanted) - 1)  # compiles once
        images = gather(arrays, wanted[at].astype(np.int32))
        # A copy: JAX's own array is read-only, which PyTorch does not take without a warning.
        yield np.array(images, np.float32)[: len(wanted) - first]


def _plain(result) -> tuple[list[np.ndarray], bool]:
    """What an encoder returned as NumPy's own arrays; and whether it was no tuple but codes alone.

    Copies: the function may fill one buffer again and again.
    """
    pair = isinstance(result, tuple) or (isinstance(result, list) and len(result) == 2)
    if isinstance(result, list) and pair:  # or two rows of codes
        pair = all(len(getattr(part, "shape", ())) == 2 for part in result)
    return [np.array(array(part)) for part in (result if pair else [result])], not pair


def _codes(
    found: list[np.ndarray], alone: bool, rows: int, where: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """mean and logvar, [rows, d] each and of at least 32 bits, of what an encoder returned."""
    if len(found) != 2 and not alone:
        raise InputError(
            f"{where}, returned a tuple of {len(found)}: give codes, or the pair (mean, logvar)"
        )
    arrays = [_real(part, where) for part in found]
    for part in arrays:
        if part.ndim != 2 or len(part) != rows:
            raise InputError(
                f"{where}, returned an array of shape {list(part.shape)}, not [{rows}, codes]"
            )
        if not np.isfinite(part).all():
            raise InputError(f"{where}, returned codes that are NaN or infinite")
    if not alone and arrays[0].shape != arrays[1].shape:
        raise InputError(
            f"{where}, returned a mean {list(arrays[0].shape)} and a logvar "
            f"{list(arrays[1].shape)}: they must agree"
        )
    return arrays[0], None if alone else arrays[1]


def _real(found: np.ndarray, where: str) -> np.ndarray:
    found = tables.plain(found)
    if found.dtype.kind not in "fiub":
        what = kind(found.flat[0]) if found.dtype.kind == "O" and found.size else found.dtype
        raise InputError(f"{where}, returned {what}, not real numbers")
    return found.astype(np.promote_types(found.dtype, np.float32))


def _check_alike(now: tuple, first: tuple, where: str) -> None:
    """Every batch must give as many codes as the first, with log variances if that had them."""
    if (now[1] is None) != (first[1] is None):
        raise InputError(f"{where}, returned log variances for some batches and not for others")
    if now[0].shape[1] != first[0].shape[1]:
        raise InputError(
            f"{where}, returned {now[0].shape[1]} codes an image, and batch 0 had "
            f"{first[0].shape[1]}"
        )
