"""Codes that are kept read back as they were, and score to the same numbers."""

import shutil
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.codes import from_file, to_file
from dbench.errors import InputError
from dbench.metrics import evaluate
from dbench.metrics.shared import tables

METRICS = ["mig_histogram", "factor_vae", "sap_continuous", "modularity", "mean_mi"]


def example(kind, dtype=np.float32):
    rng = np.random.default_rng(0)
    factors = rng.integers([3, 40], size=(500, 2)) * [2, 1]  # 1 and 3 are no values of the first
    mean = (factors @ rng.normal(size=(2, 3)) + rng.normal(size=(500, 3))).astype(dtype)
    if kind == "continuous":
        return tables.table(mean, factors + [0, 0.5], mean - 9, ("a", "b"), ["b"])
    if kind == "cyclic":
        return Table(mean, factors, None, ("a", "b"), cyclic=("b",))
    logvar = mean - 9 if kind == "logvar" else None
    groups = (("slot", (0, 2)),) if kind == "groups" else ()
    names = ("b", "a") if kind == "names" else None
    return Table(mean, factors, logvar, names, groups=groups)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["plain", "logvar", "names", "continuous", "cyclic", "groups"])
def test_what_is_kept_scores_to_the_same_numbers(tmp_path, kind, dtype):
    table, path = example(kind, dtype), tmp_path / "codes.npz"
    to_file.write(path, table, "dsprites", (737_280, 3))
    back = from_file.read(path)
    assert back.mean.dtype == dtype and (back.mean == table.mean).all()
    assert (back.logvar is None) == (table.logvar is None)
    assert back.continuous == table.continuous and back.cyclic == table.cyclic
    assert back.groups == table.groups
    one, two = (evaluate(t, jax.random.key(0), METRICS) for t in (table, back))
    assert {k: float(v) for k, v in one.items()} == {k: float(v) for k, v in two.items()}
    assert from_file.origin(path) == ("dsprites", (737_280, 3))


def test_a_file_of_others_says_nothing_of_its_rows(tmp_path):
    path = tmp_path / "codes.npz"
    factors = np.arange(12).reshape(6, 2) // 4
    odd = {"dataset": np.array([{}], object), "drawn": np.zeros(2), "continuous": np.ones(2, bool)}
    np.savez(path, mean=np.eye(6), factors=factors, **odd)
    assert from_file.origin(path) == ("", None) and not from_file.read(path).continuous
    odd = {"dataset": np.array(["a", "b"])} | dict.fromkeys(("continuous", "cyclic"), ["no factor"])
    np.savez(path, mean=np.eye(6), factors=factors, **odd)
    back = from_file.read(path)
    assert from_file.origin(path) == ("", None) and not back.continuous and not back.cyclic
    assert from_file.origin(tmp_path / "codes.parquet") == ("", None)


def test_no_room_is_said_before_the_work(tmp_path, monkeypatch):
    table = example("logvar")
    needed = table.mean.nbytes * 2 + table.factors.nbytes
    for free, refused in ((needed, False), (needed - 1, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, n=free: SimpleNamespace(free=n))
        if refused:
            with pytest.raises(InputError, match="--save-codes .*: the codes take .* MiB"):
                to_file.check_space(tmp_path / "new" / "codes.npz", table)
        else:
            to_file.check_space(tmp_path / "new" / "codes.npz", table)
