"""Sheets of a model of symbols for which nobody has said a phrase: examples, and descriptions."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dbench.data.concepts import Vocabulary
from dbench.pictures import sheet, symbols
from dbench.pictures.symbols import Speaker

IMAGES = 6  # that are described
LEAST = 0.05  # chance from which on a second symbol is told


def examples(words: Vocabulary, operators: bool) -> list[str]:
    """Phrases of one, two and all symbols, and of each operator, in a data set's own words."""
    first, last = words.symbols[0], words.symbols[-1]
    single = [first[0], last[0]]
    if len(words.symbols) < 2:
        return single
    whole = ", ".join(names[min(1, len(names) - 1)] for names in words.symbols)
    found = [*single, f"{first[0]}, {last[0]}", whole]
    if operators:
        found += [
            f"{first[1]} AND {last[0]}",
            f"{first[0]}, {last[0]} IN COMMON {first[0]}, {last[1]}",
            f"{first[0]}, {last[0]} IGNORE {last[0]}",
        ]
    return list(dict.fromkeys(found))


def imagined(speaker: Speaker, samples: int, seed: int) -> tuple[Figure, pd.DataFrame]:
    """The sheet of the examples, and of each how many images are right."""
    known: Any = speaker.program.build(speaker.numbers).symbols
    texts = examples(speaker.words, known.recombine is not None)
    figure, counts = symbols.imagine(speaker, texts, samples, seed)
    return figure, pd.DataFrame({"phrase": texts, "right": counts, "images": samples})


def descriptions(speaker: Speaker, rows: np.ndarray, cell: int) -> tuple[Figure, pd.DataFrame]:
    """The first IMAGES of some rows, beside each what the model says of it, and the truth."""
    lines, labels, told = [], [], []
    for row in rows[:IMAGES]:
        image = symbols.of_row(speaker.dataset, int(row))
        truth = speaker.words.said(speaker.dataset.factors[row][list(speaker.words.columns)])
        found = symbols.describe(speaker, image, most=2)
        lines.append(image[None])
        labels.append((f"in truth: {truth}", "\n".join(_line(names) for _, names in found)))
        for factor, names in found:
            name, chance = names[0]
            told.append({"row": int(row), "factor": factor, "symbol": name, "chance": chance})
    title = "what is said of images, with the chance of being said"
    return sheet.figure(lines, labels, title, cell), pd.DataFrame(told)


def _line(names: list[tuple[str, float]]) -> str:
    """ "red wall 0.93, pink wall 0.10": the most probable symbol, and the next if it is likely."""
    some = [names[0], *(pair for pair in names[1:] if pair[1] >= LEAST)]
    return ", ".join(f"{name} {chance:.2f}" for name, chance in some)
