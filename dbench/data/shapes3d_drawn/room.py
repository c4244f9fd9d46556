"""The room of 3D Shapes, drawn: one ray per third of a pixel, shading by formula, eight layers.

A rule of our own for the images of Burgess and Kim (2018), whose generator was not published;
its constants were fitted to published images. Lengths are in units of the distance from the
camera to the axis of the room; x right, y to the back, z up from the floor, in the room's frame.

    camera   at (0, -1, 0.2958) looking level along y, focal length 68.86 pixels, principal point
             (31.98, 32.01); then room and solid turn about z together by -angle, where
             angle = -30 + 60 i / 14 degrees
    room     |x|, |y| <= 1.373, walls up to z = 0.788, above them sky of colour (153, 226, 249)/255
    solid    on the axis of the room, sizes of SIZES times 0.75 + 0.5 i / 7
    lamp     at (-0.577, 0.270, 2.980); the floor is in shadow where the solid hides the lamp
    hue i    HSV(i / 10, 1, 1): each channel is a multiple of 1/5
    colour   of floor and walls min(1, c D), of the solid min(1, c D + S), c being its hue
    solid D  clip(d . (1, v, v^2, l, l^2), 0, 1.09), v = normal . eye, l = max(normal . lamp, 0)
    solid S  p clip((normal . lamp + q) / w, 0, 1); D = 0.95 and S = 0.1 on a flat top
    floor D  polynomial in x, y of degree 4, and exp(-t / r) for the distances t to the three
             walls and r = 0.05, 0.15, 0.4; 0.338 in shadow
    wall D   polynomial of degree 3 in z and a, the place along the wall (x or y), and some terms
             in the turn th of the room, for the light that comes from the camera's side; of
             floor and walls D is clipped to [0, 1.25]
    rounding D to multiples of 1/816, S of 1/4080: 16ths of a grey level of a channel with c = 1/5
    pixels   192 x 192 rays, colours shrunk to 64 x 64 with the Lanczos kernel
             sinc(t) sinc(t / 3), |t| < 3 pixels: along a line, weights rounded to multiples of
             1/256, the middle one changed so that they sum to 1; then rounded to whole grey
             levels, halves up, and clipped to 0 .. 255

So a channel of an image is, before that rounding, a whole number of 2^-20 grey levels, and exact
in float64. Where c = 1 a colour may be cut off at 1, for smaller c it never is (0.8 * 1.09 + 0.125
and 0.8 * 1.25 are not above 1), and shrinking is linear: every image is the sum of the eight
layers of its layout times whole numbers. They are, by surface: sky (times its colour in grey
levels), highlight S (1), the shading D of floor, wall and solid (5 c each), and what is cut off of
the three where c = 1 (-1 there, else 0).
"""

from functools import cache

import numpy as np
import scipy

from dbench.data.shapes3d_drawn import shading
from dbench.data.shapes3d_drawn.solids import SOLIDS

SIDE = 64  # pixels, height and width of an image
LAYERS = 8
SKY = (153, 226, 249)  # grey levels
LEVEL = 16  # what a grey level is in shadings and highlights
_KERNEL = 256  # what 1 is in weights of the kernel
BITS = 20  # a grey level is 2^20 in a layer: LEVEL times _KERNEL twice
_FINE = 3 * SIDE  # rays along a side
_FOCAL, _CENTRE = 68.86, (31.98, 32.01)
_EYE = np.array([[0.0], [-1.0], [0.2958]])
_HALF, _TOP = shading.HALF, 0.788
_LAMP = np.array([[-0.577], [0.270], [2.980]])
SIZES = (  # by shape: radius or half a side; half the height (without caps); depth in the floor
    (0.1396, 0.1396, 0.0037),
    (0.1491, 0.1488, 0.0021),
    (0.1689, 0.1689, 0.0033),
    (0.1287, 0.1304, 0.0039),
)


def layers(scale: int, shape: int, orientation: int) -> np.ndarray:
    """The layers of a layout, given by factor indices: [8, 4096] int32."""
    return shrink(rays(scale, shape, orientation)).astype(np.int32)


def shrink(fine: np.ndarray) -> np.ndarray:
    """Whole values of rays [m, 36864] -> of pixels, 65536 times as large: [m, 4096] float64."""
    # Sparse, as one weight in ten is not 0; and no BLAS, whose threads cost many times the work.
    weights, layers = scipy.sparse.csr_array(_lanczos()), len(fine)
    rows = weights @ fine.reshape(layers, _FINE, _FINE).transpose(1, 0, 2).reshape(_FINE, -1)
    columns = rows.reshape(SIDE, layers, _FINE).transpose(2, 0, 1).reshape(_FINE, -1)
    return (weights @ columns).reshape(SIDE, SIDE, layers).transpose(2, 1, 0).reshape(layers, -1)


def rays(scale: int, shape: int, orientation: int) -> np.ndarray:
    """What `layers` shrinks: [8, 36864] float64, whole, 0 where a layer is not."""
    solid, floor, wall, shade, shine = trace(scale, shape, orientation)
    masks = np.stack([floor, wall, solid])
    sky = LEVEL * ~masks.any(axis=0)
    cut = np.maximum(5 * shade + shine - 255 * LEVEL, 0)
    return np.stack([sky, shine, *masks * shade, *masks * cut]).astype(float)


@np.errstate(divide="ignore", invalid="ignore")
def trace(scale: int, shape: int, orientation: int) -> tuple[np.ndarray, ...]:
    """Masks of solid, floor and wall, 816 D, 4080 S: each [36864], one value a ray, whole."""
    turn = -np.radians(-30 + 60 * orientation / 14)
    eye, ray = _camera(turn)
    radius, half, depth = SIZES[shape]
    size = 0.75 + 0.5 * scale / 7
    centre = np.array([[0.0], [0.0], [size * (half + radius * (shape == 3)) - depth]])

    def meet(origin, ray):
        return SOLIDS[shape](size * radius, size * half, origin - centre, ray)

    t_solid, normal = meet(eye, ray)
    t_floor = np.where(ray[2] < 0, -eye[2] / ray[2], np.inf)
    t_back = np.where(ray[1] > 0, (_HALF - eye[1]) / ray[1], np.inf)
    t_side = (np.sign(ray[0]) * _HALF - eye[0]) / ray[0]
    t_wall = np.minimum(t_back, t_side)
    solid = t_solid < np.minimum(t_floor, t_wall)
    floor = ~solid & (t_floor < t_wall)
    point = eye + np.where(solid, t_solid, np.minimum(t_floor, t_wall)) * ray
    wall = ~solid & ~floor & (point[2] < _TOP)
    back, right = wall & (t_back <= t_side), wall & (t_side < t_back) & (ray[0] > 0)

    lamp = _LAMP - point
    shade, shine = np.zeros(ray.shape[1]), np.zeros(ray.shape[1])
    to_eye, to_lamp = (_cosine(x[:, solid], normal[:, solid]) for x in (-ray, lamp))
    shade[solid], shine[solid] = shading.solid(shape, to_eye, to_lamp, normal[2, solid])
    hidden = np.isfinite(meet(point[:, floor], lamp[:, floor])[0])
    shade[floor] = np.where(hidden, shading.SHADOW, shading.floor(*point[:2, floor]))
    for index, (mask, along) in enumerate(((back, 0), (right, 1), (wall & ~back & ~right, 1))):
        shade[mask] = shading.wall(index, point[along, mask], point[2, mask], turn)
    shade, shine = (np.rint(one * LEVEL * x).astype(int) for one, x in ((51, shade), (255, shine)))
    return solid, floor, wall, shade, shine


def _camera(turn: float) -> tuple[np.ndarray, np.ndarray]:
    """The eye [3, 1] and the rays [3, 36864] in the frame of the room."""
    at = (np.arange(_FINE) + 0.5) * SIDE / _FINE
    right, down = np.broadcast_arrays(at - _CENTRE[0], (at - _CENTRE[1])[:, None])
    ray = np.stack([right / _FOCAL, np.ones_like(right), -down / _FOCAL]).reshape(3, -1)
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return rotation @ _EYE, rotation @ ray


def _cosine(a: np.ndarray, unit: np.ndarray) -> np.ndarray:
    return (a * unit).sum(axis=0) / np.sqrt((a * a).sum(axis=0))


@cache
def _lanczos() -> np.ndarray:
    """[64, 192] weights that shrink a row, whole, of sum 256."""
    at = (np.arange(_FINE) + 0.5) * SIDE / _FINE - np.arange(SIDE)[:, None] - 0.5
    weights = np.where(np.abs(at) < 3, np.sinc(at) * np.sinc(at / 3), 0.0)
    weights = np.rint(_KERNEL * weights / weights.sum(axis=1, keepdims=True))
    weights[np.arange(SIDE), weights.argmax(axis=1)] += _KERNEL - weights.sum(axis=1)
    return weights
