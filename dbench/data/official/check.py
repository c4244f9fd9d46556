"""Is the drawn dSprites the official one? Every pixel of every image is compared."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from dbench.data import dsprites, official
from dbench.data.official import dsprites_file
from dbench.data.official.likeness import check_shapes3d
from dbench.errors import InputError

_ROWS = 8192  # images a block
_SHOWN = 5  # differing images that the text lists


class Comparison(NamedTuple):
    """How the images of an official file differ from the drawn ones."""

    file: Path
    sizes: tuple[int, ...]  # (k,) numbers of values of the factors
    rows: np.ndarray  # [m] int, the images that differ
    pixels: np.ndarray  # [m] int, by how many pixels

    @property
    def differs(self) -> bool:
        return len(self.rows) > 0

    def text(self) -> str:
        """What was found, in one line, or with the first few images that differ."""
        n = int(np.prod(self.sizes))
        if not len(self.rows):
            return f"{self.file}: all {n:,} images are the drawn ones, pixel for pixel"
        lines = [
            f"{self.file}: {len(self.rows):,} of {n:,} images differ from the drawn ones, "
            f"by at most {self.pixels.max()} pixels; the first:"
        ]
        for row, pixels in zip(self.rows[:_SHOWN], self.pixels[:_SHOWN], strict=True):
            factors = zip(dsprites.NAMES, np.unravel_index(row, self.sizes), strict=True)
            where = ", ".join(f"{name} {index}" for name, index in factors)
            lines.append(f"  image {row} ({where}): {pixels} pixels")
        return "\n".join(lines)


def check_dsprites(source: Path | None = None) -> Comparison:
    """Compares the official file, found as `dsprites.load` finds it, to the drawn images."""
    file = official.find(source, "dsprites")
    if file is None:
        raise InputError(
            f"no official dSprites file to check: give {dsprites_file.NPZ} (or .hdf5) or its "
            "folder with --data or in DBENCH_DATA"
        )
    return compare(file, dsprites.drawn(), dsprites.SIZES)


def compare(file: Path, drawn: np.ndarray, sizes: tuple[int, ...]) -> Comparison:
    """The same for packed images `drawn` [n, 512] uint8 of any grid of `sizes`."""
    given = dsprites_file.packed(file, sizes)
    pixels = np.zeros(len(drawn), np.int64)
    for start in tqdm(range(0, len(drawn), _ROWS), desc="comparing", disable=None):
        block = slice(start, start + _ROWS)
        pixels[block] = np.bitwise_count(given[block] ^ drawn[block]).sum(axis=1)
    rows = np.flatnonzero(pixels)
    return Comparison(file, sizes, rows, pixels[rows])


CHECKS: dict[str, Callable] = {"dsprites": check_dsprites, "shapes3d": check_shapes3d}
