"""A trained model being scored: what several scores need is made once, by its own key."""

import jax
import numpy as np
import pytest

from dbench.data import load
from dbench.scoring.jacobian import distance_to_orthogonality, jacobian_coherence
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs

BLOBS = load("xy_blobs")
OPTIONS = {"net": "small", "latents": 3}


def model(mesh, seed):
    program = programs.program(BLOBS, "beta_vae", OPTIONS, batch_size=8)
    params = programs.template(program).params
    zeros = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), params)
    return TrainedModel(BLOBS, program, {"beta": 1.0}, zeros, mesh, jax.random.key(seed))


@pytest.mark.slow
def test_scores_of_one_jacobian_share_it(mesh, monkeypatch):
    from dbench.scoring import jacobian

    calls, squares = [], jacobian.squares

    def counted(run, rows):
        calls.append(rows)
        return squares(run, rows)

    monkeypatch.setattr(jacobian, "squares", counted)
    run = model(mesh, 0)
    jacobian_coherence(run, rows=20)
    distance_to_orthogonality(run, rows=20)
    assert calls == [20]
    jacobian_coherence(run, rows=30)
    jacobian_coherence(model(mesh, 0), rows=20)
    assert calls == [20, 30, 20]


def test_rows_are_distinct_in_order_and_by_the_key(mesh):
    one, again, other = (model(mesh, seed).distinct(50) for seed in (0, 0, 1))
    assert (np.diff(one) > 0).all() and len(one) == 50 and one.max() < BLOBS.size
    assert (one == again).all() and (one != other).any()
    assert (model(mesh, 0).distinct(10_000) == np.arange(BLOBS.size)).all()
