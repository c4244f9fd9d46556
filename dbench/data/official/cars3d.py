"""Cars3D: pictures of 183 models of cars (Reed et al., "Deep Visual Analogy-Making", NIPS 2015).

Colour images of 183 cars, each at elevation 4 x azimuth 24, in nips2015-analogy-data.tar.gz: a
file data/cars/car_*_mesh.mat each, whose `im` is [128, 128, 3, 24, 4] uint8 (h, w, c, azimuth,
elevation).

As Locatello et al., ICML 2019 (disentanglement_lib): reduced to 64 x 64 by Pillow's Lanczos filter
and rounded to 8 bits; the factors are elevation, azimuth and object, in C order (object fastest):
17,568 images. Departure: the cars are numbered in the order of their file names, there in that in
which the file system lists them.
"""

import io
import math
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from tqdm import tqdm

from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.official import layout, resize, stored
from dbench.errors import InputError

MD5 = "4e866a7919c1beedf53964e6f7a23686"  # of the archive, in nmichlo/disent among others
NAMES = ("elevation", "azimuth", "object")
SIZES = (4, 24, 183)
_NAME = "cars3d"
_SIDE, _LARGE = 64, 128  # pixels, as they are kept and in the files
_PATTERN = "car_*_mesh.mat"


def load(source: Path | None = None) -> Dataset:
    """Cars3D: 17,568 images of 183 cars from 96 sides, 64 x 64 x 3, from the official files.

    `source` is the archive, or the folder of its .mat files, or one that has either, by default
    $DBENCH_DATA. They are read once (216 MB in the cache folder).
    """
    path = official.require(source, _NAME)
    folder = path.suffix == ".mat"
    with layout.reading(path, _NAME):
        files = sorted(path.parent.glob(_PATTERN)) if folder else [path]
        key = cache.key(*map(hashes.known, files))
    if folder:
        _check_count(path.parent, len(files))
    shape = (math.prod(SIZES), _SIDE, _SIDE, 3)
    make = partial(_read, path.parent if folder else path)
    images = cache.keep(f"{_NAME}_{layout.KEPT}_{key}", shape, make, "reading Cars3D")
    return stored.dataset(_NAME, images, NAMES, tuple(np.arange(float(size)) for size in SIZES))


def _read(path: Path) -> Iterator[np.ndarray]:
    """Images in C order of elevation, azimuth, object, in blocks [rows, 64, 64, 3] uint8."""
    with layout.reading(path, _NAME):
        found = hashes.md5(path) if path.is_file() else MD5  # a folder has none
    cars = {}
    with tqdm(total=SIZES[2], desc="resizing", unit=" cars", disable=None, leave=False) as bar:
        for name, content in _files(path):
            cars[name] = _car(path, name, content)
            bar.update()
    _check_count(path, len(cars))
    if found != MD5:
        layout.refuse(path, f"md5 {found}, not {MD5}", _NAME)
    by_name = [cars[name] for name in sorted(cars)]
    for elevation in range(SIZES[0]):
        block = np.stack([car[elevation] for car in by_name], axis=1)  # [azimuth, object, ...]
        yield block.reshape(-1, _SIDE, _SIDE, 3)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each car's file in a folder or a .tar.gz, which is not unpacked."""
    with layout.reading(path, _NAME):
        if path.is_dir():
            for file in path.glob(_PATTERN):
                yield file.name, file.read_bytes()
            return
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if member.isfile() and name.match(f"cars/{_PATTERN}"):
                    content = archive.extractfile(member)
                    assert content  # None only of what is no file
                    yield name.name, content.read()


def _car(path: Path, name: str, content: bytes) -> np.ndarray:
    """Images of a car: [elevation, azimuth, 64, 64, 3] uint8."""
    import scipy.io  # half a second that other data sets do not need

    with layout.reading(path / name, _NAME):
        try:
            found = scipy.io.loadmat(io.BytesIO(content), variable_names=["im"])["im"]
        except scipy.io.matlab.MatReadError as error:
            raise ValueError(str(error)) from error
    shape = (_LARGE, _LARGE, 3, SIZES[1], SIZES[0])
    layout.check_array(path / name, "im", found, shape, np.uint8, _NAME)
    images = np.ascontiguousarray(found.transpose(4, 3, 0, 1, 2)).reshape(-1, *shape[:3])
    small = np.stack([resize.lanczos(image, _SIDE) for image in images])
    return small.reshape(SIZES[0], SIZES[1], _SIDE, _SIDE, 3)


def _check_count(path: Path, found: int) -> None:
    if found != SIZES[2]:
        raise InputError(
            f"{path} has {found} files {_PATTERN}, not {SIZES[2]}: it is incomplete or another "
            f"archive, so fetch that again from {official.OFFICIAL[_NAME].url}"
        )
