"""Named columns of a .csv or .parquet, as a data frame or one sentence about what is wrong."""

import contextlib
import csv
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dbench import extras, files, memory
from dbench.errors import InputError
from dbench.metrics.shared import labels

# pandas 3.1 reads every digit, and warns of the option that older ones need for it.
NEW = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
EXACT = {} if NEW else {"float_precision": "round_trip"}
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)


def header(path: Path) -> list[str]:
    """The names of the columns, in order; anything that is no table is an InputError."""
    with _reading(path):
        return _csv_header(path) if path.suffix == ".csv" else _parquet_header(path)


def read(path: Path, text: Collection[str] = ()) -> pd.DataFrame:
    """The whole file; anything that is no table is an InputError.

    A .csv says of no column whether it is text. Those of `text` are as they are written, and only
    an empty cell is missing; in the others so are NaN, NA and their like.
    """
    names = header(path)
    with _reading(path):
        return _load_csv(path, names, text) if path.suffix == ".csv" else _load_parquet(path, names)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    files.regular(path)
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of a damaged file the libraries raise anything
        why = " ".join(str(error).split()).rstrip(".")[:300]
        if isinstance(error, UnicodeDecodeError):
            why = f"it is no text in UTF-8: byte {error.object[error.start]:#x}; save it as UTF-8"
        raise InputError(f"cannot read {path} as {path.suffix} ({why})") from error


def _csv_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, skipinitialspace=True)
        first = next((line for line in lines if len(line) > 1 or "".join(line).strip()), None)
    if first is None:
        raise ValueError("it is empty")
    if len(first) == 1 and (other := re.search(r"[;\t]", first[0])):
        what = "tabs" if other[0] != ";" else "semicolons"
        raise ValueError(
            f"its columns are separated by {what}: save it with commas, and points in its numbers"
        )
    if all(NUMBER.fullmatch(cell.strip()) for cell in first) and "." in "".join(first):
        raise ValueError("its first line has numbers: it must have the names of the columns")
    return _stripped(first)


def _load_csv(path: Path, names: list[str], text: Collection[str]) -> pd.DataFrame:
    how = {"header": 0, "names": names, "index_col": False, "skipinitialspace": True}
    with warnings.catch_warnings():
        # Where rows are longer than the header, every column would be read as the next one.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(path, low_memory=False, **how, **EXACT)
    # A second time for the text: to say of each of many columns how it is read takes far longer.
    wanted = set(text)
    if kept := [name for name in names if name in wanted]:
        written = pd.read_csv(path, usecols=kept, dtype=str, keep_default_na=False, **how)
        frame = pd.concat([frame.drop(columns=kept), written], axis=1)[names]
    return frame


def parquet_file(path: Path) -> Any:
    """A pyarrow.parquet.ParquetFile; an InputError where an extra is missing."""
    with extras.said():
        import pyarrow.parquet
    return pyarrow.parquet.ParquetFile(path)


def _parquet_header(path: Path) -> list[str]:
    with parquet_file(path) as file:
        return _stripped(file.schema_arrow.names)


def _load_parquet(path: Path, names: list[str]) -> pd.DataFrame:
    with parquet_file(path) as file:
        # Of values that repeat, a small file may hold any number.
        memory.check(8 * file.metadata.num_rows * len(names), str(path))
        table = file.read()
        table.validate(full=True)  # text that is no UTF-8 would be met only when it is looked at
        frame = table.to_pandas(ignore_metadata=True)  # an index is a column like any other
    return frame.set_axis(names, axis=1)


def _stripped(names: Iterable[str]) -> list[str]:
    """Names without spaces around them; two that are the same are a ValueError."""
    found = [name.strip() for name in names]
    for name, count in Counter(filter(None, found)).items():
        if count > 1:  # pandas would rename them without a word
            raise ValueError(f"two columns are named {name!r}")
    return [name or f"Unnamed: {i}" for i, name in enumerate(found)]  # as pandas calls them


def natural(name: str) -> list:
    """A key that sorts mean_2 before mean_10."""
    parts = re.split(r"(\d{1,1000})", name)  # Python makes no number of more than 4300 digits
    return [int(part) if part.isdecimal() else part for part in parts]


def numbers(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Columns of numbers, [n, d] float; an InputError where one has none or lacks some."""
    chosen = frame[list(columns)]
    plain = {kind for kind in map(str, chosen.dtypes.unique()) if re.match("u?int|float", kind)}
    if len(plain) < len(chosen.dtypes.unique()):
        return np.stack([_column(chosen[name]) for name in columns], axis=1)
    values = chosen.to_numpy()
    values = values if values.dtype.kind == "f" else values.astype(np.float64)
    if np.isnan(values).any():
        first = int(np.isnan(values).any(axis=0).argmax())
        labels.no_gaps(np.isnan(values[:, first]), f"the column {columns[first]!r}")
    return values


def _column(column: pd.Series) -> np.ndarray:
    what = f"the column {column.name!r}"
    if pd.api.types.is_bool_dtype(column):
        raise InputError(f"{what} holds {column.dtype}, not numbers")
    return labels.real(column, what)
