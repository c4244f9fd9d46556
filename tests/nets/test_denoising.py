"""The denoising autoencoder: shapes, parameters, how they begin, which images it takes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.errors import InputError
from dbench.nets.denoising import DenoisingNet
from dbench.training import devices
from tests.nets.initial import glorot, shapes


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3])
def test_denoising_net(channels):
    """Higgins et al. 2017: 32, 32, 64, 64 channels, 100 units, and the same in reverse."""
    net, images = DenoisingNet((64, 64, channels)), jnp.zeros((5, 64, 64, channels))
    found = list(shapes(net, images).values())
    down = [(4, 4, channels, 32), (4, 4, 32, 32), (4, 4, 32, 64), (4, 4, 64, 64)]
    up = [(4, 4, 64, 64), (4, 4, 64, 32), (4, 4, 32, 32), (4, 4, 32, channels)]
    assert sorted(found, key=str) == sorted([*down, *up, (1024, 100), (100, 1024)], key=str)
    params = jax.eval_shape(net.init, jax.random.key(0), images)
    seen = jax.eval_shape(lambda p: net.apply(p, images, method="encode"), params)
    restored = jax.eval_shape(lambda p: net.apply(p, images), params)
    assert seen.shape == (5, 100) and restored.shape == images.shape


@pytest.mark.slow
def test_denoising_net_of_other_sides():
    """Initialised as the others; its bottleneck is after an ELU, its logits are of any sign."""
    net = DenoisingNet((16, 32, 1))
    images = np.random.default_rng(1).random((20, 16, 32, 1), np.float32)
    params = devices.once(net.init)(jax.random.key(0), images)
    glorot(params)
    both = jax.jit(lambda p, x: (net.apply(p, x, method="encode"), net.apply(p, 1e5 * x)))
    seen, logits = map(np.asarray, both(params, images))
    assert seen.shape == (20, 100) and -1 < seen.min() < 0 < seen.max()
    assert logits.shape == images.shape and logits.min() < -1


@pytest.mark.parametrize("sides", [(8, 16), (16, 24), (30, 30)])
def test_sides_that_the_denoising_net_cannot_halve_are_refused(sides):
    with pytest.raises(InputError, match="multiples of 16, not {} x {}".format(*sides)) as error:
        DenoisingNet((*sides, 1))
    assert "\n" not in str(error.value)
