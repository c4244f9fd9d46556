"""Objects of `rooms` and `seek_rooms`, built of simple parts.

`rooms` has a hat, an ice lolly and a suitcase; `seek_rooms` has a hat, a can, a cake and a balloon.

A part is a box, a cylinder or an ellipsoid: with u = (point - centre) / half, those points where
|u_i| <= 1 on its flat axes and the sum of u_i^2 over its round axes is at most 1. Lengths are in
units of the distance from the camera to the middle of the room; an object faces -y, z is up from
the floor. Its trim (band, stick, handle) has a colour of its own.
"""

from typing import NamedTuple

import numpy as np

BOX, UPRIGHT, ACROSS = (), (0, 1), (0, 2)  # round axes; cylinders along z and along y


class Part(NamedTuple):
    """A part of an object."""

    round: tuple[int, ...]  # its round axes
    centre: tuple[float, float, float]
    half: tuple[float, float, float]  # half of its extent along x, y, z
    trim: bool = False


HAT = (  # longer from front to back than it is wide, so that its rotation shows
    Part(UPRIGHT, (0, 0, 0.022), (0.200, 0.265, 0.016)),
    Part(UPRIGHT, (0, 0, 0.150), (0.118, 0.160, 0.122)),
    Part(UPRIGHT, (0, 0, 0.068), (0.124, 0.166, 0.034), trim=True),
)
LOLLY = (
    Part(BOX, (0, 0, 0.270), (0.120, 0.048, 0.120)),
    Part(ACROSS, (0, 0, 0.390), (0.120, 0.048, 0.110)),
    Part(BOX, (0, 0, 0.080), (0.026, 0.016, 0.080), trim=True),
)
SUITCASE = (
    Part(BOX, (0, 0, 0.165), (0.240, 0.080, 0.150)),
    Part(BOX, (-0.145, 0, 0.165), (0.020, 0.086, 0.156), trim=True),
    Part(BOX, (0.145, 0, 0.165), (0.020, 0.086, 0.156), trim=True),
    Part(BOX, (-0.070, 0, 0.335), (0.014, 0.018, 0.030), trim=True),
    Part(BOX, (0.070, 0, 0.335), (0.014, 0.018, 0.030), trim=True),
    Part(BOX, (0, 0, 0.372), (0.084, 0.018, 0.014), trim=True),
)
CAN = (
    Part(UPRIGHT, (0, 0, 0.160), (0.105, 0.105, 0.140)),
    Part(UPRIGHT, (0, 0, 0.012), (0.112, 0.112, 0.012), trim=True),
    Part(UPRIGHT, (0, 0, 0.310), (0.112, 0.112, 0.014), trim=True),
)
CAKE = (
    Part(UPRIGHT, (0, 0, 0.090), (0.200, 0.200, 0.070)),
    Part(UPRIGHT, (0, 0, 0.190), (0.130, 0.130, 0.040)),
    Part(UPRIGHT, (0, 0, 0.010), (0.235, 0.235, 0.010), trim=True),
    Part(UPRIGHT, (0, 0, 0.280), (0.020, 0.020, 0.060), trim=True),
)
BALLOON = (
    Part((0, 1, 2), (0, 0, 0.300), (0.125, 0.125, 0.145)),
    Part(UPRIGHT, (0, 0, 0.100), (0.014, 0.014, 0.070), trim=True),
    Part(BOX, (0, 0, 0.022), (0.055, 0.055, 0.022), trim=True),
)
NAMES = ("hat", "ice lolly", "suitcase", "can", "cake", "balloon")
OBJECTS = (HAT, LOLLY, SUITCASE, CAN, CAKE, BALLOON)
TRIMS = (  # (red, green, blue)
    (45, 40, 48),  # black
    (222, 184, 130),  # wood
    (74, 52, 40),  # leather
    (196, 200, 206),  # tin
    (240, 238, 230),  # china
    (60, 60, 66),  # black
)


class Placed(NamedTuple):
    """An object on the floor."""

    parts: tuple[Part, ...]
    x: float  # its axis stands at (x, 0)
    turn: float  # counter-clockwise about its axis, in radians


def meet(placed: Placed, origin: np.ndarray, ray: np.ndarray) -> tuple:
    """Where rays first enter an object: t [n] (inf: nowhere), unit normal [3, n], on trim [n].

    Rays are origin + t ray, t > 0, with origin [3, 1 or n] outside the object and ray [3, n].
    """
    n = ray.shape[1]
    t, normal, trim = np.full(n, np.inf), np.zeros((3, n)), np.zeros(n, bool)
    origin = origin - np.array([[placed.x], [0.0], [0.0]])
    near = np.flatnonzero(_near(placed.parts, origin, ray))  # the others take no time
    some = np.broadcast_to(origin, ray.shape)[:, near]
    t[near], outward, trim[near] = _meet(
        placed.parts, turned(some, -placed.turn), turned(ray[:, near], -placed.turn)
    )
    normal[:, near] = turned(outward, placed.turn)
    return t, normal, trim


def hides(placed: Placed, origin: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """[n] whether rays [3, n] from origins [3, n] meet an object: what `meet` says, sooner."""
    origin = origin - np.array([[placed.x], [0.0], [0.0]])
    hidden = np.zeros(ray.shape[1], bool)
    near = np.flatnonzero(_near(placed.parts, origin, ray))
    some = [turned(vector.take(near, axis=1), -placed.turn) for vector in (origin, ray)]
    for part in placed.parts:
        hidden[near] |= np.isfinite(_enter(part, *some)[0])
    return hidden


def turned(vector: np.ndarray, turn: float) -> np.ndarray:
    """Vectors [3, n] turned about z, counter-clockwise from above."""
    cos, sin = np.cos(turn), np.sin(turn)
    x, y, z = vector
    return np.stack([cos * x - sin * y, sin * x + cos * y, z])


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[n] scalar products of the columns of [m, n]: faster here than a sum over an axis."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def _near(parts: tuple[Part, ...], origin: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """[n] whether the line of a ray meets a ball around the object."""
    ends = np.array([np.abs(p.centre) + np.array(p.half) for p in parts]).max(axis=0)
    middle = np.array([0, 0, ends[2] / 2])
    way = middle[:, None] - origin
    along = dot(way, ray) ** 2 / dot(ray, ray)
    return dot(way, way) - along < ((ends - middle) ** 2).sum()


def _meet(parts: tuple[Part, ...], origin: np.ndarray, ray: np.ndarray) -> tuple:
    n = ray.shape[1]
    t, normal, trim = np.full(n, np.inf), np.zeros((3, n)), np.zeros(n, bool)
    for part in parts:
        own, enter = _enter(part, origin, ray)
        nearer = np.flatnonzero(own < t)
        t[nearer], trim[nearer] = own[nearer], part.trim
        some = own[nearer], enter[:, nearer], origin[:, nearer], ray[:, nearer]
        normal[:, nearer] = _outward(part, *some)
    length = np.sqrt(dot(normal, normal))
    return t, normal / np.where(length > 0, length, 1), trim


def _enter(part: Part, origin: np.ndarray, ray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When rays enter a part, t [n] (inf: never), and what it is cut out of, along x, y, z [3, n].

    A part is an intersection of slabs and of a ball or cylinder: a ray is in it from the last
    time it enters one of them to the first time it leaves one.
    """
    origin, ray = _scaled(part, origin, ray)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (-1 - origin) / ray, (1 - origin) / ray
    enter, leave = np.minimum(first, second), np.maximum(first, second)
    if axes := list(part.round):
        o, r = origin[axes], ray[axes]
        a, b = dot(r, r), dot(o, r)
        root = b * b - a * (dot(o, o) - 1)
        width = np.sqrt(np.maximum(root, 0))
        enter[axes] = np.where(root > 0, -b - width, np.inf) / a
        leave[axes] = (width - b) / a
    t = np.maximum(np.maximum(enter[0], enter[1]), enter[2])
    last = np.minimum(np.minimum(leave[0], leave[1]), leave[2])
    return np.where((t < last) & (t > 0), t, np.inf), enter


def _outward(
    part: Part, t: np.ndarray, enter: np.ndarray, origin: np.ndarray, ray: np.ndarray
) -> np.ndarray:
    """Normals of any length [3, n] where rays enter a part; `t` and `enter` as of `_enter`."""
    half = np.array(part.half)[:, None]
    origin, ray = _scaled(part, origin, ray)
    axis, axes = enter.argmax(axis=0), list(part.round)
    flat = np.where(np.arange(3)[:, None] == axis, -np.sign(ray), 0)
    if not axes:
        return flat / half
    curved = origin + t * ray
    curved[[i for i in range(3) if i not in axes]] = 0
    return np.where(np.isin(axis, axes), curved, flat) / half


def _scaled(part: Part, origin: np.ndarray, ray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rays as a part sees them whose centre is 0 and whose half is 1."""
    centre, half = (np.array(x)[:, None] for x in (part.centre, part.half))
    return (origin - centre) / half, ray / half
