"""JMVAE: a joint VAE of images and symbols, and an encoder of either alone that follows it.

x is an image, y its symbol, k-hot; the loss is -L_JMVAE-kl, a mean over pairs:

    E_q(z|x,y)[-log p(x|z) - log p(y|z)] + KL(q(z|x,y) || p(z))
        + alpha [ KL(q(z|x,y) || q(z|x)) + KL(q(z|x,y) || q(z|y)) ]

So q(z|x) and q(z|y) are taught by the last two terms alone. Once trained, an image is encoded by
q(z|x), and a concept imagined by q(z|y).

Suzuki, Nakayama and Matsuo, "Joint Multimodal Learning with Deep Generative Models", ICLR 2017
workshop, section 3.3. alpha 0.1 and 64 latents are those of a public program (MultiVae) and of the
authors' MNIST settings (512 units, Adam): read there, and not held against the paper. Departures:
symbols are Bernoulli where the paper's label is categorical; no warm-up of the KL; 10 latents.
The nets, the pairs, the learning rate and the second stage, operators, are ours: see
symbol_pairs.py.
"""

from typing import Annotated

import jax

from dbench.base import Model
from dbench.models.symbol_pair_nets import Pair, Settings, kl
from dbench.models.symbol_pairs import of_pairs


def objective(pair: Pair, alpha) -> tuple[jax.Array, dict]:
    """The loss, () nats, and its terms."""
    z = pair.sample(pair.of_both, 0)
    reconstruction, said = pair.image_error(z).mean(), pair.symbol_error(z).mean()
    prior = kl(pair.of_both)
    from_image, from_symbol = kl(pair.of_both, pair.of_image), kl(pair.of_both, pair.of_symbol)
    total = reconstruction + said + prior + alpha * (from_image + from_symbol)
    logs = {"loss": total, "reconstruction": reconstruction, "symbol_error": said, "kl": prior}
    return total, logs | {"kl_image": from_image, "kl_symbol": from_symbol}


def jmvae(
    shape: tuple[int, int, int],
    *,
    alpha: float = 0.1,
    net: str = "conv",
    latents: int = 10,
    units: int = 512,
    learning_rate: float = 1e-4,
    symbol_steps: int = 100_000,
    operator_units: int = 1024,
    operator_learning_rate: float = 1e-3,
    concepts: int = 133,
    images: int = 10,
    instructions: Annotated[int, 0] = 100,
    concept_seed: Annotated[int, 0] = 0,
) -> Model:
    """Joint VAE of images and symbols, with encoders of either alone (Suzuki et al. 2017).

    `alpha` >= 0, no unit, weighs the KL to q(z|x) and q(z|y); `units` are those of the nets of
    symbols and pairs; the other options as of `scan`, with steps below `symbol_steps` for the
    model and the others for operators. Logs, in nats: loss, reconstruction, symbol_error, kl (of
    q(z|x,y)), kl_image and kl_symbol (from it to q(z|x) and q(z|y)), operator_error.
    """
    how = Settings(
        *(net, latents, units, learning_rate, symbol_steps, operator_units),
        *(operator_learning_rate, concepts, images, instructions, concept_seed),
    )
    return of_pairs(shape, how, lambda pair: objective(pair, alpha))
