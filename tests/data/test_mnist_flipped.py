"""Flipped MNIST: the digits as they are, then the same with black and white exchanged."""

import numpy as np
import pytest

from dbench.data import DATASETS
from tests.data.writers import write_mnist


@pytest.mark.slow
def test_each_digit_is_there_as_it_is_and_flipped(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    source = write_mnist(tmp_path, monkeypatch)
    plain, both = DATASETS["mnist"](source), DATASETS["mnist_flipped"](source)
    rows = np.arange(plain.size)
    images = np.asarray(plain.gather(plain.arrays, rows))
    assert (np.asarray(both.gather(both.arrays, rows)) == images).all()
    flipped = np.asarray(both.gather(both.arrays, rows + plain.size))
    near = float(np.finfo(np.float32).eps)  # one rounding of a number below 1
    assert flipped == pytest.approx(1 - images, abs=near) and both.size == 2 * plain.size
    assert (both.factors[rows] == both.factors[rows + plain.size] - [0, 1]).all()
    assert (both.factors[rows, 0] == plain.factors[:, 0]).all()
