"""Images that are the product of a profile across and one down, kept as profiles along a line."""

import jax


@jax.jit
def gather(profiles: jax.Array, rows: jax.Array) -> jax.Array:
    """profiles [n, side] float32, rows [b] of the grid x n x y n -> [b, side, side, 1] float32."""
    across, down = profiles[rows // len(profiles)], profiles[rows % len(profiles)]  # [b, side]
    return down[:, :, None, None] * across[:, None, :, None]
