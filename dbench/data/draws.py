"""Random numbers that belong to a row of a data set: the same whenever that image is met.

Number i of row r is a hash of (r, i), in 32-bit integers. With m(x) the 32-bit mix
x ^= x >> 16, x *= 0x7feb352d, x ^= x >> 15, x *= 0x846ca68b, x ^= x >> 16 (Wellons' "lowbias32"),

    s = m(2 r), t = m(2 r + 1)
    x = s ^ (0x9e3779b9 i), and then m(x) with t added after the first product.

Why not `jax.random`: a key folded with the row costs 10 ms for the noise of a batch, half a step of
a small network, this 0.2 ms; and integers give the same images on every machine, in any version.
s alone would not do: the sequences of two rows would be one sequence, shifted. With t they are not.
Good for pictures, not for secrets.
"""

import jax
import jax.numpy as jnp
import numpy as np

_FIRST, _SECOND, _STEP = (np.uint32(x) for x in (0x7FEB352D, 0x846CA68B, 0x9E3779B9))


def bits(rows: jax.Array, count: int) -> jax.Array:
    """`count` uniform words of each row, rows [b] int -> [b, count] uint32."""
    rows = jnp.asarray(rows, jnp.uint32) * np.uint32(2)
    start, later = (_mix(x, np.uint32(0))[:, None] for x in (rows, rows + np.uint32(1)))
    steps = jnp.arange(count, dtype=jnp.uint32) * _STEP
    return _mix(start ^ steps[None, :], later)


def uniform(rows: jax.Array, count: int) -> jax.Array:
    """`count` numbers of each row, multiples of 2^-24 in [0, 1): [b, count] float32."""
    return (bits(rows, count) >> 8).astype(jnp.float32) * np.float32(2.0**-24)


def below(words: jax.Array, n: int) -> jax.Array:
    """Whole numbers 0 .. n - 1 (n up to 2^16) from uniform words, int32 of the same shape."""
    return (((words >> 16) * np.uint32(n)) >> 16).astype(jnp.int32)


def _mix(x: jax.Array, added: jax.Array | np.uint32) -> jax.Array:
    x = (x ^ (x >> 16)) * _FIRST + added
    x = (x ^ (x >> 15)) * _SECOND
    return x ^ (x >> 16)
