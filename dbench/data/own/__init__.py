"""A user's own data: a file, a folder, or a function that draws, as a Dataset.

Images are kept in the cache as uint8 under the sha256 of all that they come from, so that a file
that was changed is read again. Rows need be no full grid of the factors, and two images may have
the same factors: `coverage` says so.
"""

from pathlib import Path

from dbench import files
from dbench.base import Dataset
from dbench.data import cache, hashes
from dbench.data.official import stored
from dbench.data.own import arrays as own_arrays
from dbench.data.own import function as own_function
from dbench.data.own import pictures as own_pictures
from dbench.data.own.pixels import bright
from dbench.data.own.source import Source
from dbench.errors import InputError

READERS = {
    ".npz": own_arrays.npz,
    ".h5": own_arrays.hdf5,
    ".hdf5": own_arrays.hdf5,
    ".parquet": own_pictures.parquet,
}
FORMS = f"a folder of images, a file ({', '.join(READERS)}), MODULE:FUNCTION or tfds:NAME"
READER = "1"  # another number reads all files anew


def from_path(path: Path, source: Path | None, name: str) -> Dataset:
    """The data set of a file or folder, called `name`.

    One that is not where it was is looked for by its name in the file or folder `source`.
    """
    kind = files.kind(path)
    if kind is None and source is not None:
        near = (source, source / path.name)
        path = next((p for p in near if p.name == path.name and files.kind(p)), path)
        kind = files.kind(path)
    if kind is None:
        raise InputError(f"there is no file or folder {path}: give its new place with --data")
    folder = kind == "a folder"
    if not folder and path.suffix not in READERS:
        raise InputError(f"cannot tell what {path} is: a data set is {FORMS}")
    if not folder:
        files.regular(path)
    read = own_pictures.folder if folder else READERS[path.suffix]
    return _dataset(read(path), name, f"reading {path.name}", str(path))


def from_function(spec: str, name: str) -> Dataset:
    """The data set of MODULE:FUNCTION, see `own_function`."""
    return _dataset(own_function.read(spec), name, f"drawing {spec}", spec)


def _dataset(source: Source, name: str, label: str, where: str) -> Dataset:
    factors = source.factors
    images = cache.keep(
        f"own_{READER}_{source.digest()[:32]}",
        (len(factors.indices), *source.shape),
        lambda: bright(source.blocks(), where),
        label,
    )
    found = stored.dataset(name, images, factors.names, factors.values, factors.indices)
    found = found._replace(continuous=factors.continuous, labels=factors.labels)
    return hashes.versioned(found)
