import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import State
from dbench.errors import InputError
from dbench.training import checkpoint

CONFIG = {"dataset": "d", "model": "m", "options": {}, "seed": 0, "steps": 9, "batch_size": 4}


def state():
    params = {"params": {"layer": {"kernel": np.arange(6.0, dtype=np.float32).reshape(2, 3)}}}
    return State(params, (jnp.array(3), {"mu": params}), jnp.array(7, jnp.int32))


def template():
    return jax.eval_shape(lambda: jax.tree.map(jnp.asarray, state()))


def test_training_state_comes_back_bit_for_bit(tmp_path):
    checkpoint.write_training(tmp_path, state())
    back = checkpoint.read_training(tmp_path, template())
    assert jax.tree.structure(back) == jax.tree.structure(state())
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), back, state()))
    assert checkpoint.read_training(tmp_path / "empty", template()) is None


def test_parameters_are_one_plain_file_and_mark_the_end(tmp_path):
    with pytest.raises(InputError, match="no parameters.safetensors"):
        checkpoint.require_parameters(tmp_path)
    checkpoint.write_parameters(tmp_path, state().params)
    back = checkpoint.read_parameters(tmp_path, template().params)
    assert (back["params"]["layer"]["kernel"] == state().params["params"]["layer"]["kernel"]).all()
    assert [path.name for path in tmp_path.iterdir()] == ["parameters.safetensors"]


def test_config_round_trip(tmp_path, monkeypatch):
    monkeypatch.delenv("XLA_FLAGS", raising=False)  # those that may change numbers are noted too
    checkpoint.write_config(tmp_path, CONFIG)
    assert checkpoint.read_config(tmp_path) == checkpoint.stamped(CONFIG)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (json.dumps(CONFIG | {"version": 0}), "version 0, but this dbench reads version 1"),
        (json.dumps({"version": 1, "model": "m"}), "lacks dataset, options, seed"),
        ('{"version": 1, "mod', "not valid JSON"),
        ("[1]", "no JSON object"),
    ],
)
def test_bad_configs(tmp_path, content, said):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match=said):
        checkpoint.read_config(tmp_path)


def test_no_config(tmp_path):
    with pytest.raises(InputError, match="no checkpoint: it has no config.json"):
        checkpoint.read_config(tmp_path)


def test_cut_off_file(tmp_path):
    checkpoint.write_parameters(tmp_path, state().params)
    path = tmp_path / "parameters.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="is damaged"):
        checkpoint.read_parameters(tmp_path, template().params)


def test_parameters_of_another_shape(tmp_path):
    checkpoint.write_parameters(tmp_path, {"params": {"layer": {"kernel": np.zeros((4, 3))}}})
    with pytest.raises(InputError, match=r"should be float32\[2, 3\], there is float64\[4, 3\]"):
        checkpoint.read_parameters(tmp_path, template().params)
