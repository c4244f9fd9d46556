"""dbench: train, encode and score disentangled representations, in JAX."""

from importlib import import_module
from importlib.util import find_spec

__version__ = "0.1.0"
# The rooms that users import from; docs/reference/api.md has their names. Loaded when first used.
__all__ = [
    "base",
    "claims",
    "compare",
    "data",
    "errors",
    "metrics",
    "models",
    "report",
    "stats",
    "study",
    "tables",
]


_NEEDS = {"models": "optax", "report": "altair", "study": "optax"}  # what extras bring


def __getattr__(name: str):
    if name not in __all__:
        raise AttributeError(f"module 'dbench' has no attribute {name!r}")
    return import_module(f"dbench.{name}")


def __dir__() -> list[str]:
    """Without the rooms that lack an extra, so that `help(dbench)` can look at all that it has."""
    there = [name for name in __all__ if name not in _NEEDS or find_spec(_NEEDS[name])]
    return [*there, "__version__"]
