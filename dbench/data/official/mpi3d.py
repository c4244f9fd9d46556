"""MPI3D: a robot arm that holds an object, drawn simply, drawn realistically, or photographed.

Gondal et al., "On the Transfer of Inductive Bias from Simulation to the Real World: a New
Disentanglement Dataset", NeurIPS 2019; github.com/rr-learning/disentanglement_dataset, CC BY 4.0.

Colour images 64 x 64 x 3: the full grid of object color 6 (white, green, red, blue, brown, olive)
x shape 6 (cone, cube, cylinder, hexagonal, pyramid, sphere) x size 2 (small, large) x camera height
3 (top, center, bottom) x background color 3 (purple, sea green, salmon) x horizontal axis 40 x
vertical axis 40, in C order (vertical axis fastest): 1,036,800 images. Each .npz has them as images
[n, 64, 64, 3] uint8. The earlier files of 460,800 images (4 colors, 4 shapes) are others.

The files moved twice, and from May 2024 to April 2025 that of the photographs was corrupted
(issue 5 of that repository). Of the files of today one checksum is published: of images.npy in
mpi3d_realistic.npz (leonardotonelli/gaussian-residual-prediction). The others are known by their
content (see `unlike`), or by the MD5 that the files of 2019 had (nmichlo/disent).
"""

import hashlib
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.official import layout, stored
from dbench.inputs import npz

NAMES = (
    *("object_color", "object_shape", "object_size", "camera_height", "background_color"),
    *("horizontal_axis", "vertical_axis"),
)
SIZES = (6, 6, 2, 3, 3, 40, 40)
SHA256 = {  # of images.npy in the file
    "mpi3d_realistic": "f6124f358e02846695cb3795acf8714f990c84cf02d495796898c133cf1ae866",
}
MD5 = {  # of the files of 2019
    "mpi3d_toy": "55889cb7c7dfc655d6e0277beee88868",
    "mpi3d_realistic": "59a6225b88b635365f70c91b3e52f70f",
    "mpi3d_real": "0f33f609918fb5c97996692f91129802",
}
_IMAGE = (64, 64, 3)
_ROUGH = 16  # levels of 255; in the samples of the published repository it is 7 at most


def load_toy(source: Path | None = None) -> Dataset:
    """MPI3D toy: 1,036,800 images of a robot arm, drawn simply, from the official file.

    `source` is mpi3d_toy.npz or the folder it is in, by default $DBENCH_DATA. It is unpacked once
    (12.7 GB in the cache folder).
    """
    return _load("mpi3d_toy", source)


def load_realistic(source: Path | None = None) -> Dataset:
    """MPI3D realistic: 1,036,800 images of a robot arm, drawn well, from the official file.

    As `load_toy`, of mpi3d_realistic.npz.
    """
    return _load("mpi3d_realistic", source)


def load_real(source: Path | None = None) -> Dataset:
    """MPI3D real: 1,036,800 photographs of a robot arm, from the official file.

    As `load_toy`, of mpi3d_real.npz.
    """
    return _load("mpi3d_real", source)


def _load(name: str, source: Path | None) -> Dataset:
    path = official.require(source, name)
    with layout.reading(path, name):
        key = layout.members(path)
    shape = (math.prod(SIZES), *_IMAGE)
    make = partial(_blocks, path, name)
    images = cache.keep(f"{name}_{layout.KEPT}_{key}", shape, make, f"reading {path.name}")
    _check(path, images[: math.prod(SIZES[4:])], name)  # an earlier dbench may have kept them
    return stored.dataset(name, images, NAMES, tuple(np.arange(float(size)) for size in SIZES))


def _blocks(path: Path, name: str) -> Iterator[np.ndarray]:
    """Images in blocks [rows, 64, 64, 3] uint8; an InputError if they are not those published."""
    _check(path, _first(path, name), name)
    with layout.reading(path, name), npz.opened(path) as archive:
        digest = hashlib.sha256(archive.header_bytes("images"))
    for block in _read(path, name):
        if name in SHA256:
            digest.update(block.data)
        yield block
    if name in SHA256 and digest.hexdigest() != SHA256[name]:
        why = f"sha256 of images.npy {digest.hexdigest()}, not {SHA256[name]}"
        _refuse_unknown(path, why, name)


def _read(path: Path, name: str) -> Iterator[np.ndarray]:
    return layout.npz_blocks(path, "images", (math.prod(SIZES), *_IMAGE), name)


def _first(path: Path, name: str) -> np.ndarray:
    """The first images, of all backgrounds: [background x arm, 64, 64, 3] uint8."""
    rows, blocks = math.prod(SIZES[4:]), _read(path, name)
    found = [next(blocks)]
    while sum(len(block) for block in found) < rows:
        found.append(next(blocks))
    return np.concatenate(found)[:rows]


def _check(path: Path, first: np.ndarray, name: str) -> None:
    if wrong := unlike(first.reshape(SIZES[4], -1, *_IMAGE)):
        _refuse_unknown(path, wrong, name)


def unlike(images: np.ndarray) -> str:
    """What images [background, arm, 64, 64, 3] have that the published ones have not, or "".

    Two facts hold in every sample that the published repository shows. Neighbouring pixels are
    alike. On average over the positions of the arm, the background at 1 (sea green) has the least
    red beside green, and that at 2 (salmon) the most red beside blue.
    """
    some = images[:, ::10].astype(np.int16)
    steps = [np.abs(np.diff(some, axis=axis)).mean() for axis in (2, 3)]
    if np.mean(steps) > _ROUGH:
        return f"neighbouring pixels differ by {np.mean(steps):.0f} of 255 levels on average"
    red, green, blue = some.mean(axis=(1, 2, 3)).T  # [background]
    if (red - green).argmin() != 1 or (red - blue).argmax() != 2:
        return "its backgrounds are not purple, sea green and salmon in this order"
    return ""


def _refuse_unknown(path: Path, why: str, name: str) -> None:
    with layout.reading(path, name):
        known = hashes.md5(path) == MD5[name]
    if not known:
        layout.refuse(path, why, name)
