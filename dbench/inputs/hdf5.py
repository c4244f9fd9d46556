"""The one place that opens an HDF5 file of others. What it shows is in the file itself.

HDF5 may point to other files: by external links, by external storage, by virtual data sets. Through
these a file could show any file of the machine, so none is followed.
"""

import contextlib
import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from dbench import files, memory
from dbench.errors import InputError

LINKS = 16  # that may lead to a data set, one after the other
SECONDS = 8.0  # of processor time, in which the text of a small file must be read
PATIENCE = 20  # times as long may pass, on a busy machine or a slow disk
READ = """
import resource, sys
for kind, limit in ((resource.RLIMIT_CPU, int(sys.argv[3])), (resource.RLIMIT_CORE, 0)):
    most = resource.getrlimit(kind)[1]
    limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(kind, (limit, most))
import json, h5py
with h5py.File(sys.argv[1], "r") as file:
    print(json.dumps(file[sys.argv[2]].asstr()[...].ravel().tolist()))
"""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    files.regular(path)
    with h5py.File(path, "r") as file:
        yield file


def names(file: h5py.File) -> list[str]:
    """What lies at the top of a file."""
    return list(file)


def array(file: h5py.File, name: str) -> h5py.Dataset:
    """A data set of this path, links within the file followed; an InputError for any other."""
    where = f"{name!r} in {file.filename}"
    found, parts, links = file, name.split("/"), 0
    while parts:
        part = parts.pop(0)
        if part in ("", "."):
            continue
        link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
        if link is None:
            if links:
                raise InputError(f"{where} is a link to nothing: save the array itself")
            raise LookupError(f"it has no {name!r}")
        if isinstance(link, h5py.ExternalLink):
            raise InputError(f"{where} is a link to another file: save the array itself")
        if isinstance(link, h5py.SoftLink):
            links += 1
            if links > LINKS:
                raise InputError(f"{where} is a link that leads in a circle: save the array itself")
            found = file if link.path.startswith("/") else found
            parts = link.path.split("/") + parts
        else:
            found = found[part]
    if not isinstance(found, h5py.Dataset):
        raise InputError(f"{where} is no array: save one of that name")
    if found.shape is None:
        raise InputError(f"{where} is empty: save an array of that name")
    if found.dtype.kind == "V":
        raise InputError(f"{where} is of {found.dtype}: save plain numbers or text")
    if found.external or found.is_virtual:
        raise InputError(f"{where} keeps its values in another file: save the array itself")
    if found.dtype.kind == "O" and not h5py.check_string_dtype(found.dtype):
        raise InputError(f"{where} holds references or lists: save plain numbers or text")
    if math.prod(found.shape) and not found.id.get_storage_size():
        raise InputError(f"{where} has the shape {list(found.shape)} and no values: save them")
    if found.chunks:
        memory.check(math.prod(found.chunks) * found.dtype.itemsize, f"a chunk of {where}")
    return found


def whole(data: h5py.Dataset) -> np.ndarray:
    """All of a data set, text as such."""
    memory.check(
        math.prod(data.shape) * data.dtype.itemsize, f"{data.name} in {data.file.filename}"
    )
    text = h5py.check_string_dtype(data.dtype)
    if text and text.length is None:
        return _texts(data)
    return np.asarray(data.asstr()[()], object) if text else np.asarray(data[()])


def _texts(data: h5py.Dataset) -> np.ndarray:
    """Text of any length. A damaged heap of it makes HDF5 read for ever: a process of its own."""
    seconds = math.ceil(SECONDS + data.size / 50_000)
    command = [sys.executable, "-P", "-c", READ, data.file.filename, str(data.name), str(seconds)]
    late = ValueError(f"the text of {data.name} cannot be read in {seconds} s")
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE * seconds, check=False)
    except subprocess.TimeoutExpired:
        raise late from None
    if done.returncode == -signal.SIGXCPU:
        raise late
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ValueError(said or f"HDF5 ended where it read the text of {data.name}")
    return np.asarray(json.loads(done.stdout), object).reshape(data.shape)
