"""Where numbers come from: versions, commit and device."""

import contextlib
import importlib.metadata
import platform
import subprocess
from pathlib import Path

import jax

from dbench import __version__

PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "pandas")


def versions() -> dict[str, str]:
    """Of dbench, Python and those of PACKAGES that are installed: the extras may not be."""
    packages = {}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            packages[name] = importlib.metadata.version(name)
    return {"dbench": __version__, "python": platform.python_version(), **packages}


def commit() -> str | None:
    """The git commit of this code, "+changes" where the checkout differs from it."""
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
