"""One concept, taught by sets of images that grow in diversity, one set after another.

In each set some factors vary, and all others are as in one first image of the concept: so the
learner cannot know at first that these others do not matter.
"""

import numpy as np

from dbench.base import Dataset
from dbench.data import views
from dbench.data.concepts.draw import Instructions, Lessons
from dbench.data.concepts.lookup import Lookup
from dbench.data.concepts.phrases import read
from dbench.data.concepts.vocabulary import vocabulary
from dbench.data.views.sampling import index
from dbench.errors import InputError


def sets(text: str) -> list[list[str]]:
    """The factors that vary in each set, of "position; position, object": a list a set."""
    found = [[name.strip() for name in part.split(",") if name.strip()] for part in text.split(";")]
    if not all(found):
        raise InputError(
            f"free is {text!r}, and must name the factors that vary in each set, with ; between "
            "sets and , between factors"
        )
    return found


def curriculum(dataset: Dataset, concept: str, free: str, images: int, seed: int) -> Lessons:
    """A concept with `images` of each set, set after set: rows [1, sets * images]."""
    words, rng = vocabulary(dataset), np.random.default_rng(seed)
    phrase = read(concept, words)
    rows = views.trained(dataset)
    there = Lookup(dataset, words, rows)
    if not there.has(phrase.result):
        raise InputError(f"{dataset.name} has no image to train on of {concept!r}: name another")
    first = dataset.factors[there.draw(phrase.result, 1, rng)[0]]
    said = [words.columns[j] for j in np.flatnonzero(phrase.result >= 0)]
    factors, drawn = dataset.factors[rows], []
    for names in sets(free):
        columns = [index(dataset, name) for name in names]
        if clash := [dataset.names[j] for j in columns if j in said]:
            raise InputError(f"{concept!r} says {clash[0]}, which cannot vary: take it out of free")
        still = [j for j in range(len(dataset.names)) if j not in columns]
        fitting = rows[(factors[:, still] == first[still]).all(axis=1)]
        if len(fitting) < images:
            varying = ", ".join(names)
            raise InputError(
                f"{dataset.name} has {len(fitting)} images of {concept!r} in which {varying} alone "
                f"vary, and a set takes {images}: let more factors vary, or set images lower"
            )
        drawn.append(rng.choice(fitting, images, replace=False))
    k = len(words.sizes)
    none = np.zeros((0, k), np.int32)
    nothing = Instructions(np.zeros(0, np.int32), none, none, none)
    taught, every = phrase.result[None].astype(np.int32), np.concatenate(drawn).astype(np.int32)
    empty = np.zeros((0, len(every)), np.int32)
    size = np.int32(sum(words.sizes))
    return Lessons(taught, every[None], nothing, empty, taught, nothing, words.offsets, size)
