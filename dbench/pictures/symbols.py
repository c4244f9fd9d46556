"""What a model of symbols imagines of a phrase, as a sheet, and says of an image.

In a sheet a row is a phrase; the border of an image is green where a judge (scoring/symbols) finds
all that is said in it, red where not.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from dbench import files
from dbench.base import Dataset
from dbench.data.concepts import Phrase, Vocabulary, k_hot, read, vocabulary
from dbench.errors import InputError
from dbench.pictures import sheet
from dbench.scoring import evaluate
from dbench.scoring.symbols import judge
from dbench.scoring.symbols.described import chances
from dbench.scoring.symbols.imagined import drawn, grounds
from dbench.training.programs import Program

BORDER = 3  # pixels
RIGHT, WRONG = (0.1, 0.65, 0.2), (0.85, 0.15, 0.15)


class Speaker(NamedTuple):
    """A trained model of symbols."""

    dataset: Dataset
    words: Vocabulary
    program: Program
    numbers: dict
    params: Any


def load(folder: Path, source: Path | None = None) -> Speaker:
    """The model in a run's folder. `source` as in `dbench.data`."""
    config, dataset = evaluate.opened(folder, source)
    program, numbers, params = evaluate.rebuilt(folder, config, dataset)
    grounds(program, dataset)
    return Speaker(dataset, vocabulary(dataset), program, numbers, params)


def gaussian(speaker: Speaker, phrase: Phrase) -> tuple[jax.Array, jax.Array]:
    """Mean and log variance [d] of what a phrase comes to, by the model's operators."""
    known = speaker.program.build(speaker.numbers).symbols
    assert known is not None  # see `load`
    if phrase.operators and known.recombine is None:
        raise InputError(
            f"this {speaker.program.model} has learned no operators: say {phrase_without(speaker)}"
        )
    symbols = k_hot(np.stack(phrase.concepts), speaker.words.offsets)
    mean, logvar = known.infer(speaker.params, symbols)
    made = mean[:1], logvar[:1]
    for i, operator in enumerate(phrase.operators, start=1):
        assert known.recombine is not None
        other = mean[i : i + 1], logvar[i : i + 1]
        made = known.recombine(speaker.params, made, other, jnp.array([operator]))
    return made[0][0], made[1][0]


def phrase_without(speaker: Speaker) -> str:
    """A symbol of two names, as an example."""
    return repr(", ".join(names[0] for names in speaker.words.symbols[:2]))


def imagine(speaker: Speaker, texts: Sequence[str], samples: int, seed: int) -> tuple[Figure, list]:
    """The sheet of some phrases, and of each the number of images that are right."""
    phrases = [read(text, speaker.words) for text in texts]
    by, lines, labels, counts = judge.judge(speaker.dataset), [], [], []
    key = jax.random.key(seed)
    for text, phrase in zip(texts, phrases, strict=True):
        given = gaussian(speaker, phrase)
        images = drawn(speaker.program, speaker.numbers, speaker.params, *given, key, samples)
        told = np.asarray(judge.tell(by.net, by.sizes, by.params, images))
        right = ((phrase.result < 0) | (told == phrase.result)).all(axis=1)
        lines.append(bordered(np.asarray(images), right))
        labels.append((text, f"{right.sum()} of {samples} right"))
        counts.append(int(right.sum()))
    trust = f"{by.accuracy.mean():.0%} of real images"
    title = f"imagined; green: a judge, right of {trust}, finds all that is said"
    return sheet.figure(lines, labels, title), counts


def bordered(images: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Images [n, h, w, c] in a border of the verdict's colour: [n, h + 2 BORDER, .., 3]."""
    wide = np.broadcast_to(images, (*images.shape[:3], 3))
    edge = ((0, 0), (BORDER, BORDER), (BORDER, BORDER), (0, 0))
    found = np.pad(wide, edge)
    inside = np.pad(np.ones(images.shape[1:3], bool), BORDER)
    colours = np.where(right[:, None], RIGHT, WRONG)
    return np.where(inside[None, :, :, None], found, colours[:, None, None])


def picture(path: Path, dataset: Dataset) -> np.ndarray:
    """The image of a file, of the size that the data set has: [h, w, c] in [0, 1]."""
    files.regular(path)
    h, w, c = dataset.shape
    try:
        with Image.open(path) as file:
            found = file.convert("L" if c == 1 else "RGB")
    except Exception as error:  # of a damaged file the library raises anything
        raise InputError(f"cannot read {path}: it is no picture, or damaged") from error
    if found.size != (w, h):
        raise InputError(
            f"{path} has {found.size[0]} x {found.size[1]} pixels, and images of {dataset.name} "
            f"{w} x {h}: give one of that size"
        )
    return (np.asarray(found, np.float32) / 255).reshape(h, w, c)


def of_row(dataset: Dataset, row: int) -> np.ndarray:
    """The image of a row of the data set."""
    if row >= dataset.size:
        raise InputError(f"--row is {row:,}, and {dataset.name} has rows 0 to {dataset.size - 1:,}")
    return dataset.images([row])[0]


def describe(speaker: Speaker, image: np.ndarray, most: int = 3) -> list[tuple[str, list]]:
    """By factor its `most` probable symbols, each with its chance to be said of the image."""
    model = speaker.program.build(speaker.numbers)
    mean, _ = jax.jit(model.encode)(speaker.params, image[None])
    chance = chances(speaker.program, speaker.numbers, speaker.params, mean, speaker.words)[0]
    found = []
    for factor, first, names in zip(
        speaker.words.factors, speaker.words.offsets, speaker.words.symbols, strict=True
    ):
        of = chance[first : first + len(names)]
        order = np.argsort(-of, kind="stable")[:most]
        found.append((factor, [(names[i], float(of[i])) for i in order]))
    return found
