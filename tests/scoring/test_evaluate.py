"""One seed, one number: a score is the same from Python, from the command line and in a study."""

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from dbench import metrics
from dbench.codes import from_file
from dbench.metrics.registry import OF_CYCLIC
from dbench.scoring import evaluate

SEED = 3
FACTORS = np.indices((4, 4, 4)).reshape(3, -1).T
MEAN = np.random.default_rng(0).normal(FACTORS @ np.diag([1.0, -2.0, 0.5]), 0.7).astype(np.float32)
LOGVAR = np.full_like(MEAN, -1.0)


HEAVY = (
    *("downstream", "unfairness", "explicitness", "irs", "infomec", "dci", "sap"),
    *("higgins", "nk"),
)


@pytest.mark.slow
def test_one_seed_one_number(tmp_path, dbench):
    """That a metric alone gives what it gives beside others: test_common.py, for every metric."""
    file, out = tmp_path / "codes.npz", tmp_path / "scores.csv"
    np.savez(file, mean=MEAN, logvar=LOGVAR, factors=FACTORS)
    table = from_file.read(file)
    names = [n for n in metrics.METRICS if not n.startswith(HEAVY) and n not in OF_CYCLIC]
    names.append("sap_continuous")  # it learns from rows that are drawn
    given = ("--representation", file, "--seed", SEED, "--output", out)
    assert dbench("evaluate", *given, "--metrics", "factor_vae,mig_histogram,kl")[0] == 0
    written = pd.read_csv(out, index_col="metric")["score"]
    studied = evaluate.scores(table, names, SEED)  # what a study calls, with the seed of a run
    for name in names:
        called = metrics.METRICS[name](MEAN, FACTORS, LOGVAR, seed=SEED).value
        assert called == studied[name].value, name
        if name in written:
            assert written[name] == pytest.approx(called, rel=1e-9), name


def test_seeds_draw_differently():
    one, other = (metrics.mig_histogram(MEAN, FACTORS, seed=seed, rows=100) for seed in (3, 4))
    assert one.value != other.value


def test_scores_of_a_model_have_one_thread_of_blas_on_any_machine(monkeypatch):
    """As ridge regression had other last digits on two cores than on one."""

    def threads(run):
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    monkeypatch.setitem(evaluate.MODEL_METRICS, "threads", threads)
    monkeypatch.setattr(evaluate, "trained", lambda *_: None)
    with threadpool_limits(2):
        assert threads(None) == {2}
        found = evaluate.model_scores(None, {}, None, None, ["threads"], 0)
    assert found == {"threads": {1}}
