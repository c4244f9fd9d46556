"""The environment that would change numbers: JAX's settings are fixed, flags of XLA are recorded.

JAX takes settings from the environment (`JAX_ENABLE_X64=1`, ...) and from the program that uses
dbench. While dbench works, those that change numbers are as JAX comes: the same command or call
gives the same numbers everywhere. Flags of XLA can only be set before JAX starts. Those that may
change numbers are written down with a run, and no other run joins it. What JAX or XLA do not take
at all is one sentence, see `check`.
"""

import contextlib
import enum
import functools
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dbench.errors import InputError, short

# A setting of JAX -> its value while dbench works; the variable of the environment is the name in
# capitals. Those of arithmetic, of random numbers, and those that stop what goes on otherwise.
FIXED = {
    "jax_enable_x64": False,
    "jax_default_matmul_precision": None,
    "jax_numpy_dtype_promotion": "standard",
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
    "jax_optimization_level": "UNKNOWN",
    "jax_exec_time_optimization_effort": 0.0,
    "jax_allow_f16_reductions": True,
    "jax_softmax_custom_jvp": False,
    "jax_high_dynamic_range_gumbel": False,
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_threefry_gpu_kernel_lowering": False,
    "jax_random_seed_offset": 0,
    "jax_enable_custom_prng": False,
    "jax_legacy_prng_key": "allow",
    "jax_debug_key_reuse": False,
    "jax_debug_nans": False,
    "jax_debug_infs": False,
    "jax_error_checking_behavior_nan": "ignore",
    "jax_error_checking_behavior_divide": "ignore",
    "jax_error_checking_behavior_oob": "ignore",
    "jax_no_execution": False,
    "jax_no_tracing": False,
    "jax_transfer_guard": None,
    "jax_transfer_guard_host_to_device": None,
    "jax_transfer_guard_device_to_device": None,
    "jax_transfer_guard_device_to_host": None,
    "jax_explicit_x64_dtypes": "warn",
    "jax_check_static_indices": False,
    "jax_check_tracer_leaks": False,
    "jax_scan3": False,
    "jax_remat3": False,
    "jax_custom_vjp3": False,
}
# Flags of XLA that change no number: what is dumped, where libraries are, how many devices.
HARMLESS = (
    "--xla_dump",
    "--xla_hlo_profile",
    "--xla_gpu_cuda_data_dir",
    "--xla_force_host_platform_device_count",
    "--xla_cpu_multi_thread_eigen=false",  # as dbench sets it
)
PLATFORMS = ("cpu", "gpu", "tpu")
# What libraries below JAX read when they start: it counts as a flag.
ARITHMETIC = ("NVIDIA_TF32_OVERRIDE",)
# Threads of libraries: sums may be in another order. Written down, and not asked for again.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """While this holds, BLAS has one thread: the order of its sums depends on their number.

    A limit holds for the libraries that are loaded, and SciPy has a BLAS of its own, which would
    else be loaded by the first that needs it.
    """
    from threadpoolctl import threadpool_limits

    importlib.import_module("scipy.linalg")
    with threadpool_limits(1):
        yield


@contextlib.contextmanager
def fixed() -> Iterator[None]:
    """While this holds, JAX's settings that change numbers are those of FIXED; then as before.

    A setting that holds in this thread alone (`with jax.enable_x64(True): ...`) cannot be changed
    from here: an InputError. JAX is not imported if it is not there yet.
    """
    kept = {name: os.environ.pop(name.upper(), None) for name in FIXED}
    changed: dict = {}
    jax: Any = sys.modules.get("jax")
    try:
        if jax:
            _set(jax.config, changed)
        yield
    finally:
        for name, value in changed.items():
            jax.config.update(name, value)
        os.environ.update(
            {name.upper(): value for name, value in kept.items() if value is not None}
        )


def _set(config, changed: dict) -> None:
    """Sets what differs; `changed` gets what it was."""
    for name, wanted in FIXED.items():
        found = _value(config, name)
        if found == wanted or name not in config.values:  # a version of JAX without it
            continue
        with ThreadPoolExecutor(1) as pool:  # what holds in this thread alone is not seen there
            changed[name] = pool.submit(_value, config, name).result()
        config.update(name, wanted)
        if _value(config, name) != wanted:
            raise InputError(
                f"{name} is {found} here, which would change numbers, and dbench cannot set it "
                f"back to {wanted}: call dbench outside of that `with jax...`"
            )


def _value(config, name: str):
    """A setting; one of an enumeration by its name."""
    found = getattr(config, name, config.values.get(name))
    return found.name.lower() if isinstance(found, enum.Enum) else found


def flags() -> list[str]:
    """Flags in XLA_FLAGS that may change numbers, and variables of ARITHMETIC; sorted."""
    below = {f"{name}={os.environ[name]}" for name in ARITHMETIC if os.environ.get(name)}
    return sorted(below | {flag for flag in words() if not flag.startswith(HARMLESS)})


def words() -> list[str]:
    """The flags in XLA_FLAGS, or in the file that it names."""
    text = os.environ.get("XLA_FLAGS", "").strip()
    if text and not text.startswith("-"):
        name, *rest = text.split(" ", 1)
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text = " ".join([Path(name).read_text(), *rest])
    return text.split()


def check() -> None:
    """An InputError for variables that JAX or XLA do not take: they raise, or end the process.

    Only where some are set: to ask them takes seconds.
    """
    if given := [name for name in os.environ if name.startswith("JAX_")]:
        try:
            import jax  # noqa: F401
        except Exception as error:
            raise InputError(
                f"JAX does not start with what the environment says ({error}): correct or unset "
                f"{', '.join(given)}"
            ) from error
    if found := [flag for flag in flags() if not flag.startswith(ARITHMETIC)]:
        _check_flags(tuple(found))


@functools.cache
def _check_flags(found: tuple[str, ...]) -> None:
    if not found[0].startswith("-"):
        raise InputError(f"XLA_FLAGS is {short(' '.join(found))}: there is no such file of flags")
    code = "import jax; jax.config.update('jax_platforms', 'cpu'); jax.devices()"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0].rpartition("] ")[2]
        raise InputError(f"XLA does not start with its flags ({why}): correct or unset XLA_FLAGS")


def recorded() -> dict:
    """What a config.json says of the environment; nothing where nothing is set."""
    threads = {name: os.environ[name] for name in THREADS if os.environ.get(name)}
    given = {"xla_flags": flags(), "threads": threads}
    return {name: value for name, value in given.items() if value}


def same(where: Path, config: dict, platform: Callable[[], str]) -> None:
    """An InputError if a run was made with other flags of the platform ("cpu", ...) or of all.

    The platform is asked for, which starts the devices, only where flags differ.
    """
    then, now = list(map(str, config.get("xla_flags") or [])), flags()
    if then == now:
        return
    here = platform()
    others = tuple(f"--xla_{name}_" for name in PLATFORMS if name != here)
    others += ARITHMETIC if here != "gpu" else ()
    then, now = ([f for f in found if not f.startswith(others)] for found in (then, now))
    if then != now:
        said = [" ".join(found) or "none" for found in (then, now)]
        raise InputError(
            f"{where} was made with other flags of XLA that may change numbers: {said[0]}, and now "
            f"the environment has {said[1]}; set them as they were, or work in another folder"
        )
