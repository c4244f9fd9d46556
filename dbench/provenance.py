"""Where numbers come from: versions, commit and device."""

import contextlib
import importlib.metadata
import platform
import subprocess
from functools import cache
from pathlib import Path

import jax

from dbench import __version__

PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "pandas")


def versions() -> dict[str, str]:
    """Of dbench, Python and those of PACKAGES that are installed: the extras may not be."""
    return {"dbench": __version__, "python": platform.python_version(), **_packages()}


@cache  # those that are loaded: a file of each is read, for every run of a study
def _packages() -> dict[str, str]:
    packages = {}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            packages[name] = importlib.metadata.version(name)
    return packages


@cache
def commit() -> str | None:
    """The git commit of this code, "+changes" where the checkout differs from it.

    It is that of the first call in a process: whoever commits meanwhile changes no code that runs.
    """
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        # An installed copy may lie inside a checkout of something else.
        subprocess.run(
            [*git, "ls-files", "--error-unmatch", Path(__file__).name],
            capture_output=True,
            check=True,
        )
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+changes" if changes.stdout.strip() else "")


def device() -> str:
    """For example "2 x cpu (AMD EPYC)"."""
    first = jax.devices()[0]
    name = _processor() if first.platform == "cpu" else first.device_kind
    return f"{jax.device_count()} x {first.platform} ({name})"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
