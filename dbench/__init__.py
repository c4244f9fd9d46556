"""dbench: train, encode and score disentangled representations, in JAX."""

from importlib import import_module

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


def __getattr__(name: str):
    if name not in __all__:
        raise AttributeError(f"module 'dbench' has no attribute {name!r}")
    return import_module(f"dbench.{name}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
