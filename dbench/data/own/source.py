"""What every reader of a user's data gives: all but the pixels checked, the pixels on demand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dbench.data import hashes
from dbench.data.own.factors import Factors
from dbench.errors import InputError

MOST = 2**31 - 1  # images: rows are int32
BLOCK = 2**24  # bytes of images at a time


class Source(NamedTuple):
    """Images that are still to be read."""

    shape: tuple[int, int, int]  # (h, w, c)
    factors: Factors  # of n images
    blocks: Callable[[], Iterator[np.ndarray]]  # uint8 [rows, h, w, c], n rows in all
    digest: Callable[[], str]  # of all that the pixels depend on


def rows(shape: tuple[int, ...], itemsize: int = 1) -> int:
    """How many images of a shape are a block."""
    return max(1, BLOCK // (int(np.prod(shape)) * itemsize))


def file_digest(path: Path) -> str:
    with reading(path):
        return hashes.known(path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns whatever a damaged file makes its library raise into an InputError."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of a damaged file the libraries raise anything
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"cannot read {path} ({why}): it is incomplete, damaged or no {path.suffix} file"
        ) from error
