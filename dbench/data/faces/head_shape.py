"""How heads differ in shape: each parameter moves the points of the mean head along a field.

    points = start + sum_j p_j MODES_j,  p_j in [-1, 1]

linear in the parameters, as in a morphable model (Blanz and Vetter, 1999), but with fields that
have a name and a formula in place of principal components. Start is the mean head with hair of
middle volume.
"""

from functools import cache

import numpy as np

from dbench.data.faces import head
from dbench.data.faces.bumps import Place, bell, ramp
from dbench.data.faces.head import EYE, MOUTH

NAMES = (
    *("head_width", "face_length", "cranium_height", "cranium_depth", "ear_size"),
    *("forehead", "brow_ridge", "brow_height", "eye_distance", "eye_size", "eye_slant"),
    *("nose_bridge", "nose_length", "nose_width", "nose_projection"),
    *("cheekbones", "cheeks", "mouth_width", "mouth_height", "lips"),
    *("jaw_width", "chin_width", "chin_projection", "hair_volume", "hair_length"),
)
X, Y, Z = np.eye(3)
_VOLUME = 0.045  # how far middle hair stands off
_HAIRLINE = np.array(  # z and y of the edge of hair on a head seen from the side
    [(-1.0, -0.62), (-0.42, -0.62), (-0.28, -0.40), (-0.19, 0.14), (-0.02, 0.14), (0.02, 0.0)]
    + [(0.06, -0.14), (0.13, -0.14), (0.20, 0.18), (0.30, 0.37), (0.40, 0.49), (0.50, 0.56)]
    + [(0.60, 0.60)]
)


@cache
def start() -> np.ndarray:
    """The head whose parameters are all 0: [v, 3]."""
    return head.mean() + modes()["hair_volume"]


@cache
def modes() -> dict[str, np.ndarray]:
    """Where a parameter of 1 moves the points of the mean head: [v, 3] by name, as in NAMES."""
    on = Place(head.mean())
    return _whole(on) | _upper(on) | _lower(on) | _hair(on)


def above_hairline(on: Place) -> np.ndarray:
    """How far points of the skull are within the hair (below 0: outside), about a distance."""
    edge, before, after = (np.interp(on.z + d, *_HAIRLINE.T) for d in (0.0, -0.03, 0.03))
    return (on.y - edge) / np.hypot(1, (after - before) / 0.06)


def _move(amount: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """amount [v] along an axis [3], or one for each point [v, 3] -> [v, 3]."""
    return amount[:, None] * axis


def _whole(on: Place) -> dict[str, np.ndarray]:
    ear = np.where(on.x[:, None] > 0, head.EAR, np.array(head.EAR) * [-1, 1, 1])
    from_ear = np.stack([on.x, on.y, on.z], axis=-1) - ear
    return {
        "head_width": _move(0.09 * on.x, X),
        "face_length": _move(-0.12 * ramp((0.15 - on.y) / 1.2), Y),
        "cranium_height": _move(0.08 * ramp((on.y - 0.25) / 0.85), Y),
        "cranium_depth": _move(-0.12 * ramp(-on.z / 0.9), Z),
        "ear_size": _move(0.35 * head.part("left_ear", "right_ear"), from_ear),
    }


def _upper(on: Place) -> dict[str, np.ndarray]:
    sides = ((on.x - EYE[0], 1), (on.x + EYE[0], -1))  # from the eye on either side
    high = on.front * bell((on.y - EYE[1]) / 0.10)
    wider = sum(high * bell(x / 0.15) * x for x, _ in sides)
    taller = sum(high * bell(x / 0.15) * (on.y - EYE[1]) for x, _ in sides)
    slanted = sum(side * high * bell(x / 0.15) * x for x, side in sides)
    return {
        "forehead": _move(0.08 * on.at(0.60, 0.5, 0.28), Z),
        "brow_ridge": _move(0.05 * on.pair(0.17, 0.19, 0.17, 0.08), Z),
        "brow_height": _move(0.045 * on.pair(0.25, 0.21, 0.20, 0.07), Y),
        "eye_distance": _move(0.04 * on.pair(*EYE, 0.16, 0.13, -1), X),
        "eye_size": _move(0.22 * wider, X) + _move(0.38 * taller, Y),
        "eye_slant": _move(0.30 * slanted, Y),
        "nose_bridge": _move(0.05 * on.at(-0.06, 0.075, 0.16), Z),
        "nose_length": _move(-0.075 * on.at(-0.38, 0.17, 0.15), Y),
        "nose_width": _move(0.42 * on.x * on.at(-0.36, 0.17, 0.15), X),
        "nose_projection": _move(0.075 * on.at(-0.31, 0.12, 0.19), Z),
    }


def _lower(on: Place) -> dict[str, np.ndarray]:
    from_mouth = on.y - MOUTH
    return {
        "cheekbones": _move(0.05 * on.pair(0.45, -0.18, 0.20, 0.16, -1), X)
        + _move(0.035 * on.pair(0.40, -0.20, 0.14, 0.12), Z),
        "cheeks": _move(0.05 * on.pair(0.45, -0.52, 0.20, 0.20, -1), X)
        + _move(0.05 * on.pair(0.36, -0.52, 0.16, 0.17), Z),
        "mouth_width": _move(0.32 * on.x * on.at(MOUTH, 0.28, 0.10), X),
        "mouth_height": _move(0.045 * on.at(MOUTH, 0.32, 0.14), Y),
        "lips": _move(0.5 * from_mouth * on.at(MOUTH, 0.24, 0.11), Y)
        + _move(0.025 * on.at(MOUTH, 0.18, 0.08), Z),
        "jaw_width": _move(0.13 * on.x * bell((on.y + 0.75) / 0.36) * ramp((on.z + 0.3) / 0.5), X),
        "chin_width": _move(0.38 * on.x * bell((on.y + 0.98) / 0.17) * on.front, X),
        "chin_projection": _move(0.085 * on.at(-0.93, 0.24, 0.16), Z),
    }


def _hair(on: Place) -> dict[str, np.ndarray]:
    hair = head.part("skull") * ramp(above_hairline(on) / 0.25 + 0.2)
    outward = np.stack([on.x, 0.8 * np.maximum(on.y - 0.1, 0), on.z + 0.1], axis=-1)
    outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 0.1)
    mane = head.part("mane")
    grown = (np.stack([on.x, on.y, on.z], axis=-1) - head.ROOT) * [0.20, 0.30, 0.35]
    return {
        "hair_volume": _move(_VOLUME * hair, outward),
        "hair_length": _move(mane, grown) + _move(-0.12 * mane * ramp((0.2 - on.y) / 0.8), Y),
    }
