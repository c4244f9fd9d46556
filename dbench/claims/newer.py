"""Claims of papers beyond the six methods: pairs, few labels, support, quantised codes, symbols.

None of their tables was seen: what is published stands here as it is recalled.
"""

from functools import partial

import pandas as pd

from dbench.claims.judge import Claim
from dbench.claims.sides import Runs, Statistic
from dbench.claims.whole_table import rank_correlation
from dbench.errors import InputError

NEWER = {
    "locatello2020": "Locatello et al. 2020, weak supervision by pairs (ICML)",
    "locatello2020few": "Locatello et al. 2020, few labels (ICLR)",
    "roth2023": "Roth et al. 2023, HFS",
    "hsu2023": "Hsu et al. 2023 and 2024, QLAE and Tripod",
    "reed2014": "Reed et al. 2014, DisBM",
}
NAMES = {
    "factor_vae": "FactorVAE score",
    "mig": "MIG",
    "dci_disentanglement": "DCI disentanglement",
    "infomec_m_auto": "InfoM",
    "infomec_e_auto": "InfoE",
}


def _pairs() -> list[Claim]:
    claim, found = partial(Claim, "locatello2020"), []
    told = {"factor_vae": ".847 and .660", "mig": ".266 and .102"}
    told["dci_disentanglement"] = ".479 and .186"
    for metric, numbers in told.items():
        score = partial(Runs, "locatello2020", metric)
        ada, published = score("ada_gvae", 8.0), f"{numbers}, medians over strengths, recalled"
        says = f"Ada-GVAE (8) has more {NAMES[metric]} than"
        found += [
            claim(f"{says} beta-VAE (8)", published, ada, score("beta_vae", 8.0)),
            claim(
                f"{says} beta-TCVAE (8)",
                "above all without pairs, recalled",
                ada,
                score("beta_tcvae", 8.0),
            ),
        ]
    for metric in ("dci_disentanglement", "mig"):
        name = f"rank correlation of error of pairs and {NAMES[metric]}, Ada-GVAE"
        alike = partial(_chosen_by_pairs, metric=metric)
        says = f"Ada-GVAE's runs that reconstruct pairs better have more {NAMES[metric]}"
        published = "runs are chosen so, without labels, recalled"
        found.append(claim(says, published, 0.0, Statistic("locatello2020", name, alike)))
    score = partial(Runs, "locatello2020", "mig")
    return [
        *found,
        claim(
            "Ada-GVAE (8) has more MIG than Ada-ML-VAE (8)",
            "as high or higher, recalled",
            score("ada_gvae", 8.0),
            score("ada_ml_vae", 8.0),
        ),
        claim(
            "Ada-GVAE (8) reaches a FactorVAE score of .8",
            ".847, median over strengths, recalled",
            Runs("locatello2020", "factor_vae", "ada_gvae", 8.0),
            0.8,
            height=True,
        ),
    ]


def _chosen_by_pairs(frame: pd.DataFrame, metric: str) -> float:
    """Over Ada-GVAE's runs, of all strengths."""
    runs = frame[frame["model"] == "ada_gvae"]
    return rank_correlation(runs, "pair_reconstruction", metric)


def _few_labels() -> list[Claim]:
    claim, found = partial(Claim, "locatello2020few"), []
    for metric in ("mig", "dci_disentanglement"):
        score = partial(Runs, "few_labels", metric)
        few, many = (score("s2_beta_vae", n) for n in (100.0, 1000.0))
        says, name = "S2-beta-VAE with {} labels has more {} than {}".format, NAMES[metric]
        help_, more = "labels help, recalled", "more labels help more, recalled"
        found += [
            claim(says(100, name, "beta-VAE (4)"), help_, few, score("beta_vae", 4.0)),
            claim(says("1,000", name, "beta-VAE (4)"), help_, many, score("beta_vae", 4.0)),
            claim(says("1,000", name, "with 100"), more, many, few),
        ]
    return found


def _support() -> list[Claim]:
    claim = partial(Claim, "roth2023")
    score = partial(Runs, "roth2023", "dci_disentanglement")
    tc = {name: score("beta_tcvae", 6.0, name) for name in ("dsprites", "correlated")}
    hfs = {name: score("hfs", 10.0, name) for name in ("dsprites", "correlated")}
    return [
        claim(
            "beta-TCVAE (6) has less DCI disentanglement if factors are correlated",
            "methods that make codes independent lose, recalled",
            tc["dsprites"],
            tc["correlated"],
        ),
        claim(
            "HFS (10) then has more of it than beta-TCVAE (6)",
            "HFS above all others, recalled",
            hfs["correlated"],
            tc["correlated"],
        ),
        claim(
            "beta-TCVAE (6) loses more of it by the correlation than HFS (10)",
            "HFS loses less, recalled",
            _loss("beta_tcvae", 6.0),
            _loss("hfs", 10.0),
        ),
    ]


def _loss(model: str, value: float) -> Statistic:
    name = f"loss of DCI disentanglement of {model}"
    return Statistic("roth2023", name, partial(_lost, model=model, value=value))


def _lost(frame: pd.DataFrame, model: str, value: float) -> float:
    """Mean DCI disentanglement on independent factors less that on correlated ones."""
    keep = (frame["model"] == model) & (frame["value"] == value)
    rows = frame[keep & (frame["metric"] == "dci_disentanglement")]
    means = rows.groupby("dataset")["score"].mean()
    if lacks := [name for name in ("dsprites", "correlated") if name not in means]:
        raise InputError(f"the table has no {model} {value:g} on {lacks[0]}")
    return float(means["dsprites"] - means["correlated"])


def _quantised() -> list[Claim]:
    claim, found = partial(Claim, "hsu2023"), []
    for metric in ("infomec_m_auto", "infomec_e_auto"):
        score = partial(Runs, "hsu2023", metric)
        qlae, plain, tc = score("qlae", 10.0), score("autoencoder"), score("beta_tcvae", 4.0)
        says, told = f"QLAE has more {NAMES[metric]} than", "above all baselines, recalled"
        found += [
            claim(f"{says} an autoencoder", told, qlae, plain),
            claim(f"{says} beta-TCVAE (4)", told, qlae, tc),
        ]
    score = partial(Runs, "hsu2023", "infomec_m_auto")
    return [
        *found,
        claim(
            "Tripod (hessian .01) has more InfoM than QLAE",
            "above QLAE, recalled",
            score("tripod", 0.01),
            score("qlae", 10.0),
        ),
    ]


def _reed() -> list[Claim]:
    """Of faces; their numbers are of Multi-PIE, and recalled."""
    claim = partial(Claim, "reed2014")
    score = partial(Runs, "disbm_faces", "verification")
    clamp, manifold, none = (score(f"disbm{way}") for way in ("", "_manifold", "_unpaired"))
    pose, without = (Runs("disbm_faces", "pose_regression", m) for m in ("disbm", "disbm_unpaired"))
    others = Runs("disbm_faces", "verification_others", "disbm_manifold")
    crossed = Runs("disbm_faces", "pose_regression_first", "disbm_manifold")
    own = pose._replace(model="disbm_manifold")
    told, says = "an AUROC of .85 and .62, recalled", "says so, recalled"
    poses = "98.2% and 93.1% (an RBM) of poses, recalled"
    return [
        claim("identity units verify better with clamping than without pairs", told, clamp, none),
        claim("the manifold term verifies better", ".975 and .85, recalled", manifold, clamp),
        claim("pose units tell more of the pose than without pairs", poses, pose, without),
        claim("identity units verify better than pose units", says, manifold, others),
        claim("pose units tell more of the pose than identity units", says, own, crossed),
        claim("verification reaches .9", ".975, recalled", manifold, 0.9, height=True),
    ]


def _scan() -> list[Claim]:
    """All recalled, digits less surely than which is the higher."""
    claim, score = partial(Claim, "higgins2018"), partial(Runs, "scan_rooms")
    other = partial(Runs, "scan_rivals")
    wide, narrow = (score("sym2img_diversity", model) for model in ("scan", "scan_r"))
    joint, three = (other("sym2img_diversity", model) for model in ("jmvae", "telbo"))
    joined, alike = (score("operator_diversity", model) for model in ("scan", "scan_r"))
    right, entangled = (score("sym2img_accuracy", model) for model in ("scan", "scan_u"))
    rival = other("sym2img_accuracy", "jmvae")
    made = score("operator_accuracy", "scan")
    told = "{} and 1.46 nats from flat, recalled".format
    return [
        claim("images of SCAN_R are less diverse than those of SCAN", told("7.17"), narrow, wide),
        claim("images of JMVAE are less diverse than those of SCAN", told("4.32"), joint, wide),
        claim("images of TrELBO are less diverse than those of SCAN", told("9.41"), three, wide),
        claim("and those of SCAN_R's operators", "13.2 and 1.08, recalled", alike, joined),
        claim("SCAN is more accurate than SCAN_U", "says so, recalled", right, entangled),
        claim("SCAN is more accurate than JMVAE", ".82 and .75, recalled", right, rival),
        claim("SCAN's accuracy is .8", ".82, recalled", right, 0.8, height=True),
        claim("and that of its operators .75", ".79, recalled", made, 0.75, height=True),
    ]


def newer() -> list[Claim]:
    """All of them, paper by paper."""
    return [
        *_pairs(),
        *_few_labels(),
        *_support(),
        *_quantised(),
        *_reed(),
        *_scan(),
    ]
