"""Models of a user's own: a sentence for each mistake, and what a constructor must be."""

import jax
import pytest

from dbench.base import Model
from dbench.errors import InputError
from dbench.models import MODELS, defaults, own, split
from tests.own_code import forget

CODE = """
from dbench.models.vae import vae

def plain(shape, *, weight: float = 2.0, **options):
    \"\"\"Mine.\"\"\"
    return vae(shape, lambda batch: (weight * batch.kl, {}), **options)

def raising(shape, *, weight: float = 2.0):
    def no(*_): raise KeyError("no")
    return vae(shape, no)

def nothing(shape, *, weight: float = 1.0): return 3
def early(shape, *, weight: float = 1.0): raise SystemExit(1)
def no_shape(*, weight: float = 1.0): pass
def two(shape, size, *, weight: float = 1.0): pass
def bare(shape, *, weight): pass
def listed(shape, *, weight=()): pass
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    name = f"models_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(CODE)
    yield name
    forget()


def test_a_constructor_is_a_model_like_any_other(module):
    name = f"{module}:plain"
    own.register([name, "beta_vae", 3])
    assert defaults(name)["weight"] == 2.0 and "latents" in defaults(name)
    numbers, structure = split(name, {"weight": 3, "latents": 4})
    assert numbers["weight"] == 3.0 and ("latents", 4) in structure
    model = MODELS[name]((8, 8, 1), weight=1.0, net="small", latents=2)
    assert isinstance(model, Model) and MODELS[name].__doc__ == "Mine."
    assert jax.eval_shape(model.init, jax.random.key(0)).step.shape == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_shape", "must be a function of shape and of options after a"),
        ("two", "must be a function of shape and of options after a"),
        ("bare", "the option 'weight' needs a default that is a number or text"),
        ("listed", "the option 'weight' needs a default"),
        ("gone", "has no 'gone'"),
    ],
)
def test_what_is_no_constructor(module, name, said):
    with pytest.raises(InputError, match=said):
        own.register([f"{module}:{name}"])
    assert f"{module}:{name}" not in MODELS


def test_what_a_constructor_returns(module):
    names = [f"{module}:{name}" for name in ("nothing", "early", "raising")]
    own.register(names)
    with pytest.raises(InputError, match="nothing returned int, and no dbench.base.Model"):
        MODELS[names[0]]((8, 8, 1))
    with pytest.raises(InputError, match="early raised SystemExit: 1"):
        MODELS[names[1]]((8, 8, 1))


def test_a_model_that_only_a_file_names_is_not_called(module):
    own.known("beta_vae")
    with pytest.raises(InputError, match="none is called because a file names it.*--model"):
        own.known(f"{module}:plain")
    own.register([f"{module}:plain"])
    own.known(f"{module}:plain")
