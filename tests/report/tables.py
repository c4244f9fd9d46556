"""Study folders made up for the tests of the report."""

import itertools
import json

import numpy as np
import pandas as pd

from dbench.tables import results

MODELS = {"beta_vae": ("beta", [1, 4]), "factor_vae": ("gamma", [10, 40])}


def table(models=MODELS, seeds=3, metrics=("mig", "reconstruction"), study="mine", data=("d",)):
    """Scores that differ, and can be told: 0, 0.01, ... in the order of the table."""
    rows = [
        (study, "laptop", d, m, h, v, s, 100, x, f"laptop/{d}/{m}/{h}={v}/seed={s}")
        for d in data
        for m, (h, values) in models.items()
        for v, s, x in itertools.product(values, range(seeds), metrics)
    ]
    columns = [name for name in results.DTYPES if name not in ("score", "stderr")]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(score=np.arange(len(rows)) / 100, stderr=0.01)
    return frame[list(results.DTYPES)].astype(results.DTYPES)


def without_strength(frame, model):
    """The same scores, of a model that has no strength: a GAN or a baseline."""
    own = frame["model"] == model
    name, value = frame["hyperparameter"].mask(own, ""), frame["value"].mask(own)
    return frame.assign(hyperparameter=name, value=value)


def folder(path, frame, versions="1", logs=True):
    """A results folder with this table, a study.json and the log.csv of each run."""
    path.mkdir(parents=True)
    frame.to_csv(path / results.TABLE, index=False)
    entry = {"settings": {"seeds": 3}, "versions": {"jax": versions}, "seconds": {"all": 90.0}}
    (path / "study.json").write_text(json.dumps({"laptop": entry}))
    for run in frame["run"].unique() if logs else ():
        (path / run).mkdir(parents=True)
        lines = [f"{step},{-100 + step},{90 - step},5,3,2" for step in range(10, 60, 10)]
        text = "\n".join(["step,elbo,reconstruction,kl,kl_latent_0,kl_latent_1", *lines])
        (path / run / results.LOG).write_text(text)
    return path
