"""Networks of GANs: sizes as published, and a forward pass by NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.nets.gans import DiscriminatorQ, Generator, conv, mnist, small
from dbench.training import devices
from tests.rounding import chain


def kernels(module, *inputs):
    """Shapes of the kernels, in the order of the layers, and how many norms there are."""
    params = jax.eval_shape(lambda key: module.init(key, *inputs, False), jax.random.key(0))
    named = params["params"]
    found = {
        name: tuple(layer["kernel"].shape) for name, layer in named.items() if "kernel" in layer
    }
    return found, len(params.get("batch_stats", {}))


@pytest.mark.slow
def test_the_nets_of_infogan_on_mnist():
    plan = mnist((28, 28, 1))
    found, norms = kernels(Generator((28, 28, 1), plan, True), jnp.zeros((1, 74)))
    assert found == {
        "Dense_0": (74, 1024), "Dense_1": (1024, 7 * 7 * 128),
        "ConvTranspose_0": (4, 4, 128, 64), "ConvTranspose_1": (4, 4, 64, 1),
    } and norms == 3  # fmt: skip
    found, norms = kernels(DiscriminatorQ(plan, 12, True), jnp.zeros((1, 28, 28, 1)))
    assert found == {
        "Conv_0": (4, 4, 1, 64), "Conv_1": (4, 4, 64, 128), "Dense_0": (7 * 7 * 128, 1024),
        "real": (1024, 1), "Dense_1": (1024, 128), "q": (128, 12),
    } and norms == 3  # fmt: skip


@pytest.mark.slow
def test_the_nets_for_64_x_64():
    plan = conv((64, 64, 3))
    found, norms = kernels(DiscriminatorQ(plan, 7, False), jnp.zeros((1, 64, 64, 3)))
    assert [found[f"Conv_{i}"][2:] for i in range(4)] == [(3, 32), (32, 32), (32, 64), (64, 64)]
    assert found["Dense_0"] == (1024, 128) and norms == 0
    found, _ = kernels(Generator((64, 64, 3), plan, False), jnp.zeros((1, 17)))
    assert found["Dense_1"] == (128, 1024)
    ups = [found[f"ConvTranspose_{i}"][2:] for i in range(4)]
    assert ups == [(64, 64), (64, 32), (32, 32), (32, 3)]


def normed(x, layer, averages, train):
    """Batch norm of [b, n], and what the running averages become."""
    mean, var = (x.mean(axis=0), x.var(axis=0)) if train else (averages["mean"], averages["var"])
    new = {k: 0.9 * averages[k] + 0.1 * v for k, v in (("mean", mean), ("var", var))}
    return (x - mean) / np.sqrt(var + 1e-5) * layer["scale"] + layer["bias"], new


def close(found, expected, *sums):
    """As exact as these sums, one after another, 8 times: products of both signs cancel, to a
    quarter, and a batch norm takes the mean away."""
    near = 8 * chain(*sums) * np.abs(expected).max()
    assert np.asarray(found) == pytest.approx(expected, rel=0, abs=near)


def leaky(x):
    return np.where(x > 0, x, 0.1 * x)


def moved(x):
    """Scales, biases and averages that are not those of a start."""
    return x + 0.1 * np.cos(np.arange(x.size, dtype=np.float32)).reshape(x.shape)


def blocks(images, s):
    """Patches of side s as rows, [b, h, w, c] -> [b (h / s) (w / s), s s c]."""
    b, h, w, c = images.shape
    return images.reshape(b, h // s, s, w // s, s, c).swapaxes(2, 3).reshape(-1, s * s * c)


@pytest.fixture(params=[True, False], ids=["train", "apart"])
def train(request):
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("batch_norm", [True, False])
def test_the_discriminator_and_q_by_numpy(train, batch_norm):
    plan, images = small((12, 12, 1)), np.random.default_rng(0).random((6, 12, 12, 1))
    assert plan.kernel == plan.stride == 4
    net, given = DiscriminatorQ(plan, 5, batch_norm), jnp.asarray(images, jnp.float32)
    params = devices.once(net.init, static_argnums=2)(jax.random.key(0), given, False)
    params = jax.tree.map(moved, params)
    (real, q), new = net.apply(params, given, train, mutable=["batch_stats"])

    p = jax.tree.map(lambda x: np.asarray(x, float), params)
    layers, averages = p["params"], p.get("batch_stats")
    updated = {}

    def dense(x, name, norm=None):
        y = x @ layers[name]["kernel"]
        if norm is None or not batch_norm:
            return y + layers[name]["bias"]
        y, updated[norm] = normed(y, layers[norm], averages[norm], train)
        return y

    kernel, bias = layers["Conv_0"]["kernel"], layers["Conv_0"]["bias"]
    x = leaky(blocks(images, 4) @ kernel.reshape(16, 64) + bias)
    x = leaky(dense(x.reshape(6, -1), "Dense_0", "BatchNorm_0"))
    head = leaky(dense(x, "Dense_1", "BatchNorm_1"))
    trunk = 16, 576, 6  # a patch, the patches' channels, the batch
    close(real, dense(x, "real")[:, 0], *trunk, 256)
    close(q, dense(head, "q"), *trunk, 256, 6, 64)
    for norm in updated if train else ():
        for part in ("mean", "var"):
            close(new["batch_stats"][norm][part], updated[norm][part], *trunk, 256, 6)


@pytest.mark.slow
def test_the_generator_by_numpy(train):
    plan, inputs = small((8, 8, 1)), np.random.default_rng(0).normal(size=(6, 5))
    net, given = Generator((8, 8, 1), plan, True), jnp.asarray(inputs, jnp.float32)
    params = devices.once(net.init, static_argnums=2)(jax.random.key(0), given, False)
    params = jax.tree.map(moved, params)
    made, _ = net.apply(params, given, train, mutable=["batch_stats"])
    p = jax.tree.map(lambda x: np.asarray(x, float), params)
    x = inputs
    for i in range(2):
        x = x @ p["params"][f"Dense_{i}"]["kernel"]
        norm = f"BatchNorm_{i}"
        x = np.maximum(normed(x, p["params"][norm], p["batch_stats"][norm], train)[0], 0)
    up = p["params"]["ConvTranspose_0"]  # one patch is the whole image; the kernel is turned
    logits = x @ up["kernel"][::-1, ::-1].transpose(2, 0, 1, 3).reshape(64, 64) + up["bias"]
    expected = 1 / (1 + np.exp(-logits.reshape(6, 8, 8, 1)))
    close(made, expected, 5, 6, 256, 6, 64)
