"""What of the environment would change numbers changes none, or is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from dbench import environment
from dbench.base import Table
from dbench.compare import compare
from dbench.errors import InputError
from dbench.metrics import evaluate, factor_vae, mig_histogram
from dbench.study import runner
from dbench.tables import results
from tests.study.test_runner import RUNS, TEXT, load
from tests.study.test_runner import whole as whole  # a fixture

pytestmark = pytest.mark.slow

OTHER = {  # a setting of JAX -> a value that changes numbers or stops dbench if it is not fixed
    "jax_enable_x64": True,
    "jax_default_matmul_precision": "bfloat16",
    "jax_numpy_dtype_promotion": "strict",
    "jax_disable_most_optimizations": True,
    "jax_default_prng_impl": "rbg",
    "jax_threefry_partitionable": False,
    "jax_random_seed_offset": 3,
    "jax_debug_nans": True,
    "jax_transfer_guard": "disallow",
    "jax_explicit_x64_dtypes": "error",
    "jax_legacy_prng_key": "error",
    "jax_no_execution": True,
}
FAST = "--xla_cpu_enable_fast_math=true"


@pytest.fixture
def setting():
    """Sets some of JAX's settings for one test."""
    kept = {}

    def set_(name, value):
        kept.setdefault(name, getattr(jax.config, name, jax.config.values[name]))
        jax.config.update(name, value)

    yield set_
    for name, value in kept.items():
        jax.config.update(name, value)


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in (folder / "mine").rglob("*")
        if path.name in ("parameters.safetensors", "scores.csv", "log.csv")
    }


def test_what_is_fixed_is_what_jax_comes_with():
    """Else dbench gave other numbers than JAX does by itself."""
    for name, value in environment.FIXED.items():
        if name in jax.config.values:
            assert environment._value(jax.config, name) == value, name


@pytest.mark.parametrize("name", OTHER)
def test_a_study_is_the_same_whatever_the_settings(name, setting, whole, tmp_path):
    setting(name, OTHER[name])
    assert runner.run_study(load(tmp_path), tmp_path) == {}
    assert environment._value(jax.config, name) == OTHER[name]  # the program has its own again
    assert files_of(tmp_path) == files_of(whole)


@pytest.mark.slow
def test_a_study_is_the_same_without_jit(setting, tmp_path):
    text = TEXT.replace("[1, 8]", "[1]").replace("steps = 30", "steps = 2")
    one, two = tmp_path / "one", tmp_path / "two"
    assert runner.run_study(load(tmp_path, text), one) == {}
    setting("jax_disable_jit", True)
    assert runner.run_study(load(tmp_path, text), two) == {}
    assert files_of(one) == files_of(two)


@pytest.mark.filterwarnings("ignore::dbench.metrics.ScoreWarning")
@pytest.mark.parametrize("name", OTHER)
def test_scores_and_comparisons_are_the_same_whatever_the_settings(name, setting):
    rng = np.random.default_rng(0)
    factors = rng.integers([3, 4], size=(400, 2))
    codes = factors + rng.normal(size=(400, 2))
    tables = {
        each: study_table(each, np.random.default_rng(i)) for i, each in enumerate(["a", "b"])
    }

    def numbers():
        scores = factor_vae(codes, factors, seed=3).value, mig_histogram(codes, factors, repeats=2)
        return (scores[0], scores[1].stderr), compare(tables).frame

    (scores, frame), _ = numbers(), setting(name, OTHER[name])
    again, other = numbers()
    assert scores == again
    assert frame.equals(other)


def study_table(name, rng):
    return pd.DataFrame(
        {"dataset": "d", "model": name, "seed": range(6), "metric": "mig", "score": rng.random(6)}
    )


def test_a_key_of_the_users_own_is_taken_as_it_is(setting):
    factors = np.indices((15, 20)).reshape(2, -1).T
    table = Table(np.random.default_rng(0).normal(size=(300, 2)), factors)
    key = jax.random.key(1)
    score = evaluate(table, key, ["factor_vae"])["factor_vae"].value
    setting("jax_enable_x64", True)
    assert evaluate(table, key, ["factor_vae"])["factor_vae"].value == score


def test_a_setting_of_this_thread_alone_is_refused():
    factors = np.indices((4, 5)).reshape(2, -1).T
    with jax.enable_x64(True), pytest.raises(InputError, match="jax_enable_x64 is True here"):
        mig_histogram(factors * 0.5, factors)
    assert not jax.config.jax_enable_x64


@pytest.mark.slow
def test_the_variables_do_not_reach_a_command(tmp_path):
    """All at once; as variables they are read when JAX is imported."""
    variables = {name.upper(): str(value) for name, value in OTHER.items()}
    variables |= {"JAX_DISABLE_JIT": "1", "JAX_DEBUG_INFS": "1", "JAX_SOFTMAX_CUSTOM_JVP": "1"}
    for name, given in (("with", variables), ("without", {})):
        folder = tmp_path / name
        folder.mkdir()
        load(folder)
        command = [sys.executable, "-m", "dbench", "study", folder / "mine.gin", "--scale", "smoke"]
        ended = subprocess.run(
            [*command, "--results", folder], env=os.environ | given, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
    found = files_of(tmp_path / "with")
    assert found == files_of(tmp_path / "without") and len(found) == 7


def test_flags_that_change_no_number():
    for harmless in ("", "--xla_dump_to=a", "--xla_force_host_platform_device_count=2"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XLA_FLAGS", f"{harmless} --xla_cpu_multi_thread_eigen=false")
            assert environment.flags() == [] and "xla_flags" not in environment.recorded()


def test_flags_in_a_file(tmp_path, monkeypatch):
    (tmp_path / "flags").write_text(f"--xla_dump_to=a\n{FAST}\n")
    monkeypatch.setenv("XLA_FLAGS", str(tmp_path / "flags"))
    assert environment.flags() == [FAST]
    monkeypatch.setenv("XLA_FLAGS", f"{tmp_path / 'flags'} --xla_b=1")
    assert environment.flags() == ["--xla_b=1", FAST]


def test_runs_made_with_other_flags_do_not_meet(whole, tmp_path, monkeypatch, refused, dbench):
    """The flag comes too late to change anything here, which dbench does not know."""
    shutil.copytree(whole, tmp_path / "a")
    more = TEXT.replace("seeds = 1", "seeds = 2")
    before = " ".join(environment.flags()) or "none"
    now = " ".join(sorted({*environment.flags(), FAST}))
    monkeypatch.setenv("XLA_FLAGS", f"{os.environ['XLA_FLAGS']} {FAST}")
    said = f"may change numbers: {before}, and now the environment has {now}; set them as they were"
    with pytest.raises(InputError, match=said):
        runner.run_study(load(tmp_path, more), tmp_path / "a")
    assert runner.run_study(load(tmp_path), tmp_path / "a") == {}  # finished: nothing is computed
    run = tmp_path / "a" / "mine" / RUNS[0]
    assert said in refused("evaluate", "--checkpoint", run)
    assert said in refused("udr", run, tmp_path / "a" / "mine" / RUNS[1])
    assert runner.run_study(load(tmp_path), tmp_path / "b") == {}
    run = tmp_path / "b" / "mine" / RUNS[0]
    metrics = ("--metrics", "mig_histogram")
    assert dbench("evaluate", "--checkpoint", run, *metrics)[0] == 0
    monkeypatch.delenv("XLA_FLAGS")
    assert f"numbers: {now}, and now the environment has none" in refused(
        "evaluate", "--checkpoint", run, *metrics
    )
    assert len(results.load(tmp_path / "b" / "mine")) == 2


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("JAX_TRACEBACK_FILTERING=bogus", "correct or unset JAX_TRACEBACK_FILTERING"),
        ("JAX_ENABLE_CHECKS=maybe", "correct or unset JAX_ENABLE_CHECKS"),
        ("JAX_PLATFORM_NAME=nope", "JAX_PLATFORM_NAME is 'nope'"),
        ("JAX_DEFAULT_DEVICE=gpu", "JAX_DEFAULT_DEVICE is 'gpu'"),
        ("XLA_FLAGS=--nonsense", "Unknown flag in XLA_FLAGS: --nonsense"),
        ("XLA_FLAGS=/no/such/file", "there is no such file of flags"),
    ],
)
def test_what_jax_does_not_take_is_one_sentence(variable, said, tmp_path):
    """JAX raises where it is imported; of an unknown flag XLA ends the process."""
    mean = np.arange(24.0).reshape(12, 2)
    np.savez(tmp_path / "a.npz", mean=mean, factors=np.arange(12) % 3)
    name, value = variable.split("=", 1)
    words = ("evaluate", "--representation", tmp_path / "a.npz", "--metrics", "mig_histogram")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XLA_"))}
    ended = subprocess.run(
        [sys.executable, "-m", "dbench", *words],
        env=clean | {name: value},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2 and ended.stdout == "", ended.stderr
    assert ended.stderr.startswith("dbench: ") and said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_tf32_and_threads_are_written_down(monkeypatch):
    """On a processor TF32 means nothing; threads change no more than the order of a sum."""
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = environment.recorded()
    assert found["xla_flags"] == ["NVIDIA_TF32_OVERRIDE=0"]
    assert found["threads"]["OMP_NUM_THREADS"] == "3"
    environment.same(Path("run"), {}, lambda: "cpu")
    with pytest.raises(InputError, match="none, and now the environment has NVIDIA_TF32_OVERRIDE"):
        environment.same(Path("run"), {}, lambda: "gpu")
    monkeypatch.delenv("NVIDIA_TF32_OVERRIDE")
    environment.same(Path("run"), {"threads": {"OMP_NUM_THREADS": "9"}}, lambda: "gpu")


def test_flags_of_another_platform_do_not_matter(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_x=1")
    environment.same(Path("run"), {}, lambda: "cpu")
    with pytest.raises(InputError, match="other flags of XLA"):
        environment.same(Path("run"), {}, lambda: "gpu")
