"""dbench: train, encode and score disentangled representations, in JAX."""

__version__ = "0.1.0"
