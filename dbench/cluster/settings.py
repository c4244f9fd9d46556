"""cluster.toml: what a site's machines are. The study does not say it, nor does a run."""

import tomllib
from collections.abc import Mapping
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

[slurm.score]                   # of parts that score, with --score apart: they need no GPU
# partition = "cpu"             # account and setup are those above, unless they stand here too
# time = "04:00:00"
# cpus = 8
# memory = "32G"
# parts_at_once = 8

[ray]                           # for `--on ray`, of each part
# num_gpus = 1
# num_cpus = 8
# retries = -1                  # of a part whose node died; -1: always again

[ray.score]                     # of parts that score
# num_cpus = 8
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
    score: dict[str, Any] = {}  # what is other of parts that only score

    @property
    def scoring(self) -> "Slurm":
        """Those of parts that only score: nothing of what the others ask for but who they are."""
        given = {"account": self.account, "setup": self.setup, **self.score}
        return Slurm(**given)


class Ray(NamedTuple):
    """Options of a Ray task."""

    num_gpus: float = 0
    num_cpus: float = 1
    retries: int = -1
    score: dict[str, Any] = {}

    @property
    def scoring(self) -> "Ray":
        """Those of parts that only score."""
        return Ray(retries=self.retries)._replace(**self.score)


class Settings(NamedTuple):
    """A cluster.toml."""

    slurm: Slurm = Slurm()
    ray: Ray = Ray()
    price_per_gpu_hour: float | None = None


_COUNT = schemas.whole(1, 1_000_000)
_LINE = {"type": "string", "pattern": r"^[^\n\0]+\Z", "description": "text of one line"}
_AMOUNT = {"type": "finite", "minimum": 0, "description": "a number, 0 or more"}
_JOB: dict[str, dict] = {
    **dict.fromkeys(TEXTS, _LINE),
    **dict.fromkeys(("cpus", "parts_at_once"), _COUNT),
    **dict.fromkeys(("options", "setup"), schemas.listed(_LINE)),
}
_SLURM = schemas.named(**_JOB, array_limit=_COUNT, poll=_AMOUNT, score=schemas.named(**_JOB))
_RETRIES = schemas.whole(-1, 1_000_000)
_SCORING = {"num_cpus": _AMOUNT, "retries": _RETRIES}
_RAY = schemas.named(num_gpus=_AMOUNT, **_SCORING, score=schemas.named(**_SCORING))
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
    _known(given, SCHEMA, f"setting of {path}")
    schemas.check(given, SCHEMA, path)
    slurm = _tuples(given.get("slurm", {}))
    price = given.get("price_per_gpu_hour")
    return Settings(Slurm(**slurm), Ray(**given.get("ray", {})), price)


def _known(given: Any, schema: Mapping, what: str, table: str = "") -> None:
    """An InputError for a name that is no setting, here or in a table of it."""
    for name, value in given.items() if isinstance(given, dict) else ():
        known = schema["properties"]
        choose(f"{what} [{table}]" if table else what, name, tuple(known))
        if "properties" in known[name]:
            _known(value, known[name], what, f"{table}.{name}".strip("."))


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    """With tuples for lists, which a default cannot be."""
    found = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    return found | {name: _tuples(v) for name, v in found.items() if isinstance(v, dict)}


def write_example(path: Path) -> None:
    """A commented example, where there is no file yet."""
    if path.exists():
        raise InputError(f"{path} is there: name it with --cluster, or move it first")
    files.write_bytes(path, EXAMPLE.encode())
