import numpy as np
import pytest

from dbench.data.shapes3d_drawn import solids


def inside(name, radius, half, point):
    x, y, z = np.abs(point)
    if name == "cube":
        return max(x, y, z) <= radius
    if name == "cylinder":
        return np.hypot(x, y) <= radius and z <= half
    if name == "sphere":
        return np.linalg.norm(point) <= radius
    return np.linalg.norm((x, y, max(z - half, 0.0))) <= radius


@pytest.mark.slow
@pytest.mark.parametrize("solid", solids.SOLIDS, ids=lambda solid: solid.__name__)
def test_the_first_point_inside_is_where_the_ray_enters(solid):
    """Against small steps along each ray, which know the solids only from within."""
    radius, half, step = 0.3, 0.2, 0.002
    rng = np.random.default_rng(0)
    # From above the middle, as eye and lamp are: the lower lid of a cylinder is never met.
    origin = np.array([[0.1], [-1.0], [0.7]])
    ray = rng.uniform(-0.35, 0.35, (3, 60)) - origin
    with np.errstate(divide="ignore", invalid="ignore"):
        t, normal = solid(radius, half, origin, ray)
    assert 10 < np.isfinite(t).sum() < 60
    for i in range(60):
        steps = np.arange(0, 1.5, step)
        within = [inside(solid.__name__, radius, half, origin[:, 0] + s * ray[:, i]) for s in steps]
        first = steps[np.argmax(within)] if any(within) else np.inf
        if np.isfinite(first):
            assert first - step <= t[i] <= first
            assert np.linalg.norm(normal[:, i]) == pytest.approx(1)
            assert normal[:, i] @ ray[:, i] < 0
            surface = origin[:, 0] + t[i] * ray[:, i]
            assert not inside(solid.__name__, radius, half, surface + 1e-6 * normal[:, i])
            assert inside(solid.__name__, radius, half, surface - 1e-6 * normal[:, i])
