"""Sheets: which images are in a row, and that any data set can be drawn."""

import jax
import numpy as np
import pytest
from matplotlib.image import imread

from dbench.data import DATASETS, xy_blobs
from dbench.data.grid import grid
from dbench.errors import InputError
from dbench.pictures import sheet

KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def tiny():
    return DATASETS["dsprites_tiny"](None)


@pytest.mark.parametrize("row", [0, 1234, 2879])
def test_a_traversal_changes_its_factor_only(tiny, row):
    for j, size in enumerate(tiny.sizes):
        rows = sheet.traversal(tiny, row, j)
        assert tiny.factors[rows, j].tolist() == list(range(size)) and row in rows
        others = np.delete(tiny.factors[rows], j, axis=1)
        assert (others == np.delete(tiny.factors[row], j)).all()


def test_of_many_values_some_are_shown_with_both_ends():
    data = xy_blobs.load()
    shown = data.factors[sheet.traversal(data, 300, 1), 1]
    assert len(shown) == 10 and shown[0] == 0 and shown[-1] == 15
    assert set(np.diff(shown)) <= {1, 2}


def test_rows_in_any_order_and_some_missing(tiny):
    kept = np.random.default_rng(0).permutation(2880)[:1000]
    data = tiny._replace(arrays=tiny.arrays[kept], factors=tiny.factors[kept])
    rows = sheet.traversal(data, 5, 5)
    assert 5 in rows and (np.diff(data.factors[rows, 5]) > 0).all()
    assert (data.factors[rows, :5] == data.factors[5, :5]).all()


@pytest.mark.slow
def test_a_set_without_neighbours_has_samples_alone(tiny, tmp_path):
    """As many as a set without factors has; a factor whose values are not there has no row."""
    kept = np.arange(0, 2880, 65)  # no two differ in one factor alone
    data = tiny._replace(arrays=tiny.arrays[kept], factors=tiny.factors[kept])
    assert all(len(sheet.traversal(data, row, j)) == 1 for row in range(45) for j in range(6))
    bare = data._replace(factors=np.zeros((45, 0), np.int32), names=(), values=())
    for name, some in (("a.png", data), ("b.png", bare)):
        sheet.draw(some, KEY, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.slow
def test_images_are_there_pixel_for_pixel(tiny, tmp_path):
    data = tiny._replace(arrays=tiny.arrays[7:8], factors=tiny.factors[7:8])
    sheet.draw(data, KEY, tmp_path / "sheet.png")
    drawn = (imread(tmp_path / "sheet.png")[..., 0] * 255).round()
    image = np.asarray(data.gather(data.arrays, np.array([0])))[0, :, :, 0]
    large = 255 * image.repeat(2, axis=0).repeat(2, axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(drawn, (128, 128))
    black = np.argwhere((windows[:, :, 0, 0] == 0) & (windows[:, :, -1, -1] == 0))
    assert any((windows[i, j] == large).all() for i, j in black)


@pytest.mark.slow
def test_a_key_chooses_the_samples(tiny, tmp_path):
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for path, seed in zip(paths, (0, 0, 1), strict=True):
        sheet.draw(tiny, jax.random.key(seed), path)
    one, same, other = (path.read_bytes() for path in paths)
    assert one == same != other


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(5, 3, 1), (16, 300, 3), (200, 8, 3)])
@pytest.mark.parametrize("sizes", [(), (1,), (1, 4), (30, 2)])
@pytest.mark.filterwarnings("error")
def test_any_data_set(tiny, tmp_path, shape, sizes):
    factors = grid(sizes) if sizes else np.zeros((7, 0), np.int32)
    data = tiny._replace(
        name="other",
        shape=shape,
        arrays=np.zeros(()),
        gather=lambda arrays, rows: jax.numpy.full((len(rows), *shape), arrays),
        factors=factors,
        names=tuple(f"$a factor with a long name_{i}" for i in range(len(sizes))),
        values=tuple(np.arange(size) * 1e6 for size in sizes),
    )
    sheet.draw(data, KEY, tmp_path / "new" / "sheet.png")
    h, w, _ = imread(tmp_path / "new" / "sheet.png").shape
    lines = 1 + (len(factors) > 10) + (len(factors) > 20 and not sizes)
    assert h > lines * shape[0] and w > shape[1]


def test_a_folder_that_cannot_be_written(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        sheet.draw(tiny, KEY, tmp_path / "file" / "sheet.png")
