"""Latent traversals of a trained run: one latent runs through its range, the others stay.

Latents are sorted by KL (codes without log variances by their variance over the images), and beside
each stands the factor that it knows the largest share of, two where they are close; 100% is all of
the factor's entropy. Probabilities of categories, codes of a GAN, do not
run beyond 0 and 1: there the code goes from what it is to that category alone.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from tqdm import tqdm

from dbench import files
from dbench.pictures import analogies, policies, sheet
from dbench.pictures.runs import Run, decode, images

SPAN = 2.0  # of a traversal: -SPAN to SPAN, standard deviations of the prior
MOST = 15  # latents of a sheet where it is not said how many: all 200 of a DC-IGN are no picture
ACROSS = 6  # images side by side in the animation
FRAMES = 13  # of the animation, there and back again
ROWS = 24  # latents of the animation at most: it is a file of some megabytes, and no more
PIXELS = 2**21  # of a frame, about; of large images fewer latents are shown


def moved(code: np.ndarray, values: np.ndarray, categories: Sequence[int] = ()) -> np.ndarray:
    """A code with each latent at each value in turn, [d], [m] -> [d, m, d].

    `categories`: sizes of the groups of probabilities that the code begins with, as `Model` has
    them; there the least value means the code as it is, the greatest the category for certain.
    """
    d, m = len(code), len(values)
    codes = np.broadcast_to(code, (d, m, d)).copy()
    ends = np.cumsum([0, *categories])
    for first, end in zip(ends[:-1], ends[1:], strict=True):
        share = (values - values.min()) / np.ptp(values)
        certain = np.eye(end - first)[:, None]
        codes[first:end, :, first:end] += share[:, None] * (certain - code[first:end])
    for j in range(ends[-1], d):
        codes[j, :, j] = values
    return codes


def traversal(
    run: Run, at: int, span: float = SPAN, cell: int = sheet.CELL, most: int | None = MOST
) -> Figure:
    """A sheet: a row a latent, from -span to span, the others as the image `at` is encoded.

    Latents go no further than codes of the model can be.
    `most`: latents at most, those with most KL; None for all.
    """
    low, high = reached(run, span)
    values = np.linspace(low, high, sheet.COLUMNS)
    order = run.latents.order[:most]
    codes = moved(run.table.mean[at], values, run.program.build().categories)[order]
    decoded = decode(run, codes.reshape(-1, codes.shape[-1]))
    lines = decoded.reshape(*codes.shape[:2], *run.dataset.shape)
    labels = [run.latents.label(j) for j in order]
    title = f"each latent from {low:g} to {high:g}{_categories(run)}, the others stay; "
    title += f"most {run.latents.sorted_by} first{_left(run, order)}"
    return sheet.figure(list(lines), labels, title, cell)


def reached(run: Run, span: float = SPAN) -> tuple[float, float]:
    """From -span to span, as far as codes of the model can go."""
    low, high = run.program.build().ends
    return max(-span, low), min(span, high)


def _categories(run: Run) -> str:
    known = run.program.build().categories
    return " (a category: from what it is to certain)" if known else ""


def _left(run: Run, shown: np.ndarray) -> str:
    more = len(run.latents.kl) - len(shown)
    return f"; {more} more are not shown" if more else ""


def reconstructions(run: Run, cell: int = sheet.CELL) -> Figure:
    """A sheet: images of the sample, and below each the decoded mean of its code."""
    at = np.arange(min(sheet.COLUMNS, len(run.rows)))
    lines = [images(run, at), decode(run, run.table.mean[at])]
    codes = "codes" if run.table.logvar is None else "posterior means"
    labels = [("images", ""), ("decoded", codes)]
    return sheet.figure(lines, labels, "images and their reconstructions", cell)


def animate(
    run: Run, path: Path, span: float = SPAN, cell: int = 64, most: int | None = MOST
) -> None:
    """A GIF: a row a latent, side by side several images, the latent of each row in motion.

    `most` as in `traversal`, and no more than `rows` says; the title says how many are left out.
    """
    across = min(ACROSS, len(run.rows))
    most = rows(run.dataset.shape, across, cell, most)
    there = np.linspace(*reached(run, span), FRAMES)
    values = np.concatenate([there, there[-2:0:-1]])
    known = run.program.build().categories
    order = run.latents.order[:most]
    lines = [moved(run.table.mean[at], values, known)[order] for at in range(across)]
    codes = np.stack(lines, axis=1)  # [rows, across, frames, d]
    frames, d = codes.shape[2:]
    decoded = decode(run, codes.reshape(-1, d)).reshape(*codes.shape[:3], *run.dataset.shape)
    labels = [run.latents.label(j) for j in order]
    pictures = []
    said = f"drawing {path.name}: {frames} frames of {len(order)} latents"
    tqdm.write(said, file=sys.stderr)
    for i in tqdm(range(frames), desc=path.name, unit=" frames", leave=False, disable=None):
        value = f"{values[i]:+.2f}{_categories(run)}"
        title = f"each row: its latent at {value}{_left(run, order)}"
        figure = sheet.figure(list(decoded[:, :, i]), labels, title, cell)
        pictures.append(Image.fromarray(pixels(figure)).quantize(64))
    with files.replacing(path) as temporary:
        pictures[0].save(
            temporary, "GIF", save_all=True, append_images=pictures[1:], duration=120, loop=0
        )


def rows(shape: tuple[int, int, int], across: int, cell: int, most: int | None) -> int:
    """How many latents a frame of the animation shows: `most`, as far as ROWS and PIXELS go."""
    h, w, _ = shape
    zoom = max(1, -(-cell // max(h, w)))
    room = PIXELS // (h * w * zoom**2 * across)
    return max(1, min(most or ROWS, ROWS, room))


def pixels(figure: Figure) -> np.ndarray:
    """A figure as [height, width, 3] uint8."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def write(
    run: Run, folder: Path, count: int = 3, span: float = SPAN, most: int | None = MOST
) -> Iterator[Path]:
    """Sheets of reconstructions, traversals of `count` images, policies, groups; the animation.

    Yields each when it is written, so that something is seen of it: all latents take a while.
    """
    yield _save(reconstructions(run), folder / "reconstructions.png")
    for at in range(min(count, len(run.rows))):
        figure = traversal(run, at, span, most=most)
        yield _save(figure, folder / f"traversal_{at}.png")
    if run.program.build().act:
        yield from policies.write(run, folder)
    if analogies.shown(run):
        yield from analogies.write(run, folder)
    animate(run, folder / "traversal.gif", span, most=most)
    yield folder / "traversal.gif"


def _save(figure: Figure, path: Path) -> Path:
    with files.replacing(path) as temporary:
        figure.savefig(temporary, format="png")
    return path
