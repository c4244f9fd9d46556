"""Latents over the place in the image."""

import numpy as np
import pytest

from dbench.base import Table
from dbench.pictures.places import position
from dbench.pictures.runs import Latents
from dbench.report import maps

PLACES = np.stack(np.meshgrid(np.arange(32), np.arange(8), indexing="ij"), -1).reshape(-1, 2)


def codes(mean):
    factors = np.column_stack([np.arange(len(PLACES)) % 3, PLACES])
    names = ("shape", "posX", "posY")
    d = mean.shape[1]
    latents = Latents(np.arange(d, 0.0, -1), np.zeros((d, 3)), names, np.ones(3))
    return Table(mean.astype(np.float32), factors, None, names), latents


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("shape", "posX", "posY"), (1, 2)),
        (("size", "y", "x"), (2, 1)),
        (("x", "size"), None),
        (("posX", "y"), None),
        ((), None),
    ],
)
def test_factors_of_position_are_known_by_name(names, found):
    assert position(names) == found


def test_a_map_is_the_mean_at_each_place():
    x, y = PLACES.T
    frame = maps.table(*codes(np.column_stack([x, -y])))
    assert list(frame.columns[:2]) == ["posX", "posY"]
    assert frame["posX"].max() == 15 and frame["posY"].max() == 7  # 32 values in pairs, 8 as are
    assert (frame["images"] == 2).all()
    own = frame[frame["latent"] == "z0"]
    assert np.allclose(own["mean"], 2 * own["posX"] + 0.5)
    own = frame[frame["latent"] == "z1"]
    assert np.allclose(own["mean"], -own["posY"])


def test_x_runs_across_and_noise_does_not_shine():
    x, _ = PLACES.T
    table, latents = codes(np.column_stack([x / 31 * 0.2, 0 * x]))
    figure = maps.picture(maps.table(table, latents), latents)
    (image,) = figure.axes[0].images
    shown = image.get_array()
    assert shown.shape == (8, 16) and (np.diff(shown, axis=1) > 0).all()
    assert np.allclose(np.diff(shown, axis=0), 0)
    assert (image.norm.vmin, image.norm.vmax) == (-1.0, 1.0)  # of codes of .2 at most


def test_colours_reach_as_far_as_the_codes_of_a_run():
    x, y = PLACES.T
    table, latents = codes(np.column_stack([x / 4 - 2, y / 7]))  # to 5.6 and to 1
    figure = maps.picture(maps.table(table, latents), latents)
    norms = [(axes.images[0].norm.vmin, axes.images[0].norm.vmax) for axes in figure.axes[:2]]
    assert norms == [(-6.0, 6.0)] * 2  # of all latents alike


def test_no_map_without_position():
    table, latents = codes(np.zeros((len(PLACES), 2)))
    assert not len(maps.table(table, latents._replace(factors=("shape", "a", "b"))))
