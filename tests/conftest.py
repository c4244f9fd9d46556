"""All tests: two JAX devices on a CPU, compiled programs kept, strict shapes."""

import jax
import pytest

from dbench import devices
from dbench.data import cache

devices.setup(cache.folder() / "compiled", cpus=2)
# Not strict dtype promotion too: optax's Adam raises a float to an integer power.
jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture(scope="session")
def mesh():
    return devices.mesh()
