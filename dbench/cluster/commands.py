"""Slurm's commands: `sbatch`, `squeue`, `scontrol`."""

import os
import shutil
import subprocess

from dbench.errors import InputError


def require() -> None:
    """An InputError where there is no Slurm."""
    if lacks := [name for name in ("sbatch", "squeue", "scontrol") if not shutil.which(name)]:
        raise InputError(
            f"there is no Slurm here (no {lacks[0]} on the PATH): log in where jobs are submitted, "
            "or leave out --on"
        )


def submit(words: list[str], environ: dict[str, str], scores: bool = False) -> str:
    """Has sbatch submit an array; returns its number. `scores`: it is of parts that only score."""
    done = _run(["sbatch", "--parsable", *words], environ)
    if done.returncode:
        raise InputError(
            f"Slurm refuses the array ({_reason(done.stderr)}): correct "
            f"{'[slurm.score]' if scores else '[slurm]'} in the file of --cluster"
        )
    return done.stdout.strip().partition(";")[0]


def listed(jobs: list[str], environ: dict[str, str]) -> dict[tuple[str, str, int], str]:
    """(job, array, part) -> state, of all arrays of these names that Slurm still knows."""
    asked = ["-n", ",".join(jobs), "-o", "%j %F %K %T"]
    done = _run(["squeue", "-h", "-r", "-t", "all", *asked], environ)
    if done.returncode:
        raise InputError(f"squeue does not say what is at work ({_reason(done.stderr)})")
    rows = [line.split() for line in done.stdout.splitlines()]
    return {(row[0], row[1], int(row[2])): row[3] for row in rows if row[2].isdecimal()}


def requeue() -> bool:
    """Puts the job that this process is back into the queue; False where it is none."""
    job = os.environ.get("SLURM_JOB_ID")
    if job is None:
        return False
    return subprocess.run(["scontrol", "requeue", job]).returncode == 0


def job() -> str:
    """What Slurm calls the job that this process is; "" where it is none."""
    names = ("SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")
    return "_".join(os.environ[name] for name in names if name in os.environ)


def largest_array() -> int | None:
    """How many jobs an array may have at this site; None if Slurm does not say it."""
    done = subprocess.run(["scontrol", "show", "config"], capture_output=True, text=True)
    lines = [line.partition("=") for line in done.stdout.splitlines()]
    said = next((value.strip() for key, _, value in lines if key.strip() == "MaxArraySize"), "")
    return int(said) if said.isdecimal() else None


def _run(words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, text=True, env=environ)


def _reason(said: str) -> str:
    lines = [line.rpartition("error: ")[2].strip() for line in said.splitlines() if line.strip()]
    return "; ".join(lines)[:300] or "it does not say why"
