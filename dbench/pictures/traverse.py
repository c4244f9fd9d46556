"""Latent traversals of a trained run: one latent runs through its range, the others stay.

Latents are sorted by KL (codes without log variances by their variance over the images), and beside
each stands the factor that it knows most of. Probabilities of categories, codes of a GAN, do not
run beyond 0 and 1: there the code goes from what it is to that category alone.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from dbench import files
from dbench.base import Dataset, Table, numpy_rng
from dbench.errors import InputError
from dbench.metrics.kl import kl_per_code
from dbench.metrics.mig import mutual_information
from dbench.metrics.shared.information import binned_information
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.validate import factor_names
from dbench.pictures import sheet
from dbench.scoring import evaluate, score_files
from dbench.training.programs import Program, program

SAMPLE = 5_000  # images that are encoded: all that is shown comes from them
SPAN = 2.0  # of a traversal: -SPAN to SPAN, standard deviations of the prior
LEAST = 0.05  # nats that a latent must know of a factor to be called its carrier
MOST = 15  # latents of a sheet where it is not said how many: all 200 of a DC-IGN are no picture
ACROSS = 6  # images side by side in the animation
FRAMES = 13  # of the animation, there and back again


class Latents(NamedTuple):
    """What is known of the d latents of a run and k factors."""

    kl: np.ndarray  # [d] nats
    information: np.ndarray  # [d, k] nats
    factors: tuple[str, ...]  # (k,)
    measure: str = "KL {:.2f} nats"  # how `kl` is said, which is a variance where there is no KL

    @property
    def order(self) -> np.ndarray:
        """[d] latents, the one with most KL first."""
        return np.argsort(-self.kl, kind="stable")

    @property
    def sorted_by(self) -> str:
        """KL, or variance: what `kl` is."""
        return self.measure.split()[0]

    def carried(self, latent: int) -> str | None:
        """The factor that a latent knows most of, None for less than LEAST nats."""
        if not self.factors or self.information[latent].max() < LEAST:
            return None
        return self.factors[int(self.information[latent].argmax())]

    def label(self, latent: int) -> tuple[str, str]:
        """Name and facts of a latent, for a sheet."""
        factor = self.carried(latent)
        said = f"{factor}, {self.information[latent].max():.2f} nats" if factor else "no factor"
        return f"z{latent}: {said}", self.measure.format(self.kl[latent])


class Run(NamedTuple):
    """A trained run with a sample of its data set, encoded."""

    dataset: Dataset
    rows: np.ndarray  # [n] drawn rows of the data set
    table: Table  # of these rows
    program: Program
    numbers: dict
    params: Any
    latents: Latents


@partial(jax.jit, static_argnames="program")
def _decode(program: Program, numbers: dict, params: Any, codes: jax.Array) -> jax.Array:
    return program.build(numbers).decode(params, codes)


def read(folder: Path, mesh: Mesh, source: Path | None = None, seed: int = 0) -> Run:
    """The run in a folder. `source` as in `dbench.data`, `seed` of the rows."""
    _, dataset = evaluate.opened(folder, source)
    return load([folder], dataset, mesh, seed)[0]


def load(folders: list[Path], dataset: Dataset, mesh: Mesh, seed: int = 0) -> list[Run]:
    """Runs of one program, their rows the same."""
    rng = numpy_rng(jax.random.key(seed))
    rows = rng.choice(dataset.size, min(SAMPLE, dataset.size), replace=False)
    configs = [evaluate.finished(folder) for folder in folders]
    if program(dataset, configs[0]["model"], configs[0]["options"]).build().decode is None:
        raise InputError(f"{configs[0]['model']} has no decoder, so there is nothing to show of it")
    label = f"encode {len(folders)} run{'s' if len(folders) > 1 else ''}"
    tables = evaluate.tables_of(folders, configs, dataset, mesh, label=label, rows=rows)
    return [
        Run(dataset, rows, table, *evaluate.rebuilt(folder, config, dataset), known(folder, table))
        for folder, config, table in zip(folders, configs, tables, strict=True)
    ]


def known(folder: Path, table: Table) -> Latents:
    """From what was kept with the run's scores, else from a sample of its table."""
    npz, _ = score_files.beside(folder / "scores.csv")
    parts, names = score_files.read_arrays(npz), factor_names(table)
    kl, information = parts.get("kl/kl"), parts.get("mig/information")
    measure = Latents._field_defaults["measure"]
    if table.logvar is None:
        kl, measure = table.mean.var(axis=0), "variance {:.2f}"
    elif kl is None:
        kl = kl_per_code(table.mean, table.logvar)
    if information is None:
        information = _information(table) if names else np.zeros((len(kl), 0))
    return Latents(np.asarray(kl), np.asarray(information), tuple(names), measure)


def _information(table: Table) -> np.ndarray:
    if table.logvar is not None:
        return mutual_information(table)
    return Work(table, jax.random.key(0)).once(binned_information, None, 20).information


def images(run: Run, at: np.ndarray) -> np.ndarray:
    """The images of some places in the sample, [m] -> [m, h, w, c]."""
    rows = run.rows[at].astype(np.int32)
    return np.asarray(jax.jit(run.dataset.gather)(jax.device_put(run.dataset.arrays), rows))


def decode(run: Run, codes: np.ndarray) -> np.ndarray:
    """Means of the decoded images, [m, d] -> [m, h, w, c]."""
    return np.asarray(_decode(run.program, run.numbers, run.params, codes.astype(np.float32)))


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

    `most`: latents at most, those with most KL; None for all.
    """
    values = np.linspace(-span, span, sheet.COLUMNS)
    order = run.latents.order[:most]
    codes = moved(run.table.mean[at], values, run.program.build().categories)[order]
    decoded = decode(run, codes.reshape(-1, codes.shape[-1]))
    lines = decoded.reshape(*codes.shape[:2], *run.dataset.shape)
    labels = [run.latents.label(j) for j in order]
    title = f"each latent from {-span:g} to {span:g}{_categories(run)}, the others stay; "
    title += f"most {run.latents.sorted_by} first{_left(run, order)}"
    return sheet.figure(list(lines), labels, title, cell)


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
    labels = [("images", ""), ("decoded", "posterior means")]
    return sheet.figure(lines, labels, "images and their reconstructions", cell)


def animate(
    run: Run, path: Path, span: float = SPAN, cell: int = 64, most: int | None = MOST
) -> None:
    """A GIF: a row a latent, side by side several images, the latent of each row in motion.

    `most` as in `traversal`.
    """
    across = min(ACROSS, len(run.rows))
    there = np.linspace(-span, span, FRAMES)
    values = np.concatenate([there, there[-2:0:-1]])
    known = run.program.build().categories
    order = run.latents.order[:most]
    codes = [moved(run.table.mean[at], values, known)[order] for at in range(across)]
    codes = np.stack(codes, axis=1)  # [rows, across, frames, d]
    frames, d = codes.shape[2:]
    decoded = decode(run, codes.reshape(-1, d)).reshape(*codes.shape[:3], *run.dataset.shape)
    labels = [run.latents.label(j) for j in order]
    pictures = []
    for i in range(frames):
        value = f"{values[i]:+.2f}{_categories(run)}"
        title = f"each row: its latent at {value}{_left(run, order)}"
        figure = sheet.figure(list(decoded[:, :, i]), labels, title, cell)
        pictures.append(Image.fromarray(pixels(figure)).quantize(64))
    with files.replacing(path) as temporary:
        pictures[0].save(
            temporary, "GIF", save_all=True, append_images=pictures[1:], duration=120, loop=0
        )


def pixels(figure: Figure) -> np.ndarray:
    """A figure as [height, width, 3] uint8."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def write(
    run: Run, folder: Path, count: int = 3, span: float = SPAN, most: int | None = MOST
) -> list[Path]:
    """Sheets of reconstructions and of traversals of `count` images, and the animation."""
    figures = {"reconstructions": reconstructions(run)}
    for at in range(min(count, len(run.rows))):
        figures[f"traversal_{at}"] = traversal(run, at, span, most=most)
    for name, figure in figures.items():
        with files.replacing(folder / f"{name}.png") as temporary:
            figure.savefig(temporary, format="png")
    animate(run, folder / "traversal.gif", span, most=most)
    return [*(folder / f"{name}.png" for name in figures), folder / "traversal.gif"]
