"""How near are the drawn 3D Shapes to the official ones? Every image is compared.

    PSNR = 10 log10(255^2 / mean over pixels and channels of (official - drawn)^2), in dB

An image without any difference counts as if one channel of one pixel were off by one.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from dbench.data import hashes, official, shapes3d_drawn
from dbench.data.official import layout, shapes3d
from dbench.errors import InputError

SHAPES = ("cube", "cylinder", "sphere", "capsule")  # by index of the factor "shape"
_ROWS = 1024  # images composed at once
_PARTS = {"whole images": np.s_[:, :, :], "without the outermost pixels": np.s_[:, 1:-1, 1:-1]}


class Likeness(NamedTuple):
    """Differences of n pairs of images."""

    file: Path
    factors: np.ndarray  # [n, 6] int
    psnr: dict[str, np.ndarray]  # by part of the image, [n] dB
    levels: dict[str, np.ndarray]  # by part of the image, [n] mean absolute grey levels of 255
    differs: bool = False  # the drawn ones never claim to be equal

    def text(self) -> str:
        """Means over all images and by shape, and the image that is worst."""
        lines = [f"{self.file}: {len(self.factors):,} official images against the drawn likeness"]
        shapes = self.factors[:, shapes3d_drawn.NAMES.index("shape")]
        for part, psnr in self.psnr.items():
            each = ", ".join(
                f"{name} {psnr[shapes == i].mean():.1f}"
                for i, name in enumerate(SHAPES)
                if (shapes == i).any()
            )
            lines.append(
                f"  {part}: PSNR {psnr.mean():.2f} dB (mean of images; {each}), "
                f"{self.levels[part].mean():.2f} grey levels of 255 off"
            )
        part, psnr = next(iter(self.psnr.items()))
        worst = int(psnr.argmin())
        factors = zip(shapes3d_drawn.NAMES, self.factors[worst], strict=True)
        where = ", ".join(f"{name} {index}" for name, index in factors)
        lines.append(f"  worst, {part}: image {worst} ({where}), {psnr[worst]:.2f} dB")
        return "\n".join(lines)


def check_shapes3d(source: Path | None = None) -> Likeness:
    """Compares the official file, found as `shapes3d.load` finds it, without keeping a copy."""
    file = official.find(source, "shapes3d")
    if file is None or file.is_dir():
        raise InputError(
            "no official 3D Shapes file to check: give 3dshapes.h5 or its folder with --data or in "
            "DBENCH_DATA"
        )
    drawn = shapes3d_drawn.load()

    def draw(rows: np.ndarray) -> jax.Array:
        return drawn.gather(drawn.arrays, jnp.asarray(rows))

    with layout.reading(file, "shapes3d"):
        digest = hashes.sha256(file)
    blocks = shapes3d.blocks(file, digest)
    return compare(file, blocks, draw, drawn.factors)


def compare(
    file: Path,
    blocks: Iterable[np.ndarray],
    draw: Callable[[np.ndarray], ArrayLike],
    factors: np.ndarray,
) -> Likeness:
    """Images [rows, 64, 64, 3] uint8 in blocks against those that `draw` makes of rows [b].

    `factors` [n, 6] are those of the images in their order.
    """
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {part: [] for part in _PARTS}
    with tqdm(total=len(factors), desc="comparing", unit=" images", disable=None) as bar:
        start = 0
        for given in _few(blocks):
            rows = np.arange(start, start + len(given), dtype=np.int32)
            levels = np.rint(255 * np.asarray(draw(np.resize(rows, _ROWS)))[: len(rows)])
            for part, inside in _PARTS.items():
                off = given[inside].astype(np.float32) - levels[inside]
                axes = (1, 2, 3)
                size = off[0].size
                mean = np.maximum((off**2).mean(axis=axes), 1 / size)
                found[part].append((10 * np.log10(255**2 / mean), np.abs(off).mean(axis=axes)))
            start += len(given)
            bar.update(len(given))
    psnr, levels = (
        {part: np.concatenate([pair[i] for pair in pairs]) for part, pairs in found.items()}
        for i in (0, 1)
    )
    return Likeness(file, factors, psnr, levels)


def _few(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    for block in blocks:
        for start in range(0, len(block), _ROWS):
            yield block[start : start + _ROWS]
