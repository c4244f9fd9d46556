"""A study with a metric and a model of the user's own, from its file to its scored checkpoint."""

import pandas as pd
import pytest

from dbench import study
from dbench.errors import InputError
from dbench.study import runner
from dbench.tables import load
from tests.own_code import forget

CODE = """
import jax.numpy as jnp
from dbench.models.vae import vae

def lasso_vae(shape, *, weight: float = 1.0, **options):
    def penalty(batch):
        size = jnp.abs(batch.mean).sum(axis=1).mean()
        return batch.kl + weight * size, {"size": size}
    return vae(shape, penalty, **options)

def broken(shape, *, weight: float = 1.0, **options):
    def penalty(batch):
        raise KeyError("no")
    return vae(shape, penalty, **options)

def largest(codes, factors):
    return abs(codes).max()
"""
TEXT = """
Study.datasets = ['xy_blobs']
Study.sweep = {'MODULE:lasso_vae': {'weight': [0, 1]}}
Study.metrics = ['MODULE:largest', 'mig_histogram']
Study.options = {'net': 'mlp', 'latents': 2}
Study.seeds = 1
Study.steps = 4
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    name = f"own_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(CODE)
    (tmp_path / "mine.gin").write_text(TEXT.replace("MODULE", name))
    yield name
    forget()


@pytest.mark.slow
def test_it_is_trained_and_scored_and_scored_again(module, tmp_path, dbench):
    assert runner.run_study(study.load("mine.gin", "smoke"), tmp_path) == {}
    frame = load(tmp_path / "mine")
    assert set(frame["model"]) == {f"{module}:lasso_vae"} and len(frame) == 4
    assert set(frame["metric"]) == {f"{module}:largest", "mig_histogram"}
    run = tmp_path / "mine" / frame["run"][0]
    assert run == tmp_path / f"mine/smoke/xy_blobs/{module}.lasso_vae/weight=0/seed=0"
    forget()  # as in a command of its own
    command = ("evaluate", "--checkpoint", run, "--metrics", f"{module}:largest,mig_histogram")
    code, _, err = dbench(*command)
    assert code == 2 and f"say so with --model {module}:lasso_vae" in err
    code, out, err = dbench(*command, "--model", f"{module}:lasso_vae", "--output", "again.csv")
    assert code == 0, err
    again = pd.read_csv("again.csv")
    assert list(again["score"]) == list(frame["score"][:2])
    assert f"{module}:largest" in out
    runs = [tmp_path / "mine" / name for name in frame["run"].unique()]
    forget()
    code, _, err = dbench("udr", *runs)
    assert code == 2 and f"say so with --model {module}:lasso_vae" in err
    code, out, err = dbench("udr", *runs, "--model", f"{module}:lasso_vae", "--rows", 50)
    assert code == 0 and "udr_spearman" in out, err
    code, _, err = dbench("utilisation", run, "--model", f"{module}:lasso_vae")
    assert code == 2 and "lacks the columns capacity, kl_latent_" in err
    # Folders had a colon in their names: their runs are read, and go on once they are renamed.
    new, old = run.parents[1], run.parents[1].with_name(f"{module}:lasso_vae")
    new.rename(old)
    with pytest.raises(InputError, match=f"{old} is of an older dbench: rename it to {new}, and"):
        runner.run_study(study.load("mine.gin", "smoke"), tmp_path)
    command = ("evaluate", "--checkpoint", old / "weight=0" / "seed=0", *command[3:])
    code, _, err = dbench(*command, "--model", f"{module}:lasso_vae")
    assert code == 0, err
    old.rename(new)
    before = (run / "scores.csv").stat()
    assert runner.run_study(study.load("mine.gin", "smoke"), tmp_path) == {}
    assert (run / "scores.csv").stat() == before


@pytest.mark.slow
def test_what_is_wrong_is_said_before_any_training(module, tmp_path):
    text = (tmp_path / "mine.gin").read_text()
    (tmp_path / "mine.gin").write_text(text.replace("lasso_vae", "broken"))
    said = rf"update of the model {module}:broken raised KeyError: .*no"
    with pytest.raises(InputError, match=said):
        runner.run_study(study.load("mine.gin", "smoke"), tmp_path)
    (tmp_path / "mine.gin").write_text(text.replace(":largest", ":gone"))
    with pytest.raises(InputError, match="mine.gin: the module .* has no 'gone'"):
        study.load("mine.gin", "smoke")
