"""Which codes of a user's belong together: by the names of columns, or as --groups says."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from dbench.errors import InputError, some
from dbench.metrics.shared.code_groups import Groups, declared

CODE = "mean_"  # of a code's column; no part of its group's name


def named(columns: Sequence[str]) -> Groups:
    """Groups of codes whose columns are called NAME/... with the same NAME."""
    found: dict[str, list[int]] = {}
    for j, column in enumerate(columns):
        name, slash, _ = column.removeprefix(CODE).rpartition("/")
        if slash:
            found.setdefault(name, []).append(j)
    return declared(found, len(columns))


def chosen(groups: Sequence[str], codes: int, columns: Sequence[str] = ()) -> Groups:
    """Groups of so many codes as a user writes them, one text a group; [""] stands for none.

    "digit=0-9", or "0-9" alone: numbers of codes, or a range, its end included. "pose=mean_p*", or
    the wildcard alone: code `columns`, where these have names.
    """
    found: dict[str, list[int]] = {}
    for text in groups if list(groups) != [""] else []:
        name, _, codes_of = text.rpartition("=")
        name = (name or codes_of).strip()
        if name in found:
            raise InputError(f"--groups has two groups called {name!r}: name them NAME=CODES")
        found[name] = _numbers(codes_of.strip(), columns)
    return declared(found, codes)


def listed(names: np.ndarray, where: str, codes: int) -> Groups:
    """Groups of the name of each code [codes], "" of one that is alone, as a file holds them."""
    if names.shape != (codes,) or names.dtype.kind != "U":
        raise InputError(
            f"{where} must be {codes} names, that of each code's group or '', not "
            f"{names.dtype} {list(names.shape)}"
        )
    found: dict[str, list[int]] = {}
    for j, name in enumerate(names.tolist()):
        if name:
            found.setdefault(name, []).append(j)
    return declared(found, codes)


def written(groups: Groups, codes: int) -> np.ndarray:
    """The same names, of groups."""
    names = [""] * codes
    for name, numbers in groups:
        for j in numbers:
            names[j] = name
    return np.array(names, str)


def _numbers(text: str, columns: Sequence[str]) -> list[int]:
    at = [j for j, name in enumerate(columns) if name == text or fnmatchcase(name, text)]
    if at:
        return at
    if match := re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text):
        first, last = int(match[1]), int(match[2] or match[1])
        return [*range(first, min(last, first + 10**6) + 1)]
    there = f"the code columns are {some(columns)}" if columns else "as 0-9"
    raise InputError(
        f"--groups {text!r} names no codes: give their numbers"
        + (f", or columns: {there}" if columns else f", {there}")
    )
