"""The networks of JMVAE and TELBO, and what they make of a batch of images and their symbols."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dbench.data.concepts import MOST, OPERATORS
from dbench.models import losses
from dbench.models.grounding import symbol_error
from dbench.models.losses import Gaussian
from dbench.models.vae import Autoencoder, autoencoder
from dbench.nets import vaes
from dbench.nets.symbols import OperatorNet, PairNet, SymbolNet


class Settings(NamedTuple):
    """The options that both models have."""

    net: str
    latents: int
    units: int
    learning_rate: float
    symbol_steps: int
    operator_units: int
    operator_learning_rate: float
    concepts: int
    images: int
    instructions: int
    concept_seed: int


class Pair(NamedTuple):
    """A batch of images and their symbols, the posteriors of either and of both."""

    of_image: Gaussian  # q(z|x), [b, d] twice
    of_symbol: Gaussian  # q(z|y)
    of_both: Gaussian  # q(z|x,y)
    image_error: Callable  # (z, learn) -> -log p(x|z), [b] nats; where not learn, p(x|.) is fixed
    symbol_error: Callable  # (z, learn) -> -log p(y|z)
    key: Any

    def sample(self, gaussian: Gaussian, number: int) -> jax.Array:
        """A sample of a posterior, with noise of that number."""
        return losses.sample(jax.random.fold_in(self.key, number), *gaussian)


def kl(one: Gaussian, two: Gaussian | None = None) -> jax.Array:
    """KL(one || two), or from the prior: (), nats, mean over the batch."""
    each = losses.gaussian_kl_between(one, two) if two else losses.gaussian_kl(*one)
    return each.sum(axis=1).mean()


class Nets(NamedTuple):
    """The networks of a model of pairs."""

    image: Autoencoder  # q(z|x), p(x|z)
    look: Any  # features of the image, for q(z|x,y)
    both: PairNet  # q(z|x,y)
    symbols: SymbolNet  # q(z|y), p(y|z)
    operators: OperatorNet

    def init(self, key: jax.Array, shape: tuple[int, int, int], how: Settings) -> dict[str, Any]:
        """Parameters, of "pairs" and of "operators"."""
        keys = jax.random.split(key, 5)
        one, said = jnp.zeros((1, how.latents)), jnp.zeros((1, MOST))
        pairs = {
            "image": self.image.init(keys[0]),
            "look": self.look.init(keys[1], jnp.zeros((1, *shape)), method="encode"),
            "both": self.both.init(keys[2], jnp.zeros((1, how.units)), said),
            "symbols": self.symbols.init(keys[3], said),
        }
        operators = self.operators.init(keys[4], (one, one), (one, one), jnp.zeros(1, int))
        return {"pairs": pairs, "operators": operators}

    def infer(self, pairs: dict, symbols: jax.Array) -> Gaussian:
        """q(z|y)."""
        found: Any = self.symbols.apply(pairs["symbols"], symbols, method="encode")
        return found

    def describe(self, pairs: dict, codes: jax.Array) -> jax.Array:
        """Logits of p(y|z)."""
        found: Any = self.symbols.apply(pairs["symbols"], codes, method="decode")
        return found

    def seen(self, pairs: dict, images: jax.Array, symbols: jax.Array, count, key) -> Pair:
        """A batch of images and their symbols, of which there are `count`."""
        features: Any = self.look.apply(pairs["look"], images, method="encode")
        together: Any = self.both.apply(pairs["both"], features[0], symbols)

        def fixed(learn: bool) -> dict:
            return pairs if learn else jax.lax.stop_gradient(pairs)

        def image_error(z, learn=True):
            return losses.bernoulli(self.image.logits(fixed(learn)["image"], z), images)

        def said_error(z, learn=True):
            return symbol_error(self.describe(fixed(learn), z), symbols, count)

        of_image = self.image.encode(pairs["image"], images)
        return Pair(of_image, self.infer(pairs, symbols), together, image_error, said_error, key)


def build(shape: tuple[int, int, int], how: Settings, symbol_net: type[SymbolNet]) -> Nets:
    return Nets(
        autoencoder(shape, how.net, how.latents),
        vaes.build(how.net, shape, how.units),
        PairNet(how.latents, how.units),
        symbol_net(how.latents, MOST, how.units),
        OperatorNet(len(OPERATORS), how.operator_units),
    )
