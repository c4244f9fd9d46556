"""What holds of all data sets that are dSprites in other colours, over the tiny one."""

import hashlib
from functools import partial

import jax
import numpy as np
import pytest

from dbench.data import DATASETS, dsprites
from dbench.data.dsprites import color as color_dsprites
from dbench.data.dsprites import noisy as noisy_dsprites
from dbench.data.dsprites import scream as scream_dsprites
from dbench.data.dsprites import textured as textured_dsprites
from dbench.training import programs, steps

PICTURE = np.arange(70 * 66 * 3, dtype=np.int64).reshape(70, 66, 3) * 7919 % 256
VARIANTS = {  # how it is made, and the sha256 of 72 of its images as float32 bytes
    "color": (
        color_dsprites.on,
        "d4877493a8c38e11cd7fc041f371044c923b8afa046bd27021f3529e088942d7",
    ),
    "noisy": (
        noisy_dsprites.on,
        "ae7f569bfb0aa81a7e1a9e608b39d42401d8ff99a834c97595a5c4e1a7f0b267",
    ),
    "textured": (
        textured_dsprites.on,
        "d448eb06bda8973ba1e90c7b83ac36c2325a63014ac89f1cd8a9650ec0f4d72e",
    ),
    "scream": (
        partial(scream_dsprites.on, picture=PICTURE.astype(np.uint8), name="scream"),
        "466e8860e83b33c8edb65b2621488e50e1cd679d7a3ebd7e5688a8356a8cdec2",
    ),
}
ROWS = np.arange(0, 2880, 40)


@pytest.fixture(scope="module")
def tiny():
    return dsprites.load_tiny()


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request, tiny):
    return VARIANTS[request.param][0](tiny)


@pytest.fixture(scope="module")
def images(variant):
    return np.asarray(variant.gather(variant.arrays, ROWS))


@pytest.fixture(scope="module")
def sprites(tiny):
    """Where the sprite of each image is, [72, 64, 64]."""
    return np.asarray(tiny.gather(tiny.arrays, ROWS))[..., 0] == 1


@pytest.mark.slow
def test_every_image_is_what_it_was(variant, images):
    _, known = VARIANTS[variant.name.split("_")[0]]
    assert images.dtype == np.float32 and images.shape == (72, 64, 64, 3) == (72, *variant.shape)
    assert images.min() >= 0 and images.max() <= 1
    assert hashlib.sha256(images.tobytes()).hexdigest() == known


def test_an_image_is_the_same_in_any_batch_and_compiled(variant, images):
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        again = jax.jit(variant.gather)(variant.arrays, ROWS[[5, 71, 5]])
    assert (np.asarray(again) == images[[5, 71, 5]]).all()


def test_factors_are_those_of_the_sprites(variant, tiny):
    assert variant.factors is tiny.factors
    assert (variant.names, variant.sizes) == (tiny.names, tiny.sizes)


def test_packed_sprites_are_shared(variant, tiny):
    assert any(leaf is tiny.arrays for leaf in jax.tree.leaves(variant.arrays))


def test_a_second_load_compiles_nothing_new(variant, tiny):
    again = VARIANTS[variant.name.split("_")[0]][0](tiny)
    assert programs.program(again, "beta_vae", {}) == programs.program(variant, "beta_vae", {})


@pytest.mark.parametrize("name", ["color", "noisy", "textured"])
def test_the_whole_set_has_the_name_it_is_listed_by(name):
    assert DATASETS[f"{name}_dsprites"](None).name == f"{name}_dsprites"


@pytest.mark.slow
def test_trains(variant, mesh):
    seeds = list(range(mesh.size))
    options = [{"net": "small"}] * mesh.size
    cohort = steps.cohort(variant, "beta_vae", options, seeds, mesh, batch_size=8)
    _, logs = steps.advance(cohort, steps.start(cohort), 3)
    assert np.isfinite(logs["elbo"]).all()
