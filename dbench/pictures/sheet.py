"""A sheet of a data set's images: samples, and below a row for each factor as it varies.

Every pixel of an image is a square of whole pixels of the sheet, so that nothing is smoothed.
"""

from pathlib import Path

import jax
import numpy as np
from matplotlib.figure import Figure

from dbench import files
from dbench.base import Dataset, numpy_rng
from dbench.pictures.matrix import LETTER, short

COLUMNS = 10
CELL = 96  # pixels that an image takes at least
_GAP = 4  # pixels between images
_DPI = 100


def draw(dataset: Dataset, key: jax.Array, path: Path) -> None:
    """Writes the sheet of a data set as .png. The samples, drawn by the key, are distinct images.

    A factor's row has at most COLUMNS of its values, the others as in the first sample. Factors
    with one value have no row, nor those without another image to show, if the set is no grid.
    """
    samples = _samples(dataset, key, lines=2)
    rows = {j: traversal(dataset, samples[0], j) for j in range(len(dataset.sizes))}
    varying = [j for j in rows if len(rows[j]) > 1]
    if not varying:
        samples = _samples(dataset, key, lines=6)
    lines = [samples[i : i + COLUMNS] for i in range(0, len(samples), COLUMNS)]
    labels = [("samples", ""), *[("", "")] * (len(lines) - 1)]
    for j in varying:
        lines.append(rows[j])
        labels.append((short(dataset.names[j]), _said(dataset.values[j], len(rows[j]))))
    title = f"{dataset.name}: {dataset.size:,} images of " + " x ".join(map(str, dataset.shape))
    if varying:
        title += "; one factor varies, the others are as in the first sample"
    with files.replacing(path) as temporary:
        figure(_images(dataset, lines), labels, title).savefig(temporary, format="png")


def _samples(dataset: Dataset, key: jax.Array, lines: int) -> np.ndarray:
    count = min(COLUMNS * lines, dataset.size)
    return numpy_rng(key).choice(dataset.size, count, replace=False)


def traversal(dataset: Dataset, row: int, factor: int) -> np.ndarray:
    """Rows in which a factor runs through its values, the others as in `row`: [at most COLUMNS].

    Of more values than columns some are left out, evenly, never the first or the last.
    """
    same = (dataset.factors == dataset.factors[row]).sum(axis=1)
    same -= dataset.factors[:, factor] == dataset.factors[row, factor]
    there = np.flatnonzero(same == len(dataset.sizes) - 1)
    _, first = np.unique(dataset.factors[there, factor], return_index=True)  # by value
    kept = np.linspace(0, len(first) - 1, min(len(first), COLUMNS)).round().astype(int)
    return there[first[kept]]


def _said(values: np.ndarray, shown: int) -> str:
    some = f"{shown} of " if shown < len(values) else ""
    return f"{some}{len(values)} values\n{values[0]:.3g} to {values[-1]:.3g}"


def _images(dataset: Dataset, lines: list[np.ndarray]) -> list[np.ndarray]:
    """The images of lines of rows: [at most COLUMNS] -> [the same, h, w, c] each."""
    gather, arrays = jax.jit(dataset.gather), jax.device_put(dataset.arrays)
    return [
        np.asarray(gather(arrays, np.resize(rows, COLUMNS).astype(np.int32)))[: len(rows)]
        for rows in lines
    ]


def figure(lines: list[np.ndarray], labels: list[tuple], title: str, cell: int = CELL) -> Figure:
    """Lines of images [m, h, w, c] with a label (name, what it says) beside each.

    `cell`: pixels that an image takes at least.
    """
    h, w, _ = lines[0].shape[1:]
    zoom = max(1, -(-cell // max(h, w)))
    down, across = h * zoom + _GAP, w * zoom + _GAP  # of a cell
    left = int(_DPI * LETTER * max(max(map(len, "\n".join(label).split("\n"))) for label in labels))
    left, above, margin = left + 30, 34, 8
    columns = max(map(len, lines))
    height, width = above + len(lines) * down + margin, left + columns * across + margin
    width = max(width, int(_DPI * LETTER * len(title)))
    sheet = np.full((height, width, 3), 0.93, np.float32)  # not white: images may be
    figure = Figure((width / _DPI, height / _DPI), dpi=_DPI)
    figure.text(margin / width, 1 - 17 / height, title, size=9, va="center", parse_math=False)
    for i, (images, (name, said)) in enumerate(zip(lines, labels, strict=True)):
        top = above + i * down
        for k, image in enumerate(images.repeat(zoom, axis=1).repeat(zoom, axis=2)):
            at = left + k * across
            sheet[top : top + h * zoom, at : at + w * zoom] = image  # grey: in all 3 channels
        place = {"x": margin / width, "parse_math": False}
        middle = 1 - (top + h * zoom / 2) / height
        figure.text(y=middle, s=name, size=9, weight="bold", va="bottom", **place)
        figure.text(y=middle - 3 / height, s=said, size=8, va="top", color="0.3", **place)
    figure.figimage(sheet, 0, 0, origin="upper")
    return figure
