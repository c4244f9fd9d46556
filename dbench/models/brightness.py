"""A decoder that begins at the mean brightness: an offset of its logits, of the first batch.

The last layer's logits are about 0 before training, grey images. Where a data set is dark, as
dSprites is, every gradient then asks for darker images, and drives codes with a tanh to their ends,
where they have no slope and stay. With the offset the first image is the mean already.
"""

import jax
import jax.numpy as jnp

OFFSET = "offset"  # its place among a model's parameters, [c]


def begun(params: dict, images: jax.Array, step: jax.Array) -> dict:
    """The parameters, at step 0 with the offset of its images [b, h, w, c], later as they are.

    The offset of a channel is log(m / (1 - m)) of its mean brightness m, kept in .01 to .99.
    """
    first = logits(images.mean(axis=(0, 1, 2)))
    return params | {OFFSET: jnp.where(step == 0, first, params[OFFSET])}


def logits(mean: jax.Array) -> jax.Array:
    """log(m / (1 - m)) of mean brightnesses in [0, 1], kept in .01 to .99."""
    mean = jnp.clip(mean, 0.01, 0.99)
    return jnp.log(mean) - jnp.log1p(-mean)


def offset(params: dict) -> jax.Array:
    """What is added to logits [b, h, w, c]: [1, 1, 1, c]. It is not learned."""
    return jax.lax.stop_gradient(params[OFFSET])[None, None, None]
