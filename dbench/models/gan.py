"""What the GANs share: codes, the bound on their information, a discriminator with Q, a generator.

    L_I = H(c) + E_c,z[log q(c | G(c, z))] <= I(c; G(c, z))

Chen et al., "InfoGAN", NIPS 2016, eq. 5; in nats, summed over codes, mean over the batch. Q shares
its trunk with the discriminator D. A step: first D, its trunk and Q take a step on a batch of
images and as many made by the generator G, then G takes one on images made afresh, each of its loss
less lambda L_I. So does the authors' code; eq. 6 of the paper gives Q to G's player, with the
same optimum of Q. With batch norm D sees images and made ones each as a batch of its own.

What codes there are, and the bound: `dbench.gan_codes`.
"""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.errors import InputError
from dbench.models.gan_codes import Codes
from dbench.models.vae import apply
from dbench.nets.gans import GAN_NETS, DiscriminatorQ, Generator

Count0 = Annotated[int, 0, 1_000]  # a count that may be 0


class Judged(NamedTuple):
    """Images and made ones, and what the discriminator says of them."""

    images: jax.Array  # [b, h, w, c]
    made: jax.Array  # [b, h, w, c]
    real: jax.Array  # [b] logits of the images
    fake: jax.Array  # [b] logits of the made ones


class Game(NamedTuple):
    """What the two players minimise, each but for the information."""

    # (Judged, images -> logits [b] of the discriminator, key) -> ((), logs of its own)
    discriminator: Callable
    generator: Callable  # logits of made images [b] -> ()
    steps: int  # of the discriminator, for one of the generator


class Nets(NamedTuple):
    """Both networks as pure functions; their params are {"params"[, "batch_stats"]}."""

    init: Callable  # key -> {"generator", "discriminator"}
    generate: Callable  # (params, inputs [b, d + noise], train) -> images, new averages
    judge: Callable  # (params, images, train) -> (logits [b], outputs of Q [b, d]), new averages


def networks(shape: tuple[int, int, int], net: str, codes: Codes, batch_norm: bool) -> Nets:
    """The nets `net` of GAN_NETS for images of `shape` (h, w, c)."""
    plan = GAN_NETS[net](shape)
    generator = Generator(shape, plan, batch_norm)
    discriminator = DiscriminatorQ(plan, codes.size, batch_norm)

    def init(key):
        first, second = jax.random.split(key)
        inputs = jnp.zeros((1, codes.size + codes.noise))
        images = jnp.zeros((1, *shape))
        return {
            "generator": generator.init(first, inputs, False),
            "discriminator": discriminator.init(second, images, False),
        }

    def generate(params, inputs, train=True):
        return generator.apply(params, inputs, train, mutable=["batch_stats"])

    def judge(params, images, train=True):
        return discriminator.apply(params, images, train, mutable=["batch_stats"])

    return Nets(init, generate, judge)


def gan(
    shape: tuple[int, int, int],
    codes: Codes,
    game: Game,
    optimizers: dict[str, optax.GradientTransformation],
    *,
    net: str,
    lambda_info: float,
    batch_norm: bool,
) -> Model:
    """A GAN whose codes are to be known from its images. `optimizers`: generator, discriminator.

    Logs, means over the discriminator's steps where it makes several: discriminator_loss,
    generator_loss (both without L_I), bound, its parts bound_categorical and bound_continuous,
    and what they are held against, entropy_categorical and entropy_continuous, nats. The
    bound is that of the generator's step. `encode` is Q's posterior mean; `decode` draws codes with
    one noise, always the same (key 0).
    """
    if not codes.size:
        raise InputError("a GAN without codes has none to find: raise categoricals or continuous")
    nets = networks(shape, net, codes, batch_norm)

    def init(key):
        params = nets.init(key)
        moments = {name: optimizers[name].init(params[name]["params"]) for name in params}
        return State(params, moments, jnp.zeros((), jnp.int32))

    def train_discriminator(params, moments, generator, sampler, key):
        key_images, key_codes, key_game = jax.random.split(key, 3)
        images = sampler.images(key_images)
        inputs = codes.draw(key_codes, len(images))
        made, _ = nets.generate(generator, inputs)

        def loss(trained):
            now = params | {"params": trained}
            (real, _), averages = nets.judge(now, images)
            (fake, outputs), _ = nets.judge(now, made)
            judged = Judged(images, made, real, fake)
            value, logs = game.discriminator(judged, lambda x: nets.judge(now, x)[0][0], key_game)
            information = codes.bound(outputs, inputs).sum()
            return value - lambda_info * information, (averages, value, logs)

        return step("discriminator", loss, params, moments)

    def train_generator(params, moments, discriminator, b, key):
        inputs = codes.draw(key, b)

        def loss(trained):
            made, averages = nets.generate(params | {"params": trained}, inputs)
            (fake, outputs), _ = nets.judge(discriminator, made)
            value, bound = game.generator(fake), codes.bound(outputs, inputs)
            return value - lambda_info * bound.sum(), (averages, value, bound)

        return step("generator", loss, params, moments)

    def step(name, loss, params, moments):
        grads, (averages, *said) = jax.grad(loss, has_aux=True)(params["params"])
        trained, moments = apply(optimizers[name], grads, moments, params["params"])
        return {"params": trained, **averages}, moments, said

    def update(state, sampler, key):
        first, second = jax.random.split(key)
        generator, discriminator = state.params["generator"], state.params["discriminator"]

        def once(carry, key):
            params, moments = carry
            params, moments, said = train_discriminator(params, moments, generator, sampler, key)
            return (params, moments), said

        carry = discriminator, state.optimizer["discriminator"]
        (discriminator, moments), said = jax.lax.scan(
            once, carry, jax.random.split(first, game.steps)
        )
        wrong, own = jax.tree.map(lambda log: log.mean(axis=0), said)
        generator, others, (value, bound) = train_generator(
            generator, state.optimizer["generator"], discriminator, sampler.batch, second
        )
        logs = {"discriminator_loss": wrong, "generator_loss": value} | own | about(codes, bound)
        return State(
            {"generator": generator, "discriminator": discriminator},
            {"generator": others, "discriminator": moments},
            state.step + 1,
        ), logs

    def encode(params, images):
        (_, outputs), _ = nets.judge(params["discriminator"], images, train=False)
        return codes.posterior(outputs), None

    def decode(params, given):
        noise = jax.random.uniform(jax.random.key(0), (1, codes.noise), minval=-1.0)
        inputs = jnp.concatenate([given, jnp.tile(noise, (len(given), 1))], axis=1)
        return nets.generate(params["generator"], inputs, train=False)[0]

    categories = (codes.categories,) * codes.categoricals
    return Model(
        init,
        update,
        encode,
        decode,
        likelihood=False,
        categories=categories,
        groups=codes.groups,
    )


def about(codes: Codes, bound: jax.Array) -> dict[str, Any]:
    """Logs of the bound [2] and of the entropy that it is held against."""
    logs = {"bound": bound.sum()}
    for i, kind in enumerate(("categorical", "continuous")):
        logs |= {f"bound_{kind}": bound[i], f"entropy_{kind}": jnp.float32(codes.entropy[i])}
    return logs
