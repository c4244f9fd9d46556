"""img2sym: the symbols that a model finds in an image."""

import jax
import numpy as np

from dbench.base import Score
from dbench.data.concepts import Vocabulary, vocabulary
from dbench.scoring.symbols.imagined import grounds
from dbench.scoring.symbols.judge import named
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

LEAST = 0.5  # chance of a symbol from which on it is said


def img2sym_precision(run: TrainedModel, *, rows: int = 2_000) -> Score:
    """Share of the symbols that a model says of images that hold, higher is better (SCAN).

    An image is encoded, and a symbol is said if p(y|z) of the posterior mean is above 0.5. Range
    [0, 1]; 0, with a warning, where nothing is said. `rows` distinct images, drawn by the key (all,
    if there are fewer). stderr: over images. Parts: `said`, symbols of an image; `top`, share of
    factors whose most probable symbol holds, and `tops` [k] of each. After Higgins et al., "SCAN",
    ICLR 2018, section 5.1 (img2sym), which shows descriptions and gives no such number we know of.
    """
    said, holds, parts = run.once(_described, rows)
    right, count = (said & holds).sum(axis=1), said.sum(axis=1)
    if not count.any():
        return Score(0.0, 0.0, parts, ("no symbol is said of any image",))
    value = right.sum() / count.sum()
    off = (right - value * count) / count.mean()  # of a ratio of means, by the delta method
    return Score(float(value), float(off.std(ddof=1) / np.sqrt(len(off))), parts)


def img2sym_recall(run: TrainedModel, *, rows: int = 2_000) -> Score:
    """Share of the symbols that hold of images that a model says, higher is better (SCAN).

    As `img2sym_precision`, with the same parts. A model of examples that say one symbol in four is
    taught to say few: a symbol that is not said counts as absent (see scan.py).
    """
    said, holds, parts = run.once(_described, rows)
    each = (said & holds).sum(axis=1) / holds.sum(axis=1)
    return Score(float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each))), parts)


def chances(program: Program, numbers: dict, params, mean: np.ndarray, words: Vocabulary):
    """The chance of each symbol that is said of codes [n, d]: [n, s]."""
    known = program.build(numbers).symbols
    assert known is not None
    return np.asarray(jax.jit(known.describe)(params, mean))[:, : sum(words.sizes)]


def _described(run: TrainedModel, rows: int):
    """Which symbols are said of images, which hold, [n, s] each, and the parts of both scores."""
    grounds(run.program, run.dataset)
    words = vocabulary(run.dataset)
    some = run.distinct(rows)
    table = run.codes("img2sym", some)
    chance = chances(run.program, run.numbers, run.params, table.mean, words)
    truth = named(run.dataset, words, some)
    holds = np.concatenate(
        [np.eye(n, dtype=bool)[truth[:, j]] for j, n in enumerate(words.sizes)], 1
    )
    by_factor = np.split(chance, words.offsets[1:], axis=1)
    tops = np.stack([part.argmax(axis=1) for part in by_factor], axis=1) == truth
    said = chance > LEAST
    parts = {"said": float(said.sum(axis=1).mean()), "top": float(tops.mean())}
    return said, holds, parts | {"tops": tops.mean(axis=0)}
