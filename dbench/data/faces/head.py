"""The mean head: five surfaces, whose points are given by formula.

Lengths are in units of half the height of a head. x is to the right of a picture of it from the
front, y up, z out of the picture; the middle between the eyes is at x = y = 0. The head is
symmetric in x. Points of all surfaces stand one after another, [v, 3]; `split` takes them apart.

The skull, face included, is made of sections: closed curves around the head from the crown to the
throat, given by their front, their back and half their width (cubic splines of SECTIONS), nearly
ellipses (exponent 2.25), with more points where the face is. Smooth bumps in z make it a face.
Neck, hair at the back ("mane") and ears are surfaces of their own that run into it.
"""

from functools import cache

import numpy as np
import scipy

from dbench.data.faces.bumps import Place, bell, ramp

SIZES = {  # (rows, columns) of points
    "skull": (130, 121),
    "neck": (20, 41),
    "mane": (30, 49),
    "left_ear": (18, 25),
    "right_ear": (18, 25),
}
EYE, MOUTH = (0.27, 0.0), -0.62  # x, y of the eyes; y of the mouth
EAR = (0.69, -0.10, -0.12)
ROOT = (0.0, 0.15, -0.30)  # the place that the mane grows from
SECTIONS = np.array(  # y and z of the front, y and z of the back, half the width
    [
        (1.09, -0.12, 1.09, -0.12, 0.0),
        (1.07, 0.10, 1.07, -0.36, 0.25),
        (1.01, 0.30, 0.97, -0.60, 0.42),
        (0.87, 0.49, 0.78, -0.80, 0.57),
        (0.66, 0.61, 0.48, -0.92, 0.65),
        (0.43, 0.67, 0.20, -0.95, 0.685),
        (0.20, 0.69, -0.05, -0.90, 0.69),
        (0.0, 0.665, -0.26, -0.80, 0.67),
        (-0.20, 0.665, -0.43, -0.66, 0.64),
        (-0.42, 0.675, -0.56, -0.50, 0.605),
        (-0.62, 0.66, -0.67, -0.36, 0.555),
        (-0.82, 0.63, -0.76, -0.25, 0.47),
        (-0.97, 0.57, -0.83, -0.18, 0.355),
        (-1.06, 0.44, -0.90, -0.10, 0.23),
        (-1.05, 0.30, -0.95, 0.0, 0.105),
        (-1.0, 0.16, -1.0, 0.16, 0.0),
    ]
)
_POLE = 1e-3  # not 0: a surface that shrinks to a point has no normal there


@cache
def mean() -> np.ndarray:
    """Points of the mean head: [v, 3]."""
    ear = _ear()[0]
    surfaces = (_skull(), _neck(), _mane(), ear, ear[:, ::-1] * [-1, 1, 1])
    return np.concatenate([surface.reshape(-1, 3) for surface in surfaces])


def split(array: np.ndarray) -> list[np.ndarray]:
    """[v, ...] -> an array [rows, columns, ...] for each surface."""
    found, start = [], 0
    for rows, columns in SIZES.values():
        part = array[start : start + rows * columns]
        found.append(part.reshape(rows, columns, *array.shape[1:]))
        start += rows * columns
    return found


def part(*names: str) -> np.ndarray:
    """1 on the named surfaces, 0 on others: [v]."""
    return np.concatenate([np.full(r * c, float(name in names)) for name, (r, c) in SIZES.items()])


def hollows() -> np.ndarray:
    """1 in the hollows of the ears, 0 far from them: [v]."""
    hollow, weight = _ear()[1], np.zeros(len(mean()))
    both = np.concatenate([hollow.ravel(), hollow[:, ::-1].ravel()])
    weight[-len(both) :] = both
    return weight


def _skull() -> np.ndarray:
    rows, columns = SIZES["skull"]
    spline = scipy.interpolate.CubicSpline(np.linspace(0, 1, len(SECTIONS)), SECTIONS)
    front_y, front_z, back_y, back_z, wide = spline(np.linspace(0, 1, rows)).T[:, :, None]
    turn = np.linspace(-np.pi, np.pi, columns)
    turn = turn - 0.5 * np.sin(turn)
    ahead, aside = (np.sign(f) * np.abs(f) ** (2 / 2.25) for f in (np.cos(turn), np.sin(turn)))
    x = np.maximum(wide, _POLE * _POLE) * aside
    y = (front_y + back_y + (front_y - back_y) * ahead) / 2
    z = (front_z + back_z + (front_z - back_z) * ahead) / 2
    z += _features(Place(np.stack([x, y, z], axis=-1)))
    return np.stack([x, y, z], axis=-1)


def _features(on: Place) -> np.ndarray:
    """How far the face is before the sections."""
    x, y = on.x, on.y
    z = 0.05 * on.pair(0.22, 0.20, 0.15, 0.08)  # brows
    z -= 0.09 * on.pair(*EYE, 0.13, 0.11)  # sockets, then eyeballs
    z += 0.085 * on.pair(*EYE, 0.11, 0.075)
    z += 0.05 * on.pair(0.40, -0.20, 0.14, 0.12)  # cheekbones, then cheeks
    z -= 0.03 * on.pair(0.40, -0.55, 0.14, 0.16)
    down = np.clip((0.16 - y) / 0.50, 0, 1)  # the nose: its bridge, tip and wings
    bridge = (0.025 + 0.13 * down) * ramp((y + 0.50) / 0.20) * ramp((0.30 - y) / 0.2)
    z += on.front * bridge * bell(x / (0.06 + 0.035 * down))
    z += 0.08 * on.at(-0.345, 0.095, 0.095)
    z += 0.075 * on.pair(0.11, -0.37, 0.055, 0.07)
    z -= 0.02 * on.at(-0.51, 0.03, 0.05)
    z += 0.05 * on.at(MOUTH + 0.02, 0.24, 0.15)  # the mouth: around it, lips, the line between
    z += 0.035 * on.at(MOUTH + 0.045, 0.16, 0.035)
    z += 0.05 * on.at(MOUTH - 0.055, 0.13, 0.045)
    z -= 0.04 * on.at(MOUTH, 0.20, 0.016)
    z -= 0.035 * on.at(-0.78, 0.16, 0.045)  # chin
    return z + 0.06 * on.at(-0.92, 0.16, 0.10)


def _neck() -> np.ndarray:
    rows, columns = SIZES["neck"]
    down, turn = np.linspace(0, 1, rows)[:, None], np.linspace(-np.pi, np.pi, columns)
    radius = 0.36 + 0.5 * ramp((down - 0.45) / 0.6)
    y = -0.55 - 1.5 * down + 0 * turn
    z = -0.25 - 0.04 * down + 0.9 * radius * np.cos(turn)
    return np.stack([1.05 * radius * np.sin(turn), y, z], axis=-1)


def _mane() -> np.ndarray:
    rows, columns = SIZES["mane"]
    down = np.linspace(_POLE, np.pi - _POLE, rows)[:, None]
    turn = np.linspace(-np.pi, np.pi, columns)
    wide = np.sin(down) ** 0.6
    y = -0.10 + 0.70 * np.cos(down) + 0 * turn
    return np.stack([0.65 * wide * np.sin(turn), y, -0.36 + 0.46 * wide * np.cos(turn)], axis=-1)


def _ear() -> tuple[np.ndarray, np.ndarray]:
    """The ear at x > 0, a disc with a hollow, narrower below: points, and how hollow it is."""
    rows, columns = SIZES["left_ear"]
    down, turn = (
        np.linspace(_POLE, np.pi - _POLE, rows)[:, None],
        np.linspace(0, 2 * np.pi, columns),
    )
    high = 0.21 * np.sin(down) * np.cos(turn)
    along = 0.12 * np.sin(down) * np.sin(turn) * (1 + 1.3 * high)
    hollow = bell((high - 0.02) / 0.10) * bell((along - 0.01) / 0.06) * (np.cos(down) > 0)
    out = 0.05 * (np.cos(down) - hollow)
    x, z = 0.9 * out - 0.43 * along, 0.43 * out + 0.9 * along - 0.2 * high
    return np.stack([x, high, z], axis=-1) + EAR, hollow
