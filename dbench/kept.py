"""Files that a study keeps in its folder: which they are, so that nothing else is written there.

RESULTS/STUDY/             study.json, scores.csv, scores.parquet, tensorboard/, .parts/
RESULTS/STUDY/.../         udr.csv, of a set of runs, above its seeds
RESULTS/STUDY/.../seed=0/  config.json and all that a run has

A path counts as it is resolved, and whatever its case: `a/CONFIG.JSON` is `a/config.json` on some
disks, and so is a link to it.
"""

import contextlib
from pathlib import Path

from dbench import files
from dbench.errors import InputError

OF_RUN = {
    *("config.json", "parameters.safetensors", "training.safetensors", "log.csv", "failed.json"),
    *("scores.csv", "scores.npz", "scores.json", "udr.npz", "equivariance.csv"),
    "handed.npz",
}
OF_SET = {"udr.csv"}
OF_STUDY = {"study.json", "scores.csv", "scores.parquet", ".lock"}
SCALES = ("smoke", "quick", "laptop", "paper")  # from the smallest to the largest
OWN = "own"  # the one scale of a study whose file has none
ORDER = (*SCALES, OWN)
APART = ("tensorboard", ".parts")  # folders whose files are all a study's
FOLDERS = {*ORDER, *APART}  # of a study


def is_run(folder: Path) -> bool:
    """Whether it is a run's folder, wherever it was copied to."""
    marks = ("parameters.safetensors", "training.safetensors", "failed.json", "udr.npz")
    if folder.name.startswith("seed=") or any((folder / name).exists() for name in marks):
        return True
    with contextlib.suppress(InputError):
        return {"dataset", "model", "seed"} <= files.read_json(folder / "config.json").keys()
    return False


def is_set(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("seed=*"))


def is_study(folder: Path) -> bool:
    marks = [(folder / name).exists() for name in ("study.json", "scores.parquet")]
    begun = (folder / ".lock").exists() and any((folder / name).is_dir() for name in FOLDERS)
    return any(marks) or begun


def belongs(path: Path) -> bool:
    """Whether a path, there or not, is that of a file that a study keeps."""
    with contextlib.suppress(OSError, InputError):
        path = files.resolved(path)
        name, folder = path.name.casefold(), path.parent
        return (
            (name in OF_RUN and is_run(folder))
            or (name in OF_SET and is_set(folder))
            or (name in OF_STUDY and is_study(folder))
            or any(p.name in APART and is_study(p.parent) for p in path.parents)
        )
    return False


def refuse(path: Path, said: str) -> None:
    """An InputError, after `said`, if a path is that of a file that a study keeps."""
    if belongs(path):
        raise InputError(
            f"{said} would write {path}, a file that a study keeps with its results: choose "
            "another name"
        )


def refuse_folder(folder: Path, said: str) -> None:
    """An InputError if files of other kinds would get among those that a study keeps."""
    real = files.resolved(folder)
    inside = real.name in FOLDERS and is_study(real.parent)
    if is_run(real) or is_set(real) or is_study(real) or inside:
        raise InputError(
            f"{said} {folder} is a folder that a study keeps its results in: name another, or one "
            "of its own in there"
        )
    for entry in real.iterdir() if real.is_dir() else ():
        if entry.is_symlink():
            refuse(entry, f"{said} {folder}")
