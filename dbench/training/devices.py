"""Which devices to use, and how. Called once, by the command line, before JAX starts.

On a CPU every core becomes a JAX device of its own, asked to use one thread (XLA may lend a
busy device an idle one's core): models or parts of a batch are spread over devices exactly
as on a machine with several accelerators, and small networks run faster this way than with
one model on all threads.
"""

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from dbench import environment, memory
from dbench.errors import InputError

# Variables JAX_... that say which devices.
CHOICES = ("PLATFORMS", "PLATFORM_NAME", "DEFAULT_DEVICE", "NUM_CPU_DEVICES", "BACKEND_TARGET")


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def setup(cache: str | os.PathLike | None = None, cpus: int | None = None) -> None:
    """`cpus` single-threaded JAX devices [default: one per core]; compiled programs in `cache`.

    Whatever the user has put into XLA_FLAGS, or into JAX's variables for the cache, wins.
    """
    flags = " ".join(environment.words())
    if "xla_force_host_platform_device_count" not in flags:
        flags += f" --xla_force_host_platform_device_count={cpus or cores()}"
    if "xla_cpu_multi_thread_eigen" not in flags:
        flags += " --xla_cpu_multi_thread_eigen=false"
    os.environ["XLA_FLAGS"] = flags.strip()
    if cache is not None:
        kept = {"compilation_cache_dir": str(cache), "persistent_cache_min_compile_time_secs": 0.5}
        for name, value in kept.items():
            if f"JAX_{name}".upper() not in os.environ:
                jax.config.update(f"jax_{name}", value)


def once(function: Callable, **options: Any) -> Callable:
    """`jax.jit` of what runs once, as draws of first weights; `options` are those of `jax.jit`.

    On a CPU LLVM does not optimise it: that takes several times as long as all else, and a run
    gains milliseconds. LLVM may not change the order of operations, only whether a product and a
    sum are rounded at once: first weights are the same bits with AVX-512, AVX2 and SSE4.2.
    """
    how = {"xla_backend_optimization_level": 0} if jax.default_backend() == "cpu" else None
    return jax.jit(function, compiler_options=how, **options)


def found() -> list[jax.Device]:
    """All devices that JAX has here; an InputError where it has none, or not those asked for."""
    try:
        devices = jax.devices()
        jax.numpy.zeros(())  # on that of JAX_DEFAULT_DEVICE, which nothing above asks for
        return devices
    except (RuntimeError, AssertionError, ValueError) as error:
        names = [f"JAX_{name}" for name in CHOICES if os.environ.get(f"JAX_{name}")]
        asked = " and ".join(f"{name} is {os.environ[name]!r}" for name in names)
        said = f" ({asked}: unset it to use what there is)" if asked else ""
        why = " ".join(str(error).split())[:300] or "there are none of that kind"
        raise InputError(f"JAX cannot start its devices: {why}{said}") from error


def mesh(most: int | None = None) -> Mesh:
    """A one-axis mesh ("device",) of all devices, or of the first `most`."""
    return Mesh(np.array(found()[:most]), ("device",))


def free(mesh: Mesh) -> int:
    """Bytes that are free on each device of a mesh."""
    found = [device.memory_stats() for device in mesh.devices.flat]
    if all(stats and "bytes_limit" in stats for stats in found):
        return min(stats["bytes_limit"] - stats["bytes_in_use"] for stats in found)
    return host_free() // mesh.size


def host_free() -> int:
    """Bytes of the host's memory that are free for this process, its container's limit included."""
    return memory.free()
