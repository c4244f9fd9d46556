"""All data sets by name, and the names of a user's own: a path, MODULE:FUNCTION, tfds:NAME.

To add one: a file or a folder with a `load(source) -> Dataset`, a line here, a row in
tests/data/test_datasets.py. `source` is what the user gave with --data (a file, or a folder with
the official file) or None. The first line of a loader's docstring is what `dbench list` prints.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from dbench import files, schemas
from dbench.base import Dataset
from dbench.data import (
    dsprites,
    faces,
    grid_square,
    hashes,
    mnist_flipped,
    own,
    periodic_square,
    rooms,
    seek_rooms,
    shapes3d_drawn,
    xy_blobs,
)
from dbench.data.dsprites import color as color_dsprites
from dbench.data.dsprites import noisy as noisy_dsprites
from dbench.data.dsprites import scream as scream_dsprites
from dbench.data.dsprites import textured as textured_dsprites
from dbench.data.official import cars3d, celeba, mnist, mpi3d, shapes3d, smallnorb
from dbench.errors import InputError, choose, short

DATASETS: dict[str, Callable[[Path | None], Dataset]] = {
    "dsprites": dsprites.load,
    "dsprites_tiny": dsprites.load_tiny,
    "color_dsprites": color_dsprites.load,
    "noisy_dsprites": noisy_dsprites.load,
    "scream_dsprites": scream_dsprites.load,
    "textured_dsprites": textured_dsprites.load,
    "xy_blobs": xy_blobs.load,
    "shapes3d_drawn": shapes3d_drawn.load,
    "faces": faces.load,
    "faces_sampled": faces.load_sampled,
    "rooms": rooms.load,
    "seek_rooms": seek_rooms.load,
    "seek_rooms_tiny": seek_rooms.load_tiny,
    "periodic_square": periodic_square.load,
    "grid_square": grid_square.load,
    "shapes3d": shapes3d.load,
    "mpi3d_toy": mpi3d.load_toy,
    "mpi3d_realistic": mpi3d.load_realistic,
    "mpi3d_real": mpi3d.load_real,
    "smallnorb": smallnorb.load,
    "cars3d": cars3d.load,
    "celeba": celeba.load,
    "mnist": mnist.load,
    "mnist_flipped": mnist_flipped.load,
}
# Those whose images are as the file or folder has them that the user gives: a run notes which.
READ = {"shapes3d", "mpi3d_toy", "mpi3d_realistic", "mpi3d_real", "smallnorb", "cars3d"}
READ |= {"celeba", "mnist", "mnist_flipped"}
TFDS = "tfds:"


def load(name: str, source: Path | None = None) -> Dataset:
    """The data set of any name. In `source`, as above, a path that is gone is looked for too."""
    check_name(name)
    if name in READ:
        return hashes.versioned(DATASETS[name](source))
    if name in DATASETS:
        return DATASETS[name](source)
    if name.startswith(TFDS):
        return _tfds(name.removeprefix(TFDS), source)
    if _is_path(name):
        path = Path(os.path.expanduser(name))
        files.kind(path)  # before its name is looked at: it may be none
        return own.from_path(path, source, label(name))
    return own.from_function(name, label(name))


def recorded(name: str, source: Path | None = None) -> Dataset:
    """The data set that a file names, a run's config.json for one.

    Code runs only if the user names it: of MODULE:FUNCTION `source` must be that name.
    """
    check_name(name)
    if not is_function(name):
        return load(name, source)
    if str(source) != name:
        raise InputError(
            f"the data set {short(name)} is a function, and none is called because a file names "
            f"it: if it is yours, say so with --data {name}"
        )
    return load(name)


def is_function(name: str) -> bool:
    """Whether a data set of this name is made by code of the user's, MODULE:FUNCTION."""
    return name not in DATASETS and not name.startswith(TFDS) and not _is_path(name)


def check_name(name: str) -> None:
    """Raise InputError for what can be no data set's name; nothing is read or imported."""
    if name == "":
        raise InputError(f"a data set is given no name: it is one of `dbench list`, or {own.FORMS}")
    if isinstance(name, str):
        schemas.check(name, schemas.TEXT, "a data set", "its name")
        if name in DATASETS or _is_path(name) or ":" in name:
            return
    try:
        choose("data set", name, DATASETS)
    except InputError as error:
        raise InputError(f"{error}; of your own: {own.FORMS}") from error


def resolve(name: str) -> str:
    """The same name from any folder: a path is absolute."""
    if name in DATASETS or not _is_path(name):
        return name
    path = str(files.resolved(Path(os.path.expanduser(name))))
    schemas.check(path, schemas.TEXT, "a data set", "its place")
    return path


def label(name: str) -> str:
    """What a data set is called in tables and folders: its id, else the name made plain.

    Of a path it is the last part, without its suffix if it is a file's: "faces" of "my/faces.npz".
    """
    if name in DATASETS:
        return name
    if _is_path(name):
        path = Path(resolve(name))
        name = path.stem if path.suffix in own.READERS else path.name
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._") or "data"
    return f"own_{plain}" if plain in DATASETS else plain


def _is_path(name: str) -> bool:
    if name.startswith(TFDS):
        return False
    path = Path(os.path.expanduser(name))
    return os.sep in name or path.suffix in own.READERS or files.kind(path) is not None


def _tfds(name: str, source: Path | None) -> Dataset:
    from dbench.data.official import tfds

    return hashes.versioned(tfds.load(name, source))
