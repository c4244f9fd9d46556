"""The reconstruction error of pairs against NumPy, and what has none."""

import jax
import numpy as np
import pytest

from dbench.data import DATASETS, views
from dbench.data.views import sampling
from dbench.errors import InputError
from dbench.models import losses
from dbench.scoring.pair_reconstruction import pair_reconstruction, pairs_up
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices, programs

OPTIONS = {"net": "small", "latents": 6, "learning_rate": 1e-3}
PAIRS, KEY = 40, jax.random.key(3)


@pytest.fixture(scope="module")
def data():
    return DATASETS["dsprites_tiny"](None)


@pytest.fixture(scope="module")
def params(data):
    """Of an untrained VAE; those of the models of pairs look alike."""
    model = programs.program(data, "beta_vae", OPTIONS).build()
    return devices.once(model.init)(jax.random.key(0)).params


@pytest.fixture
def score(data, params, mesh, monkeypatch):
    """The score with means for samples: model, options -> Score."""
    monkeypatch.setattr(losses, "sample", lambda _key, mean, _logvar: mean)

    def of(name, **options):
        program = programs.program(data, name, OPTIONS | options)
        return pair_reconstruction(TrainedModel(data, program, {}, params, mesh, KEY), pairs=PAIRS)

    return of


def by_numpy(data, params, changes):
    """Of a GVAE, which is told: the error of each pair."""
    model = programs.program(data, "beta_vae", OPTIONS).build()
    first, second, changed = sampling.pairs(data.sizes, jax.random.split(KEY)[0], PAIRS, changes)
    images = [data.gather(data.arrays, rows) for rows in (first, second)]
    one, two = (np.asarray(model.encode(params, x)[0], float) for x in images)
    own = np.zeros((PAIRS, 6), bool)
    own[:, : len(data.varying)] = np.asarray(changed)[:, data.varying]
    nats = []
    for x, mean in zip(images, (one, two), strict=True):
        z = np.where(own, mean, (one + two) / 2)
        p, x = (np.asarray(y, float) for y in (model.decode(params, np.float32(z)), x))
        nats.append(-(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3)))
    return np.mean(nats, axis=0), (~own).sum(axis=1).mean()


@pytest.mark.slow
@pytest.mark.parametrize("changes", [1, 3])
def test_by_numpy(data, params, score, changes):
    each, shared = by_numpy(data, params, changes)
    found = score("gvae", changes=changes)
    assert found.value == pytest.approx(each.mean(), rel=1e-4)
    assert found.stderr == pytest.approx(each.std(ddof=1) / np.sqrt(PAIRS), rel=1e-2)
    assert found.parts["shared"] == pytest.approx(shared) == 6 - changes


@pytest.mark.slow
def test_another_vae_is_treated_as_an_ada_gvae(score):
    other, ada = score("beta_vae"), score("ada_gvae")
    assert other.value == ada.value and other.parts == ada.parts
    assert 0 < ada.parts["shared"] < 6


@pytest.mark.slow
def test_what_has_no_pairs_or_posteriors_is_refused(data):
    def refused(said, name="beta_vae", data=data):
        with pytest.raises(InputError, match=said):
            pairs_up(programs.program(data, name, OPTIONS), data)

    refused("needs posteriors and p.x given z., which autoencoder has not", "autoencoder")
    refused(
        "draws pairs that share factors, of all that .*: no view",
        data=views.view(data, {"part": [0.5, 0]}),
    )
    refused("needs factors", data=data._replace(names=(), factors=data.factors[:, :0], values=()))
