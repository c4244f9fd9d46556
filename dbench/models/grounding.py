"""How symbols are grounded in the codes of a frozen VAE: the two stages of scan.py."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Model, Sampler, State, Symbols
from dbench.data import concepts
from dbench.data.concepts import MOST, OPERATORS, k_hot
from dbench.models import losses, standing
from dbench.models.losses import Gaussian
from dbench.models.vae import apply
from dbench.nets.symbols import OperatorNet, SymbolNet

BLOCK = 64  # images that are encoded at once
LOGS = ("loss", "symbol_error", "kl", "grounding", "operator_error")


class Settings(NamedTuple):
    """The options of `scan`."""

    base: str
    beta_y: float
    lambda_x: float
    units: int
    learning_rate: float
    symbol_steps: int
    operator_units: int
    operator_learning_rate: float
    concepts: int
    images: int
    instructions: int
    concept_seed: int


class Taught(NamedTuple):
    """What is taught, where it is not drawn by the options: of one concept, set after set."""

    lessons: Callable  # data set -> Lessons
    sets: int  # into which the images of the concept are parted, in their order


def symbol_error(logits: jax.Array, symbols: jax.Array, count: jax.Array) -> jax.Array:
    """-log p(y|z) of k-hot symbols [b, MOST], of which there are `count`: [b] nats."""
    there = jnp.arange(MOST)[None] < count
    return jnp.where(there, optax.sigmoid_binary_cross_entropy(logits, symbols), 0.0).sum(axis=1)


def grounded(
    shape: tuple[int, int, int],
    name: str,
    how: Settings,
    reverse: bool = False,
    taught: Taught | None = None,
) -> Model:
    """A model of symbols that stands on a VAE."""
    base = standing.base(how.base, shape, name)
    net = SymbolNet(base.latents, MOST, how.units)
    operators = OperatorNet(len(OPERATORS), how.operator_units)
    run: Callable[..., Any] = net.apply
    join: Callable[..., Any] = operators.apply
    rates = {"symbols": how.learning_rate, "operators": how.operator_learning_rate}
    optimizers = {part: optax.adam(rate) for part, rate in rates.items()}

    def extra(dataset):
        if taught:
            return taught.lessons(dataset)
        return concepts.lessons(
            dataset, how.concepts, how.images, how.instructions, how.concept_seed
        )

    def init(key):
        key_symbols, key_operators = jax.random.split(key)
        one = jnp.zeros((1, base.latents))
        own = {
            "symbols": net.init(key_symbols, jnp.zeros((1, MOST))),
            "operators": operators.init(key_operators, (one, one), (one, one), jnp.zeros(1, int)),
        }
        moments: dict[str, Any] = {part: optimizers[part].init(own[part]) for part in own}
        of = {"taught": how.concepts, "practised": len(OPERATORS) * how.instructions}
        for kind, count in [each for each in of.items() if each[1]]:  # the codes of their images
            moments[kind] = (jnp.zeros((count * how.images, base.latents)),) * 2
        return State(own | {"base": base.empty()}, moments, jnp.zeros((), jnp.int32))

    def stand(state: State, params, sampler: Sampler) -> State:
        given: Any = sampler.extra
        seen = {
            kind: encoded(partial(base.model.encode, params), sampler.gather, rows.reshape(-1))
            for kind, rows in (("taught", given.rows), ("practised", given.practised_rows))
            if kind in state.optimizer
        }
        return state._replace(
            params=state.params | {"base": params}, optimizer=state.optimizer | seen
        )

    def apart(x: Gaussian, y: Gaussian) -> jax.Array:
        """The KL of an image's Gaussian and a symbol's, or the reverse: [b] nats."""
        return losses.gaussian_kl_between(*((y, x) if reverse else (x, y))).sum(axis=1)

    def infer(params, symbols):
        return run(params, symbols, method="encode")

    def first(params, given: Any, seen: Gaussian, at, key):
        symbols = k_hot(given.concepts[at // how.images], given.offsets)
        mean, logvar = infer(params, symbols)
        logits = run(params, losses.sample(key, mean, logvar), method="decode")
        error = symbol_error(logits, symbols, given.symbols).mean()
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)
        far = apart((seen[0][at], seen[1][at]), (mean, logvar)).mean()
        total = error + how.beta_y * kl_latent.sum() + how.lambda_x * far
        logs = {"loss": total, "symbol_error": error, "grounding": far}
        return total, logs | {"kl": kl_latent.sum(), "kl_latent": kl_latent}

    def second(params, given: Any, seen: Gaussian, at, symbols):
        chosen = jax.tree.map(lambda column: column[at // how.images], given.practised)
        one, two = (infer(symbols, k_hot(c, given.offsets)) for c in (chosen.one, chosen.two))
        result = join(params, one, two, chosen.operator)
        far = apart((seen[0][at], seen[1][at]), result).mean()
        return far, {"loss": far, "operator_error": far}

    zeros: dict[str, Any] = dict.fromkeys(LOGS, np.float32(0))
    zeros |= {"kl_latent": np.zeros(base.latents, np.float32)}

    def turn(step):
        """The set of a step."""
        assert taught is not None
        each = how.symbol_steps // taught.sets
        return jnp.minimum(step // each, taught.sets - 1)

    def examples(key, step, batch: int, count: int):
        """Places of examples, of the set whose turn it is."""
        if not taught:
            return jax.random.randint(key, (batch,), 0, count)
        each = how.images // taught.sets
        return turn(step) * each + jax.random.randint(key, (batch,), 0, each)

    def update(state: State, sampler: Sampler, key):
        key_at, key_z = jax.random.split(key)

        def stage(part: str, kind: str, loss: Callable, rest: Callable):
            def trained(state: State):
                seen = state.optimizer[kind]
                at = examples(key_at, state.step, sampler.batch, len(seen[0]))
                grads, logs = jax.grad(loss, has_aux=True)(
                    state.params[part], sampler.extra, seen, at, rest(state)
                )
                params, moments = apply(
                    optimizers[part], grads, state.optimizer[part], state.params[part]
                )
                params = state.params | {part: params}
                return State(params, state.optimizer | {part: moments}, state.step), zeros | logs

            return trained

        symbols = stage("symbols", "taught", first, lambda _: key_z)
        recombine = stage("operators", "practised", second, lambda state: state.params["symbols"])
        if how.instructions:
            state, logs = jax.lax.cond(state.step < how.symbol_steps, symbols, recombine, state)
        else:
            now = state.step
            state, logs = symbols(state)
            logs |= {"set": turn(now).astype(jnp.float32)} if taught else {}
        return state._replace(step=state.step + 1), logs

    known = Symbols(
        lambda params, symbols: infer(params["symbols"], symbols),
        lambda params, codes: jax.nn.sigmoid(run(params["symbols"], codes, method="decode")),
        (lambda params, one, two, at: join(params["operators"], one, two, at))
        if how.instructions
        else None,
    )

    def encode(params, images):
        return base.model.encode(params["base"], images)

    def decode(params, codes):
        assert base.model.decode is not None  # see `standing.base`
        return base.model.decode(params["base"], codes)

    return Model(init, update, encode, decode, extra, stand=stand, symbols=known)


def encoded(encode: Callable, gather: Callable, rows: jax.Array) -> Gaussian:
    """Codes of the images of rows [n], a block at a time: mean and log variance, [n, d] each."""
    blocks = -(-len(rows) // BLOCK)
    filled = jnp.resize(rows, (blocks, BLOCK)) if blocks else jnp.zeros((1, BLOCK), jnp.int32)
    found = jax.lax.map(lambda some: encode(gather(some)), filled)
    mean, logvar = (x.reshape(-1, x.shape[-1])[: len(rows)] for x in found)
    return mean, logvar
