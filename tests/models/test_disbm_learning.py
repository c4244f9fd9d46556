"""DisBM: what is moved after each step, and what takes no gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import disbm_learning as learning
from dbench.models import disbm_machine as dm
from dbench.models.disbm_machine import Machine, Visible

from .test_disbm_machine import weights

ACTIVE = [jnp.array([1.0, 0.2]), jnp.array([0.5, 0.0, 0.9])]
NUMBERS = {"centring": 0.25, "sparsity": 0.1, "target": 0.4}


@pytest.mark.slow
def test_sparsity_moves_the_bias_of_a_unit_that_is_always_on():
    params = weights(Machine(4, (2, 3), 5))
    after = learning.settled(params, ACTIVE, **NUMBERS)
    for k, a in enumerate(ACTIVE):
        wanted = params["unit_bias"][k] + 0.1 * (0.4 - np.asarray(a))
        assert np.asarray(after["unit_bias"][k]) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
def test_offsets_follow_the_means_and_not_where_there_are_three_groups():
    params = weights(Machine(4, (2, 3), 5))
    after = learning.settled(params, ACTIVE, **NUMBERS)
    for k, a in enumerate(ACTIVE):
        wanted = 0.75 * params["unit_offset"][k] + 0.25 * np.asarray(a)
        assert np.asarray(after["unit_offset"][k]) == pytest.approx(wanted, abs=1e-5)
    three = weights(Machine(4, (2, 3, 2), 5))
    after = learning.settled(three, [*ACTIVE, jnp.ones(2)], **NUMBERS)
    assert all((a == b).all() for a, b in zip(after["direct"], three["direct"], strict=True))
    assert (after["unit_offset"][2] == three["unit_offset"][2]).all()


@pytest.mark.slow
def test_direct_weights_of_the_first_group_take_no_gradient_if_others_have_them():
    machine = Machine(4, (2, 3), 5, pixel_offset=0.5)
    params, pixels = weights(machine), np.eye(4, dtype=np.float32)
    hidden = [jnp.ones((4, 2)), jnp.ones((4, 3))]
    for direct, moves in (("all", True), ("others", False)):
        energy = lambda p, d=direct: dm.energy(  # noqa: E731
            machine, learning.learned(p, d), Visible(pixels), hidden
        ).sum()
        slopes = jax.grad(energy)(params)
        assert bool(jnp.abs(slopes["direct"][0]).max() > 0) == moves
        assert jnp.abs(slopes["direct"][1]).max() > 0
        assert all((o == 0).all() for o in slopes["unit_offset"])  # never by gradients
