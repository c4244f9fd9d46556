"""TELBO: three ELBOs, of images, of symbols and of pairs of both, with an encoder for each.

x is an image, y its symbol, k-hot; the loss is the negative mean of three bounds:

    ELBO(x,y) = E_q(z|x,y)[log p(x|z) + alpha_y log p(y|z)] - KL(q(z|x,y) || p(z))
    ELBO(x)   = E_q(z|x)[log p'(x|z)] - KL(q(z|x) || p(z))
    ELBO(y)   = E_q(z|y)[gamma_y log p'(y|z)] - KL(q(z|y) || p(z))

In p' the decoder is held fixed (no gradient): decoders learn from pairs alone, so that an image's
and a symbol's codes must mean what pairs' codes mean. With experts "product"

    q(z|y)  ~  N(0, 1) prod_(s said in y) N(m_s, v_s)

so that what a concept leaves open is drawn from the prior; with "net" q(z|y) is a network's.

Vedantam, Fischer, Huang and Murphy, "Generative Models of Visually Grounded Imagination", ICLR 2018
(TELBO; SCAN's paper calls it TrELBO), and the authors' program (joint_vae): alpha_y was 1 to 100
there, gamma_y 1 to 100, by data set. Each KL has the means and the variances of its own posterior;
the stored version of a public program (MultiVae) has the variances of q(z|x,y) in the KL of one
modality. Departures: pixels and symbols are Bernoulli; an expert is a Gaussian of its own for each
symbol, not a net of it. The nets, the pairs and the second stage, operators, are ours: see
symbol_pairs.py.
"""

from typing import Annotated, Literal

import jax

from dbench.base import Model
from dbench.models.symbol_pair_nets import Pair, Settings, kl
from dbench.models.symbol_pairs import of_pairs
from dbench.nets.symbols import ExpertNet, SymbolNet

Experts = Literal["product", "net"]


def objective(pair: Pair, alpha_y, gamma_y) -> tuple[jax.Array, dict]:
    """The loss, () nats, and its terms."""
    z = pair.sample(pair.of_both, 0)
    reconstruction, said = pair.image_error(z).mean(), pair.symbol_error(z).mean()
    prior = kl(pair.of_both)
    of_both = reconstruction + alpha_y * said + prior
    seen = pair.image_error(pair.sample(pair.of_image, 1), False).mean()
    of_image = seen + kl(pair.of_image)
    heard = pair.symbol_error(pair.sample(pair.of_symbol, 2), False).mean()
    of_symbol = gamma_y * heard + kl(pair.of_symbol)
    total = (of_both + of_image + of_symbol) / 3.0
    logs = {"loss": total, "reconstruction": reconstruction, "symbol_error": said, "kl": prior}
    return total, logs | {"loss_image": of_image, "loss_symbol": of_symbol}


def telbo(
    shape: tuple[int, int, int],
    *,
    alpha_y: float = 10.0,
    gamma_y: float = 10.0,
    experts: Experts = "product",
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
    """VAE by three ELBOs, of images, symbols and pairs (Vedantam et al. 2018; TrELBO).

    `alpha_y` and `gamma_y` >= 0, no unit, weigh the symbol's likelihood in the bound of pairs and
    in that of symbols; `experts` as above; the other options as of `jmvae`. Logs, in nats: loss,
    reconstruction, symbol_error and kl (of pairs), loss_image, loss_symbol, operator_error.
    """
    how = Settings(
        *(net, latents, units, learning_rate, symbol_steps, operator_units),
        *(operator_learning_rate, concepts, images, instructions, concept_seed),
    )
    known = ExpertNet if experts == "product" else SymbolNet
    return of_pairs(shape, how, lambda pair: objective(pair, alpha_y, gamma_y), known)
