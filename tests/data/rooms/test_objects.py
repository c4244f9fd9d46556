import numpy as np
import pytest

from dbench.data.rooms import objects


def inside(parts, points):
    """[n] by the definition of a part, for points [3, n] in the frame of the object."""
    found = np.zeros(points.shape[1], bool)
    for part in parts:
        u = np.abs((points.T - part.centre) / part.half)
        flat = [i for i in range(3) if i not in part.round]
        found |= (u[:, flat] <= 1).all(axis=1) & ((u[:, part.round] ** 2).sum(axis=1) <= 1)
    return found


@pytest.mark.parametrize("parts", objects.OBJECTS, ids=objects.NAMES)
def test_the_first_point_inside_is_where_the_ray_enters(parts):
    """Against small steps along each ray, which know the objects only from within."""
    rng, step = np.random.default_rng(0), 0.0005
    placed = objects.Placed(parts, 0.1, np.radians(25))
    origin = np.array([[0.3], [-1.0], [0.6]])
    ray = rng.uniform((-0.15, -0.2, 0), (0.35, 0.2, 0.45), (80, 3)).T - origin
    t, normal, trim = objects.meet(placed, origin, ray)
    steps = np.arange(0, 1.6, step)

    def own(points):  # of the room in the frame of the object
        return objects.turned(points - [[0.1], [0], [0]], -np.radians(25))

    hits = np.isfinite(t)
    assert 15 < hits.sum() < 75 and (trim & hits).any() and (~trim & hits).any()
    for i in range(80):
        within = inside(parts, own(origin + steps * ray[:, i : i + 1]))
        assert within.any() == hits[i]
        if hits[i]:
            first = steps[within.argmax()]
            assert first - step <= t[i] <= first
            surface, outward = origin + t[i] * ray[:, i : i + 1], normal[:, i : i + 1]
            assert np.linalg.norm(outward) == pytest.approx(1) and (outward.T @ ray[:, i]) < 0
            assert not inside(parts, own(surface + 1e-6 * outward))[0]
            assert inside(parts, own(surface - 1e-6 * outward))[0]
            trims = [part for part in parts if part.trim]
            assert inside(trims, own(surface - 1e-6 * outward))[0] == trim[i]


@pytest.mark.parametrize("parts", objects.OBJECTS, ids=objects.NAMES)
def test_normals_are_at_right_angles_to_the_surface(parts):
    """To the way from where a ray enters to where one beside it does."""
    placed = objects.Placed(parts, 0.0, 0.4)
    origin = np.array([[0.2], [-1.0], [0.5]])
    aims = np.stack(np.meshgrid(np.linspace(-0.3, 0.3, 60), [0], np.linspace(0, 0.5, 60)))
    points, normals = [], []
    for beside in ((0, 0, 0), (1e-6, 0, 0), (0, 0, 1e-6)):
        ray = aims.reshape(3, -1) + np.array(beside)[:, None] - origin
        t, normal, _ = objects.meet(placed, origin, ray)
        points.append(origin + np.where(np.isfinite(t), t, 0) * ray)
        normals.append(normal)
    for other in points[1:]:
        way = other - points[0]
        length = np.linalg.norm(way, axis=0)
        met = (length > 0) & (length < 1e-4)  # both enter, and the same part
        assert met.sum() > 250
        slope = np.abs((way * normals[0]).sum(axis=0)[met] / length[met])
        assert np.quantile(slope, 0.98) < 1e-3  # some rays meet an edge


def test_objects_stand_on_the_floor():
    for parts in objects.OBJECTS:
        assert 0 <= min(part.centre[2] - part.half[2] for part in parts) <= 0.015


def test_a_ray_of_many_origins_is_each_of_them_alone():
    placed = objects.Placed(objects.SUITCASE, -0.1, 0.3)
    rng = np.random.default_rng(1)
    origin = rng.uniform((-1, -1, 0.4), (1, -0.5, 1), (30, 3)).T
    ray = np.array([[-0.1], [0], [0.2]]) - origin
    together = objects.meet(placed, origin, ray)
    for i in range(30):
        alone = objects.meet(placed, origin[:, i : i + 1], ray[:, i : i + 1])
        for a, b in zip(alone, together, strict=True):
            np.testing.assert_array_equal(a[..., 0], b[..., i])
