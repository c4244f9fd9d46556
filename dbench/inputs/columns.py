"""A representation from the named columns of a .csv or .parquet: one row an image.

By default codes are mean_* (else z0, z1, ...), log variances logvar_*, factors factor_*. Codes
whose columns are called NAME/... with the same NAME, as mean_pose/0 and mean_pose/1, are a group.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd

from dbench.base import Table
from dbench.errors import InputError, nearest, some
from dbench.inputs import code_groups, frames
from dbench.metrics.shared import tables

SUFFIXES = (".csv", ".parquet")
FACTOR = "factor_"  # of a factor's column; no part of the factor's name


def read(
    path: Path,
    codes: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    logvars: Sequence[str] | None = None,
    continuous: Sequence[str | int] = (),
    groups: Sequence[str] | None = None,
) -> Table:
    """A table of chosen columns; each choice is names or wildcards.

    What a wildcard stands for is in natural order (mean_2 before mean_10), factors in the file's.
    A factor's values are as in `metrics.shared.labels`; one that is declared continuous holds
    numbers. `groups` of codes as in `code_groups`, by default what the columns' names say. A value
    missing in a chosen column is an InputError.
    """
    known = frames.header(path)
    code = default_codes(known) if codes is None else pick(known, codes, "codes")
    factor = pick(known, [f"{FACTOR}*"] if factors is None else factors, "factors")
    _check_apart({"a code": code, "a factor": factor}, known)
    logvar = default_logvars(known, code) if logvars is None else pick(known, logvars, "logvars")
    _check_apart({"a code": code, "a factor": factor, "a log variance": logvar}, known)
    if logvar and len(logvar) != len(code):
        raise InputError(
            f"there are {len(code)} code columns ({some(code)}) and {len(logvar)} of log "
            f"variances ({some(logvar)}): each code needs its own, in the same order"
        )
    grouped = (
        code_groups.named(code) if groups is None else code_groups.chosen(groups, len(code), code)
    )
    frame = frames.read(path, text=factor)
    if not len(frame):
        raise InputError(f"{path} has no rows")
    names = tuple(name.removeprefix(FACTOR) for name in factor)
    names = names if len(set(names)) == len(names) else tuple(factor)
    chosen = sorted({tables.column(which(c, names), names, len(names)) for c in continuous})
    mean, spread = _codes(frame, code), _codes(frame, logvar) if logvar else None
    table = tables.of_columns(mean, [frame[name] for name in factor], spread, names, chosen)
    return table._replace(groups=grouped)


def pick(known: Sequence[str], wanted: Sequence[str], option: str) -> list[str]:
    """The columns that names and wildcards stand for, each once; [""] stands for none."""
    chosen, there = [], set(known)
    for name in wanted if list(wanted) != [""] else []:
        found = [name] if name in there else [c for c in known if fnmatchcase(c, name)]
        if not found:
            near = nearest(name, known[:1000])  # of many it takes minutes
            hint = f"; did you mean {near[0]!r}?" if near else f"; choose with --{option}"
            raise InputError(f"no column is named {name!r} (there are: {some(known)}){hint}")
        chosen += found if option == "factors" else sorted(found, key=frames.natural)
    return list(dict.fromkeys(chosen))


def default_codes(known: Sequence[str]) -> list[str]:
    """mean_*, or z0, z1, ... (also z_0) where there is none."""
    found = [c for c in known if c.startswith("mean_")]
    found = found or [c for c in known if re.fullmatch(r"z_?\d+", c)]
    if not found:
        raise InputError(
            f"no column is named mean_* or z0, z1, ... (there are: {some(known)}); say with "
            "--codes which columns are the codes"
        )
    return sorted(found, key=frames.natural)


def default_logvars(columns: Sequence[str], code: Sequence[str]) -> list[str]:
    """logvar_X for a code mean_X, logvar_3 for z3; none where the file has no logvar_*."""
    there = [c for c in columns if c.startswith("logvar_")]
    if not there:
        return []
    found, known = [], set(there)
    for name in code:
        end = re.search(r"(?<=^mean_).*|\d+$", name)
        own = f"logvar_{end[0] if end else name}"
        if own not in known:
            raise InputError(
                f"the code {name!r} has no {own!r} among the log variances ({some(there)}): say "
                "with --logvars which columns they are, or --logvars '' for none"
            )
        found.append(own)
    return found


def which(factor: str | int, names: Sequence[str]) -> str | int:
    """A factor by its name, its column's name, or its number where digits are no name."""
    if factor in names:
        return factor
    if not isinstance(factor, str) or re.fullmatch("[0-9]{1,9}", factor):
        return int(factor)
    return factor.removeprefix(FACTOR)


def _check_apart(uses: dict[str, list[str]], known: Sequence[str]) -> None:
    """Raise InputError if there is no code, no factor, or a column of two uses."""
    for use, option in (("a code", "codes"), ("a factor", "factors")):
        if not uses[use]:
            raise InputError(f"--{option} names no column (there are: {some(known)})")
    sets = {use: set(chosen) for use, chosen in uses.items()}
    for name in known:
        several = [use for use, chosen in sets.items() if name in chosen]
        if len(several) > 1:
            raise InputError(f"the column {name!r} is taken as {' and as '.join(several)}")


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    return tables.numbers(frames.numbers(frame, columns), "codes")
