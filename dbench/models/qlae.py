"""QLAE: an autoencoder whose codes take few values each, which are learned.

    c = encoder(x),  q_j = the value of code j that is nearest to c_j,  x^ = decoder(q)
    loss    BCE(x^, x) + a mean_j (q_j - stop(c_j))^2 + b mean_j (c_j - stop(q_j))^2

BCE is the mean over pixels and channels; every code has `levels` values of its own, evenly from
-.5 to .5 at first. Backward, q passes its gradient on to c (straight through). The codes are q.
What presses the net to use few codes well is the strong decay of its weights (AdamW). Biases and
the values of codes do not decay.

Hsu, Dorrell, Whittington, Wu and Finn, "Disentanglement via Latent Quantization", NeurIPS 2023, and
the authors' program, whose settings are the defaults: 10 values, a = b = .01, decay .1 (.001 for
MPI3D), learning rate 1e-3, gradients of weights clipped to 1 each; 200,000 steps of 128 images.
Departures: the net is one of ours (theirs has instance norms and a decoder after StyleGAN's), the
number of codes is the user's (theirs is twice the number of factors). InfoMEC is for such codes by
`discrete=True`: codes that repeat mislead estimates by nearest neighbours.
"""

from typing import Annotated

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models import losses
from dbench.models.vae import apply, autoencoder


def quantise(codes: jax.Array, values: jax.Array) -> jax.Array:
    """The nearest of each code's values [d, v] for codes [b, d] -> [b, d]."""
    nearest = jnp.abs(codes[:, :, None] - values[None]).argmin(axis=2)
    return jnp.take_along_axis(values[None], nearest[:, :, None], axis=2)[..., 0]


def held(params: dict) -> dict:
    """Which parameters decay and have their gradients clipped: "weights", else "free"."""

    def label(path, _leaf):
        return "weights" if jax.tree_util.keystr(path[-1:]) == "['kernel']" else "free"

    return jax.tree_util.tree_map_with_path(label, params)


def qlae(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-3,
    levels: Annotated[int, 2] = 10,
    quantisation: float = 0.01,
    commitment: float = 0.01,
    decay: float = 0.1,
) -> Model:
    """Autoencoder with few values for each code, which are learned (Hsu et al. 2023).

    `levels` is the number of values of a code; `quantisation` and `commitment` >= 0 weigh the terms
    that draw values to codes and codes to values; `decay` >= 0 is AdamW's, of weights. Logs: loss;
    `reconstruction`, nats of a whole image; `quantisation`, the mean squared distance of a code
    from its value; `used` [d], the share of a code's values that a batch has.
    """
    network = autoencoder(shape, net, latents)
    decayed = optax.chain(optax.clip(1.0), optax.adamw(learning_rate, weight_decay=decay))
    free = optax.adam(learning_rate)
    optimizer = optax.partition({"weights": decayed, "free": free}, held)
    pixels = shape[0] * shape[1] * shape[2]

    def init(key):
        values = jnp.tile(jnp.linspace(-0.5, 0.5, levels)[None], (latents, 1))
        params = {"ae": network.init(key), "values": values}
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images):
        codes, _ = network.encode(params["ae"], images)
        values = quantise(codes, params["values"])
        through = codes + jax.lax.stop_gradient(values - codes)
        logits = network.logits(params["ae"], through)
        reconstruction = losses.bernoulli(logits, images).mean()
        drawn = ((values - jax.lax.stop_gradient(codes)) ** 2).mean()
        committed = ((codes - jax.lax.stop_gradient(values)) ** 2).mean()
        total = reconstruction / pixels + quantisation * drawn + commitment * committed
        there = (values[:, :, None] == params["values"][None]).any(axis=0)  # [d, v]
        return total, {
            "loss": total,
            "reconstruction": reconstruction,
            "quantisation": drawn,
            "used": there.mean(axis=1),
        }

    def update(state, sampler, key):
        grads, logs = jax.grad(loss, has_aux=True)(state.params, sampler.images(key))
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        codes, _ = network.encode(params["ae"], images)
        return quantise(codes, params["values"]), None

    def decode(params, codes):
        return network.decode(params["ae"], codes)

    return Model(init, update, encode, decode)
