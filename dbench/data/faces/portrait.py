"""A picture of a head: seen by a camera, lit by a lamp, 64 x 64 grey.

    camera   orthographic, 25 pixels a unit, looking at (0, 0.04, -0.1) in units of the head; the
             head is turned by the azimuth (to the right of the picture where it is positive),
             then the camera raised by the elevation
    samples  3 x 3 a pixel; of each albedo a and normal n of the nearest surface, their means
             over a pixel being the planes ambient 0.26 a + 0.298 (1 - covered) and a n (x, y, z)
    planes   rounded to bytes: ambient in 1/255, x and y in 1/140 from 128, z in 1/280
    lamp     far away, 25 degrees above the camera's axis, at the light's azimuth (to the right of
             the picture where it is positive); it goes with the camera, not with the head
    grey     min(1, ambient + 0.9 max(0, a n . lamp)), in whole numbers, in 1/255

There are no cast shadows. Planes do not depend on the lamp, so those of a view can be kept and
lit later.
"""

from functools import cache
from typing import TypeVar

import jax
import numpy as np
import scipy

from dbench.data.faces import head, head_shape, head_tones
from dbench.errors import InputError

SIDE = 64  # pixels, height and width of an image
PLANES = 4
NAMES = head_shape.NAMES + head_tones.NAMES  # of the parameters of an identity
_FINE = 3  # samples a pixel along a side
_ZOOM, _MIDDLE = 25.0, np.array([0.0, 0.04, -0.1])
_AMBIENT, _DIFFUSE, _BACKGROUND = 0.26, 0.9, 0.298
_LAMP = np.radians(25.0)
_STEPS = np.array([1.0, 140.0, 140.0, 280.0])[:, None, None]  # of the planes
_ZEROS = np.array([0.0, 128.0, 128.0, 0.0])[:, None, None]
_SHIFT = 12  # bits of the weights of the planes
Light = TypeVar("Light", np.ndarray, jax.Array)


def draw(
    identity: np.ndarray, azimuth: float, elevation: float, light_azimuth: float
) -> np.ndarray:
    """A picture [64, 64] float32, in multiples of 1/255 in [0, 1].

    `identity` [p] has the parameters NAMES in [-1, 1], 0 is the mean; angles are in degrees. Made
    for elevations from -45 to 45: beyond, the end of the neck is seen.
    """
    identity, angles = np.asarray(identity, float), (azimuth, elevation, light_azimuth)
    if identity.shape != (len(NAMES),) or not (np.abs(identity) <= 1).all():
        raise InputError(f"an identity is {len(NAMES)} numbers from -1 to 1: see portrait.NAMES")
    if not np.isfinite(angles).all():
        raise InputError(f"angles are finite numbers of degrees, not {angles}")
    (surfaces,) = heads(identity[None])
    return light(planes(surfaces, azimuth, elevation), light_azimuth) / np.float32(255)


def heads(identities: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points [v, 3] and paint [v, 4] (albedo a, a n) of each of some heads, [b, p]."""
    start = head_shape.start()
    shapes, tones = np.split(identities, [len(head_shape.NAMES)], axis=1)
    points = (_modes() @ shapes.T).T.reshape(len(identities), *start.shape) + start
    albedos = map(head_tones.albedo, tones)
    return [(own, _paint(own, albedo)) for own, albedo in zip(points, albedos, strict=True)]


def planes(surfaces: tuple[np.ndarray, np.ndarray], azimuth: float, elevation: float) -> np.ndarray:
    """What a camera sees of a head: [4, 4096] uint8."""
    from dbench.data.faces import raster

    points, paint = surfaces
    turn = _turn(azimuth, elevation)
    camera = turn.T * (_ZOOM * _FINE * np.array([1, -1, 1]))
    shift = np.array([SIDE * _FINE / 2, SIDE * _FINE / 2, 0]) - _MIDDLE @ camera
    seen = raster.placed(points, camera, shift)
    depth = np.full((SIDE * _FINE, SIDE * _FINE), -np.inf)
    out = np.zeros((*depth.shape, PLANES))
    for surface, colours in zip(head.split(seen), head.split(paint), strict=True):
        raster.draw(surface, colours, depth, out)
    (albedo, *normal), covered = raster.means(out, depth, _FINE)
    ambient = 255 * (_AMBIENT * albedo + _BACKGROUND * (1 - covered))
    normal = np.tensordot(turn, normal, 1)  # of means, as of each sample: linear
    found = np.stack([ambient, *normal]) * _STEPS + _ZEROS
    return np.clip(np.rint(found), 0, 255).astype(np.uint8).reshape(PLANES, -1)


def light(planes: np.ndarray, azimuth: float) -> np.ndarray:
    """Grey levels [64, 64] uint8 of planes [4, 4096] uint8."""
    ambient, x, y, z = planes.astype(np.int32)
    by_x, by_y, by_z = weights(azimuth)
    lit = levels(ambient, by_x * (x - 128) + by_y * (y - 128) + by_z * z)
    return lit.astype(np.uint8).reshape(SIDE, SIDE)


def levels(ambient: Light, lamp: Light) -> Light:
    """Grey levels 0 .. 255 of the ambient light and the lamp's, both int32."""
    return (ambient + ((lamp.clip(0) + (1 << _SHIFT - 1)) >> _SHIFT)).clip(max=255)


def weights(azimuth: np.ndarray | float) -> np.ndarray:
    """Of the planes x, y, z under a lamp: [3, ...] int32, in 2^-12 grey levels."""
    azimuth = np.radians(azimuth)
    lamp = [np.sin(azimuth) * np.cos(_LAMP), np.sin(_LAMP) + 0 * azimuth]
    lamp.append(np.cos(azimuth) * np.cos(_LAMP))
    scale = (255 * _DIFFUSE * (1 << _SHIFT) / _STEPS[1:, 0, 0]).reshape(3, *[1] * np.ndim(azimuth))
    return np.rint(np.stack(lamp) * scale).astype(np.int32)


def _paint(points: np.ndarray, albedo: np.ndarray) -> np.ndarray:
    from dbench.data.faces import raster

    paint = np.empty((len(points), PLANES))
    paint[:, 0] = albedo
    parts = zip(*(head.split(array) for array in (points, paint, albedo)), strict=True)
    for surface, own, tones in parts:
        raster.normals(surface, tones, own[..., 1:])
    return paint


def _turn(azimuth: float, elevation: float) -> np.ndarray:
    a, e = np.radians(azimuth), np.radians(elevation)
    aside = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    return np.array([[1, 0, 0], [0, np.cos(e), -np.sin(e)], [0, np.sin(e), np.cos(e)]]) @ aside


@cache
def _modes() -> "scipy.sparse.csr_array":
    """[3 v, 25]: four in five entries are 0, as a mode moves a part of the head along an axis."""
    return scipy.sparse.csr_array([mode.ravel() for mode in head_shape.modes().values()]).T.tocsr()
