import numpy as np
import pytest

from dbench.data.faces import raster
from tests.rounding import rounding


def ball(rows=60, columns=81, radius=20.0, centre=(32.0, 30.0, 0.0)):
    """A sphere in samples (v down): points [r, c, 3], and its outward normals."""
    down = np.linspace(1e-4, np.pi - 1e-4, rows)[:, None]
    turn = np.linspace(-np.pi, np.pi, columns)
    normals = np.stack(
        [np.sin(down) * np.sin(turn), -np.cos(down) + 0 * turn, np.sin(down) * np.cos(turn)],
        axis=-1,
    )
    return radius * normals + centre, normals


def drawn(*surfaces, side=64):
    depth, out = np.full((side, side), -np.inf), np.zeros((side, side, 2))
    for points, paint in surfaces:
        raster.draw(points, paint, depth, out)
    return depth, out


def test_normals_of_a_sphere_are_its_radii():
    points, normals = ball()
    upright = points * [1, -1, 1]  # normals are of heads, whose y points up
    found, tones = np.empty_like(points), np.linspace(0.1, 1, points[..., 0].size)
    tones = tones.reshape(points.shape[:2])
    raster.normals(upright, tones, found)
    np.testing.assert_allclose(found / tones[..., None], normals * [1, -1, 1], atol=0.03)


def test_means_are_of_the_samples_of_a_pixel():
    """Over all of them: those that are not drawn count as 0. And the share that is drawn."""
    rng = np.random.default_rng(0)
    drawn = rng.random((6, 6)) < 0.5
    fine = rng.random((6, 6, 2))
    found, covered = raster.means(fine, np.where(drawn, 1.0, -np.inf), 3)
    squares = (fine * drawn[..., None]).reshape(2, 3, 2, 3, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(found, np.moveaxis(squares, -1, 0), rtol=rounding(9, float))
    assert (covered == drawn.reshape(2, 3, 2, 3).mean(axis=(1, 3))).all()


def test_points_are_placed_by_the_camera():
    points, camera, shift = np.eye(3) * [1, 2, 3], np.arange(9.0).reshape(3, 3), np.ones(3)
    assert (raster.placed(points, camera, shift) == points @ camera + shift).all()


def test_a_ball_is_a_disc_as_near_as_it_should_be_without_holes():
    points, normals = ball()
    depth, out = drawn((points, normals[..., :2].copy()))
    v, u = np.mgrid[:64, :64] + 0.5
    away = np.hypot(u - 32, v - 30)
    assert np.isfinite(depth[away < 19.8]).all() and np.isinf(depth[away > 20]).all()
    inside = away < 19
    near = np.sqrt(20**2 - away[inside] ** 2)
    np.testing.assert_allclose(depth[inside], near, atol=0.15)
    np.testing.assert_allclose(out[inside, 0], (u[inside] - 32) / 20, atol=0.01)
    assert (out[away > 20] == 0).all()


def test_the_nearest_wins_in_either_order():
    (near, paint), (far, _) = ball(centre=(30.0, 30.0, 5.0)), ball(centre=(34.0, 30.0, -5.0))
    one, two = np.full((*paint.shape[:2], 2), 0.25), np.full((*paint.shape[:2], 2), 0.75)
    first, second = drawn((near, one), (far, two)), drawn((far, two), (near, one))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert first[1][30, 30, 0] == pytest.approx(0.25)
    assert first[1][30, 52, 0] == pytest.approx(0.75)


def test_the_outside_alone_is_seen():
    """Of a ball inside out that is the far half."""
    points, paint = ball()
    depth, _ = drawn((points[:, ::-1].copy(), paint[..., :2].copy()))
    seen = depth[np.isfinite(depth)]
    assert len(seen) > 1000 and (seen < 0.5).all()


def test_what_lies_outside_the_picture_is_cut_off():
    points, paint = ball(radius=200.0)
    depth, _ = drawn((points, paint[..., :2].copy()))
    assert np.isfinite(depth).all()
