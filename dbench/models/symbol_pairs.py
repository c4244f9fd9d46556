"""What JMVAE and TELBO share: VAEs of images and their symbols, trained on pairs of both.

x is an image, y a symbol of a concept that holds of it, k-hot. q(z|x), q(z|y) and q(z|x,y) are
Gaussians by nets of their own; p(x|z) and p(y|z) are Bernoulli, for each pixel and each symbol.

    stage 1, steps below symbol_steps, over examples (x, y)             the loss of the model
    stage 2, all of that frozen, over instructions and images of results  KL(q(z|x) || r(z))

The second stage is SCAN's (see scan.py): its paper scores operators of JMVAE and TrELBO too. The
examples are those that SCAN is taught, and no other image is seen.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Model, Sampler, State, Symbols
from dbench.data import concepts
from dbench.data.concepts import k_hot
from dbench.models.symbol_pair_nets import Pair, Settings, build, kl
from dbench.models.vae import apply
from dbench.nets.symbols import SymbolNet


def of_pairs(
    shape: tuple[int, int, int],
    how: Settings,
    loss: Callable[[Pair], tuple[jax.Array, dict]],
    symbol_net: type[SymbolNet] = SymbolNet,
) -> Model:
    """A model of pairs with a loss of its own: Pair -> (() in nats, logs)."""
    nets = build(shape, how, symbol_net)
    rates = {"pairs": how.learning_rate, "operators": how.operator_learning_rate}
    optimizers = {part: optax.adam(rate) for part, rate in rates.items()}

    def extra(dataset):
        return concepts.lessons(
            dataset, how.concepts, how.images, how.instructions, how.concept_seed
        )

    def init(key):
        params = nets.init(key, shape, how)
        moments = {part: optimizers[part].init(params[part]) for part in params}
        return State(params, moments, jnp.zeros((), jnp.int32))

    def first(pairs, given: Any, sampler: Sampler, at, key):
        images = sampler.gather(jnp.asarray(given.rows).reshape(-1)[at])
        symbols = k_hot(jnp.asarray(given.concepts)[at // how.images], given.offsets)
        return loss(nets.seen(pairs, images, symbols, given.symbols, key))

    def second(own, given: Any, sampler: Sampler, at, pairs):
        chosen = jax.tree.map(lambda column: jnp.asarray(column)[at // how.images], given.practised)
        one, two = (nets.infer(pairs, k_hot(c, given.offsets)) for c in (chosen.one, chosen.two))
        images = sampler.gather(jnp.asarray(given.practised_rows).reshape(-1)[at])
        result: Any = nets.operators.apply(own, one, two, chosen.operator)
        far = kl(nets.image.encode(pairs["image"], images), result)
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
        if how.instructions:
            state, logs = _in_turn(state, state.step < how.symbol_steps, pairs, recombine)
        else:
            state, logs = pairs(state)
        return state._replace(step=state.step + 1), logs

    def encode(params, images):
        return nets.image.encode(params["pairs"]["image"], images)

    def decode(params, codes):
        return nets.image.decode(params["pairs"]["image"], codes)

    def recombine(params, one, two, at):
        return nets.operators.apply(params["operators"], one, two, at)

    symbols = Symbols(
        lambda params, said: nets.infer(params["pairs"], said),
        lambda params, codes: jax.nn.sigmoid(nets.describe(params["pairs"], codes)),
        recombine if how.instructions else None,
    )
    return Model(init, update, encode, decode, extra, symbols=symbols)


def _in_turn(state: State, early: jax.Array, first: Callable, second: Callable):
    """The first stage or the second; the logs of both, 0 what a stage does not compute."""
    shapes = [jax.eval_shape(part, state)[1] for part in (first, second)]
    zeros = {name: np.zeros(x.shape, x.dtype) for logs in shapes for name, x in logs.items()}

    def filled(part: Callable):
        def run(state: State):
            state, logs = part(state)
            return state, zeros | logs

        return run

    return jax.lax.cond(early, filled(first), filled(second), state)
