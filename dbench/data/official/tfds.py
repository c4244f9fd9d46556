"""Any data set that TensorFlow Datasets has prepared here: `tfds:NAME` on the command line.

The images are the feature "image", or the only one that can be: pictures or a uint8 tensor
[h, w, c], all of one shape. Every scalar feature of whole numbers (ClassLabel, int, bool) is a
factor; its indices count the values that occur, in their order. Factors are in alphabetical order,
since TFDS has them in any; features of other types are left out. The rows are the examples of all
splits, one split after the other, as TFDS has stored them.
"""

from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data import cache
from dbench.data.official import examples, prepared, stored
from dbench.errors import InputError


def load(name: str, source: Path | None = None) -> Dataset:
    """The data set `name` (NAME or NAME/CONFIG) in the folder of TFDS `source`, read once.

    `source` is by default $DBENCH_DATA, else $TFDS_DATA_DIR, else ~/tensorflow_datasets. An
    InputError says at once what is not prepared there, or cannot be read without TensorFlow.
    """
    places = prepared.places(source)
    path = next(filter(None, (prepared.find(name, place) for place in places)), None)
    if path is None:
        raise InputError(
            f"tfds:{name} is not prepared in {' or '.join(map(str, places))}: prepare it "
            f"{prepared.HOW}, and give its data_dir with --data, in DBENCH_DATA or in TFDS_DATA_DIR"
        )
    data = prepared.open_(path)
    image = _image(data)
    columns = tuple(n for n, feature in data.features.items() if _is_whole(feature))
    key = f"tfds_{name.replace('/', '_')}_{data.key}"
    factors, values = _factors(data, columns, key)
    shape = examples.first(data, image).shape
    images = cache.keep(
        f"{key}_images",
        (data.size, *shape),
        lambda: examples.images(data, image, shape),
        f"reading {name}",
    )
    return stored.dataset(f"tfds:{name}", images, columns, values, factors)


def _image(data: prepared.Prepared) -> str:
    """The name of the feature that holds the images."""
    can_be = [n for n, f in data.features.items() if _is_image(f)]
    if "image" in can_be or len(can_be) == 1:
        return "image" if "image" in can_be else can_be[0]
    what = f"several features with images ({', '.join(can_be)})" if can_be else "no images"
    raise InputError(f"{data.path} has {what}: one feature with pictures, or uint8, is needed")


def _factors(data: prepared.Prepared, columns: tuple[str, ...], key: str) -> tuple:
    """Indices [n, k] int32 and the values they stand for, (k,) of [sizes[j]] float."""
    shape = (data.size, len(columns) * 8)  # bytes of an int64
    kept = cache.keep(
        f"{key}_factors",
        shape,
        lambda: (np.ascontiguousarray(b).view(np.uint8) for b in examples.labels(data, columns)),
        "reading factors",
    )
    found = np.asarray(kept).view("<i8")  # [n, k]
    pairs = [np.unique(column, return_inverse=True) for column in found.T]
    indices = [index.astype(np.int32) for _, index in pairs]
    factors = np.stack(indices, axis=1) if columns else np.zeros((data.size, 0), np.int32)
    return factors, tuple(values.astype(np.float64) for values, _ in pairs)


def _is_image(feature) -> bool:
    shape = feature.shape  # a dict, if the feature has features
    return isinstance(shape, tuple) and len(shape) == 3 and feature.np_dtype == np.uint8


def _is_whole(feature) -> bool:
    return feature.shape == () and np.dtype(feature.np_dtype).kind in "iub"
