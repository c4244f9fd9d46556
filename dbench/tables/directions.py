"""Which way a score is better, written once: +1 higher, -1 lower, 0 neither.

Of a score with no direction a comparison says "higher" or "lower", and nothing is chosen by it.
"""

LOWER = (
    "category_error",
    "d_lsbd",
    "distance_to_orthogonality",
    "gaussian_tc",
    "gaussian_tc_all",
    "jacobian_coherence",
    "mean_mi",
    "mean_mi_all",
    "operator_diversity",
    "reconstruction",
    "sym2img_diversity",
    "total_correlation",
    "unfairness",
    "wasserstein",
    "wasserstein_all",
    "wasserstein_normalised",
    "wasserstein_normalised_all",
)
NEITHER = ("active_units", "dimension_wise_kl", "index_code_mi", "kl", "polarisation")
HIGHER = (
    "dci_completeness",
    "dci_disentanglement",
    "dci_es_explicitness",
    "dci_informativeness",
    "dcimig",
    "elbo",  # no score of METRICS: minus reconstruction minus kl, see stats.selection
    "explicitness",
    "factor_vae",
    "factor_vae_all",
    "higgins",
    "img2sym_precision",
    "img2sym_recall",
    "infomec_c",
    "infomec_e",
    "infomec_m",
    "irs",
    "irs_all",
    "jemmig",
    "judged_reconstruction",
    "mcc",
    "mcc_spearman",
    "mig",
    "mig_histogram",
    "mig_histogram_all",
    "mig_sup",
    "modularity",
    "modularity_all",
    "nk",
    "operator_accuracy",
    "sap",
    "sap_continuous",
    "sap_continuous_all",
    "snc",
    "sym2img_accuracy",
    "udr_lasso",
    "udr_spearman",
    "z_max_var",
)
DOWNSTREAM = "downstream_"  # downstream_lr_100, ..., downstream_gbt_efficiency: higher
KNOWN = (*HIGHER, *LOWER, *NEITHER)


def known(metric: str) -> bool:
    """Whether this is the id of a score of dbench."""
    return metric in KNOWN or metric.startswith(DOWNSTREAM)


def direction(metric: str) -> int:
    """+1, -1 or 0; 0 too for a score that dbench does not know."""
    if metric in LOWER:
        return -1
    return int(metric in HIGHER or metric.startswith(DOWNSTREAM))
