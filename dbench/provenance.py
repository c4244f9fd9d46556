"""Where numbers come from: settings, versions, commit, device and times of a study."""

import dataclasses
import importlib.metadata
import os
import platform
import subprocess
import time
from pathlib import Path

import jax

from dbench import __version__, files
from dbench.study import Study

PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "pandas")


def record(path: Path, study: Study, seconds: dict[str, float], source: Path | None) -> None:
    """Sets the entry of the study's scale in study.json; the others stay.

    `seconds` of this command, in all and by stage, are added to those of earlier ones.
    """
    known = files.read_json(path) if path.exists() else {}
    before = known.get(study.scale, {}).get("seconds", {})
    before = before if isinstance(before, dict) else {"all": before}  # as version 1 wrote it
    settings = {k: v for k, v in dataclasses.asdict(study).items() if k != "path"}
    known[study.scale] = {
        "settings": settings,
        "data": str(source or os.environ.get("DBENCH_DATA") or "none given"),
        "versions": versions(),
        "commit": commit(),
        "device": device(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {k: round(before.get(k, 0.0) + v, 1) for k, v in seconds.items()},
    }
    files.write_json(path, known)


def recorded(path: Path, study: Study) -> bool:
    """Whether study.json has an entry of the study's scale."""
    return path.exists() and study.scale in files.read_json(path)


def versions() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
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
