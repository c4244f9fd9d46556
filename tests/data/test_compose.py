"""Images that a step makes once, however often it uses them."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.data.compose import once

ROWS = np.arange(6, dtype=np.int32)
WEIGHTS = np.ones((128, 5), np.float32)


def numbers(rows):
    """A hash of rows and places, [b, 128] float32, with one xor in it."""
    x = rows[:, None] * 7919 + jnp.arange(128)[None, :]
    return ((x ^ (x >> 3)) * 31 & 255).astype(jnp.float32)


def made_once(rows):
    return once(lambda: numbers(rows), rows)


def step(make):
    """What uses a batch in several ways, as a training step does."""

    def used(rows):
        images = make(rows)
        turned = images.reshape(-1, 8, 16).transpose(0, 2, 1).reshape(-1, 128)
        return turned @ WEIGHTS, (images**2).sum(axis=1), images.sum(axis=0)

    return jax.jit(used)


def made(make) -> int:
    """How often the compiled step makes its images."""
    return len(re.findall(r"= s32\[6,128\]\S* xor\(", step(make).lower(ROWS).compile().as_text()))


@pytest.mark.slow
def test_is_what_would_be_made_anyhow():
    want = jax.tree.leaves(step(numbers)(ROWS))
    for found, wanted in zip(step(made_once)(ROWS), want, strict=True):
        assert (found == wanted).all()
    batches = jax.vmap(made_once)(ROWS.reshape(2, 3))  # as for the members of a cohort
    assert (batches.reshape(6, 128) == numbers(ROWS)).all()


@pytest.mark.slow
def test_a_compiled_step_makes_it_once():
    assert made(made_once) == 1 < made(numbers)
