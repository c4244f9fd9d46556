"""A model that stands on another: what the other is, as an option, and its functions.

The option `base` of such a model is text, `["beta_vae", {"latents": 10, "net": "conv"}]`: the other
model and all of its options that are no floats, which only its training asks for. A study writes it
(`Study.builds_on`). The other's parameters are part of the state of the model that stands on it, so
that a run is rebuilt from its own folder alone.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dbench.base import Model
from dbench.errors import InputError, choose, short
from dbench.nets.conv import shapes_alone

EXAMPLE = "{'scan': 'beta_sweep/laptop/dsprites/beta_vae/beta=4'}"


class Base(NamedTuple):
    """A VAE that another model stands on."""

    model: Model
    latents: int  # d
    params: Any  # their shapes and dtypes

    def empty(self) -> Any:
        """Zeros in the place of its parameters, until they are there."""
        return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), self.params)


def written(model: str, options: dict) -> str:
    """The option `base` for a run of a model with these options."""
    from dbench.models.options import split  # which knows all models, and these stand on this file

    return json.dumps([model, dict(split(model, options)[1])])


def read(text: str) -> tuple[str, dict]:
    """Model and options of an option `base`."""
    try:
        model, options = json.loads(text)
        return str(model), dict(options)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"the option base is {short(text)}, which no study has written: leave it out, and "
            f"name a run in Study.builds_on, as {EXAMPLE}"
        ) from error


def base(text: str, shape: tuple[int, int, int], name: str) -> Base:
    """The VAE of an option `base` of the model `name`, for images of `shape`."""
    from dbench.models.registry import MODELS

    if not text:
        raise InputError(
            f"{name} stands on the run of another model: name it in Study.builds_on, as {EXAMPLE}"
        )
    kind = read(text)[0]
    build = MODELS[choose("model", kind, MODELS)]
    found = _stood_on(build, text, tuple(shape))
    if found is None:
        raise InputError(
            f"{name} stands on a VAE, with a posterior and a decoder, and {kind} is none: name "
            "another run in Study.builds_on"
        )
    return found


@lru_cache(maxsize=32)  # many runs of a study stand on models of the same options
def _stood_on(build: Callable[..., Model], text: str, shape: tuple[int, int, int]) -> Base | None:
    """What `build` makes of an option `base`; None if that is no VAE."""
    model = build(shape, **read(text)[1])
    with shapes_alone():
        params = jax.eval_shape(model.init, jax.eval_shape(jax.random.key, 0)).params
        images = jax.ShapeDtypeStruct((1, *shape), jnp.float32)
        found = None if model.sees_factors else jax.eval_shape(model.encode, params, images)
    if model.decode is None or not model.likelihood or found is None or found[1] is None:
        return None
    return Base(model, found[0].shape[1], params)
