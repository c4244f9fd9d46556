"""How light or dark the points of a head are: skin, hair, and what is painted on the face.

The albedo of a point is mixed from tones, by weights that depend on where the point is on the
mean head, so that they move with the face. Seven parameters in [-1, 1] set the tones; all but
the hairline's enter linearly:

    skin 0.66 + 0.2 p, hair 0.23 + 0.18 p; brows cover 0.62 + 0.33 p, a beard 0.27 + 0.27 p;
    lips (0.62 - 0.22 p) skin, iris 0.27 + 0.2 p; the hairline is 0.1 p higher

Hollows and what lies in another part's shadow from above are darkened once for all light.
"""

from functools import cache

import numpy as np

from dbench.data.faces import head
from dbench.data.faces.bumps import Place, bell, ramp
from dbench.data.faces.head import EYE, MOUTH
from dbench.data.faces.head_shape import above_hairline

NAMES = (
    *("skin_tone", "hair_tone", "hairline", "brow_darkness"),
    *("beard", "lip_darkness", "iris_tone"),
)
_SOFT = 0.03  # width of an edge


def albedo(tones: np.ndarray) -> np.ndarray:
    """Of all points of a head, tones [7] -> [v] in [0, 0.9]."""
    weight, (skin, hair, line, brows, beard, lips, iris) = _weights(), tones
    skin, hair = 0.66 + 0.2 * skin, 0.23 + 0.18 * hair
    layers = (
        ("beard", 0.27 + 0.27 * beard, min(hair, 0.3)),
        ("lips", 1, skin * (0.62 - 0.22 * lips)),
        ("line", 1, 0.08),
        ("brows", 0.62 + 0.33 * brows, 0.6 * hair),
        ("eye", 1, 0.9),
        ("iris", 1, 0.27 + 0.2 * iris),
        ("pupil", 1, 0.03),
        ("dark", 1, 0.06),
    )
    found = np.full(len(weight["shade"]), skin)
    for name, strength, tone in layers:
        at, cover = _somewhere(name)
        found[at] += cover * strength * (tone - found[at])
    found += _hair(line) * (hair * weight["strands"] - found)
    return found * weight["shade"]


@cache
def _somewhere(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The points that have a weight, and their weights: the others take no time."""
    weight = _weights()[name]
    at = np.flatnonzero(weight)
    return at, weight[at]


def _hair(line: float) -> np.ndarray:
    weight, (at, top) = _weights(), _somewhere("top")  # the hairline moves there alone
    cover = _middle_hair().copy()
    moved = _inside(weight["hair"][at] - 0.1 * line * top, 0.08)
    cover[at] = weight["mane"][at] + weight["skull"][at] * moved
    return cover


@cache
def _middle_hair() -> np.ndarray:
    weight = _weights()
    return weight["mane"] + weight["skull"] * _inside(weight["hair"], 0.08)


def _inside(distance: np.ndarray, soft: float = _SOFT) -> np.ndarray:
    return ramp(distance / soft + 0.5)


@cache
def _weights() -> dict[str, np.ndarray]:
    """Each [v] in [0, 1], but `hair`, a distance, and `strands`, around 1."""
    on, skull = Place(head.mean()), head.part("skull")
    turn, away = np.arctan2(on.x, on.z + 0.1), np.hypot(on.x, on.z + 0.1)
    strands = 0.05 * (np.cos(9 * turn) + np.cos(22 * turn)) * ramp(away / 0.4)
    found = {
        "skull": skull,
        "mane": head.part("mane"),
        "hair": above_hairline(on),
        "top": on.front * ramp((on.y - 0.3) / 0.2),
        "strands": 1 + strands,
        "shade": _shade(on),
    }
    face = Place(head.mean(), among=skull)
    return found | _mouth(face) | _eyes(face)


def _mouth(on: Place) -> dict[str, np.ndarray]:
    aside, half = np.abs(on.x), 0.215
    t = np.clip(aside / half, 0, 1)
    top = MOUTH + 0.075 * (1 - t**2) * (1 - 0.25 * bell(aside / 0.035))
    lips = _inside(top - on.y) * _inside(on.y - MOUTH + 0.10 * (1 - t**2)) * (aside < half)
    lips = lips * on.front
    cheek = -0.50 + 0.25 * ramp((aside - 0.28) / 0.25)
    beard = _inside(cheek - on.y, 0.2) * ramp((on.z + 0.12) / 0.4) * head.part("skull") * (1 - lips)
    between = bell((on.y - MOUTH + 0.01 * t) / 0.017) * ramp((half + 0.01 - aside) / 0.03)
    return {"lips": lips, "beard": beard, "line": 0.75 * between * on.front}


def _eyes(on: Place) -> dict[str, np.ndarray]:
    aside = np.abs(on.x)
    t = (aside - 0.10) / 0.34  # along a brow
    c = np.clip(t, 0, 1)
    arch = 0.185 + 0.06 * np.sin(0.85 * np.pi * c) - 0.03 * np.clip(t - 0.6, 0, 1)
    brows = bell((on.y - arch) / (0.042 * (1 - 0.45 * c)))
    brows = brows * ramp((t + 0.03) / 0.12) * ramp((1.03 - t) / 0.12)
    t = (aside - EYE[0]) / 0.155  # along an eye
    arch = np.sqrt(np.clip(1 - t**2, 0, 1))
    above, below = 0.005 + 0.084 * arch - on.y, on.y - 0.005 + 0.058 * arch
    eye = _inside(above, 0.02) * _inside(below, 0.02) * (np.abs(t) < 1) * on.front
    away = np.hypot(aside - EYE[0], on.y - 0.008)
    lash = 0.8 * bell((above + 0.004) / 0.018) * ramp((1.12 - np.abs(t)) / 0.15)
    nostril = 0.85 * bell((aside - 0.06) / 0.032) * bell((on.y + 0.435) / 0.022)
    return {
        "brows": brows * on.front,
        "eye": eye,
        "iris": eye * _inside(0.074 - away, 0.02),
        "pupil": eye * _inside(0.035 - away, 0.02),
        "dark": np.maximum(lash, nostril) * on.front,
    }


def _shade(on: Place) -> np.ndarray:
    skull, x, y = head.part("skull"), np.abs(on.x), on.y
    shade = 1 - 0.2 * on.front * bell((x - 0.15) / 0.07) * bell((y - 0.06) / 0.09)  # by the nose
    shade *= 1 - 0.3 * on.front * bell(x / 0.12) * bell((y + 0.47) / 0.035)  # below it
    shade *= 1 - 0.2 * on.front * bell(x / 0.15) * bell((y + 0.76) / 0.035)  # below the lips
    shade *= 1 - 0.55 * skull * ramp((-0.95 - y + 0.25 * (on.z - 0.3)) / 0.15)  # below the chin
    shade *= 1 - 0.5 * head.part("neck") * ramp((y + 1.45) / 0.5)
    shade *= 1 - 0.5 * head.part("mane") * ramp((-0.2 - y) / 0.6)
    return shade * (1 - 0.5 * head.hollows())
