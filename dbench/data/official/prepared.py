"""What TensorFlow Datasets (TFDS) has prepared here, found and opened without TensorFlow.

TFDS keeps a data set in FOLDER/NAME/[CONFIG/]VERSION. What is read here was prepared with
`file_format="array_record"`, which needs no TensorFlow. The files are opened where they are: TFDS
is never asked for a data set by its name, since it would try the network, for minutes. What is in
them, images and whole numbers, is read by examples.py.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from dbench import extras, files
from dbench.data import cache
from dbench.errors import InputError, short

HOW = 'with TensorFlow Datasets, download_and_prepare(file_format="array_record")'


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
        with extras.said():
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
