"""Conv and ConvTranspose against flax.linen: same parameters, values and gradients."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.nets import conv
from dbench.nets.conv import karatsuba, layers, taps
from dbench.training import devices
from tests.rounding import chain, rounding

PAIRS = {"down": (conv.Conv, nn.Conv), "up": (conv.ConvTranspose, nn.ConvTranspose)}

# batch, height, width, channels, features, kernel, stride
SHAPES = [
    (3, 16, 16, 5, 7, 4, 2),
    (2, 64, 64, 1, 32, 4, 2),  # first layer: taps over the input
    (2, 32, 32, 3, 32, 4, 2),
    (2, 8, 8, 32, 1, 4, 2),  # last layer: taps over the output
    (2, 8, 8, 32, 3, 4, 2),
    (1, 4, 12, 8, 4, 4, 2),
    (2, 2, 2, 4, 4, 4, 2),
    (3, 8, 8, 6, 5, 2, 2),
    (2, 16, 8, 3, 5, 4, 4),
    # The rest are XLA's own on the way down.
    pytest.param((2, 7, 9, 4, 5, 4, 2), marks=pytest.mark.slow),
    pytest.param((2, 7, 8, 4, 5, 2, 2), marks=pytest.mark.slow),
    pytest.param((2, 8, 8, 4, 5, 3, 2), marks=pytest.mark.slow),
    (2, 8, 8, 4, 5, 4, 1),
    (2, 6, 9, 4, 5, 3, 1),
]
# Those of many channels, in the direction that Karatsuba serves: outputs odd, even, one.
WIDE = [
    ("down", (2, 14, 14, 16, 128, 4, 2)),
    ("up", (2, 7, 7, 128, 16, 4, 2)),
    ("down", (2, 8, 4, 16, 128, 4, 2)),
    ("up", (2, 3, 2, 128, 16, 4, 2)),
    ("down", (2, 2, 2, 16, 128, 4, 2)),
]


def normal(seed, *shape):
    """By NumPy: JAX would compile a draw for each shape."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def shifted(params):
    """Parameters with a bias that counts."""
    return jax.tree.map(lambda p: np.asarray(p) + np.float32(0.1), params)


def both(kind, features, kernel, stride):
    return [make(features, (kernel, kernel), (stride, stride)) for make in PAIRS[kind]]


def close(ours, theirs, near):
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= near * np.abs(b).max()


def layers_of(shape, times):
    """Bound of `times` passes of a layer, there or back; no sum has more products than `n`.

    Both sides round: 2. Karatsuba's two levels may double what is rounded, each: 2**2.
    """
    b, h, w, c, features, kernel, stride = shape
    n = max(kernel**2 * max(c, features), b * h * w * stride**2)  # a value, a bias' gradient
    karatsubas = 128 in (c, features)
    return (2**3 if karatsubas else 2) * chain(*[n] * times)


def of_both(results, ours, theirs, *given):
    """`results` of both layers; `given` are no constants, to be folded away."""
    found = jax.jit(lambda *given: results(ours, *given))(*given)
    return found, devices.once(lambda *given: results(theirs, *given))(*given)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_equals_flax(kind, shape):
    equals_flax(kind, shape)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "shape"), WIDE)
def test_many_channels_equal_flax(kind, shape):
    equals_flax(kind, shape)


def equals_flax(kind, shape):
    """Parameters, values and gradients."""
    b, h, w, c, features, kernel, stride = shape
    ours, theirs = both(kind, features, kernel, stride)
    x = normal(0, b, h, w, c)

    def initial(key):
        return ours.init(key, x), theirs.init(key, x)

    first, wanted = devices.once(initial)(jax.random.key(1))
    close(first, wanted, rounding(1))

    def results(layer, params, x):
        def loss(params, x):
            y = layer.apply(params, x)
            return jnp.sin(y).sum(), y

        grads, y = jax.grad(loss, argnums=(0, 1), has_aux=True)(params, x)
        return y, grads

    found, expected = of_both(results, ours, theirs, shifted(wanted), x)
    close(found, expected, layers_of(shape, 2))


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    ("c", "features"), [(1, 32), (3, 32), (32, 32), (32, 1), (32, 3), (16, 128)]
)
def test_in_scan_and_vmap(kind, c, features):
    """Gradients of two vmapped layers inside a scan equal those of each layer alone."""
    ours, theirs = both(kind, features, 4, 2)
    x = normal(0, 3, 2, 8, 8, c)  # three batches
    keys = jax.random.split(jax.random.key(1), 2)

    def gradients(layer):
        def loss(params, x):
            return (layer.apply(params, x) ** 2).mean()

        def step(params, x):
            return jax.tree.map(lambda p, g: p - g, params, jax.grad(loss)(params, x)), None

        return lambda params: jax.lax.scan(step, params, x)[0]

    def initial(key):
        return ours.init(key, x[0]), theirs.init(key, x[0])

    first, wanted = devices.once(jax.vmap(initial))(keys)
    close(first, wanted, rounding(1))
    many, alone = jax.jit(jax.vmap(gradients(ours)))(first), devices.once(gradients(theirs))
    near = layers_of((2, 8, 8, c, features, 4, 2), 6)  # three steps, there and back
    many, wanted = jax.device_get((many, wanted))
    for i in range(len(keys)):
        own, other = (jax.tree.map(lambda leaf, i=i: leaf[i], of) for of in (many, wanted))
        close(own, alone(other), near)


def test_fast_kinds_only_on_cpu(monkeypatch):
    assert layers.kind_of((4, 4), (2, 2), 64, 64) == "taps"
    assert layers.kind_of((4, 4), (2, 2), 64, 128) == "karatsuba"
    assert layers.kind_of((2, 2), (2, 2), 64, 128) == "patches"
    assert layers.kind_of((3, 3), (2, 2), 64, 128) == "native"
    assert layers.kind_of((3, 3), (1, 1), 64, 128) == "shifts"
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert {layers.kind_of((k, k), (2, 2), 64, 128) for k in (2, 3, 4)} == {"native"}


@pytest.mark.parametrize(("side", "share"), [(7, 121 / 196), (8, 9 / 16), (2, 9 / 16)])
def test_karatsuba_takes_fewer_products(side, share):
    def products(function, *given):
        eqns = jax.make_jaxpr(function)(*given).eqns
        shapes = [
            [v.aval.shape for v in e.invars] for e in eqns if e.primitive.name == "dot_general"
        ]
        return sum(n * k * m for (n, k), (_, m) in shapes)

    b, c, o = 3, 16, 128
    x, kernel = jnp.zeros((b, 2 * side, 2 * side, c)), jnp.zeros((4, 4, c, o))
    assert (
        products(lambda *given: karatsuba.down(*given, (2, 2)), x, kernel)
        == share * b * side**2 * 16 * c * o
    )


@pytest.mark.slow
@pytest.mark.parametrize(("make", "c", "o"), [(conv.Conv, 16, 128), (conv.ConvTranspose, 128, 16)])
def test_layers_of_many_channels_are_karatsubas(make, c, o):
    """Both ways the smaller image is the one of 128 channels."""

    def nine(make, c, o):
        layer, x = make(o, (4, 4), (2, 2)), jnp.zeros((1, 4, 4, c))
        made = jax.make_jaxpr(layer.init_with_output)(jax.random.key(0), x)
        return str(made).count("dot_general[") == 9

    assert nine(make, c, o) and not nine(make, o, c)


@pytest.mark.slow
def test_karatsuba_is_as_exact_as_its_taps():
    """Of sums over 1,024 products; each of its two levels may double what is rounded."""
    x = normal(0, 2, 14, 14, 64)
    kernel = normal(1, 4, 4, 64, 128)
    blocks = np.lib.stride_tricks.sliding_window_view(
        np.pad(np.float64(x), ((0, 0), (1, 1), (1, 1), (0, 0))), (4, 4), (1, 2)
    )[:, ::2, ::2]
    exact = np.einsum("bhwcij,ijco->bhwo", blocks, np.float64(kernel), optimize=True)
    for function, most in ((taps.down, 1), (karatsuba.down, 2**2)):
        y = jax.jit(function, static_argnums=2)(x, kernel, (2, 2))
        assert np.abs(y - exact).max() <= most * rounding(1024) * np.abs(exact).max()


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    "shape",
    [(2, 8, 8, 2, 8, 4, 2), (2, 8, 8, 8, 4, 4, 2), (2, 8, 8, 3, 5, 4, 4), (1, 6, 6, 16, 128, 4, 2)],
)
def test_gradients_of_gradients_equal_those_of_flax(kind, shape):
    """A penalty on the gradient by the images has its own gradient by the kernel."""
    b, h, w, c, features, kernel, stride = shape
    ours, theirs = both(kind, features, kernel, stride)
    x = normal(0, b, h, w, c)
    params = devices.once(theirs.init)(jax.random.key(1), x)

    def results(layer, params, x):
        def slope(params, x):
            return jax.grad(lambda x: jnp.sin(layer.apply(params, x)).sum())(x)

        return jax.grad(lambda *given: (slope(*given) ** 2).sum(), argnums=(0, 1))(params, x)

    found, expected = of_both(results, ours, theirs, params, x)
    close(found, expected, layers_of(shape, 4))


@pytest.mark.slow
def test_without_a_bias():
    x = jnp.ones((1, 4, 4, 2))
    for make in (conv.Conv, conv.ConvTranspose):
        layer = make(3, (2, 2), (2, 2), use_bias=False)
        params = layer.init(jax.random.key(0), x)
        biased = make(3, (2, 2), (2, 2)).init(jax.random.key(0), x)["params"]
        assert params["params"].keys() == {"kernel"} and biased.keys() == {"kernel", "bias"}
        assert (layer.apply(params, 0 * x) == 0).all()
