"""A room with an object under a lamp, drawn (see `rooms`): which surface a ray meets, how lit.

A rule of our own. Lengths are in units of the distance from the camera to the middle of the room;
x right, y to the back, z up from the floor, in the room's frame.

    camera   at (0, -1, 0.45) looking level along y, focal length 62 pixels, principal point
             (32, 20) of 64 x 64 pixels; then turned about z through the middle of the room.
             In `seek_rooms` it may be nearer or further than 1, and look past the middle
    room     |x| <= 0.85, y <= 1, no ceiling in sight
    object   on the floor at (position, 0), turned about z (see objects.py)
    lamp     3 x 3 points 1/6 apart, level, around (-0.5, -1.5, 1.55)
    shade    of a surface with unit normal n, in units of its colour:
             0.52 + 0.48 mean over lamp points of max(n . l, 0) where nothing hides the point, l
             being the unit vector to it; on floor and walls times a product over the edges of
             the room of 1 - 0.25 exp(-t / 0.12), t the distance to the edge; walls never
             lie in a shadow
    pixels   4 x 4 rays each, evenly spaced; a shade is rounded to a multiple of 1/256

No shade is above 1, so that a ray's colour, colour * shade, is never cut off. As shades are
multiples of 1/256 and a pixel is a mean of 16 rays, images are whole numbers of 1/4096 grey level
before they are rounded: whatever way they are computed in, they come out the same.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dbench.data.rooms import objects

SIDE = 64  # pixels, height and width of an image
RAYS = 4  # along a side of a pixel
SURFACES = ("wall", "floor", "object", "trim")
ONE = 256  # a shade of 1
BITS = 12  # a grey level is 2^12: shades of 256 times 16 rays
_FOCAL, _CENTRE = 62.0, (32.0, 20.0)
_HEIGHT = 0.45  # of the eye
_WIDTH, _BACK = 0.85, 1.0
_LAMP, _LAMP_SIDE, _POINTS = (-0.5, -1.5, 1.55), 0.5, 3
_AMBIENT, _EDGE, _REACH = 0.52, 0.25, 0.12


class Room(NamedTuple):
    """What the rays of a camera meet where no object stands, n of them."""

    eye: np.ndarray  # [3, 1]
    ray: np.ndarray  # [3, n]
    far: np.ndarray  # [n], where: point = eye + far ray
    first: np.ndarray  # [n] int, 0 a side wall, 1 the back wall, 2 the floor
    normal: np.ndarray  # [3, n]
    light: np.ndarray  # [n], without a shadow
    edges: np.ndarray  # [n], how dark the edges of the room make it


class View(NamedTuple):
    """Where the camera stands and looks."""

    camera: float  # degrees about the middle of the room
    away: float = 1.0  # distance to the middle
    bearing: float = 0.0  # degrees by which the middle is to the right of where it looks


def layers(kind: int, camera: float | View, turn: float, position: float) -> np.ndarray:
    """Sums of shades over a pixel's rays on each surface: [4, 4096] int16, 0 .. 16 * 256.

    `kind` is an index of objects.OBJECTS; `camera` and the object's `turn` are in degrees.
    """
    surface, shade = trace(kind, camera, turn, position)
    own = np.where(surface == np.arange(len(SURFACES))[:, None], shade, 0)
    return (
        own.reshape(-1, SIDE, RAYS, SIDE, RAYS).sum(axis=(2, 4)).reshape(-1, SIDE**2).astype("i2")
    )


def trace(
    kind: int, camera: float | View, turn: float, position: float
) -> tuple[np.ndarray, np.ndarray]:
    """What each ray meets, an index of SURFACES, and its shade in 1/256: [65536] int64 each."""
    placed = objects.Placed(objects.OBJECTS[kind], position, np.radians(turn))
    room = _room(camera if isinstance(camera, View) else View(camera))
    t, normal, trim = objects.meet(placed, room.eye, room.ray)
    solid = t < room.far
    surface = np.where(solid, 2 + trim, np.where(room.first == 2, 1, 0))
    light, some = room.light.copy(), np.flatnonzero(surface > 0)  # all but walls
    normal = np.where(solid, normal, room.normal)[:, some]
    point = room.eye + np.minimum(t, room.far)[some] * room.ray[:, some]
    light[some] = _lit(point + 1e-6 * normal, normal, placed)
    shade = (_AMBIENT + (1 - _AMBIENT) * light) * np.where(solid, 1, room.edges)
    return surface, np.rint(ONE * shade).astype(int)


@lru_cache(maxsize=1)  # layouts come camera by camera
def _room(view: View) -> Room:
    """The empty room."""
    eye, ray = _camera(view)
    with np.errstate(divide="ignore"):
        walls = np.stack([(np.sign(ray[0]) * _WIDTH - eye[0]) / ray[0], (_BACK - eye[1]) / ray[1]])
        walls = np.where(walls > 0, walls, np.inf)
        down = np.where(ray[2] < 0, -eye[2] / ray[2], np.inf)
    still = np.stack([*walls, down])  # rays always meet one of these
    far, first = still.min(axis=0), still.argmin(axis=0)
    normal = np.zeros_like(ray)
    normal[0, first == 0], normal[1, first == 1] = -np.sign(ray[0, first == 0]), -1
    normal[2, first == 2] = 1
    point = eye + far * ray
    light = _lit(point + 1e-6 * normal, normal)
    return Room(eye, ray, far, first, normal, light, _corners(point, first))


def _lit(point: np.ndarray, normal: np.ndarray, placed: objects.Placed | None = None) -> np.ndarray:
    """[n] mean of max(n . l, 0) over the points of the lamp; 0 where the object hides one."""
    places = (np.arange(_POINTS) - (_POINTS - 1) / 2) * _LAMP_SIDE / _POINTS
    total = np.zeros(point.shape[1])
    for x in places:
        for y in places:
            way = np.array(_LAMP)[:, None] + np.array([[x], [y], [0.0]]) - point
            cosine = objects.dot(way, normal) / np.sqrt(objects.dot(way, way))
            if placed is not None:
                seen = np.flatnonzero(cosine > 0)
                cosine[seen[objects.hides(placed, point[:, seen], way[:, seen])]] = 0
            total += np.maximum(cosine, 0)
    return total / _POINTS**2


def _corners(point: np.ndarray, first: np.ndarray) -> np.ndarray:
    """[n] how dark it is near an edge of the room, where `first` is 0 side, 1 back, 2 floor."""
    distances = np.stack([_WIDTH - np.abs(point[0]), _BACK - point[1], point[2]])
    dark = 1 - _EDGE * np.exp(-np.maximum(distances, 0) / _REACH)
    return np.where(first == np.arange(3)[:, None], 1, dark).prod(axis=0)


def _camera(view: View) -> tuple[np.ndarray, np.ndarray]:
    """The eye [3, 1] and the rays [3, 65536] in the frame of the room."""
    turn = np.radians(view.camera)
    at = (np.arange(SIDE * RAYS) + 0.5) / RAYS
    right, down = np.broadcast_arrays(at - _CENTRE[0], (at - _CENTRE[1])[:, None])
    ray = np.stack([right / _FOCAL, np.ones_like(right), -down / _FOCAL]).reshape(3, -1)
    eye = np.array([[0.0], [-view.away], [_HEIGHT]])
    if view.bearing:  # it turns to the left, so that what it looked at is to the right
        ray = objects.turned(ray, np.radians(view.bearing))
    return objects.turned(eye, turn), objects.turned(ray, turn)
