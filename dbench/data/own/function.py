"""A user's Python function that draws an image from its factors, over the grid beside it.

    FACTORS = {"size": [4, 6, 8], "x": range(32), "y": range(32)}  # in the same module

    def draw(factors):     # {"size": 4, "x": 0, "y": 31}
        return image       # [h, w] or [h, w, c]: bool, uint8, or floats in [0, 1]

Every combination is drawn once, in C order, and kept. It is drawn anew when the module's file,
FACTORS, or one of PROBES images that are drawn at every start is another. A change that shows in
none of these goes unseen: of a module that it imports, say, where it concerns few images.
"""

import hashlib
import itertools
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from dbench import memory
from dbench.data.grid import grid
from dbench.data.own import pixels as own_pixels
from dbench.data.own.factors import Factors
from dbench.data.own.source import MOST, Source, rows
from dbench.errors import InputError
from dbench.inputs import functions
from dbench.metrics.shared import labels

PROBES = 16
MANY = 10**6  # values of a factor
YEAR = 365 * 24 * 3600.0  # seconds


def read(spec: str) -> Source:
    """The images of MODULE:FUNCTION."""
    module, function = functions.load(spec, "data set", "mymodule:draw")
    known, stand, names = _factors(_given(module, spec), spec)
    sizes = tuple(map(len, known.values()))
    if math.prod(sizes) > MOST:
        raise InputError(f"the FACTORS of {spec} make {math.prod(sizes):,} images: give fewer")
    size = math.prod(sizes) * (8 * len(sizes) + 16)  # of the grid, twice, and of what it is told by
    memory.check(size, f"the FACTORS of {spec} make {math.prod(sizes):,} images, the grid of which")
    index = grid(sizes)
    factors = Factors(index, tuple(known), stand, (), names)

    def one(row: int) -> np.ndarray:
        values = zip(known.items(), index[row], strict=True)
        return _drawn(function, {name: v[i] for (name, v), i in values}, spec)

    began = time.monotonic()
    some = [one(row) for row in _probes(len(index))]
    years = (time.monotonic() - began) / len(some) * len(index) / YEAR
    if years > 1:
        raise InputError(
            f"to draw the {len(index):,} images of {spec} would take {years:,.0f} years: give "
            "fewer FACTORS, or a file of some of the images"
        )
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


def _given(module: ModuleType, spec: str) -> dict[str, list | None]:
    """The values of each factor of FACTORS, None where they are no list; none if it is no dict."""
    with functions.guard(f"FACTORS of {spec}"):
        found = getattr(module, "FACTORS", None)
        if not isinstance(found, dict):
            return {}
        return {str(name): _values(given) for name, given in found.items()}


def _values(given) -> list | None:
    """Plain ones of anything that has some; no more than one above MANY, however many it has."""
    try:
        listed = list(itertools.islice(given, MANY + 1))
    except (TypeError, ValueError):
        return None
    return [_plain(value) for value in listed]


def _plain(value):
    """A value as Python's own number or text, whatever its class; [] if it is neither."""
    if hasattr(value, "__array__"):  # of NumPy, or of any framework
        found = np.asarray(value)
        value = found.item() if found.ndim == 0 else []
    return next((kind(value) for kind in (bool, int, float, str) if isinstance(value, kind)), [])


def _factors(
    found: dict[str, list | None], spec: str
) -> tuple[dict[str, list], tuple[np.ndarray, ...], tuple[tuple[str, ...], ...]]:
    """The values of each factor, checked: numbers or text, what they stand for, their names."""
    form = 'beside the function, as FACTORS = {"x": [0, 1, 2], "y": [0, 1]}'
    if not found:
        raise InputError(f"{spec} needs its factors and their values {form}")
    known, stand, names = {}, [], []
    for name, values in found.items():
        where = f"the factor {name!r} in FACTORS of {spec}"
        if values is None:
            raise InputError(f"{where} must have a list of values: give them {form}")
        if len(values) > MANY:
            raise InputError(f"{where} has more than {MANY:,} values: give fewer")
        one = _labels(values, where)
        if one is None:
            raise InputError(
                f"{where} must have numbers or text as values, none of them missing, NaN or "
                f"infinite: give them {form}"
            )
        if len(one.distinct) < len(values):
            raise InputError(f"{where} has a value twice")
        known[name] = values
        # Labels are in the order given.
        is_number = one.numbers or set(map(type, values)) == {bool}
        place = np.arange(len(values), dtype=np.float64)
        stand.append(labels.standing_for(one)[one.at] if is_number else place)
        names.append(() if one.numbers else tuple(str(one.distinct[i]) for i in one.at))
    return known, tuple(stand), tuple(names)


def _labels(values: list, where: str) -> labels.Labels | None:
    try:
        return labels.labels(values, where) if values else None
    except InputError:
        return None


def _drawn(function: Callable, factors: dict, spec: str) -> np.ndarray:
    """One image, [h, w, c] uint8."""
    where = f"{spec} for {factors}"
    with functions.guard(where):
        image = np.array(functions.array(function(dict(factors))))
    said = f"the image of {where}"
    own_pixels.layout(image.shape, f"{said} has the shape {list(image.shape)}")
    return own_pixels.to_uint8(image[None], said)[0]


def _like(image: np.ndarray, shape: tuple[int, int, int], spec: str, row: int) -> np.ndarray:
    return own_pixels.alike(image, shape, f"the image of {spec} in row {row}", "that in row 0")
