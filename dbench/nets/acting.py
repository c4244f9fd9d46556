"""The networks of a model that acts: an encoder whose last layer is codes and policies, decoders.

One network of NETS is the encoder. The outputs of its head are, side by side,

    codes       tanh of the first d
    features    ReLU of the next: what a decoder reads that does not read the codes
    policies    d x a logits: one policy a code

Without policies these are a network of their own, `Imagined`, for policies of sampled factors.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dbench.nets import vaes
from dbench.nets.layers import Dense

NOISE = 3  # numbers that a sampled factor is made of


class Seen(NamedTuple):
    """What the encoder says of images."""

    codes: jax.Array  # [b, d] in [-1, 1]
    features: jax.Array  # [b, units]; units may be 0
    policies: jax.Array  # [b, d, a] log probabilities; d may be 0


class Imagined(nn.Module):
    """Factors drawn for a state, and a policy for each: two networks of one hidden layer each."""

    actions: int

    def setup(self):
        self.drawing, self.choosing = Dense(64), Dense(64)
        self.choice = Dense(self.actions)

    @nn.compact
    def __call__(self, codes: jax.Array, noise: jax.Array) -> tuple[jax.Array, jax.Array]:
        """codes [b, d], noise [b, m, 3] -> factors [b, m, d] on the simplex, policies [b, m, a]."""
        beside = jnp.broadcast_to(codes[:, None], (*noise.shape[:2], codes.shape[1]))
        x = nn.relu(self.drawing(jnp.concatenate([beside, noise], axis=2)))
        factors = nn.softmax(Dense(codes.shape[1], name="factor")(x))
        return factors, self.policies(codes, factors)

    def policies(self, codes: jax.Array, factors: jax.Array) -> jax.Array:
        """codes [b, d], factors [b, m, d] -> log probabilities [b, m, a]."""
        beside = jnp.broadcast_to(codes[:, None], factors.shape)
        x = nn.relu(self.choosing(jnp.concatenate([beside, factors], axis=2)))
        return nn.log_softmax(self.choice(x))


class Acting(NamedTuple):
    """Networks as pure functions of their parameters."""

    init: Callable  # key -> params
    see: Callable  # (params, images [b, h, w, c]) -> Seen
    logits: Callable  # (params, codes [b, d]) -> logits of pixels [b, h, w, c]
    beside: Callable  # (params, features [b, units]) -> logits [b, h, w, c]


def acting(shape: tuple[int, int, int], net: str, latents: int, units: int, actions: int) -> Acting:
    """The network `net` of NETS with that many codes, features, and actions of a code's policy."""
    encoder = vaes.build(net, shape, latents + units + latents * actions)
    decoder, other = (vaes.build(net, shape, n) for n in (latents, max(units, 1)))

    def init(key) -> dict[str, Any]:
        keys = jax.random.split(key, 3)
        params = {
            "encoder": encoder.init(keys[0], jnp.zeros((1, *shape)), method="encode"),
            "decoder": decoder.init(keys[1], jnp.zeros((1, latents)), method="decode"),
        }
        if units:
            params["features"] = other.init(keys[2], jnp.zeros((1, units)), method="decode")
        return params

    def see(params, images):
        head, _ = encoder.apply(params["encoder"], images, method="encode")
        codes, features, policies = jnp.split(head, [latents, latents + units], axis=1)
        policies = policies.reshape(len(head), -1, max(actions, 1))
        return Seen(jnp.tanh(codes), nn.relu(features), nn.log_softmax(policies))

    def logits(params, codes):
        return decoder.apply(params["decoder"], codes, method="decode")

    def beside(params, features):
        return other.apply(params["features"], features, method="decode")

    return Acting(init, see, logits, beside)
