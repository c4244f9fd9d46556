"""CelebA: 202,599 photographs of faces.

Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015; here the aligned ones,
img_align_celeba, 178 x 218 pixels (width, height). From each the square of 148 x 148 pixels in the
middle (columns 15 to 162, rows 35 to 182) is taken, and reduced to 64 x 64 by Pillow's Lanczos
filter, rounded to 8 bits. There are no factors: for training and traversals only.
The rows are the photographs in the order of their file names, 000001.jpg to 202599.jpg; of what
TensorFlow Datasets has prepared, which keeps no names, in the order stored.
"""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.official import examples, layout, prepared, resize, stored
from dbench.errors import InputError
from dbench.files import regular

SIZE = 202_599
SHA256 = "46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74"  # of the .zip
_NAME = "celeba"
_LARGE = (218, 178)  # height, width
_CROP, _SIDE = 148, 64
_BLOCK = 256  # photographs


def load(source: Path | None = None) -> Dataset:
    """CelebA: 202,599 photographs of faces without factors, 64 x 64 x 3, from the official files.

    `source` is img_align_celeba.zip, its unpacked folder, or a folder that has either, by default
    $DBENCH_DATA, else where TensorFlow Datasets prepared it. It is read once (2.5 GB in the cache
    folder).
    """
    path = official.require(source, _NAME)
    if path.is_dir():
        data = prepared.open_(path)
        if data.size != SIZE:
            raise InputError(f"{path} has {data.size:,} examples, not {SIZE:,}: prepare it again")
        key, make = f"tfds_{data.key}", partial(_read_prepared, data)
    elif path.suffix == ".zip":
        with layout.reading(path, _NAME):
            key = f"official_{layout.members(path)}"
        make = partial(_read_zip, path)
    else:
        files = sorted(path.parent.glob("*.jpg"))
        _check_count(path.parent, len(files))
        key = f"folder_{cache.stamp(files)}"
        make = partial(_read_folder, files)
    images = cache.keep(f"{_NAME}_{key}", (SIZE, _SIDE, _SIDE, 3), make, "reading CelebA")
    return stored.dataset(_NAME, images, (), (), np.zeros((SIZE, 0), np.int32))


def _read_zip(path: Path) -> Iterator[np.ndarray]:
    """Images in blocks [rows, 64, 64, 3] uint8; nothing is unpacked to disk."""
    with layout.reading(path, _NAME):
        layout.check_sha256(path, hashes.sha256(path), SHA256, _NAME)
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
            _check_count(path, len(names))
            for start in range(0, SIZE, _BLOCK):
                some = names[start : start + _BLOCK]
                yield np.stack([_decoded(path / name, archive.read(name)) for name in some])


def _read_folder(files: list[Path]) -> Iterator[np.ndarray]:
    for start in range(0, SIZE, _BLOCK):
        block = []
        for file in files[start : start + _BLOCK]:
            with layout.reading(file, _NAME):
                regular(file)
                block.append(_decoded(file, file.read_bytes()))
        yield np.stack(block)


def _read_prepared(data: prepared.Prepared) -> Iterator[np.ndarray]:
    for block in examples.images(data, "image", (*_LARGE, 3)):
        yield np.stack([_small(image) for image in block])


def _decoded(path: Path, content: bytes) -> np.ndarray:
    with (
        layout.reading(path, _NAME),
        Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture,
    ):
        pixels = np.asarray(picture)
        layout.check_array(path, "the photograph", pixels, (*_LARGE, 3), np.uint8, _NAME)
        return _small(pixels)


def _small(pixels: np.ndarray) -> np.ndarray:
    """[218, 178, 3] uint8 -> [64, 64, 3]."""
    top, left = ((size - _CROP) // 2 for size in _LARGE)
    return resize.lanczos(pixels[top : top + _CROP, left : left + _CROP], _SIDE)


def _check_count(path: Path, found: int) -> None:
    if found != SIZE:
        raise InputError(
            f"{path} has {found:,} files .jpg, not {SIZE:,}: it is incomplete or another data set, "
            f"so fetch that again from {official.OFFICIAL[_NAME].url}"
        )
