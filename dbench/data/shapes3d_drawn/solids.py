"""Where rays meet the solids of 3D Shapes: a cube, a cylinder, a sphere and a capsule.

A solid stands upright around the origin. `origin` [3, 1 or n] and `ray` [3, n] give n rays
origin + t ray. Each function returns the smallest t > 0 at which a ray enters, inf where it
misses ([n]), and the outward normal there ([3, n], anything where it misses). Rays start outside.
"""

import numpy as np


def cube(half: float, _: float, origin: np.ndarray, ray: np.ndarray) -> tuple:
    """Cube with sides of 2 `half`: between three pairs of planes at once."""
    first, second = (-half - origin) / ray, (half - origin) / ray
    enter, leave = np.minimum(first, second), np.maximum(first, second).min(axis=0)
    axis = enter.argmax(axis=0)
    enter = enter.max(axis=0)
    normal = np.where(np.arange(3)[:, None] == axis, -np.sign(ray), 0.0)
    return np.where((enter < leave) & (enter > 0), enter, np.inf), normal


def sphere(radius: float, _: float, origin: np.ndarray, ray: np.ndarray) -> tuple:
    t = _enter(radius, origin, ray)
    return t, _at(origin, ray, t) / radius


def cylinder(radius: float, half: float, origin: np.ndarray, ray: np.ndarray) -> tuple:
    """Cylinder of height 2 `half`: the nearer of its side and its lid (the rest is hidden)."""
    t, normal = _side(radius, half, origin, ray)
    lid = (half - origin[2]) / ray[2]
    x, y, _ = _at(origin, ray, lid)
    lid = np.where((x * x + y * y < radius * radius) & (lid > 0), lid, np.inf)
    up = np.array([[0.0], [0.0], [1.0]])
    return np.minimum(t, lid), np.where(lid < t, up, normal)


def capsule(radius: float, half: float, origin: np.ndarray, ray: np.ndarray) -> tuple:
    """Cylinder of height 2 `half` between two half balls."""
    t, normal = _side(radius, half, origin, ray)
    for end in (-half, half):
        ball, outward = sphere(radius, 0.0, origin - np.array([[0.0], [0.0], [end]]), ray)
        t, normal = np.minimum(t, ball), np.where(ball < t, outward, normal)
    return t, normal


def _side(radius: float, half: float, origin: np.ndarray, ray: np.ndarray) -> tuple:
    """The round side of a cylinder alone."""
    t = _enter(radius, origin[:2], ray[:2])
    point = _at(origin, ray, t)
    t = np.where(np.abs(point[2]) <= half, t, np.inf)
    return t, point * np.array([[1.0], [1.0], [0.0]]) / radius


def _enter(radius: float, origin: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """[n] t at which |origin + t ray| falls to `radius`, in as many dimensions as are given."""
    a, b = (ray * ray).sum(axis=0), (origin * ray).sum(axis=0)
    root = b * b - a * ((origin * origin).sum(axis=0) - radius * radius)
    t = (-b - np.sqrt(np.maximum(root, 0.0))) / a
    return np.where((root > 0) & (t > 0), t, np.inf)


def _at(origin: np.ndarray, ray: np.ndarray, t: np.ndarray) -> np.ndarray:
    """[3, n] points of rays; the origin for a ray that misses."""
    return origin + np.where(np.isfinite(t), t, 0.0) * ray


SOLIDS = (cube, cylinder, sphere, capsule)  # by index of the factor "shape"
