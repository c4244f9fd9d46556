"""Every model that makes steps, in cohorts: strengths are traced, another one compiles nothing."""

import jax
import numpy as np
import pytest

from dbench.base import Dataset
from dbench.models import split
from dbench.training import steps

from . import test_gan
from .conftest import pictures, same
from .test_common import QUICK, SHAPE, SHARED

OPTIONS = {name: {**SHARED, **own} for name, own in QUICK.items()} | test_gan.QUICK


def gather(arrays, rows):
    return arrays[rows]


@pytest.fixture(scope="module")
def data():
    factors = np.arange(20)[:, None]
    arrays = np.asarray(pictures(0, b=20, shape=SHAPE))
    return Dataset("noise", SHAPE, arrays, gather, factors, ("row",), (np.arange(20.0),))


def advanced(data, mesh, name, options, seeds):
    """States and logs after 2 updates; the DAE's stages meet between them."""
    shared = OPTIONS[name] | ({"dae_steps": 1} if name == "beta_vae_dae" else {})
    runs = [shared | own for own in options]
    cohort = steps.cohort(data, name, runs, seeds, mesh, batch_size=4)
    return steps.advance(cohort, steps.start(cohort), 2)


def no_compiling(*_, **__):
    raise AssertionError("something was compiled")


def member(tree, i):
    return jax.tree.map(lambda leaf: np.asarray(leaf)[i], tree)


# Its many convolutions take long to compile.
SLOW = {"beta_vae_dae": pytest.mark.slow}


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(m, marks=SLOW.get(m, ())) for m in OPTIONS])
def test_another_strength_or_seed_compiles_nothing(name, data, mesh):
    """Every float option in turn differs between two members, and changes what comes out."""
    numbers, _ = split(name, OPTIONS[name])
    first = advanced(data, mesh, name, [numbers, numbers], [0, 1])
    assert all(np.isfinite(log).all() for log in first[1].values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jax._src.compiler, "compile_or_get_cached", no_compiling)
        for number in numbers:
            other = numbers | {number: 3 * numbers[number]}
            found = advanced(data, mesh, name, [numbers, other], [0, 0])
            assert same(member(first, 0), member(found, 0))
            assert not same(member(found, 0), member(found, 1)), number
        another = advanced(data, mesh, name, [numbers, numbers], [7, 8])
        assert not same(member(first, 0), member(another, 0))
