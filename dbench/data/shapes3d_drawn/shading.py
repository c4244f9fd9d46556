"""How light or dark the surfaces of 3D Shapes are (see room.py): fitted numbers, not physics."""

import numpy as np

HALF = 1.373  # half the width of the room
SHADOW = 0.338  # D of the floor where the solid hides the lamp
_REACH = (0.05, 0.15, 0.4)  # of the darkening (or glow) of the floor near a wall

_SOLID = np.array(  # d of cube, cylinder, sphere, capsule
    [
        [0.3977, 0.6955, -0.1428, 0.8825, -0.5108],
        [0.4112, 0.7028, -0.1617, 0.8842, -0.5113],
        [0.4206, 0.7039, -0.1685, 0.8680, -0.5082],
        [0.4086, 0.7028, -0.1625, 0.8836, -0.5110],
    ]
)
_SHINE = (  # p, q, w of the same
    (0.125, -0.02, 0.03),
    (0.125, 0.06, 0.06),
    (0.110, 0.14, 0.24),
    (0.110, 0.06, 0.06),
)
_FLOOR = (  # of x^i y^j by (i, j), i + j <= 4; then of exp(-t / r): back, left, right
    *(1.0314, 0.1587, -0.4344, 0.0378, 0.1260, -0.7202, -0.0238, 0.3461, -0.1115, -0.4726),
    *(-0.0058, 0.0687, 0.0028, -0.1192, -0.1609, -0.0045, -0.0562, -0.3224, 0.1639),
    *(-0.6229, 2.4734, -0.2495, 0.4743, 0.0593),
)
_WALLS = (  # back, right, left: of a^i z^j by (i, j), i + j <= 3; then of th a^i th^j in _TURNS
    (
        *(1.0619, -0.1079, 0.1375, -0.0849, -0.0789, -0.0518, 0.0672, -0.0282, 0.0079, 0.0334),
        *(0.0074, -0.2753, -0.0184, -0.0076, 0.0231, -0.0087),
    ),
    (
        *(0.5475, -0.2283, 0.0983, 0.0704, -0.3403, 0.1942, -0.1135, 0.2979, -0.0416, -0.0950),
        *(0.5273, 0.1582, -0.2887, 0.0627, 0.0242, -0.0428),
    ),
    (
        *(0.6008, -0.0533, 0.1540, 0.0045, -0.2101, -0.1005, -0.1112, 0.1363, 0.0816, -0.0545),
        *(-0.5598, 0.1758, 0.3082, 0.0180, 0.0359, 0.0057),
    ),
)
_TURNS = ((0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1))


def solid(shape: int, eye: np.ndarray, lamp: np.ndarray, up: np.ndarray) -> tuple:
    """D and S of points of a solid: cosines of the normal to eye and lamp, and its z, [n] each."""
    lit = np.maximum(lamp, 0.0)
    constant, first, second, third, fourth = _SOLID[shape]
    shade = constant + (first + second * eye) * eye + (third + fourth * lit) * lit
    shade = np.clip(shade, 0.0, 1.09)
    p, q, w = _SHINE[shape]
    shine = p * np.clip((lamp + q) / w, 0.0, 1.0)
    flat = (up > 0.5) & (shape < 2)  # tops of cube and cylinder
    return np.where(flat, 0.95, shade), np.where(flat, 0.1, shine)


def floor(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """D of points of the floor, [n]."""
    terms = _products(x, y, 4)
    terms += [np.exp(-t / r) for t in (HALF - y, HALF - x, HALF + x) for r in _REACH]
    return _clipped(_FLOOR, terms)


def wall(index: int, a: np.ndarray, z: np.ndarray, turn: float) -> np.ndarray:
    """D of points of the back, right or left wall (0, 1, 2), [n]."""
    terms = _products(a, z, 3)
    terms += [a**i * turn**j for i, j in _TURNS]
    return _clipped(_WALLS[index], terms)


def _products(a: np.ndarray, b: np.ndarray, degree: int) -> list[np.ndarray]:
    """a^i b^j, i + j <= degree. Each power is made once: they take the time."""
    powers = [(a**i, b**i) for i in range(degree + 1)]
    return [powers[i][0] * powers[j][1] for i in range(degree + 1) for j in range(degree + 1 - i)]


def _clipped(coefficients: tuple[float, ...], terms: list[np.ndarray]) -> np.ndarray:
    shade = sum(c * term for c, term in zip(coefficients, terms, strict=True))
    return np.clip(shade, 0.0, 1.25)
