"""Every net: shapes, parameters, what it says of itself."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.errors import InputError
from dbench.nets import vaes
from dbench.nets.vaes import NETS
from dbench.training import devices
from tests.rounding import rounding

# Parameters for 64 x 64 x 1 images and 10 latents, counted by hand from the papers' tables:
# kernels and biases of the encoder, of both heads and of the decoder.
PARAMETERS = {
    "compact": (1_040 + 8_224 + 131_328) + 2 * 2_570 + (2_816 + 131_584 + 8_208 + 1_025),
    "conv": (544 + 16_416 + 8_256 + 16_448 + 262_400)
    + 2 * 2_570
    + (2_816 + 263_168 + 65_600 + 32_800 + 16_416 + 513),
    "fc": (4_916_400 + 1_441_200) + 2 * 12_010 + (13_200 + 2 * 1_441_200 + 4_919_296),
    "shallow": (160 + 2_320 + 2_097_184) + 2 * 330 + (352 + 2_162_688 + 2_320 + 145),
    "small": (2_080 + 262_272) + 2 * 1_290 + (1_408 + 264_192 + 2_049),
    "mlp": (1_638_800 + 160_400) + 2 * 4_010 + (4_400 + 160_400 + 1_642_496),
}


@functools.cache
def initialised(name):
    shape = (64, 64, 1)
    net = NETS[name](shape, 10)
    return net, devices.once(net.init)(jax.random.key(0), jnp.zeros((1, *shape)))


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", NETS)
def test_shapes(name, channels):
    shape = (64, 64, channels)
    net = NETS[name](shape, 6)
    params = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, *shape)))
    images, codes = jnp.zeros((5, *shape)), jnp.zeros((5, 6))
    mean, logvar = jax.eval_shape(lambda p: net.apply(p, images, method="encode"), params)
    logits = jax.eval_shape(lambda p: net.apply(p, codes, method="decode"), params)
    assert mean.shape == logvar.shape == (5, 6)
    assert logits.shape == (5, *shape)
    assert {mean.dtype, logvar.dtype, logits.dtype} == {jnp.dtype("float32")}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_parameter_count(name):
    net = NETS[name]((64, 64, 1), 10)
    params = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, 64, 64, 1)))
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == PARAMETERS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_initial_parameters(name):
    """Biases zero; kernels glorot-uniform, as the TensorFlow 1 layers of the papers.

    A patch of the nets of patches is a vector: its pixels count on its own side only.
    """
    _, params = initialised(name)
    for layer_name, layer in params["params"].items():
        kernel = np.asarray(layer["kernel"])
        *window, c, features = kernel.shape
        pixels = int(np.prod(window))
        fans = {"patches": (pixels * c, features), "pixels": (c, pixels * features)}
        if name not in ("compact", "small") or layer_name not in fans:
            fans[layer_name] = (pixels * c, pixels * features)
        limit = np.sqrt(6 / sum(fans[layer_name]))
        assert not np.any(layer["bias"])
        assert np.abs(kernel).max() <= limit * (1 + rounding(4))
        if kernel.size > 500:
            assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_images_are_told_apart(name):
    """Untrained codes differ between images, and every pixel counts."""
    net, params = initialised(name)
    image = np.random.default_rng(1).random((1, 64, 64, 1), np.float32)

    @jax.jit
    def slopes(params, image):  # params as constants would take seconds to compile
        return jax.grad(lambda x: net.apply(params, x, method="encode")[0].sum())(image)

    assert np.mean(np.asarray(slopes(params, image)) != 0) > 0.99


@pytest.mark.parametrize(
    ("name", "size", "others"),
    [
        ("conv", 32, "'compact', 'fc', 'mlp', 'shallow', 'small'"),
        ("compact", 24, "'fc', 'mlp', 'shallow', 'small'"),
        ("conv", 30, "'fc', 'mlp', 'shallow'"),
        ("small", 30, "'fc', 'mlp', 'shallow'"),
    ],
)
def test_other_sizes_are_refused_with_the_nets_that_take_them(name, size, others):
    with pytest.raises(InputError, match=f"'{name}' .*, not {size} x {size}: try {others}$"):
        vaes.build(name, (size, size, 1), 10)
    for other in NETS:
        if f"'{other}'" in others:
            vaes.build(other, (size, size, 1), 10)


@pytest.mark.parametrize("name", NETS)
def test_description(name):
    line = NETS[name].__doc__.splitlines()[0]
    assert line.endswith(".")
    assert len(line) < 90
