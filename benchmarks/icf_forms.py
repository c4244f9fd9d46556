"""Do all forms of ICF learn what the default one does? Each is trained on grid_square.

    python benchmarks/icf_forms.py --results FOLDER [--rows log,absolute] [--seeds 2]

Rows are those of `ROWS`, as the study icf_square but for what the row says, 5 seeds or fewer;
`authors` is one seed of the net and settings of the authors' program, to its end. A row is a study
of its own in FOLDER: runs that are there are not trained again. About a minute of processor time a
row. Printed are means over seeds and their standard errors:

    modularity_all, infomec_m, action_selectivity, policy_agreement     as dbench scores them
    absolute    action_selectivity of absolute changes
    factor      the part of policy_agreement for both actions of a factor
    first       probability of a policy's first action in a state, at the end of training
    r           own minus other abs(r): how much more a code correlates with its own position, x or
                y, than with the other, mean over codes that vary. Of a coordinate about 1.

Expected, written before the run:

    released    as icf_square: modularity .89, action_selectivity .8, policies 1.0; r above .8
    log         as released (toy trials with 4 codes: r of .98, .98 and .63): modularity and r above
                .7, policy_agreement and first above .9
    log_4       4 codes, added after two runs of log: one had a modularity of .76, one of .39, whose
                extra codes help two moves, one here and another one there. A logarithm wants the
                least share to grow, so a code that no action needs takes from the others, where
                without it any share is as good. Without extra codes, modularity, r and
                policy_agreement above .8.
    absolute    modularity above .7 and r below .5, action_selectivity below .5, policy_agreement
                about .5 with factor and first above .9. A code of x that goes up and down takes
                half of the steps of x, and another one takes the others; policies depend on the
                state. So four codes have the whole reward, where coordinates, one of x and one of
                y, would leave two without any.
    absolute_2  2 codes, for which coordinates have the whole reward: r above .7 in runs where each
                factor has a code. Two codes of one factor, up and down in turn, have it too, so
                that not all runs will.
    paper       the logarithm of absolute: as it.
    paper_2     as absolute_2.
    continuous  modularity above the autoencoder's .17 and below .7: a drawn factor may be any mix
                of codes. first above .8; r below .5.
    continuous_codes   the same with the published program's weights (its decoder reads the codes,
                reconstruction 500 times selectivity): modularity lower, about the autoencoder's.
    authors     as released: four codes follow the four moves, the others are saturated or double
                one, first above .95 (the plot beside the published program).
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from printing import markdown, say  # beside this file

SMALL = {"net": "mlp", "latents": 6, "learning_rate": 1e-3}
TWO = {"latents": 2}
WEIGHTS = {"reconstruct": "codes", "reconstruction": 500.0}
ROWS: dict[str, dict] = {  # options; steps and seeds of the study among them
    "released": {},
    "log": {"form": "log"},
    "log_4": {"form": "log", "latents": 4},
    "absolute": {"form": "absolute"},
    "absolute_2": {"form": "absolute"} | TWO,
    "paper": {"form": "paper"},
    "paper_2": {"form": "paper"} | TWO,
    "continuous": {"form": "continuous"},
    "continuous_codes": {"form": "continuous"} | WEIGHTS,
    "authors": {"net": "shallow", "learning_rate": 5e-4, "steps": 10_000, "seeds": 1},
}
SCORES = ["modularity_all", "infomec_m", "action_selectivity", "policy_agreement"]
PARTS = {"absolute": "action_selectivity/absolute", "factor": "policy_agreement/factor"}


def study(folder: Path, name: str, most: int) -> Path:
    """Trains and scores a row; the folder of its runs."""
    options = SMALL | ROWS[name]
    steps, seeds = options.pop("steps", 3000), min(most, options.pop("seeds", 5))
    path = folder / f"{name}.gin"
    path.write_text(
        "Study.datasets = ['grid_square']\n"
        "Study.sweep = {'icf': {}}\n"
        f"Study.metrics = {[*SCORES, 'reconstruction']}\n"
        f"Study.model_options = {{'icf': {options}}}\n"
        f"Study.steps = {steps}\nStudy.seeds = {seeds}\nStudy.chunk = 250\n"
    )
    command = [sys.executable, "-m", "dbench", "study", str(path), "--results", str(folder)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return folder / name / "own" / "grid_square" / "icf"


def measured(run: Path) -> dict[str, float]:
    """The columns of a run."""
    from dbench.pictures import runs
    from dbench.training import devices

    scores = pd.read_csv(run / "scores.csv").set_index("metric")["score"]
    parts = np.load(run / "scores.npz")
    found = {name: float(scores[name]) for name in SCORES}
    found |= {name: float(parts[part]) for name, part in PARTS.items()}
    found["first"] = pd.read_csv(run / "log.csv")["first_action"].iloc[-1]
    table = runs.read(run, devices.mesh()).table
    codes = table.mean[:, parts["infomec_m/active"].astype(bool)]
    r = abs(np.corrcoef(codes.T, table.factors.T)[:-2, -2:])
    return found | {"r": float(abs(r[:, 0] - r[:, 1]).mean())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    printed, heads = [], [*SCORES, *PARTS, "first", "r"]
    for name in arguments.rows.split(","):
        runs = sorted(study(arguments.results, name, arguments.seeds).glob("seed=*/scores.csv"))
        every = pd.DataFrame([measured(run.parent) for run in runs])[heads]
        say(f"{name}\n{every.round(3).to_string()}")
        error = every.std() / np.sqrt(len(every))
        said = [f"{m:.2f} ± {e:.2f}" for m, e in zip(every.mean(), error, strict=True)]
        printed.append([name, *said])
    print(markdown(["row", *heads], printed, left=(0,)))


if __name__ == "__main__":
    main()
