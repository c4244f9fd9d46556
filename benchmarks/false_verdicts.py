"""How often two samples of scores with no difference are said to differ, and what pooling does.

    python benchmarks/false_verdicts.py

First stats.permutation_test at 5%, of n and m seeds a side, unpaired and, where n = m, paired, of
scores of several shapes. Then methods of five strengths each, whose runs of one seed correlate,
with runs counted one by one and by seed (compare/pooling.py): false verdicts, and those of a true
difference of 0.6 standard deviations.
"""

import argparse

import jax
import numpy as np

from dbench import stats

KEY = jax.random.key(0)
SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "normal, ties": lambda rng, n: rng.normal(size=n).round(),
    "constant": lambda rng, n: np.full(n, 0.5),
    "bounded, beta(.5, .5)": lambda rng, n: rng.beta(0.5, 0.5, n),
    "skewed, lognormal": lambda rng, n: rng.lognormal(size=n),
    "nine tenths 0": lambda rng, n: (rng.random(n) < 0.1) * rng.random(n),
}
STRENGTHS = np.array([-1, -0.5, 0, 0.5, 1])


def share(draws, paired: bool = False) -> float:
    """Of pairs of samples, how many are told apart."""
    p = [stats.permutation_test(a, b, KEY, paired=paired, most=2_000)[0] for a, b in draws]
    return float(np.mean(np.array(p) <= 0.05))


def method(rng, seeds: int, common: float, spread: float) -> np.ndarray:
    """Scores [seeds, strengths] of variance 1; `common` of it is the seed's at all strengths."""
    own = rng.normal(size=(seeds, 1)) * np.sqrt(common)
    return own + rng.normal(size=(seeds, 5)) * np.sqrt(1 - common) + spread * STRENGTHS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1_000)
    trials = parser.parse_args().trials
    rng = np.random.default_rng(0)
    for name, draw in SHAPES.items():
        for n, m in ((3, 3), (4, 4), (5, 5), (8, 8), (10, 10), (5, 15)):
            found = [(draw(rng, n), draw(rng, m)) for _ in range(trials)]
            pairs = f"{share(found, True):.3f}" if n == m else "-"
            print(f"{name:22} {n:2} {m:2}  {share(found):.3f}  paired {pairs}", flush=True)
    for common in (0.0, 0.2, 0.4):
        for spread in (0.0, 0.7, 2.0):
            sides = [
                [method(rng, seeds, common, spread) for seeds in (8, 6)] for _ in range(trials)
            ]
            line = f"common {common} spread {spread}  "
            for way in (np.ravel, lambda x: x.mean(axis=1)):
                for gap in (0.0, 0.6):
                    line += f"  {share([(way(a) + gap, way(b)) for a, b in sides]):.3f}"
            print(line, "(runs: false, true; seeds: false, true)", flush=True)


if __name__ == "__main__":
    main()
