"""Images made once in a training step; and such as are composed of layers, in whole numbers.

A layer is how much of a surface is seen in each pixel, times how light it is there; a weight is
the surface's colour. Sums of products of integers are the same on every device.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

SIDE = 64  # pixels, height and width of an image


def compose(layers: jax.Array, layouts: jax.Array, weights: jax.Array, bits: int) -> jax.Array:
    """Images [b, 64, 64, 3] float32, multiples of 1/255 in [0, 1], of layouts [b].

    layers [n, m, 4096] integers; weights [b, m, 3] int32, by image, layer and channel. A channel is
    sum_m weights[m] layers[layout, m], in units of 2^-bits grey levels, rounded half up and
    clipped to 0 .. 255; no partial sum may reach 2^31.
    """
    # Channels last from the start: turning them costs more than composing does.
    image = jax.vmap(lambda layout, weights: _levels(layers, layout, weights, bits))
    levels = once(lambda: image(layouts, weights), layouts)
    return levels.reshape(-1, SIDE, SIDE, 3).astype(jnp.float32) / 255


def once(make: Callable[[], jax.Array], rows: jax.Array) -> jax.Array:
    """What `make` makes of the rows [b], which are never negative, made once.

    XLA on a CPU would make it anew wherever it is used, four times in a step; it takes barriers
    away before it decides so. The result of a condition it keeps, and that no row is negative
    it cannot know.
    """
    like = jax.eval_shape(make)
    return jax.lax.cond((rows >= 0).all(), make, lambda: jnp.zeros(like.shape, like.dtype))


def _levels(layers: jax.Array, layout: jax.Array, weights: jax.Array, bits: int) -> jax.Array:
    """Grey levels of one image: layout (), weights [m, 3] -> [4096, 3] uint8."""
    own = layers[layout].astype(jnp.int32)  # [m, 4096]
    sums = sum(own[m, :, None] * weights[m, None, :] for m in range(len(own)))
    return jnp.clip((sums + (1 << (bits - 1))) >> bits, 0, 255).astype(jnp.uint8)
