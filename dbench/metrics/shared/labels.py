"""One rule for the values of a factor, whatever holds them: a file, a data frame, an array, a list.

- Missing are None, NaN, NaT, pandas' NA and, in text, an empty cell. A missing value is refused.
- Numbers are compared as numbers and to the last digit, whatever type holds them.
- Text that spells numbers is these numbers (1 and 1.0 are one). If one entry does not, as 01 or
  red, all entries are labels. Spaces around text do not count.
- Labels are text, true and false, dates. Their order is the sorted one.
"""

import re
from collections.abc import Sequence
from decimal import Decimal, DecimalException
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from dbench.errors import InputError

# How a missing number is written, in any case. In a column of text these are labels like others.
MISSING = (
    *("nan", "-nan", "+nan", "na", "n/a", "#n/a", "#na", "<na>", "nat", "null", "none"),
    *("#n/a n/a", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
)
INFINITE = tuple(sign + word for sign in ("", "+", "-") for word in ("inf", "infinity"))
# As numbers are usually written: 01 (a label, maybe), 0x1F and 1_000 are not.
NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")


_REAL = (int, float, Decimal, Fraction)


class Labels(NamedTuple):
    """A factor's values, and which of them each row has."""

    at: np.ndarray  # [n] int64
    distinct: Sequence  # in order: numbers, or labels
    numbers: bool


def labels(values: Any, what: str) -> Labels:
    """Of anything one-dimensional; `what` is what the factor is called in a sentence."""
    found = array(values)
    kind = found.dtype.kind
    if kind in "OUS":
        return _entries(found.tolist(), what)
    if kind not in "biufmM":
        raise InputError(f"{what} holds {found.dtype}: give numbers or text")
    if kind in "mM":
        no_gaps(np.isnat(found), what)
    if kind == "f":
        finite(found, what)
    distinct, index = np.unique(found, return_inverse=True)
    return Labels(index.reshape(-1).astype(np.int64), distinct.tolist(), kind in "iuf")


def array(values: Any) -> np.ndarray:
    """Anything as an array. The entries of a list stay what they are, of several kinds maybe."""
    if isinstance(values, list | tuple):
        return np.asarray(values, object)
    if isinstance(values, np.ma.MaskedArray):
        found = values.data.astype(object)
        found[np.ma.getmaskarray(values)] = None
        return found
    return np.asarray(values)


def integers(values: Any, what: str, name: str = "NAME") -> np.ndarray:
    """A factor whose values are labels as [n] int64; a number with a fraction is an InputError.

    Integers stand for themselves where int64 holds them, all else for its place in the order.
    """
    given = array(values)
    if given.dtype.kind in "iu" and given.dtype != np.uint64:
        return given.astype(np.int64)
    found = labels(given, what)
    if not found.numbers:
        return found.at
    whole = [int(x) if -(2**63) < x < 2**63 else None for x in found.distinct if _is_whole(x)]
    if len(whole) < len(found.distinct):
        odd = next(x for x in found.distinct if not _is_whole(x))
        raise InputError(
            f"{what} has values that are no integers ({_written(odd)}, say): give the index of "
            f"each value, or declare it continuous (--continuous {name})"
        )
    return found.at if None in whole else np.array(whole, np.int64)[found.at]


def real(values: Any, what: str) -> np.ndarray:
    """A column of real numbers as [n] float64; missing and infinite ones are an InputError."""
    given = array(values)
    if given.dtype.kind not in "iuf":
        found = labels(given, what)
        if not found.numbers:
            odd = next((x for x in found.distinct if not NUMBER.fullmatch(str(x))), "text")
            raise InputError(f"{what} holds {str(odd)[:40]!r}, not numbers")
        given = np.array([float(x) for x in found.distinct])[found.at]
    given = given.astype(np.float64)
    finite(given, what)
    return given


def standing_for(found: Labels) -> np.ndarray:
    """What each distinct value is as a float64: a number itself, a label its place."""
    place = np.arange(len(found.distinct), dtype=np.float64)
    if not found.numbers:
        return place
    numbers = np.array([float(x) for x in found.distinct])
    return numbers if np.isfinite(numbers).all() else place


def no_gaps(missing: np.ndarray, what: str, written: Sequence[str] = ()) -> None:
    """An InputError if any of these rows [n] bool has no value. `written`: the rows as text."""
    if gaps := int(np.count_nonzero(missing)):
        first = int(np.argmax(missing))
        why = f" ({written[first]!r} among numbers)" if written else ""
        raise InputError(
            f"{what} lacks a value in {gaps:,} of {len(missing):,} rows, the first in row "
            f"{first}{why}: remove the rows with missing values"
        )


def finite(array: np.ndarray, what: str) -> None:
    """An InputError for floats [n] that are missing (NaN) or infinite."""
    no_gaps(np.isnan(array), what)
    if np.isinf(array).any():
        raise InputError(f"{what} is infinite in row {int(np.isinf(array).argmax())}: correct it")


def text(entry: Any, what: str) -> str:
    """One entry as text, bytes decoded, without spaces around it."""
    try:
        said = entry.decode() if isinstance(entry, bytes) else str(entry)
    except Exception as error:
        raise InputError(f"{what} has an entry that cannot be read as text ({error})") from error
    return said.strip()


def _entries(entries: list, what: str) -> Labels:
    """The same of Python objects."""
    kinds = set(map(type, entries))
    if any(issubclass(kind, list | tuple | dict | set | np.ndarray) for kind in kinds):
        raise InputError(f"{what} holds lists: give one value a row")
    no_gaps(np.fromiter(map(_is_missing, entries), bool, len(entries)), what)
    entries = [x.item() if isinstance(x, np.generic) else x for x in entries]
    kinds = set(map(type, entries))
    if kinds <= {bool}:
        return labels(np.array(entries, bool), what)
    if kinds.isdisjoint({bool}) and all(issubclass(kind, _REAL) for kind in kinds):
        return _numbers(entries, what)
    return _spelled([text(x, what) for x in entries], what)


def _is_missing(entry: Any) -> bool:
    if isinstance(entry, str | bytes):
        return not entry.strip()
    try:
        return entry is None or bool(entry != entry)  # NaN, NaT
    except TypeError:  # pandas' NA is neither equal nor unequal to anything
        return True
    except Exception:  # signalling NaN of decimal, objects of the user's
        return isinstance(entry, Decimal)


def _spelled(entries: list[str], what: str) -> Labels:
    """Of text: numbers if every entry is one, is missing or is infinite, and one of them is one."""
    small = {entry: entry.lower() for entry in set(entries)}
    numbers = {entry: _number(entry) for entry in small}
    others = [entry for entry, number in numbers.items() if number is None]
    if len(others) == len(numbers) or any(small[x] not in (*MISSING, *INFINITE) for x in others):
        return _sorted(entries)._replace(numbers=False)
    no_gaps(np.array([small[entry] in MISSING for entry in entries]), what, entries)
    return _numbers([numbers[x] if x not in others else float(x) for x in entries], what)


def _number(entry: str) -> Decimal | None:
    try:
        return Decimal(entry) if NUMBER.fullmatch(entry) else None
    except DecimalException:
        return None


def _numbers(entries: list, what: str) -> Labels:
    floats = np.array([x if isinstance(x, float) else 0.0 for x in entries])
    finite(floats, what)
    return _sorted(entries)


def _sorted(entries: list) -> Labels:
    distinct = sorted(set(entries))
    place = {entry: i for i, entry in enumerate(distinct)}
    return Labels(np.fromiter(map(place.get, entries), np.int64, len(entries)), distinct, True)


def _written(x: Any) -> str:
    """A number as a sentence has it; one that no float holds as it is written."""
    short = float(x)
    return f"{short:g}" if short and np.isfinite(short) else str(x)[:40]


def _is_whole(x: Any) -> bool:
    return x == x.to_integral_value() if isinstance(x, Decimal) else x == x // 1


def names(given: Any, what: str) -> tuple[str, ...]:
    """A list of names as text; anything else is an InputError."""
    found = np.asarray(None if isinstance(given, str | bytes) else given, object)
    if found.ndim != 1:
        raise InputError(f"{what} must be a list of names, not {given!r}"[:300])
    return tuple(text(name, what) for name in found.tolist())
