"""All metrics by id, and names for several of them.

To add one: a file with a function under `@metric`, a line here, a row in
tests/metrics/test_common.py.
"""

from collections.abc import Sequence

from dbench.base import Table
from dbench.errors import InputError, choose
from dbench.metrics.active_units import active_units
from dbench.metrics.covariance import (
    gaussian_tc,
    gaussian_tc_all,
    wasserstein,
    wasserstein_all,
    wasserstein_normalised,
    wasserstein_normalised_all,
)
from dbench.metrics.d_lsbd import d_lsbd
from dbench.metrics.dci import dci_completeness, dci_disentanglement, dci_informativeness
from dbench.metrics.dci_es_explicitness import dci_es_explicitness
from dbench.metrics.dcimig import dcimig
from dbench.metrics.decomposition import dimension_wise_kl, index_code_mi, total_correlation
from dbench.metrics.downstream import DOWNSTREAM
from dbench.metrics.explicitness import explicitness
from dbench.metrics.factor_vae import factor_vae, factor_vae_all
from dbench.metrics.fos import fos, fos_normalised
from dbench.metrics.higgins import higgins
from dbench.metrics.infomec import infomec_c, infomec_e, infomec_m
from dbench.metrics.infomec_auto import (
    infomec_c_auto,
    infomec_e_auto,
    infomec_m_auto,
)
from dbench.metrics.irs import irs, irs_all
from dbench.metrics.jemmig import jemmig
from dbench.metrics.kl import kl
from dbench.metrics.mcc import mcc, mcc_spearman
from dbench.metrics.mean_mi import mean_mi, mean_mi_all
from dbench.metrics.mig import mig
from dbench.metrics.mig_histogram import mig_histogram, mig_histogram_all
from dbench.metrics.mig_sup import mig_sup
from dbench.metrics.modularity import modularity, modularity_all
from dbench.metrics.nk import nk
from dbench.metrics.sap import sap
from dbench.metrics.sap_continuous import sap_continuous, sap_continuous_all
from dbench.metrics.shared.metric import Metric
from dbench.metrics.snc import snc
from dbench.metrics.unfairness import unfairness
from dbench.metrics.z_max_var import z_max_var

METRICS: dict[str, Metric] = {
    metric.__name__: metric
    for metric in (
        higgins,
        factor_vae,
        factor_vae_all,
        mig,
        mig_histogram,
        mig_histogram_all,
        mig_sup,
        jemmig,
        dcimig,
        dci_disentanglement,
        dci_completeness,
        dci_informativeness,
        sap,
        sap_continuous,
        sap_continuous_all,
        modularity,
        modularity_all,
        explicitness,
        irs,
        irs_all,
        infomec_m,
        infomec_e,
        infomec_c,
        gaussian_tc,
        gaussian_tc_all,
        wasserstein,
        wasserstein_all,
        wasserstein_normalised,
        wasserstein_normalised_all,
        mean_mi,
        mean_mi_all,
        active_units,
        kl,
        index_code_mi,
        total_correlation,
        dimension_wise_kl,
        *DOWNSTREAM,
        unfairness,
        mcc,
        mcc_spearman,
        z_max_var,
        snc,
        nk,
        dci_es_explicitness,
        d_lsbd,
        fos,
        fos_normalised,
        infomec_m_auto,
        infomec_e_auto,
        infomec_c_auto,
    )
}
DCI = ["dci_disentanglement", "dci_completeness", "dci_informativeness"]
UNSUPERVISED = ["gaussian_tc", "wasserstein", "wasserstein_normalised", "mean_mi"]
# Scores that came later than `default`: it stays as it is, so that studies keep their tables.
LATER = ["mcc", "mcc_spearman", "z_max_var", "snc", "nk", "dci_es_explicitness"]
INFOMEC_AUTO = ["infomec_m_auto", "infomec_e_auto", "infomec_c_auto"]
LATER += ["fos", "fos_normalised", *INFOMEC_AUTO]
OF_CYCLIC = ["d_lsbd"]  # for the few data sets that declare cyclic factors
GROUPS: dict[str, list[str]] = {  # names for several ids
    # Whatever the table allows, without and with what takes longer than all the rest.
    "default": [
        name
        for name in METRICS
        if not name.startswith("downstream_lr") and name not in (*LATER, *OF_CYCLIC)
    ],
    "all": list(METRICS),
    # The scores of Locatello et al. 2019: their six, what belongs to them, the unsupervised ones.
    "study": [
        "higgins",
        "factor_vae",
        "mig_histogram",
        *DCI,
        "sap",
        "modularity",
        "explicitness",
        *UNSUPERVISED,
    ],
    "later": LATER,
    "dci": DCI,
    "infomec": ["infomec_m", "infomec_e", "infomec_c"],
    "infomec_auto": INFOMEC_AUTO,
    "unsupervised": UNSUPERVISED,
    "downstream": [metric.__name__ for metric in DOWNSTREAM],
    "elbo": ["kl", "index_code_mi", "total_correlation", "dimension_wise_kl"],
}


def select(names: Sequence[str], table: Table | None = None) -> list[str]:
    """The metric ids that ids and names of groups stand for, each once, in the order given.

    Of "default" and "all", those that `table` allows (all of them if None).
    """
    chosen = []
    for name in names:
        if name in ("udr_lasso", "udr_spearman"):
            raise InputError(f"{name} compares several runs: use `dbench udr RUN RUN ...`")
        choose("metric", name, [*METRICS, *GROUPS])
        ids = GROUPS.get(name, [name])
        if name in ("default", "all") and table is not None:
            known = allowed(table)
            ids = [each for each in ids if each in known]
        chosen += ids
    return list(dict.fromkeys(chosen))


def allowed(table: Table) -> list[str]:
    """The ids of the metrics that this table can be scored by, in the order of METRICS."""

    def fits(metric):
        try:
            metric.check(table)
        except InputError:
            return False
        return True

    return [name for name, metric in METRICS.items() if fits(metric)]
