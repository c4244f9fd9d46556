"""How fast a program trains and encodes on a kind of device, and where that is known from.

All speeds are operations a second of one device, as arithmetic.py counts them. So what one program
took says how long another of the same net takes: by its share of the arithmetic.
"""

import contextlib
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from dbench import data
from dbench.base import Dataset
from dbench.cost import assumed
from dbench.cost.arithmetic import Arithmetic, arithmetic
from dbench.cost.sources import Source
from dbench.data.cache import shapes_alone
from dbench.errors import InputError
from dbench.models import parameters
from dbench.study import Run
from dbench.study.plan import program
from dbench.training.programs import Program

MEASURED, RECKONED, ASSUMED = "measured", "reckoned", "assumed"


class Speed(NamedTuple):
    """Operations a second of one device."""

    train: float
    encode: float
    origin: str  # MEASURED on the program alone, RECKONED from others of its net, ASSUMED
    said: str  # where it comes from


class Known(NamedTuple):
    """A program with its data set and its arithmetic."""

    run: Run  # one of it
    dataset: Dataset
    program: Program
    sums: Arithmetic


_counted: dict[Program, Arithmetic] = {}


def known(run: Run, dataset: Dataset) -> Known:
    """The program of a run; its arithmetic is counted once."""
    one = program(dataset, run)
    if one not in _counted:
        _counted[one] = arithmetic(one, dataset)
    return Known(run, dataset, one, _counted[one])


def speed(run: Run, platform: str, sources: Sequence[Source]) -> Speed:
    """That of the program of a run: of the source that is likest to it, else as assumed."""
    there = [(_far(run, s), s) for s in sources if s.platform == platform]
    ranked = [(far, source) for far, source in there if far is not None]
    for far, source in sorted(ranked, key=lambda each: each[0]):
        with contextlib.suppress(InputError, LookupError, TypeError, ValueError):
            return _of(source, MEASURED if far[0] <= 0 and far[1] == -1 else RECKONED)
    assumption = assumed.SPEED[platform]
    return Speed(assumption, assumption, ASSUMED, assumed.SPEED_SAID[platform])


def _far(run: Run, source: Source) -> tuple[int, float] | None:
    """How unlike a source is: 0 if it has the program, 1 its net and data set, 2 its net alone.

    Before all is the study itself. Then, less its share of what the source has. None if it has
    nothing like it.
    """
    places = [_place(run, each.run) for each in source.made]
    near = min((place for place in places if place is not None), default=None)
    if near is None:
        return None
    pairs = zip(source.made, places, strict=True)
    share = sum(each.updates for each, place in pairs if place == near)
    own = (source.study.name, source.study.scale) == (run.study, run.scale)
    return near - (own and near == 0), -share / sum(each.updates for each in source.made)


def _place(run: Run, other: Run) -> int | None:
    if run.batch_size != other.batch_size:
        return None
    if run.model == other.model and structure(run) == structure(other):
        return 0 if run.dataset == other.dataset else 2
    nets = [(each.options.get("net"), each.options.get("latents")) for each in (run, other)]
    if nets[0][0] is None or nets[0] != nets[1]:
        return None
    return 1 if run.dataset == other.dataset else 2


def structure(run: Run) -> tuple:
    """The options of a run that are part of its program."""
    return tuple((name, run.options.get(name)) for name in _structural(run.model))


@cache
def _structural(model: str) -> tuple[str, ...]:
    return tuple(k for k, p in parameters(model).items() if not isinstance(p.default, float))


@cache
def _of(source: Source, origin: str) -> Speed:
    """What a source did, over the seconds that it took."""
    trained = encoded = 0.0
    for made in source.made:
        with shapes_alone():
            dataset = data.load(made.run.dataset)
        sums = known(made.run, dataset).sums
        trained += made.updates * sums.update
        encoded += made.scored * dataset.size * sums.encode
    train = trained / (source.training * source.devices)
    took = source.encoding * source.devices
    encode = encoded / took if encoded and took else train
    return Speed(train, encode, origin, source.said)
