"""SmallNORB: photographs of toys (LeCun, Huang and Bottou, CVPR 2004).

cs.nyu.edu/~ylclab/data/norb-v1.0-small. Grey images of category 5 (animals, humans, airplanes,
trucks, cars) x instance 10 x elevation 9 x azimuth 18 x lighting 6, from two cameras.

As Locatello et al., ICML 2019 (disentanglement_lib): the left camera, both parts (training and
testing) as one set, 96 x 96 reduced to 64 x 64 by Pillow's Lanczos filter and rounded to 8
bits. The factors are category, elevation, azimuth and lighting; the instance is none. There an
image's instance is drawn at random when the image is; here the ten toys of a category are ten rows
of the same factors, which is the same to whoever draws rows at random. The rows are in C order of
category, instance, elevation, azimuth, lighting (fastest), not in that of the files: 48,600 images.

The files are matrices of a format of their own, little-endian: a magic number (0x1E3D4C55 uint8,
0x1E3D4C54 int32), the number of dimensions, at least three sizes, the elements in C order.
`dat` [n, 2, 96, 96] uint8, `cat` [n] int32, `info` [n, 4] int32: instance, elevation, azimuth times
two, lighting.
"""

import math
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.grid import grid
from dbench.data.official import examples, layout, prepared, resize, stored
from dbench.errors import InputError
from dbench.inputs import npz

NAMES = ("category", "elevation", "azimuth", "lighting")
SIZES = (5, 10, 9, 18, 6)  # with the instance
PARTS = ("5x46789x9x18x6x2x96x96-training", "5x01235x9x18x6x2x96x96-testing")
SHA256 = {  # of the packed files
    "training-dat": "5ffd6272a07d32695ee1082a26a41a93a37aab8c28da047f8c34ed348d214873",
    "training-cat": "2784e542c1922060691090952b6cd6278879a216c90f81476f0f00256d42cdaa",
    "training-info": "de7eb932ebe7a4ee16217fead60660d0eb3d23632c2f4d1c51f88c501c17bf32",
    "testing-dat": "cf7104eed3e51174d2f65b66d1e5878b9da233b886f161b0d88f4510ba2c7474",
    "testing-cat": "ecaf6d5bb8c3bc5eab9cf0258f6d2198dd474e016e374836fc097f2e5ff509ff",
    "testing-info": "16adf314226327ee006d1a44db8cfef52773c06c829951d5653a9f6f310248a2",
}
_NAME = "smallnorb"
_SIDE, _LARGE = 64, 96  # pixels, as they are kept and in the files
_DTYPES: dict[int, np.dtype] = {0x1E3D4C55: np.dtype("u1"), 0x1E3D4C54: np.dtype("<i4")}
_COLUMNS = ("label_category", "instance", "label_elevation", "label_azimuth", "label_lighting")


def load(source: Path | None = None) -> Dataset:
    """SmallNORB: 48,600 grey photographs of toys, 64 x 64, from the official files.

    `source` is the folder of the six files (or one of them), by default $DBENCH_DATA, else where
    TensorFlow Datasets prepared them. They are read once (199 MB in the cache folder).
    """
    path = official.require(source, _NAME)
    if path.is_dir():
        data = prepared.open_(path)
        key, make = f"tfds_{data.key}", partial(_read_prepared, data)
    else:
        names = [f"{part}-{kind}" for part in PARTS for kind in ("dat", "cat", "info")]
        files = {n: layout.beside(path, f"smallnorb-{n}.mat", _NAME) for n in names}
        with layout.reading(path, _NAME):
            digests = {name: hashes.known(file) for name, file in files.items()}
        key = f"official_{cache.key(*digests.values())}"
        make = partial(_read_files, files, digests)
    shape = (math.prod(SIZES), _SIDE, _SIDE, 1)
    images = cache.keep(f"{_NAME}_{key}", shape, make, "reading SmallNORB")
    factors = np.delete(grid(SIZES), 1, axis=1)  # without the instance
    values = tuple(np.arange(float(size)) for size in (SIZES[0], *SIZES[2:]))
    return stored.dataset(_NAME, images, NAMES, values, factors)


def _read_files(files: dict[str, Path], digests: dict[str, str]) -> Iterator[np.ndarray]:
    """All images [48600, 64, 64, 1] uint8 in the order of the grid, 199 MB."""
    n = math.prod(SIZES) // len(PARTS)
    rows = []
    for part in PARTS:
        category = _small(files[f"{part}-cat"], (n,))
        info = _small(files[f"{part}-info"], (n, 4))
        rows.append(np.column_stack([category, info]))
    places = _places(files[f"{PARTS[0]}-info"].parent, np.concatenate(rows))
    for name, file in files.items():
        if file.suffix == ".gz":
            layout.check_sha256(file, digests[name], SHA256[name.rsplit("x96-")[1]], _NAME)
    images = np.empty((len(places), _SIDE, _SIDE, 1), np.uint8)
    done = 0
    with tqdm(total=len(images), desc="resizing", unit=" images", disable=None, leave=False) as bar:
        for part in PARTS:
            for block in _left(files[f"{part}-dat"], n):
                images[places[done : done + len(block)]] = block
                done += len(block)
                bar.update(len(block))
    yield images


def _places(where: Path, found: np.ndarray) -> np.ndarray:
    """Rows in the grid of images of (category, instance, elevation, azimuth * 2, lighting)."""
    index = found // (1, 1, 1, 2, 1)
    odd = (found[:, 3] % 2 != 0).any()
    wrong = np.flatnonzero(((index < 0) | (index >= SIZES)).any(axis=1))
    if odd or len(wrong):
        row = wrong[0] if len(wrong) else np.flatnonzero(found[:, 3] % 2)[0]
        raise InputError(
            f"the factors of image {row} of SmallNORB in {where} are {found[row].tolist()}, out of "
            f"their range: give the official files, from {official.OFFICIAL[_NAME].url}"
        )
    places = np.ravel_multi_index(tuple(index.T), SIZES)
    if len(np.unique(places)) < len(places):
        raise InputError(
            f"SmallNORB in {where} has two images of the same factors: give the official files, "
            f"from {official.OFFICIAL[_NAME].url}"
        )
    return places


def _read_prepared(data: prepared.Prepared) -> Iterator[np.ndarray]:
    shape = (_LARGE, _LARGE, 1)
    blocks = examples.in_grid_order(data, "image", shape, _COLUMNS, SIZES)
    yield from map(_resized, blocks)


def _left(path: Path, n: int) -> Iterator[np.ndarray]:
    """Images of the left camera in blocks [rows, 64, 64, 1] uint8."""
    shape = (2, _LARGE, _LARGE)
    size = math.prod(shape)
    with layout.reading(path, _NAME), layout.opened(path) as file:
        _header(path, file, (n, *shape), np.uint8)
        rows = max(1, layout.BLOCK // size)
        for start in range(0, n, rows):
            some = min(rows, n - start)
            pairs = np.frombuffer(file.read(some * size), np.uint8).reshape(some, *shape)
            yield _resized(pairs[:, 0, :, :, None])
        _end(file)


def _small(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A matrix of int32."""
    with layout.reading(path, _NAME), layout.opened(path) as file:
        dtype = _header(path, file, shape, np.int32)
        found = np.frombuffer(file.read(4 * math.prod(shape)), dtype).reshape(shape)
        _end(file)
    return found


def _header(path: Path, file: BufferedIOBase, shape: tuple[int, ...], kind: type) -> np.dtype:
    """The dtype of a matrix, which must be of `shape` and `kind`; `file` is then at its data."""
    magic, dimensions = np.frombuffer(file.read(8), "<i4")
    if magic not in _DTYPES or not 1 <= dimensions <= 8:
        raise ValueError(f"it begins with {magic:#x}, which is no such matrix")
    sizes = np.frombuffer(file.read(4 * max(3, dimensions)), "<i4")[:dimensions]
    dtype = _DTYPES[int(magic)]
    found = npz.Npy(tuple(int(size) for size in sizes), dtype, "C")
    layout.check_array(path, "the matrix", found, shape, kind, _NAME)
    return dtype


def _end(file: BufferedIOBase) -> None:
    if file.read(1):  # at the end of a packed file its checksum is compared
        raise EOFError("it is longer than its header says")


def _resized(images: Iterable[np.ndarray]) -> np.ndarray:
    return np.stack([resize.lanczos(image, _SIDE) for image in images])
