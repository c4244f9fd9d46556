"""Named columns of a .csv or .parquet, as a data frame or one sentence about what is wrong."""

import re
import warnings
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from dbench.errors import InputError

# pandas 3.1 reads every digit, and warns of the option that older ones need for it.
NEW = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
EXACT = {} if NEW else {"float_precision": "round_trip"}


def read(path: Path) -> pd.DataFrame:
    """The whole file; anything that is no table is an InputError."""
    if not path.exists():
        raise InputError(f"there is no file {path}")
    try:
        frame = _load_csv(path) if path.suffix == ".csv" else _load_parquet(path)
    except (OSError, ValueError, pd.errors.ParserWarning, pyarrow.ArrowException) as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise InputError(f"cannot read {path} as {path.suffix} ({why})") from error
    return frame.set_axis([str(name).strip() for name in frame.columns], axis=1)


def _load_csv(path: Path) -> pd.DataFrame:
    header = pd.read_csv(
        path, header=None, nrows=1, dtype=str, keep_default_na=False, skipinitialspace=True
    )
    if len(header.columns) == 1 and (other := re.search(r"[;\t]", header.iloc[0, 0])):
        what = "tabs" if other[0] != ";" else "semicolons"
        raise ValueError(
            f"its columns are separated by {what}: save it with commas, and points in its numbers"
        )
    _no_twins(header.iloc[0])  # pandas would rename them without a word
    with warnings.catch_warnings():
        # Where rows are longer than the header, every column would be read as the next one.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(path, index_col=False, skipinitialspace=True, low_memory=False, **EXACT)


def _load_parquet(path: Path) -> pd.DataFrame:
    with pyarrow.parquet.ParquetFile(path) as file:
        _no_twins(file.schema_arrow.names)
        return file.read().to_pandas(ignore_metadata=True)  # an index is a column like any other


def _no_twins(names: Iterable[str]) -> None:
    names = [name.strip() for name in names]
    for name in filter(None, names):
        if names.count(name) > 1:
            raise ValueError(f"two columns are named {name!r}")


def natural(name: str) -> list:
    """A key that sorts mean_2 before mean_10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def no_gaps(column: pd.Series) -> None:
    missing = column.isna()
    if not is_number(column):
        missing |= column.astype(str).str.strip() == ""
    if gaps := int(missing.sum()):
        raise InputError(
            f"the column {column.name!r} lacks a value in {gaps:,} of {len(column):,} rows: remove "
            "those rows"
        )


def is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
