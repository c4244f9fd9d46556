"""cluster.toml: what a site's machines are. The study does not say it, nor does a run."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from dbench import files, schemas
from dbench.errors import InputError, choose

NEW = "new"  # in place of a file: an example is written
EXAMPLE = """\
# The machines of a site, for `dbench study NAME --cluster cluster.toml --on slurm` or ray=auto.
# What is commented out has the site's default.

# price_per_gpu_hour = 2.00     # what `--plan` reckons with, in any currency

[slurm]                         # options of sbatch, of each part
# partition = "gpu"
# account = "mylab"
# time = "08:00:00"             # longer parts save a checkpoint, and are queued again
# gres = "gpu:1"                # one GPU a part
# cpus = 8                      # processor cores of a part
# memory = "32G"
# parts_at_once = 32            # parts that run at a time
# array_limit = 1000            # parts of an array: what `scontrol show config` has as MaxArraySize
# poll = 30                     # seconds between two looks at the queue
# options = ["--constraint=a100"]
# setup = [                     # lines of the shell, before dbench starts
#   "module load cuda",
#   "source ~/dbench/.venv/bin/activate",
# ]

[ray]                           # for `--on ray`, of each part
# num_gpus = 1
# num_cpus = 8
# retries = -1                  # of a part whose node died; -1: always again
"""
TEXTS = ("partition", "account", "time", "gres", "memory")


class Slurm(NamedTuple):
    """Options of sbatch; None: the site's default."""

    partition: str | None = None
    account: str | None = None
    time: str | None = None
    gres: str | None = None
    cpus: int | None = None
    memory: str | None = None
    parts_at_once: int | None = None
    array_limit: int | None = None
    poll: float = 30.0
    options: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()


class Ray(NamedTuple):
    """Options of a Ray task."""

    num_gpus: float = 0
    num_cpus: float = 1
    retries: int = -1


class Settings(NamedTuple):
    """A cluster.toml."""

    slurm: Slurm = Slurm()
    ray: Ray = Ray()
    price_per_gpu_hour: float | None = None


_COUNT = schemas.whole(1, 1_000_000)
_LINE = {"type": "string", "pattern": r"^[^\n\0]+\Z", "description": "text of one line"}
_AMOUNT = {"type": "finite", "minimum": 0, "description": "a number, 0 or more"}
_SLURM = schemas.named(
    **dict.fromkeys(TEXTS, _LINE),
    **dict.fromkeys(("cpus", "parts_at_once", "array_limit"), _COUNT),
    poll=_AMOUNT,
    **dict.fromkeys(("options", "setup"), schemas.listed(_LINE)),
)
_RAY = schemas.named(num_gpus=_AMOUNT, num_cpus=_AMOUNT, retries=schemas.whole(-1, 1_000_000))
SCHEMA = schemas.named(slurm=_SLURM, ray=_RAY, price_per_gpu_hour=_AMOUNT)


def read(path: Path | None) -> Settings:
    """A cluster.toml; without one the site's defaults."""
    if path is None:
        return Settings()
    files.regular(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    for field, known in (("", Settings), ("slurm", Slurm), ("ray", Ray)):
        said: Any = given.get(field, {}) if field else given
        for name in said if isinstance(said, dict) else ():
            choose(f"setting of {path}{f' [{field}]' * bool(field)}", name, known._fields)
    schemas.check(given, SCHEMA, path)
    lists: dict[str, Any] = given.get("slurm", {})
    slurm: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in lists.items()
    }
    price = given.get("price_per_gpu_hour")
    return Settings(Slurm(**slurm), Ray(**given.get("ray", {})), price)


def write_example(path: Path) -> None:
    """A commented example, where there is no file yet."""
    if path.exists():
        raise InputError(f"{path} is there: name it with --cluster, or move it first")
    files.write_bytes(path, EXAMPLE.encode())
