"""How tests compile programs: quickly, for they run for milliseconds.

Four fifths of the time of tests of models went into compiling. Two flags of XLA make it a third or
a quarter: no emitters of fusions, and no optimisation by LLVM. The flags are read when JAX starts
its devices and are taken out of the environment again: what dbench notes of its environment is as
users have it, and so is what commands in processes of their own compile. Flags that the environment
gives win. With DBENCH_COMPILE=full tests compile as users do (`make compiled`).
"""

import os

import jax

from dbench.training import devices

QUICK = {"xla_cpu_use_fusion_emitters": "false", "xla_backend_optimization_level": "0"}


def start(cpus: int = 2) -> None:
    """Starts JAX's devices; once a process."""
    devices.setup(cpus=cpus)
    if os.environ.get("DBENCH_COMPILE") == "full":
        return
    given = os.environ["XLA_FLAGS"]
    more = [f"--{name}={value}" for name, value in QUICK.items() if name not in given]
    os.environ["XLA_FLAGS"] = " ".join([given, *more])
    jax.devices()
    os.environ["XLA_FLAGS"] = given
