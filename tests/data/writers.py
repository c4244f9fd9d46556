"""Small files of the official layouts. The grids shrink with them: `patch` is pytest's monkeypatch.

A writer takes the folder to write in, `patch`, and changes: arrays of other names or content (None:
left out). It returns what a user would give with --data.
"""

import gzip
import hashlib
import io
import math
import shutil
import tarfile
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from PIL import Image

from dbench.data.grid import grid
from dbench.data.official import cars3d, celeba, mnist, mpi3d, shapes3d, smallnorb


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def random_images(*shape: int) -> np.ndarray:
    """uint8, the same each time."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def shapes3d_values() -> tuple[np.ndarray, ...]:
    return tuple(v[:size] for v, size in zip(shapes3d.VALUES, (2, 2, 1, 2, 4, 3), strict=True))


def write_shapes3d(folder: Path, patch, known: bool = True, **changes) -> Path:
    values = shapes3d_values()
    patch.setattr(shapes3d, "VALUES", values)
    sizes = tuple(map(len, values))
    labels = np.stack([v[i] for v, i in zip(values, grid(sizes).T, strict=True)], axis=1)
    arrays = {"images": random_images(math.prod(sizes), 64, 64, 3), "labels": labels} | changes
    path = folder / "3dshapes.h5"
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            if array is not None:
                chunks = (5, *array.shape[1:])
                file.create_dataset(name, data=array, chunks=chunks, compression="gzip")
    if known:
        patch.setattr(shapes3d, "SHA256", sha256(path))
    return path


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def write_mpi3d(name: str, folder: Path, patch, known: bool = True, **changes) -> Path:
    patch.setattr(mpi3d, "SIZES", (2, 2, 1, 1, 2, 2, 3))
    arrays = {"images": random_images(48, 64, 64, 3)} | changes
    path = folder / f"{name}.npz"
    np.savez_compressed(path, **{k: v for k, v in arrays.items() if v is not None})
    if known:
        patch.setitem(mpi3d.MD5, name, md5(path))
    return path


def norb_matrix(array: np.ndarray) -> bytes:
    """A matrix of SmallNORB's own format."""
    magic = {"uint8": 0x1E3D4C55, "int32": 0x1E3D4C54, "float32": 0x1E3D4C51}[array.dtype.name]
    sizes = [*array.shape, 1, 1][: max(3, array.ndim)]
    return np.array([magic, array.ndim, *sizes], "<i4").tobytes() + array.tobytes()


def norb_rows(sizes: tuple[int, ...]) -> np.ndarray:
    """Columns of the grid (category, instance, elevation, azimuth * 2, lighting), shuffled."""
    rows = grid(sizes) * np.array([1, 1, 1, 2, 1])
    return np.random.default_rng(1).permutation(rows).astype(np.int32)


def write_smallnorb(
    folder: Path, patch, packed: bool = True, known: bool = True, **changes
) -> Path:
    """`changes` of a matrix are named as training_cat, their sizes are (5, 2, 3, 2, 1)."""
    patch.setattr(smallnorb, "SIZES", (5, 2, 3, 2, 1))
    rows, photographs = norb_rows((5, 2, 3, 2, 1)), random_images(60, 2, 96, 96)
    for i, part in enumerate(smallnorb.PARTS):
        short, mine = part.split("-")[1], slice(30 * i, 30 * i + 30)
        matrices = {"dat": photographs[mine], "cat": rows[mine, 0], "info": rows[mine, 1:]}
        for kind, array in matrices.items():
            content = changes.get(f"{short}_{kind}", array)
            if isinstance(content, np.ndarray):
                content = norb_matrix(content)
            path = folder / f"smallnorb-{part}-{kind}.mat{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(content) if packed else content)
            if known:
                patch.setitem(smallnorb.SHA256, f"{short}-{kind}", sha256(path))
    return folder


def write_cars3d(folder: Path, patch, packed: bool = True, known: bool = True, **changes) -> Path:
    """Three cars; `changes` are arrays by name of the car, None leaves it out."""
    patch.setattr(cars3d, "SIZES", (2, 3, 3))
    cars = random_images(3, 128, 128, 3, 3, 2)
    arrays = {
        f"car_{name}_mesh": car for name, car in zip(("002", "010", "001"), cars, strict=True)
    }
    cars = folder / "data" / "cars"
    cars.mkdir(parents=True, exist_ok=True)
    for name, array in (arrays | changes).items():
        if array is not None:
            scipy.io.savemat(cars / f"{name}.mat", {"im": array}, do_compression=True)
    (cars / "list.txt").write_text("\n".join(arrays))
    if not packed:
        return cars
    path = folder / "nips2015-analogy-data.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder / "data", "data")
    shutil.rmtree(folder / "data")
    if known:
        patch.setattr(cars3d, "MD5", md5(path))
    return path


def write_celeba(folder: Path, patch, form: str = "zip", known: bool = True, **changes) -> Path:
    """Five photographs, written as PNG so that they are known to the bit; `changes` by number."""
    patch.setattr(celeba, "SIZE", 5)
    place = folder / "img_align_celeba"
    place.mkdir(exist_ok=True)
    photographs = {f"{i + 1:06}": image for i, image in enumerate(random_images(5, 218, 178, 3))}
    for name, image in (photographs | changes).items():
        path = place / f"{name}.jpg"
        if isinstance(image, np.ndarray):
            Image.fromarray(image).save(path, "png")
        elif image is not None:
            path.write_bytes(image)
    if form == "folder":
        return place
    path = folder / "img_align_celeba.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(place.iterdir(), reverse=True):
            archive.write(file, f"img_align_celeba/{file.name}")
    shutil.rmtree(place)
    if known:
        patch.setattr(celeba, "SHA256", sha256(path))
    return path


def idx(array: np.ndarray) -> bytes:
    """An array in the format of MNIST's files."""
    kind = {"uint8": 8, "int8": 9, "int32": 12}[array.dtype.name]
    head = bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return head + array.tobytes()


def digits() -> dict[str, np.ndarray]:
    """Arrays by the names of Keras: 20 digits for training, 12 for testing."""
    images, labels = random_images(32, 28, 28), (np.arange(32) * 7 % 10).astype(np.uint8)
    train, test = slice(20), slice(20, None)
    return {
        **{"x_train": images[train], "y_train": labels[train]},
        **{"x_test": images[test], "y_test": labels[test]},
    }


def write_mnist(folder: Path, patch, form: str = "gz", known: bool = True, **changes) -> Path:
    """`form` "gz", "idx" or "npz"; `changes` are arrays, or bytes of a file, by Keras' names."""
    patch.setattr(mnist, "SIZES", {"train": 20, "t10k": 12})
    arrays = digits() | changes
    if form == "npz":
        np.savez(folder / "mnist.npz", **{k: v for k, v in arrays.items() if v is not None})
        if known:
            patch.setattr(mnist, "KERAS_SHA256", sha256(folder / "mnist.npz"))
        return folder / "mnist.npz"
    if known:
        patch.setattr(mnist, "TRAINING_MEAN", round(digits()["x_train"].mean() / 255, 4))
    for name in mnist.SHA256:
        array = arrays[
            ("x" if "images" in name else "y") + ("_train" if "train" in name else "_test")
        ]
        if array is None:
            continue
        content = idx(array) if isinstance(array, np.ndarray) else array
        path = folder / (name + (".gz" if form == "gz" else ""))
        path.write_bytes(gzip.compress(content) if form == "gz" else content)
        if known:
            patch.setitem(mnist.SHA256, name, sha256(path))
    return folder


WRITERS = {
    "shapes3d": write_shapes3d,
    **{f"mpi3d_{k}": partial(write_mpi3d, f"mpi3d_{k}") for k in ("toy", "realistic", "real")},
    "smallnorb": write_smallnorb,
    "cars3d": write_cars3d,
    "celeba": write_celeba,
    "mnist": write_mnist,
}


def prepare(folder: Path, name: str, features: dict, splits: dict, form="array_record") -> Path:
    """Has TensorFlow Datasets prepare a data set of lists of examples by split, without TensorFlow.

    An image is given as an array and stored as PNG where its feature is Image. TFDS shuffles.
    """
    import tensorflow_datasets as tfds

    def encoded(example: dict) -> dict:
        found = dict(example)
        for key, feature in features.items():
            if isinstance(feature, tfds.features.Image):
                content = io.BytesIO()
                pixels = example[key]
                Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(
                    content, "png"
                )
                content.seek(0)
                found[key] = content
        return found

    class Mine(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self, features=tfds.features.FeaturesDict(features)
            )

        def _split_generators(self, _):
            return {
                split: ((i, encoded(e)) for i, e in enumerate(some))
                for split, some in splits.items()
            }

        def _generate_examples(self):
            raise NotImplementedError

    Mine.name = name
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", scratch)  # TFDS removes nothing of what it puts there
        Mine(data_dir=folder, file_format=form).download_and_prepare()
    return folder


def prepare_grid(folder, name, images, columns, rows):
    """Of images [n, h, w, c] and whole-number `columns` with `rows` [n, k]."""
    import tensorflow_datasets as tf_sets

    features = {"image": tf_sets.features.Image(shape=images.shape[1:])}
    features |= dict.fromkeys(columns, np.int64)
    examples = [
        {"image": image} | dict(zip(columns, map(int, row), strict=True))
        for image, row in zip(images, rows, strict=True)
    ]
    half = len(examples) // 2
    return prepare(folder, name, features, {"train": examples[:half], "test": examples[half:]})
