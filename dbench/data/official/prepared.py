"""What TensorFlow Datasets (TFDS) has prepared on this machine, read without TensorFlow.

TFDS keeps a data set in FOLDER/NAME/[CONFIG/]VERSION. What is read here was prepared with
`file_format="array_record"`, which needs no TensorFlow. The files are opened where they are: TFDS
is never asked for a data set by its name, since it would try the network, for minutes.
"""

import io
import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from dbench import files
from dbench.data import cache
from dbench.errors import InputError, short

BLOCK = 1024  # examples read at once
HOW = 'with TensorFlow Datasets, download_and_prepare(file_format="array_record")'
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # of pictures, by channels


def folder() -> Path:
    """Where TFDS keeps what it has prepared: $TFDS_DATA_DIR or ~/tensorflow_datasets."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def places(source: Path | None) -> list[Path]:
    """The folders to look in: `source`, else $DBENCH_DATA and then that of TFDS itself."""
    if given := source or os.environ.get("DBENCH_DATA"):
        return [Path(given).expanduser(), *([] if source else [folder()])]
    return [folder()]


def find(name: str, folder: Path) -> Path | None:
    """The newest version of a data set (NAME or NAME/CONFIG) that is in a folder of TFDS."""
    versions = [path.parent for path in (folder / name).glob("*.*.*/dataset_info.json")]
    return max(versions, key=_version, default=None)


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in path.name.split("."))


class Prepared(NamedTuple):
    """A prepared data set: the examples of all splits, one split after the other."""

    path: Path
    key: str  # of its description, and of the sizes and times of its files
    features: dict[str, Any]  # of TFDS, by name
    splits: tuple[tuple[str, int], ...]  # (name, examples)

    @property
    def size(self) -> int:
        return sum(count for _, count in self.splits)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The features that are encoded pictures."""
        return tuple(n for n, f in self.features.items() if type(f).__name__ == "Image")


def open_(path: Path) -> Prepared:
    """The data set in a folder of a version; an InputError if it cannot be read here."""
    description = path / "dataset_info.json"
    form = files.read_json(description).get("fileFormat")
    if form != "array_record":
        raise InputError(
            f"{path} has the file format {form}, which only TensorFlow reads: prepare it again "
            f"{HOW}"
        )
    _own_features(path / "features.json")
    with reading(path):
        import tensorflow_datasets as tfds

        info = tfds.builder_from_directory(path).info
        splits = tuple((n, split.num_examples) for n, split in info.splits.items())
        parts = [Path(file) for split in info.splits.values() for file in split.filepaths]
        key = cache.key(description.read_text(), cache.stamp(parts))
        features = dict(sorted(info.features.items()))  # TFDS has them in any order
        return Prepared(path, key, features, splits)


def _own_features(described: Path) -> None:
    """An InputError for features of classes that are not TFDS's own: it would import them."""
    if described.exists():
        for name in _classes(files.read_json(described)):
            if not re.fullmatch(r"tensorflow_datasets(\.\w+)+", name):
                raise InputError(
                    f"{described} names the class {short(name)}, which TensorFlow Datasets would "
                    "import: only its own features are read here"
                )


def _classes(found: Any) -> Iterator[str]:
    """The names of classes in a description, wherever: by today's key, and by that of old ones."""
    if isinstance(found, str) and found.lstrip().startswith("{"):  # text of JSON in old ones
        with suppress(ValueError):
            found = json.loads(found)
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("pythonClassName", "python_class_name", "type") and isinstance(value, str):
                yield value
            yield from _classes(value)
    elif isinstance(found, list):
        for value in found:
            yield from _classes(value)


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


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns whatever damaged files make TFDS raise, which is of many kinds, into an InputError."""
    try:
        yield
    except (InputError, GeneratorExit):
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"cannot read the data set in {path} ({said}): it is incomplete or damaged, so "
            f"prepare it again {HOW}"
        ) from error
