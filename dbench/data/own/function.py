"""A user's Python function that draws an image from its factors, over the grid beside it.

    FACTORS = {"size": [4, 6, 8], "x": range(32), "y": range(32)}  # in the same module

    def draw(factors):     # {"size": 4, "x": 0, "y": 31}
        return image       # [h, w] or [h, w, c]: bool, uint8, or floats in [0, 1]

Every combination is drawn once, in C order, and kept. It is drawn anew when the module's file,
FACTORS, or one of PROBES images that are drawn at every start is another. A change that shows in
none of these goes unseen: of a module that it imports, say, where it concerns few images.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from dbench.data.grid import grid
from dbench.data.own import factors as own_factors
from dbench.data.own import pixels as own_pixels
from dbench.data.own.factors import Factors
from dbench.data.own.source import Source, rows
from dbench.errors import InputError
from dbench.inputs import functions

PROBES = 16
MOST = 2**31 - 1  # images: rows are int32


def read(spec: str) -> Source:
    """The images of MODULE:FUNCTION."""
    module, function = functions.load(spec, "data set", "mymodule:draw")
    known = _factors(*_given(module, spec), spec)
    sizes = tuple(len(values) for values in known.values())
    if math.prod(sizes) > MOST:
        raise InputError(f"the FACTORS of {spec} make {math.prod(sizes):,} images: give fewer")
    index = grid(sizes)
    factors = Factors(
        index,
        tuple(known),
        tuple(own_factors.standing_for(np.asarray(values)) for values in known.values()),
    )

    def one(row: int) -> np.ndarray:
        values = zip(known.items(), index[row], strict=True)
        return _drawn(function, {name: v[i] for (name, v), i in values}, spec)

    some = [one(row) for row in _probes(len(index))]
    shape = some[0].shape

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, len(index), rows(shape)):
            block = range(start, min(start + rows(shape), len(index)))
            yield np.stack([_like(one(row), shape, spec, row) for row in block])

    def digest() -> str:
        for row, image in zip(_probes(len(index)), some, strict=True):
            if not np.array_equal(one(row), image):
                raise InputError(
                    f"{spec} draws another image when it is called again (row {row}): an image "
                    "must depend on its factors alone; seed what is random by them"
                )
        with functions.guard(f"the file of {spec}"):
            source = getattr(module, "__file__", None)
            found = hashlib.sha256(Path(source).read_bytes() if source else b"")
        found.update(repr([spec, *known.items()]).encode())
        for image in some:
            found.update(repr(image.shape).encode() + image.tobytes())
        return found.hexdigest()

    return Source(shape, factors, blocks, digest)


def _probes(count: int) -> list[int]:
    """Rows evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, PROBES).astype(int)).tolist()


def _given(module: ModuleType, spec: str) -> tuple[bool, dict[str, np.ndarray | None]]:
    """Whether FACTORS is a dict, and its values as arrays, None where they are no list."""
    with functions.guard(f"FACTORS of {spec}"):
        found = getattr(module, "FACTORS", None)
        if not isinstance(found, dict):
            return False, {}
        return True, {str(name): _values(given) for name, given in found.items()}


def _values(given) -> np.ndarray | None:
    try:
        return np.array(list(given))
    except (TypeError, ValueError):
        return None


def _factors(is_dict: bool, found: dict[str, np.ndarray | None], spec: str) -> dict[str, list]:
    """The values of each factor, checked, as Python numbers or text."""
    form = 'beside the function, as FACTORS = {"x": [0, 1, 2], "y": [0, 1]}'
    if not is_dict or not found:
        raise InputError(f"{spec} needs its factors and their values {form}")
    known = {}
    for name, values in found.items():
        where = f"the factor {name!r} in FACTORS of {spec}"
        if values is None:
            raise InputError(f"{where} must have a list of values: give them {form}")
        if values.ndim != 1 or not len(values) or values.dtype.kind not in "biufU":
            raise InputError(f"{where} must have numbers or text as values: give them {form}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise InputError(f"{where} has a value that is NaN or infinite")
        if len(np.unique(values)) < len(values):
            raise InputError(f"{where} has a value twice")
        known[name] = values.tolist()
    return known


def _drawn(function: Callable, factors: dict, spec: str) -> np.ndarray:
    """One image, [h, w, c] uint8."""
    where = f"{spec} for {factors}"
    with functions.guard(where):
        image = np.array(functions.array(function(dict(factors))))
    said = f"the image of {where}"
    _, first = own_pixels.layout((1, *image.shape), said)
    return own_pixels.to_uint8(image[None], first, said)[0]


def _like(image: np.ndarray, shape: tuple[int, int, int], spec: str, row: int) -> np.ndarray:
    return own_pixels.alike(image, shape, f"the image of {spec} in row {row}", "that in row 0")
