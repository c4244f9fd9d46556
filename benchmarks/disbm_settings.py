"""Which settings does a DisBM want? Scored on digits and heads that no study of results scores.

    python benchmarks/disbm_settings.py digits --results FOLDER [--rows released,direct]
    python benchmarks/disbm_settings.py heads --results FOLDER

A row is a study of its own in FOLDER, which changes what `disbm_rows.ROWS` says and nothing else;
runs that are there are not trained again. What was expected and seen is in disbm_rows.py. Printed
are means over seeds ± standard errors: the AUROC of identity (of the digit) by the first group, for
pairs that are clamped, hinge distances and no pairs, and their mean; of heads also R^2 of the pose
by the pose units, and the squared error of an analogy.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from disbm_rows import DIGITS, HEADS, MACHINES, METRICS, RATES, ROWS, VIEWS
from printing import markdown, say  # beside this file


def study(folder: Path, kind: str, name: str) -> Path:
    """Trains and scores a row; the folder of its runs."""
    row = dict(ROWS[kind][name])
    digits = kind == "digits"
    steps, batch = row.pop("steps", 2000 if digits else 10_000), row.pop("batch", 0)
    machines = row.pop("machines", MACHINES)
    shared = DIGITS if digits else HEADS
    rates = {name: {"learning_rate": rate} if digits else {} for name, rate in RATES.items()}
    options = {machine: shared | rates[machine] | row for machine in machines}
    path = folder / f"{kind}_{name}.gin"
    path.write_text(
        f"Study.datasets = ['validation']\nStudy.views = {{'validation': {VIEWS[kind]}}}\n"
        f"Study.metrics = {METRICS[kind]}\n"
        f"Study.sweep = {dict.fromkeys(machines, {})}\nStudy.model_options = {options}\n"
        f"Study.batch_size = {batch or (32 if digits else 16)}\n"
        f"Study.seeds = {3 if digits else 1}\nStudy.steps = {steps}\nStudy.chunk = 100\n"
    )
    command = [sys.executable, "-m", "dbench", "study", str(path), "--results", str(folder)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return folder / path.stem / "own" / "validation"


def measured(runs: Path, kind: str) -> list[str]:
    """The columns of a row."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for machine in MACHINES:
        found[machine] = []
        for run in sorted((runs / machine).glob("**/scores.csv")):
            scores = pd.read_csv(run).set_index("metric")["score"]
            analogy = scores["analogy"] if kind == "heads" else np.nan
            pose = np.load(run.with_suffix(".npz")).get("pose_regression/r2/pose/azimuth", np.nan)
            own = (float(scores["verification"]), float(pose), float(analogy))
            found[machine].append(own)
    auroc = [np.array([own[0] for own in found[machine]]) for machine in MACHINES]
    said = [spread(of) for of in auroc]
    said.append(spread(np.mean([of for of in auroc if len(of)], axis=0)))
    if kind == "heads":
        for at, digits in ((1, 2), (2, 0)):
            said.append(" ".join(f"{found[m][0][at]:.{digits}f}" for m in MACHINES if found[m]))
    return said


def spread(values: np.ndarray) -> str:
    if not len(values):
        return ""
    mean = f"{values.mean():.3f}"
    return mean if len(values) < 2 else f"{mean} ± {values.std(ddof=1) / len(values) ** 0.5:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(ROWS))
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--rows", default="")
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    kind = arguments.kind
    heads = ["row", "clamp", "manifold", "none", "mean"]
    heads += ["R^2 of azimuth", "analogy"] if kind == "heads" else []
    printed = []
    for name in arguments.rows.split(",") if arguments.rows else ROWS[kind]:
        printed.append([name, *measured(study(arguments.results, kind, name), kind)])
        say(" ".join(printed[-1]))
    print(markdown(heads, printed, left=(0,)))


if __name__ == "__main__":
    main()
