"""InfoMEC of codes that take few values each, as those of qlae and tripod: by id, for studies."""

import numpy as np

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics.infomec import infomec_c, infomec_e, infomec_m
from dbench.metrics.shared.metric import Metric, variant

MOST = 256  # values of a code; of more, each row has its own, and every code knows everything


def need_few_values(table: Table, metric: str) -> None:
    """Raise InputError if a code has so many values that it is no quantised one."""
    for j, code in enumerate(table.mean.T):
        if (values := len(np.unique(code))) > MOST:
            raise InputError(
                f"{metric} is for codes of at most {MOST} values, and code {j} has {values:,}: "
                f"take {metric.removesuffix('_discrete')}"
            )


def discrete(metric: Metric, what: str) -> Metric:
    """`metric` of symbols."""
    name = f"{metric.__name__}_discrete"
    return variant(metric, name, what, needs=(need_few_values,), discrete=True)


infomec_m_discrete = discrete(infomec_m, "InfoM of quantised codes: each value is a symbol.")
infomec_e_discrete = discrete(infomec_e, "InfoE of quantised codes: each value is a symbol.")
infomec_c_discrete = discrete(infomec_c, "InfoC of quantised codes: each value is a symbol.")
