"""What a study costs beyond its work: wall time over training, encoding and scoring.

    python benchmarks/study_overhead.py [--study beta_sweep] [--seeds 2] [--steps 2000] [--cold]

Runs `dbench study` as a command of its own, on a study cut short, and divides the wall time of the
whole process (start, data set, compiling, checkpoints, tables) by what study.json counts as
training, encoding and scoring. A first run of the command fills the cache of drawn images and
compiled programs; `--cold` measures without the cache of compiled programs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dbench import study


def shortened(name: str, scale: str, seeds: int, steps: int, folder: Path) -> Path:
    """A copy of a study's file with fewer seeds and steps."""
    text = study.studies()[name].read_text()
    path = folder / f"{name}.gin"
    path.write_text(f"{text}\n{scale}/Study.seeds = {seeds}\n{scale}/Study.steps = {steps}\n")
    return path


def measure(path: Path, scale: str, folder: Path) -> dict[str, float]:
    """Seconds of the command: `wall`, and those of study.json."""
    command = [sys.executable, "-m", "dbench", "study", str(path), "--scale", scale]
    began = time.perf_counter()
    subprocess.run([*command, "--results", str(folder)], check=True, capture_output=True)
    wall = time.perf_counter() - began
    return json.loads((folder / path.stem / "study.json").read_text())[scale]["seconds"] | {
        "wall": wall
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--study", default="beta_sweep")
    parser.add_argument("--scale", default="laptop")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--cold", action="store_true", help="compile everything anew")
    args = parser.parse_args()
    if args.cold:
        os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = shortened(args.study, args.scale, args.seeds, args.steps, folder)
        if not args.cold:
            measure(path, args.scale, folder / "first")
        seconds = measure(path, args.scale, folder / "second")
    work = sum(seconds[stage] for stage in ("training", "encoding", "scoring"))
    for stage, value in seconds.items():
        print(f"{stage:12s} {value:8.1f} s")
    print(f"study_overhead ratio={seconds['wall'] / work:.3f}")


if __name__ == "__main__":
    main()
