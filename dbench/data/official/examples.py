"""The examples of a prepared data set, in blocks: images, decoded here, and whole numbers."""

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from dbench import extras
from dbench.data.official.prepared import HOW, Prepared, reading
from dbench.errors import InputError

BLOCK = 1024  # examples read at once
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # of pictures, by channels


def labels(data: Prepared, columns: Sequence[str]) -> Iterator[np.ndarray]:
    """Whole-number features of all examples in blocks [rows, k] int64; no picture is decoded."""
    for examples in _examples(data, np.arange(data.size)):
        with reading(data.path):  # of a file that was cut the examples are None
            found = [[int(example[name]) for name in columns] for example in examples]
        yield np.array(found, np.int64).reshape(len(examples), len(columns))


def images(
    data: Prepared, name: str, shape: tuple[int, ...], rows: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Images of the examples `rows`, by default all, in blocks [rows, *shape] uint8."""
    rows = np.arange(data.size) if rows is None else rows
    for examples in _examples(data, rows):
        with reading(data.path):
            block = [_pixels(example[name], shape[-1]) for example in examples]
        for image in block:
            if image.shape != shape or image.dtype != np.uint8:
                raise InputError(
                    f"{data.path} has an image that is {image.dtype} {list(image.shape)}, not "
                    f"uint8 {list(shape)}: images of one shape are needed"
                )
        yield np.stack(block)


def in_grid_order(
    data: Prepared,
    name: str,
    shape: tuple[int, ...],
    columns: Sequence[str],
    sizes: tuple[int, ...],
) -> Iterator[np.ndarray]:
    """Images in C order of the grid of `columns`, which TFDS has stored in an order of its own."""
    missing = {name, *columns} - set(data.features)
    if missing:
        raise InputError(f"{data.path} has no feature {min(missing)}: it is another data set")
    with tqdm(total=data.size, desc="factors", unit=" images", disable=None, leave=False) as bar:
        found = []
        for block in labels(data, columns):
            found.append(block)
            bar.update(len(block))
    index = np.concatenate(found) if found else np.zeros((0, len(columns)), np.int64)
    inside = ((index >= 0) & (index < sizes)).all()
    place = np.ravel_multi_index(tuple(index.T), sizes) if inside else np.zeros(0, np.int64)
    if not np.array_equal(np.sort(place), np.arange(math.prod(sizes))):
        raise InputError(
            f"the {len(index):,} images in {data.path} are not the grid "
            f"{' x '.join(map(str, sizes))} of its factors: prepare it again {HOW}"
        )
    yield from images(data, name, shape, np.argsort(place))


def first(data: Prepared, name: str) -> np.ndarray:
    """The image of the first example, [h, w, c] uint8; its shape is that of all."""
    channels = data.features[name].shape[-1] or 3
    for (example,) in _examples(data, np.arange(min(data.size, 1))):
        with reading(data.path):
            return _pixels(example[name], channels)
    raise InputError(f"{data.path} has no examples")


def _pixels(given: bytes | np.ndarray, channels: int) -> np.ndarray:
    """A picture, encoded or not, as [h, w, c]."""
    if isinstance(given, np.ndarray):
        return given
    with Image.open(io.BytesIO(given), formats=("PNG", "JPEG")) as picture:
        mode = _MODES[channels]
        found = np.asarray(picture if picture.mode == mode else picture.convert(mode))
    return found.reshape(*found.shape[:2], channels)


def _examples(data: Prepared, rows: np.ndarray) -> Iterator[list[dict]]:
    """Examples in blocks, pictures as encoded bytes."""
    with reading(data.path):
        with extras.said():
            import tensorflow_datasets as tfds

        builder = tfds.builder_from_directory(data.path)
        decoders = {name: tfds.decode.SkipDecoding() for name in data.pictures} or None
        sources = [builder.as_data_source(n, decoders=decoders) for n, _ in data.splits]
        ends = np.cumsum([count for _, count in data.splits])
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            which = np.searchsorted(ends, some, side="right")
            block: list[Any] = [None] * len(some)
            for split in np.unique(which):
                at = np.flatnonzero(which == split)
                first = ends[split] - data.splits[split][1]
                found = sources[split].__getitems__([int(i) for i in some[at] - first])
                for i, example in zip(at, found, strict=True):
                    block[i] = example
            yield block
