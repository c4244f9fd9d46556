"""Which way a score is better, written once: +1 higher, -1 lower, 0 neither.

Of a score with no direction a comparison says "higher" or "lower", and nothing is chosen by it.
Of a score of a user's own its function says it (`better`), the .json beside its table, or --better.
"""

from collections.abc import Collection, Mapping
from typing import Any

from dbench.errors import InputError, choose, short
from dbench.metrics import METRICS

LOWER = (
    "analogy",
    "category_error",
    "d_lsbd",
    "distance_to_orthogonality",
    "fos",
    "fos_normalised",
    "gaussian_tc",
    "gaussian_tc_all",
    "jacobian_coherence",
    "mean_mi",
    "mean_mi_all",
    "operator_diversity",
    "pair_reconstruction",
    "reconstruction",
    "sym2img_diversity",
    "total_correlation",
    "uncontrolled",
    "unfairness",
    "wasserstein",
    "wasserstein_all",
    "wasserstein_normalised",
    "wasserstein_normalised_all",
)
NEITHER = (
    "active_units",
    "dimension_wise_kl",
    "index_code_mi",
    "kl",
    "polarisation",
    "pose_regression_first",
    "verification_others",
)
HIGHER = (
    "a2c_source",
    "a2c_target",
    "a2c_tuned_source",
    "a2c_tuned_target",
    "action_selectivity",
    "controlled_infomec_m",
    "controlled_modularity",
    "dci_completeness",
    "dci_disentanglement",
    "dci_es_explicitness",
    "dci_informativeness",
    "dcimig",
    "dqn_source",
    "dqn_target",
    "dqn_tuned_source",
    "dqn_tuned_target",
    "elbo",  # no score of METRICS: minus reconstruction minus kl, see stats.selection
    "episodic_control_source",
    "episodic_control_target",
    "explicitness",
    "factor_vae",
    "factor_vae_all",
    "higgins",
    "img2sym_precision",
    "img2sym_recall",
    "infomec_c",
    "infomec_c_auto",
    "infomec_e",
    "infomec_e_auto",
    "infomec_m",
    "infomec_m_auto",
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
    "policy_agreement",
    "operator_accuracy",
    "pose_regression",
    "sap",
    "sap_continuous",
    "sap_continuous_all",
    "snc",
    "sym2img_accuracy",
    "symbol_specificity",
    "udr_lasso",
    "udr_spearman",
    "verification",
    "z_max_var",
)
PARTS = ("_seen", "_unseen")  # mig_seen: mig of the rows that training saw, see scoring/apart.py
GROUPED = "_grouped"  # mig_grouped: with a model's groups of codes as one code each
DOWNSTREAM = "downstream_"  # downstream_lr_100, ..., downstream_gbt_efficiency: higher
KNOWN = (*HIGHER, *LOWER, *NEITHER)
WAYS = {"higher": 1, "lower": -1}
_said: dict[str, str] = {}  # of the comparison or report that is made: --better
learned: dict[str, str] = {}  # beside the tables that were read


def base(metric: str) -> str:
    """`metric` without what it is of: mig of mig_seen, and of mig_grouped."""
    if ":" in metric:  # MODULE:FUNCTION, a name of a user's own
        return metric
    ends = (*PARTS, GROUPED)
    return next((metric.removesuffix(end) for end in ends if metric.endswith(end)), metric)


def suffix(metric: str) -> str:
    """What a score is of: a part of PARTS, GROUPED, or "" for all rows and single codes."""
    return metric[len(base(metric)) :]


def known(metric: str) -> bool:
    """Whether this is the id of a score of dbench."""
    metric = base(metric)
    return metric in KNOWN or metric.startswith(DOWNSTREAM)


def direction(metric: str) -> int:
    """+1, -1 or 0; 0 too for a score of which nobody said it."""
    if known(metric):
        metric = base(metric)
        return -1 if metric in LOWER else int(metric not in NEITHER)
    own = METRICS.get(metric)
    way = _said.get(metric) or learned.get(metric) or (own.better if own else None)
    return WAYS[way] if way else 0


def say(ways: Mapping[str, str], metrics: Collection[str]) -> None:
    """Which way scores that dbench does not know are better, in place of what was said before.

    `ways` is {score: "higher" or "lower"}, of scores that are among `metrics`.
    """
    for metric, way in ways.items():
        if known(metric):
            raise InputError(f"better: {metric} is a score of dbench, whose direction is known")
        choose("score of these tables", metric, metrics)
        if way not in WAYS:
            raise InputError(f"better: {metric} is better 'higher' or 'lower', not {short(way)}")
    _said.clear()
    _said.update(ways)


def learn(content: dict) -> None:
    """What the .json beside a table says of scores that dbench does not know."""
    for each in [content, *_dicts(content.get("runs")).values()]:
        for metric, entry in _dicts(each.get("scores")).items():
            if (way := entry.get("better")) in tuple(WAYS) and not known(metric):
                learned[metric] = way


def _dicts(found: Any) -> dict[str, dict]:
    """Those of the values that are dicts; of what is none, none."""
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, dict)}
