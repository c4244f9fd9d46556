"""What JMVAE and TELBO share: VAEs of images and their symbols, trained on pairs of both.

x is an image, y a symbol of a concept that holds of it, k-hot. q(z|x), q(z|y) and q(z|x,y) are
Gaussians by nets of their own; p(x|z) and p(y|z) are Bernoulli, for each pixel and each symbol.

    stage 1, steps below symbol_steps, over examples (x, y)             the loss of the model
    stage 2, all of that frozen, over instructions and images of results  KL(q(z|x) || r(z))

The second stage is SCAN's (see scan.py): its paper scores operators of JMVAE and TrELBO too. The
examples are those that SCAN is taught, and no other image is seen.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Model, Sampler, State, Symbols
from dbench.data import concepts
from dbench.data.concepts import MOST, OPERATORS, k_hot
from dbench.models import losses
from dbench.models.grounding import symbol_error
from dbench.models.losses import Gaussian
from dbench.models.vae import apply, autoencoder
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


def of_pairs(
    shape: tuple[int, int, int],
    how: Settings,
    loss: Callable[[Pair], tuple[jax.Array, dict]],
    symbol_net: type[SymbolNet] = SymbolNet,
) -> Model:
    """A model of pairs with a loss of its own: Pair -> (() in nats, logs)."""
    network = autoencoder(shape, how.net, how.latents)
    look = vaes.build(how.net, shape, how.units)  # features of the image, for q(z|x,y)
    both, known = PairNet(how.latents, how.units), symbol_net(how.latents, MOST, how.units)
    operators = OperatorNet(len(OPERATORS), how.operator_units)
    optimizers = {
        "pairs": optax.adam(how.learning_rate),
        "operators": optax.adam(how.operator_learning_rate),
    }

    def extra(dataset):
        return concepts.lessons(
            dataset, how.concepts, how.images, how.instructions, how.concept_seed
        )

    def init(key):
        keys = jax.random.split(key, 5)
        one, said = jnp.zeros((1, how.latents)), jnp.zeros((1, MOST))
        pairs = {
            "image": network.init(keys[0]),
            "look": look.init(keys[1], jnp.zeros((1, *shape)), method="encode"),
            "both": both.init(keys[2], jnp.zeros((1, how.units)), said),
            "symbols": known.init(keys[3], said),
        }
        params: dict[str, Any] = {"pairs": pairs}
        params["operators"] = operators.init(keys[4], (one, one), (one, one), jnp.zeros(1, int))
        moments = {part: optimizers[part].init(params[part]) for part in params}
        return State(params, moments, jnp.zeros((), jnp.int32))

    def infer(pairs, symbols) -> Gaussian:
        found: Any = known.apply(pairs["symbols"], symbols, method="encode")
        return found

    def seen(pairs, images, symbols, count, key) -> Pair:
        features: Any = look.apply(pairs["look"], images, method="encode")

        def fixed(part: str, learn: bool):
            return pairs[part] if learn else jax.lax.stop_gradient(pairs[part])

        def image_error(z, learn=True):
            return losses.bernoulli(network.logits(fixed("image", learn), z), images)

        def said_error(z, learn=True):
            logits: Any = known.apply(fixed("symbols", learn), z, method="decode")
            return symbol_error(logits, symbols, count)

        together: Any = both.apply(pairs["both"], features[0], symbols)
        of_image = network.encode(pairs["image"], images)
        return Pair(of_image, infer(pairs, symbols), together, image_error, said_error, key)

    def first(pairs, given: Any, sampler: Sampler, at, key):
        images = sampler.gather(jnp.asarray(given.rows).reshape(-1)[at])
        symbols = k_hot(jnp.asarray(given.concepts)[at // how.images], given.offsets)
        return loss(seen(pairs, images, symbols, given.symbols, key))

    def second(own, given: Any, sampler: Sampler, at, pairs):
        chosen = jax.tree.map(lambda column: jnp.asarray(column)[at // how.images], given.practised)
        one, two = (infer(pairs, k_hot(c, given.offsets)) for c in (chosen.one, chosen.two))
        images = sampler.gather(jnp.asarray(given.practised_rows).reshape(-1)[at])
        result: Any = operators.apply(own, one, two, chosen.operator)
        far = kl(network.encode(pairs["image"], images), result)
        return far, {"loss": far, "operator_error": far}

    def update(state: State, sampler: Sampler, key):
        key_at, key_z = jax.random.split(key)
        given: Any = sampler.extra

        def stage(part: str, rows, function: Callable, rest: Callable):
            def trained(state: State):
                at = jax.random.randint(key_at, (sampler.batch,), 0, rows.size)
                gradient = jax.grad(function, has_aux=True)
                grads, logs = gradient(state.params[part], given, sampler, at, rest(state))
                own = apply(optimizers[part], grads, state.optimizer[part], state.params[part])
                params = state.params | {part: own[0]}
                return State(params, state.optimizer | {part: own[1]}, state.step), logs

            return trained

        pairs = stage("pairs", given.rows, first, lambda _: key_z)
        recombine = stage("operators", given.practised_rows, second, lambda s: s.params["pairs"])
        if not how.instructions:
            state, logs = pairs(state)
        else:
            shapes = [jax.eval_shape(part, state)[1] for part in (pairs, recombine)]
            zeros = {k: np.zeros(x.shape, x.dtype) for logs in shapes for k, x in logs.items()}

            def filled(part: Callable):
                def run(state: State):
                    state, logs = part(state)
                    return state, zeros | logs

                return run

            early = state.step < how.symbol_steps
            state, logs = jax.lax.cond(early, filled(pairs), filled(recombine), state)
        return state._replace(step=state.step + 1), logs

    def encode(params, images):
        return network.encode(params["pairs"]["image"], images)

    def decode(params, codes):
        return network.decode(params["pairs"]["image"], codes)

    def describe(params, codes):
        logits: Any = known.apply(params["pairs"]["symbols"], codes, method="decode")
        return jax.nn.sigmoid(logits)

    def recombine(params, one, two, at):
        return operators.apply(params["operators"], one, two, at)

    symbols = Symbols(
        lambda params, said: infer(params["pairs"], said),
        describe,
        recombine if how.instructions else None,
    )
    return Model(init, update, encode, decode, extra, symbols=symbols)
