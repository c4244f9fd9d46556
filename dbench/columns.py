"""A representation from the named columns of a .csv or .parquet: one row an image.

By default codes are mean_* (else z0, z1, ...), log variances logvar_*, factors factor_*.
"""

import difflib
import re
import warnings
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import tables

SUFFIXES = (".csv", ".parquet")
FACTOR = "factor_"  # of a factor's column; no part of the factor's name
# pandas 3.1 reads every digit, and warns of the option that older ones need for it.
NEW = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
EXACT = {} if NEW else {"float_precision": "round_trip"}


def read(
    path: Path,
    codes: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    logvars: Sequence[str] | None = None,
    continuous: Sequence[str | int] = (),
) -> Table:
    """A table of chosen columns; each choice is names or wildcards.

    What a wildcard stands for is in natural order (mean_2 before mean_10), factors in the file's.
    A factor holds integers, labels (text, true and false, categories; taken in sorted order) or,
    if declared continuous, numbers. A value missing in a chosen column is an InputError.
    """
    frame = load(path)
    known = list(frame.columns)
    code = default_codes(known) if codes is None else pick(known, codes, "codes")
    factor = pick(known, [f"{FACTOR}*"] if factors is None else factors, "factors")
    _check_apart({"a code": code, "a factor": factor}, known)
    logvar = default_logvars(known, code) if logvars is None else pick(known, logvars, "logvars")
    _check_apart({"a code": code, "a factor": factor, "a log variance": logvar}, known)
    if logvar and len(logvar) != len(code):
        raise InputError(
            f"there are {len(code)} code columns ({_some(code)}) and {len(logvar)} of log "
            f"variances ({_some(logvar)}): each code needs its own, in the same order"
        )
    if not len(frame):
        raise InputError(f"{path} has no rows")
    names = tuple(name.removeprefix(FACTOR) for name in factor)
    names = names if len(set(names)) == len(names) else tuple(factor)
    numbers = {tables.column(which(c, names), names, len(names)) for c in continuous}
    values = [_factor(frame[name], names[j], j in numbers) for j, name in enumerate(factor)]
    mean = np.stack([_code(frame[name]) for name in code], axis=1)
    spread = np.stack([_code(frame[name]) for name in logvar], axis=1) if logvar else None
    return tables.table(mean, np.stack(values, axis=1), spread, names, sorted(numbers))


def load(path: Path) -> pd.DataFrame:
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


def pick(known: Sequence[str], wanted: Sequence[str], option: str) -> list[str]:
    """The columns that names and wildcards stand for, each once; [""] stands for none."""
    chosen = []
    for name in wanted if list(wanted) != [""] else []:
        found = [name] if name in known else [c for c in known if fnmatchcase(c, name)]
        if not found:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; choose with --{option}"
            raise InputError(f"no column is named {name!r} (there are: {_some(known)}){hint}")
        chosen += found if option == "factors" else sorted(found, key=natural)
    return list(dict.fromkeys(chosen))


def natural(name: str) -> list:
    """A key that sorts mean_2 before mean_10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def default_codes(known: Sequence[str]) -> list[str]:
    """mean_*, or z0, z1, ... (also z_0) where there is none."""
    found = [c for c in known if c.startswith("mean_")]
    found = found or [c for c in known if re.fullmatch(r"z_?\d+", c)]
    if not found:
        raise InputError(
            f"no column is named mean_* or z0, z1, ... (there are: {_some(known)}); say with "
            "--codes which columns are the codes"
        )
    return sorted(found, key=natural)


def default_logvars(known: Sequence[str], code: Sequence[str]) -> list[str]:
    """logvar_X for a code mean_X, logvar_3 for z3; none where the file has no logvar_*."""
    there = [c for c in known if c.startswith("logvar_")]
    if not there:
        return []
    found = []
    for name in code:
        end = re.search(r"(?<=^mean_).*|\d+$", name)
        own = f"logvar_{end[0] if end else name}"
        if own not in there:
            raise InputError(
                f"the code {name!r} has no {own!r} among the log variances ({_some(there)}): say "
                "with --logvars which columns they are, or --logvars '' for none"
            )
        found.append(own)
    return found


def which(factor: str | int, names: Sequence[str]) -> str | int:
    """A factor by its name, its column's name, or its number where digits are no name."""
    if factor in names:
        return factor
    if str(factor).isdecimal():
        return int(factor)
    return factor.removeprefix(FACTOR)


def _check_apart(uses: dict[str, list[str]], known: Sequence[str]) -> None:
    """Raise InputError if there is no code, no factor, or a column of two uses."""
    for use, option in (("a code", "codes"), ("a factor", "factors")):
        if not uses[use]:
            raise InputError(f"--{option} names no column (there are: {_some(known)})")
    for name in known:
        several = [use for use, chosen in uses.items() if name in chosen]
        if len(several) > 1:
            raise InputError(f"the column {name!r} is taken as {' and as '.join(several)}")


def _code(column: pd.Series) -> np.ndarray:
    """A column of numbers, [n] float."""
    _no_gaps(column)
    if not _is_number(column):
        raise InputError(f"the column {column.name!r} holds {column.dtype}, not numbers")
    values = column.to_numpy()
    return values if values.dtype.kind == "f" else column.to_numpy(np.float64)


def _factor(column: pd.Series, name: str, continuous: bool) -> np.ndarray:
    """A column of factor values, [n]: float if continuous, else int."""
    _no_gaps(column)
    if not _is_number(column):
        if continuous:
            raise InputError(f"the factor {name!r} is declared continuous and holds {column.dtype}")
        entries = column.tolist()
        if any(isinstance(entry, list | tuple | dict | np.ndarray) for entry in entries):
            raise InputError(f"the factor {name!r} holds lists: give one value a row")
        labels = np.asarray(column)
        labels = labels.astype(str) if labels.dtype.kind == "O" else labels
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    values = column.to_numpy()
    if continuous or values.dtype.kind in "iu":
        return values
    if not (np.isfinite(values) & (values == np.rint(values))).all():
        raise InputError(
            f"the factor {name!r} has values that are no integers: give the index of each value, "
            f"or declare it with --continuous {name}"
        )
    return values.astype(np.int64)


def _no_gaps(column: pd.Series) -> None:
    missing = column.isna()
    if not _is_number(column):
        missing |= column.astype(str).str.strip() == ""
    if gaps := int(missing.sum()):
        raise InputError(
            f"the column {column.name!r} lacks a value in {gaps:,} of {len(column):,} rows: remove "
            "those rows"
        )


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:20]) + (f", ... ({len(names)})" if len(names) > 20 else "")
