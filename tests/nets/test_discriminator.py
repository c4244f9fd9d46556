"""The discriminator: shapes, parameters, how they begin."""

import jax
import jax.numpy as jnp
import pytest

from dbench.nets.discriminator import Discriminator
from dbench.training import devices
from tests.nets.initial import glorot, shapes


@pytest.mark.slow
def test_discriminator():
    """Kim and Mnih 2018: 6 layers of 1000 and two logits."""
    found = shapes(Discriminator(), jnp.zeros((1, 10)))
    assert list(found.values()) == [(10, 1000), *5 * [(1000, 1000)], (1000, 2)]
    net = Discriminator(units=60, layers=3)
    params = devices.once(net.init)(jax.random.key(0), jnp.zeros((1, 10)))
    assert sum(x.size for x in jax.tree.leaves(params)) == 660 + 2 * 3_660 + 122
    glorot(params)
    logits = net.apply(params, jnp.ones((5, 10)))
    assert logits.shape == (5, 2) and logits.dtype == jnp.float32
