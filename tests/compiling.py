"""How tests compile programs: quickly, for they run for milliseconds.

Four fifths of the time of tests of models went into compiling. Two flags of XLA make it a third or
a quarter: no emitters of fusions, and no optimisation by LLVM. The flags are read when JAX starts
its devices and are taken out of the environment again: what dbench notes of its environment is as
users have it, and so is what commands in processes of their own compile. Flags that the environment
gives win. With DBENCH_COMPILE=full tests compile as users do (`make compiled`).

Numbers are as exact either way. But programs that differ in their number of members have the same
bits only if they are compiled in full: what claims that is tested by `in_full`.
"""

import multiprocessing
import os
from collections.abc import Callable

import jax

from dbench.training import devices

# Processes forked from one that has imported dbench and started nothing: importing takes long.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.compiling", "dbench.cli.study", "dbench.study.runner"])
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


def in_full(function: Callable, *arguments) -> None:
    """Calls a function of a test file in a process whose programs are compiled as for users.

    What it raises is on stderr, which pytest shows.
    """
    process = PROCESSES.Process(target=_called, args=(function, arguments))
    process.start()
    process.join()
    assert process.exitcode == 0


def _called(function: Callable, arguments: tuple) -> None:
    devices.setup(cpus=2)
    function(*arguments)
