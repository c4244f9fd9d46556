"""Data sets. To add one: a file here with a `load(source) -> Dataset`, a line below, a test row.

`source` is what the user gave with --data (a file, or a folder with the official file) or None.
The first line of a loader's docstring is what `dbench list` prints.
"""

from collections.abc import Callable
from pathlib import Path

from dbench.base import Dataset
from dbench.data import (
    cars3d,
    celeba,
    color_dsprites,
    dsprites,
    mnist,
    mpi3d,
    noisy_dsprites,
    scream_dsprites,
    shapes3d,
    shapes3d_drawn,
    smallnorb,
    textured_dsprites,
    xy_blobs,
)

DATASETS: dict[str, Callable[[Path | None], Dataset]] = {
    "dsprites": dsprites.load,
    "dsprites_tiny": dsprites.load_tiny,
    "color_dsprites": color_dsprites.load,
    "noisy_dsprites": noisy_dsprites.load,
    "scream_dsprites": scream_dsprites.load,
    "textured_dsprites": textured_dsprites.load,
    "xy_blobs": xy_blobs.load,
    "shapes3d_drawn": shapes3d_drawn.load,
    "shapes3d": shapes3d.load,
    "mpi3d_toy": mpi3d.load_toy,
    "mpi3d_realistic": mpi3d.load_realistic,
    "mpi3d_real": mpi3d.load_real,
    "smallnorb": smallnorb.load,
    "cars3d": cars3d.load,
    "celeba": celeba.load,
    "mnist": mnist.load,
}
