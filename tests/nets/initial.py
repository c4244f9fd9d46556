"""What the nets' tests ask of parameters."""

import jax
import numpy as np
import pytest

from tests.rounding import rounding


def shapes(net, example):
    params = jax.eval_shape(net.init, jax.random.key(0), example)["params"]
    return {name: layer["kernel"].shape for name, layer in params.items()}


def glorot(params):
    """Asserts zero biases and kernels uniform within sqrt(6 / (fan in + fan out))."""
    for layer in params["params"].values():
        kernel = np.asarray(layer["kernel"])
        *window, c, features = kernel.shape
        limit = np.sqrt(6 / (np.prod(window, dtype=int) * (c + features)))
        assert not np.any(layer["bias"])
        assert np.abs(kernel).max() <= limit * (1 + rounding(4))
        if kernel.size > 500:
            assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)
