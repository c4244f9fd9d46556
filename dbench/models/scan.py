"""SCAN: symbols grounded in the codes of a VAE that is trained already, and frozen.

x is an image, y a symbol of a concept that holds of it, k-hot; q(z|x) is the VAE's:

    stage 1, steps below symbol_steps, over examples (x, y)
        E_q(z|y)[-log p(y|z)] + beta_y KL(q(z|y) || p(z)) + lambda_x KL(q(z|x) || q(z|y))
    stage 2, all of that frozen, over instructions (y1, operator, y2) and images x of the result
        KL(q(z|x) || r(z)),   r = the operator of q(z|y1) and q(z|y2)

p(y|z) is a Bernoulli for each symbol; sums over symbols and latents, means over the batch. A symbol
that is not said counts as 0, "absent": so p(y|z) is the chance that it is said. By the forward KL
q(z|y) covers all images of a concept, and a latent that they leave open goes to the prior. `scan_r`
has the reverse KL in both stages, KL(q(z|y) || q(z|x)) and KL(r || q(z|x)). `scan_u` is SCAN, for a
VAE that does not disentangle (the paper's "unstructured vision", of a low beta): which it is, the
study says.

Examples and instructions are those of `data/concepts`, the same with every seed. Their images are
encoded once, before the first step.

Higgins et al., "SCAN: Learning Hierarchical Compositional Visual Concepts", ICLR 2018, section 4.
Settings are recalled, or those of a public program (lambda 10, beta_y 1, 100 units, Adam 1e-4;
operators of 1,024 units, 1e-3), and were not held against the paper. Departures: pictures are
decoded by the VAE alone, where the paper's may pass its denoising autoencoder; steps are ours.
"""

import functools
from collections.abc import Callable
from typing import Annotated

from dbench.base import Model
from dbench.models.grounding import Settings, grounded


def scan(
    shape: tuple[int, int, int],
    *,
    base: str = "",
    beta_y: float = 1.0,
    lambda_x: float = 10.0,
    units: int = 100,
    learning_rate: float = 1e-4,
    symbol_steps: int = 100_000,
    operator_units: int = 1024,
    operator_learning_rate: float = 1e-3,
    concepts: int = 133,
    images: int = 10,
    instructions: Annotated[int, 0] = 100,
    concept_seed: Annotated[int, 0] = 0,
) -> Model:
    """SCAN: concepts grounded in a trained VAE, and operators that recombine them.

    `base` is written by the study (Study.builds_on); `beta_y` and `lambda_x` >= 0, no unit; `units`
    of the net of symbols and `operator_units` of the operators; of the steps of a run the first
    `symbol_steps` train symbols, the others operators. `concepts` are taught by `images` each, and
    `instructions` practised of each operator (0: no operators, all steps train symbols);
    `concept_seed` draws them. Logs, in nats: loss, symbol_error, kl and kl_latent (of q(z|y), in
    stage 1), grounding, operator_error; what a stage does not compute is 0.
    """
    how = Settings(
        *(base, beta_y, lambda_x, units, learning_rate, symbol_steps, operator_units),
        *(operator_learning_rate, concepts, images, instructions, concept_seed),
    )
    return grounded(shape, "scan", how)


def _variant(name: str, reverse: bool, said: str) -> Callable[..., Model]:
    """SCAN under another name, with the same options."""

    @functools.wraps(scan)
    def build(shape: tuple[int, int, int], **options) -> Model:
        defaults = scan.__kwdefaults__ or {}
        return grounded(shape, name, Settings(**{**defaults, **options}), reverse)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = said
    return build


scan_r = _variant(
    "scan_r",
    True,
    """SCAN with the reverse KL, in the grounding and in the operators. Options as of `scan`.""",
)
scan_u = _variant(
    "scan_u",
    False,
    """SCAN as it is, for a study that grounds it in a VAE that entangles. Options as of `scan`.""",
)
