"""The official files of data sets: where they come from, and where they are looked for.

Nothing is downloaded. A file that is not there is said at once, with its name and its source.
"""

import os
from pathlib import Path
from typing import NamedTuple

from dbench import files
from dbench.data.official import prepared
from dbench.errors import InputError


class Official(NamedTuple):
    """Where the official files of a data set come from."""

    title: str
    files: tuple[str, ...]  # patterns of file names below a folder, one of which is enough
    wanted: str  # how a sentence names the files
    url: str
    tfds: str = ""  # its name in TensorFlow Datasets, if it is there
    otherwise: str = ""  # what can be done without the files; {} is --data or DBENCH_DATA


_MPI3D = "https://huggingface.co/datasets/waleedgondal/mpi3d/resolve/main/"
_DSPRITES = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64"
OFFICIAL = {
    "dsprites": Official(
        "dSprites",
        (f"{_DSPRITES}.npz", f"{_DSPRITES}.hdf5"),
        f"{_DSPRITES}.npz (or .hdf5)",
        "https://github.com/google-deepmind/dsprites-dataset",
        "dsprites",
        "leave {} out to have the images drawn",
    ),
    "scream_dsprites": Official(
        "Scream dSprites",
        ("scream.jpg", "scream.jpeg", "scream.png"),
        "scream.jpg",
        "https://upload.wikimedia.org/wikipedia/commons/f/f4/The_Scream.jpg",
    ),
    "shapes3d": Official(
        "3D Shapes",
        ("3dshapes.h5",),
        "3dshapes.h5",
        "https://storage.googleapis.com/3d-shapes/3dshapes.h5",
        "shapes3d",
        "take shapes3d_drawn, a likeness that needs no file",
    ),
    "smallnorb": Official(
        "SmallNORB",
        ("smallnorb-5x*-dat.mat", "smallnorb-5x*-dat.mat.gz"),
        "smallnorb-5x46789x9x18x6x2x96x96-training-{dat,cat,info}.mat and "
        "smallnorb-5x01235x9x18x6x2x96x96-testing-{dat,cat,info}.mat (each may be .mat.gz)",
        "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/",
        "smallnorb",
    ),
    "cars3d": Official(
        "Cars3D",
        ("car_*_mesh.mat", "cars/car_*_mesh.mat", "nips2015-analogy-data.tar.gz"),
        "nips2015-analogy-data.tar.gz (or its folder data/cars with car_*_mesh.mat)",
        "http://www.scottreed.info/files/nips2015-analogy-data.tar.gz",
    ),
    "celeba": Official(
        "CelebA",
        ("img_align_celeba.zip", "img_align_celeba/000001.jpg", "000001.jpg"),
        "img_align_celeba.zip (or its folder img_align_celeba with 000001.jpg ...)",
        "http://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
        "celeb_a",
    ),
    "mnist": Official(
        "MNIST",
        ("train-images*idx3-ubyte", "train-images*idx3-ubyte.gz", "mnist.npz"),
        "{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz (or unpacked, or mnist.npz)",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "mnist",
        "leave {} out to have 5,000 of its digits",
    ),
    **{
        f"mpi3d_{kind}": Official(
            f"MPI3D {kind}",
            (f"mpi3d_{kind}.npz",),
            f"mpi3d_{kind}.npz",
            f"{_MPI3D}mpi3d_{kind}.npz",
        )
        for kind in ("toy", "realistic", "real")
    },
}
PICTURES = OFFICIAL["scream_dsprites"].files


def find(source: Path | None, name: str) -> Path | None:
    """What the user has given of the data set `name`: below `source`, else $DBENCH_DATA.

    `source` is a file, or a folder: the files are looked for in it, in its folders, and as TFDS
    would have prepared them there. Returns a file, or the folder of what TFDS has prepared;
    None if nothing is given, or only a folder that has files of other data sets (a study may need
    those of several); an InputError if what is given is no such file or folder.
    """
    official = OFFICIAL[name]
    given = source or os.environ.get("DBENCH_DATA")
    if not given:
        return None
    origin = "--data" if source else "DBENCH_DATA"
    path = Path(given).expanduser()
    what = f"is neither the official {official.title} file nor its folder"
    files.kind(path)
    try:
        if path.is_dir():
            found = _below(path, official)
            if found or any(_below(path, other) for other in OFFICIAL.values()):
                return found
        elif path.exists():
            files.regular(path)
            if path.suffix in {Path(pattern).suffix for pattern in official.files} | {".h5"}:
                return path
        else:
            what = "does not exist"
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
    raise InputError(
        f"{origin} is {path}, which {what}: give {official.wanted} (from {official.url}), "
        f"{_way(official, origin)}"
    )


def require(source: Path | None, name: str) -> Path:
    """The same of a data set that is nowhere else, but perhaps prepared where TFDS keeps its own.

    An InputError says which file is missing, where it comes from, and where to put it.
    """
    official = OFFICIAL[name]
    found = find(source, name) or (None if source else _prepared(prepared.folder(), official))
    if found is None:
        given = source or os.environ.get("DBENCH_DATA")
        where = f"not found in {given}" if given else "which does not come with dbench"
        raise InputError(
            f"{name} needs {official.wanted}, {where}: get it from {official.url} and give it, "
            f"{_way(official, '--data')}"
        )
    return found


def _below(folder: Path, official: Official) -> Path | None:
    """The first of the files in a folder or in its folders, or the prepared TFDS data set there."""
    for above in ("", "*/"):
        for pattern in official.files:
            if there := sorted(folder.glob(above + pattern)):
                files.regular(there[0])
                return there[0]
    return _prepared(folder, official)


def _prepared(folder: Path, official: Official) -> Path | None:
    return prepared.find(official.tfds, folder) if official.tfds else None


def _way(official: Official, origin: str) -> str:
    otherwise = f", or {official.otherwise.format(origin)}" if official.otherwise else ""
    return f"or the folder it is in, with --data or in DBENCH_DATA{otherwise}"
