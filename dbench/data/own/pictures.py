"""A user's encoded images: a folder of them, or a Parquet file with a column of them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dbench import memory
from dbench.data.own import factors as own_factors
from dbench.data.own.factors import CONTINUOUS, PREFIX, Factors
from dbench.data.own.pixels import alike, decode
from dbench.data.own.source import Source, file_digest, reading, rows
from dbench.errors import InputError, some
from dbench.files import kind, regular
from dbench.inputs import frames

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TABLES = ("factors.csv", "factors.parquet")
WANTED = f"columns {PREFIX}* or, without such, columns of numbers or text"


def folder(path: Path) -> Source:
    """The images of a folder (none below it) in natural order of their names: a2 before a10.

    factors.csv or factors.parquet has a row for each, named in its column "file", else in order;
    all its other columns are factors.
    """
    with reading(path):
        every = [p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.name[0] != "."]
    files = sorted(every, key=lambda p: frames.natural(p.name))
    if not files:
        raise InputError(f"{path} has no images: there must be {', '.join(SUFFIXES)} in it")
    for image in files:
        regular(image)
    factors = _factors_beside(path, [p.name for p in files])
    images = [(p, f"the image {p}") for p in files]
    shape = decode(*images[0]).shape

    def digest() -> str:
        found = hashlib.sha256()
        for p in tqdm(files, desc=f"looking at {path.name}", unit=" images", disable=None):
            found.update(f"{p.name} {file_digest(p)}\n".encode())
        return found.hexdigest()

    return Source(shape, factors, partial(_blocks, lambda: images, shape), digest)


def _factors_beside(path: Path, names: Sequence[str]) -> Factors:
    """The factors of images of these names."""
    there = [path / table for table in TABLES if kind(path / table)]
    if not there:
        tables = (p.name for p in path.iterdir() if p.suffix.lower() in (".csv", ".parquet"))
        others = sorted(name for name in tables if name[0] != ".")
        return own_factors.none(len(names), str(path), " or ".join(TABLES), others)
    if len(there) > 1:
        raise InputError(f"{path} has both {' and '.join(TABLES)}: keep one of them")
    table = frames.read(there[0], text=frames.header(there[0]))
    if "file" in table:
        table = _in_order(table, names, there[0])
    elif len(table) != len(names):
        raise InputError(
            f"{there[0]} has {len(table):,} rows and there are {len(names):,} images: give each "
            "image a row, or name them in a column 'file'"
        )
    wanted = [name for name in table.columns if name != "file"]
    return own_factors.frame(table, wanted, str(there[0]))


def _in_order(table: pd.DataFrame, names: Sequence[str], path: Path) -> pd.DataFrame:
    """The rows that belong to these names."""
    listed = table["file"].astype(str).str.strip()
    for wrong, said in (
        (listed[listed.duplicated()], "names {} twice"),
        (listed[~listed.isin(names)], "names {}, and there is no such image beside it"),
        (pd.Series(names)[~pd.Series(names).isin(listed)], "has no row for the image {}"),
    ):
        if len(wrong):
            more = f" (and {len(wrong) - 1:,} more are alike)" if len(wrong) > 1 else ""
            raise InputError(f"{path} {said.format(repr(wrong.iloc[0]))}{more}")
    return table.set_axis(listed).loc[list(names)].reset_index(drop=True)


def parquet(path: Path) -> Source:
    """A column "image" of encoded bytes, or of {bytes, path} as Hugging Face has it, and factors.

    Factors are the columns factor_* (then with them continuous_*); where there are none, all others
    of numbers or text.
    """
    with reading(path), frames.parquet_file(path) as file:
        schema = file.schema_arrow
        wanted = _factor_columns(schema, path)
        count = file.metadata.num_rows
        memory.check(8 * count * len(wanted), f"the factors of {path}")
        columns = file.read(columns=wanted)
        columns.validate(full=True)
        table = columns.to_pandas(ignore_metadata=True)
    if not count:
        raise InputError(f"{path} has no rows")
    factors = (
        own_factors.frame(table, wanted, str(path))
        if wanted
        else own_factors.none(count, str(path), WANTED, [n for n in schema.names if n != "image"])
    )
    shape = decode(*next(_encoded(path))).shape
    return Source(
        shape, factors, partial(_blocks, lambda: _encoded(path), shape), partial(file_digest, path)
    )


def _factor_columns(schema: Any, path: Path) -> list[str]:
    names = schema.names
    if names.count("image") != 1:
        raise InputError(f"{path} needs one column 'image' (it has: {some(names)})")
    if len(set(names)) < len(names):
        raise InputError(f"{path} has two columns of one name (it has: {some(names)})")
    if any(name.startswith(PREFIX) for name in names):
        return [name for name in names if name.startswith((PREFIX, CONTINUOUS))]
    return [field.name for field in schema if field.name != "image" and _is_plain(field.type)]


def _is_plain(kind: Any) -> bool:
    """Whether a type of pyarrow's is one of numbers or text."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        is_kind(kind)
        for is_kind in (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
        + (types.is_string, types.is_large_string, types.is_string_view)
    )


def _encoded(path: Path) -> Iterator[tuple[bytes, str]]:
    """The bytes of each image, and what it is called."""
    row = 0
    with reading(path), frames.parquet_file(path) as file:
        for batch in file.iter_batches(batch_size=256, columns=["image"]):
            for entry in batch.column(0).to_pylist():
                data = entry.get("bytes") if isinstance(entry, dict) else entry
                where = f"the image in row {row} of {path}"
                if not isinstance(data, bytes):
                    raise InputError(f"{where} is no encoded image but {type(data).__name__}")
                yield data, where
                row += 1


def _blocks(
    images: Callable[[], Iterable[tuple]], shape: tuple[int, int, int]
) -> Iterator[np.ndarray]:
    """Decoded images of one shape, some at a time. `images()` gives (data, what it is called)."""
    some, first = [], ""
    for data, where in images():
        first = first or where
        some.append(alike(decode(data, where), shape, where, first))
        if len(some) == rows(shape):
            yield np.stack(some)
            some = []
    if some:
        yield np.stack(some)
