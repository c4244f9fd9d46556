"""Claims about what the theory says: directions, symmetry, combinations that were never seen."""

from functools import partial

from dbench.claims.judge import Claim
from dbench.claims.sides import Runs

THEORY = {
    "rolinek2019": "Rolinek et al. 2019, VAEs pursue PCA directions",
    "tonnaer2022": "Tonnaer et al. 2022, linear symmetry-based disentanglement",
    "montero2021": "Montero et al. 2021, disentanglement in generalisation",
}


def theory() -> list[Claim]:
    """All of them, paper by paper."""
    return [*_directions(), *_symmetry(), *_combinations()]


def _directions() -> list[Claim]:
    """Both scores are low where codes move the image in orthogonal directions."""
    claim, found = partial(Claim, "rolinek2019"), list[Claim]()
    names = {
        "distance_to_orthogonality": "distance to orthogonality",
        "jacobian_coherence": "coherence of the Jacobian",
    }
    for metric, name in names.items():
        score = partial(Runs, "rolinek2019", metric)
        vae, full, plain = (
            score("beta_vae", 4.0),
            score("full_covariance_vae", 4.0),
            score("autoencoder"),
        )
        told = "no number, recalled"
        found += [
            claim(f"a full covariance (4) has more {name} than a VAE (4)", told, full, vae),
            claim(f"an autoencoder has more {name} than a VAE (4)", told, plain, vae),
        ]
    return found


def _symmetry() -> list[Claim]:
    claim = partial(Claim, "tonnaer2022")
    score = partial(Runs, "symmetry", "d_lsbd", dataset="periodic_square")
    told = "far from 0 (bars of a figure), seen"
    return [
        claim(f"{name} has a d_lsbd above .3, squares", told, side, 0.3)
        for name, side in (
            ("a VAE", score("beta_vae", 1.0)),
            ("beta-TCVAE (4)", score("beta_tcvae", 4.0)),
        )
    ]


def _combinations() -> list[Claim]:
    """Hearts in the right half of dSprites were never shown."""
    claim, found = partial(Claim, "montero2021"), list[Claim]()
    score = partial(Runs, "compositional", dataset="dsprites_part")
    for name, model, beta in (("a VAE", "beta_vae", 1.0), ("beta-TCVAE (4)", "beta_tcvae", 4.0)):
        seen, unseen = (score(f"reconstruction_{rows}", model, beta) for rows in ("seen", "unseen"))
        says = f"{name} reconstructs combinations worse that it never saw"
        found.append(claim(says, "no number, recalled", unseen, seen))
    seen, unseen = (
        score(f"downstream_lr_1000_{rows}", "beta_tcvae", 4.0) for rows in ("seen", "unseen")
    )
    says = "codes of beta-TCVAE (4) tell the factors of such images worse"
    return [*found, claim(says, "no number, recalled", seen, unseen)]
