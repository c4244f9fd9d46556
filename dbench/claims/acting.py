"""Claims of papers on agents that learn codes by what they can change."""

from functools import partial

from dbench.claims.judge import Claim
from dbench.claims.sides import Logged, Runs

ACTING = {
    "thomas2017": "Thomas et al. 2017, Bengio et al. 2017, Independently Controllable Factors",
}


def thomas() -> list[Claim]:
    claim, told = partial(Claim, "thomas2017"), "four codes follow four moves (figure), seen"
    first, found = Logged("icf_square", ("first_action",), "icf"), list[Claim]()
    without, kept = (Runs("icf_dsprites", "uncontrolled", "icf", w) for w in (0.0, 1.0))
    for metric, name in (("infomec_m", "InfoM"), ("action_selectivity", "selectivity by action")):
        icf = Runs("icf_square", metric, "icf")
        for model, other in (("autoencoder", "an autoencoder"), ("beta_vae", "the VAE")):
            says = f"ICF has more {name} than {other}, a square on a grid"
            found.append(claim(says, told, icf, Runs("icf_square", metric, model)))
        says = f"ICF with two codes, fewer than actions, has less {name} than with six"
        found.append(claim(says, "no number, seen", icf, Runs("icf_few", metric, "icf")))
    says = "each policy's first action has more than .9"
    found.append(claim(says, "about 1 (figure), seen", first, 0.9))
    says = "what no action moves leaves the codes, dSprites"
    return [*found, claim(says, "no number, recalled", without, kept)]
