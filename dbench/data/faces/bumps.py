"""Smooth weights of points around places of a face, of which a head is made (see head.py)."""

import numpy as np


def ramp(t: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def bell(t: np.ndarray) -> np.ndarray:
    return np.exp(-t * t)


class Place:
    """Where points are, and smooth weights of the points around a place of the face."""

    def __init__(self, points: np.ndarray, among: np.ndarray | float = 1.0):
        """points [..., 3]; `among` is 0 for points that belong to no face."""
        self.x, self.y, self.z = np.moveaxis(points, -1, 0)
        self.front = among * ramp((self.z - 0.05) / 0.35)

    def at(self, y: float, wide: float, high: float) -> np.ndarray:
        """Around (0, y), falling off over `wide` and `high`."""
        return self.front * bell(self.x / wide) * bell((self.y - y) / high)

    def pair(self, x: float, y: float, wide: float, high: float, sign: int = 1) -> np.ndarray:
        """Around (x, y) and (-x, y), there times `sign`."""
        sides = bell((self.x - x) / wide) + sign * bell((self.x + x) / wide)
        return self.front * sides * bell((self.y - y) / high)
