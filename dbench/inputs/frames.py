"""Named columns of a .csv or .parquet, as a data frame or one sentence about what is wrong."""

import contextlib
import csv
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet

from dbench import files
from dbench.errors import InputError
from dbench.metrics.shared import labels

# pandas 3.1 reads every digit, and warns of the option that older ones need for it.
NEW = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
EXACT = {} if NEW else {"float_precision": "round_trip"}
# How a missing number is written.
MISSING = ["", *{as_(x) for x in labels.MISSING for as_ in (str.lower, str.upper)}, "NaN", "None"]
MISSING += ["-NaN", "+NaN", "NaT", "Null", "Na", "Nan"]


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
    return _stripped(first)


def _load_csv(path: Path, names: list[str], text: Collection[str]) -> pd.DataFrame:
    kept = {name for name in names if name in set(text)}
    with warnings.catch_warnings():
        # Where rows are longer than the header, every column would be read as the next one.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            path,
            header=0,
            names=names,
            index_col=False,
            skipinitialspace=True,
            low_memory=False,
            dtype=dict.fromkeys(kept, str),
            keep_default_na=False,
            na_values={name: MISSING for name in names if name not in kept},
            **EXACT,
        )


def _parquet_header(path: Path) -> list[str]:
    with pyarrow.parquet.ParquetFile(path) as file:
        return _stripped(file.schema_arrow.names)


def _load_parquet(path: Path, names: list[str]) -> pd.DataFrame:
    with pyarrow.parquet.ParquetFile(path) as file:
        frame = file.read().to_pandas(ignore_metadata=True)  # an index is a column like any other
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


def numbers(column: pd.Series) -> np.ndarray:
    """A column of numbers, [n] float; an InputError where it has none or lacks some."""
    what = f"the column {column.name!r}"
    if pd.api.types.is_bool_dtype(column):
        raise InputError(f"{what} holds {column.dtype}, not numbers")
    if not pd.api.types.is_numeric_dtype(column):
        return labels.real(column, what)
    values = column.to_numpy()
    values = values if values.dtype.kind == "f" else column.to_numpy(np.float64)
    labels.no_gaps(np.isnan(values), what)
    return values
