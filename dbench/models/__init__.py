"""Models: a constructor each, `(shape, **options) -> Model`, whose defaults are the paper's.

In: the shape of an image and keyword options. Out: a `Model` of pure functions. registry.py has
the list of all, vae.py and gan.py what families share.
"""

from dbench import extras

with extras.said():
    from dbench.models.options import defaults, parameters, split
    from dbench.models.registry import MODELS

del extras

__all__ = ["MODELS", "defaults", "parameters", "split"]
