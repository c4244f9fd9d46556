"""Claims of papers on agents: that learn codes by what they can change, or act on learned codes."""

from functools import partial

from dbench.claims.judge import Claim
from dbench.claims.sides import Logged, Runs

ACTING = {
    "higgins2017_darla": "Higgins et al. 2017, DARLA",
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


def darla() -> list[Claim]:
    """Their numbers are recalled, of another episode: only their order can be held against ours."""
    claim, found = partial(Claim, "higgins2017_darla"), list[Claim]()
    of = {  # agent -> its target score on DARLA's codes, from pixels, on entangled codes
        "dqn": ("DQN", 10.25, 1.86, 3.45),
        "a2c": ("actor-critic", 19.7, 5.32, 15.66),
        "episodic_control": ("episodic control", 11.41, -0.41, 5.69),
    }
    for agent, (name, own, pixels, mixed) in of.items():
        raw = f"{own} and {pixels}, recalled"
        score = partial(Runs, "darla_rooms", f"{agent}_target")
        best, says = score("beta_vae", 4.0), f"{name} on beta-VAE (4) has more in the target than"
        dense = Runs("darla_raw_pixels", f"{agent}_target", "raw_pixels")
        found += [
            claim(f"{says} from raw pixels", raw, best, dense),
            claim(
                f"{says} on beta-VAE (0.25)",
                f"{own} and {mixed} (entangled), recalled",
                best,
                score("beta_vae", 0.25),
            ),
        ]
    tuned = {"dqn": ("DQN", 10.25, 1.86, 13.36), "a2c": ("actor-critic", 19.7, 5.32, 1.4)}
    for agent, (name, own, pixels, moved) in tuned.items():
        frozen, learns = (
            partial(Runs, "darla_pixels", f"{agent}{sight}_target") for sight in ("", "_tuned")
        )
        best, also = frozen("beta_vae", 4.0), learns("beta_vae", 4.0)
        says = f"{name} on frozen beta-VAE (4) has more in the target than a convolutional net"
        raw = f"{own} and {pixels}, recalled"
        found.append(claim(f"{says} from pixels", raw, best, learns("untrained_vae")))
        more, less = ("fine-tuned", "frozen") if moved > own else ("frozen", "fine-tuned")
        says = f"{name} on {more} beta-VAE (4) has more in the target than on {less}"
        pair = (also, best) if moved > own else (best, also)
        found.append(claim(says, f"{own} frozen and {moved} fine-tuned, recalled", *pair))
    of_dae = {"dqn": (3.45, 7.83), "a2c": (15.66, 6.74), "episodic_control": (5.69, 5.59)}
    for agent, (mixed, dae) in of_dae.items():
        name, own, *_ = of[agent]
        score = partial(Runs, "darla_features", f"{agent}_target")
        best = score("beta_vae_dae", 53.0)
        says = f"{name} on beta-VAE_DAE (53) has more in the target than on"
        entangled = f"{own} and {mixed} (entangled), recalled"
        found += [
            claim(f"{says} its DAE", f"{own} and {dae}, recalled", best, score("dae")),
            claim(f"{says} beta-VAE_DAE (1)", entangled, best, score("beta_vae_dae", 1.0)),
        ]
    return found
