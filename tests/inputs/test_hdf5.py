"""HDF5 files that show other files, or hold less than they say: refused with a sentence."""

import os
import zlib

import h5py
import numpy as np
import pytest

from dbench import data
from dbench.errors import InputError
from dbench.inputs import hdf5

FOUR = np.full((6, 8, 8, 2, 2), 7, np.uint8)
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8), np.uint8)


def external_storage(file, folder):
    """384 bytes of any file as pixels."""
    secret = folder / "secret"
    secret.write_bytes(IMAGES.tobytes())
    file.create_dataset("images", IMAGES.shape, np.uint8, external=[(str(secret), 0, 384)])


def other(folder):
    with h5py.File(folder / "other.h5", "w") as file:
        file["images"] = IMAGES
        file["group/images"] = IMAGES
    return "other.h5"


def external_link(file, folder):
    file["images"] = h5py.ExternalLink(other(folder), "/images")


def external_pipe(file, folder):
    """To open it would wait for ever."""
    os.mkfifo(folder / "pipe.h5")
    file["images"] = h5py.ExternalLink("pipe.h5", "/images")


def soft_out(file, folder):
    """A link in the file to a group that is in another."""
    file["there"] = h5py.ExternalLink(other(folder), "/group")
    file["images"] = h5py.SoftLink("/there/images")


def circle(file, folder):
    file["images"], file["a"] = h5py.SoftLink("/a"), h5py.SoftLink("/images")


def nowhere(file, folder):
    file["images"] = h5py.SoftLink("/not/there")


def virtual(file, folder):
    layout = h5py.VirtualLayout(IMAGES.shape, np.uint8)
    layout[:] = h5py.VirtualSource(other(folder), "images", IMAGES.shape)
    file.create_virtual_dataset("images", layout)


def group(file, folder):
    file["images/a"] = IMAGES


def sparse(file, folder):
    """A petabyte of nothing in a small file."""
    file.create_dataset("images", (10**9, 1000, 1000), np.uint8, chunks=(1, 1000, 1000))


def sparse_factors(file, folder):
    file["images"] = IMAGES
    factors = file.create_dataset("factors", (10**9, 10**6), np.int64, chunks=(1, 1000))
    factors[0, :3] = 1


def huge_chunks(file, folder):
    """A chunk of 3 GB, of which the file has a few bytes: written whole it would take them all."""
    file["images"] = IMAGES
    chunks = {"chunks": (6, 2**29), "compression": "gzip"}
    factors = file.create_dataset("factors", (6, 2**40), np.int8, **chunks)
    factors.id.write_direct_chunk((0, 0), zlib.compress(b"1"))


def references(file, folder):
    file["images"] = IMAGES
    file.create_dataset("factors", (6, 1), h5py.ref_dtype)[0] = file["images"].ref


def lists(file, folder):
    file["images"] = IMAGES
    file.create_dataset("factors", (6, 1), h5py.vlen_dtype(int))[0, 0] = [1, 2]


def not_utf_8(file, folder):
    file["images"] = IMAGES
    file["factors"] = np.array([b"\xff"] * 6)


def empty(file, folder):
    file["images"] = h5py.Empty("f")


def empty_names(file, folder):
    file["images"], file["factors"] = IMAGES, np.arange(6)
    file["factor_names"] = h5py.Empty("S3")


def records(file, folder):
    file["images"] = IMAGES
    file["factors"] = np.zeros(6, [("a", "f4"), ("b", "i4")])


def arrays_in_each(file, folder):
    """Of each pixel four: more would be written to the cache than there is room for."""
    file.create_dataset("images", (6, 8, 8), np.dtype(("u1", (2, 2))))[...] = FOUR


def one_huge_image(file, folder):
    """Of nearly nothing but holes: a block of it would take 10 GB."""
    file.create_dataset("images", (1, 10**5, 10**5), "u1", chunks=(1, 99, 99))[0, 0, :9] = 1


def many_names(file, folder):
    for i in range(100):
        file.create_group(f"g{i}")


def names_elsewhere(file, folder):
    file["images"], file["factors"] = IMAGES, np.arange(6)
    file["factor_names"] = h5py.ExternalLink("/dev/zero", "/x")


ODD = {
    external_storage: "keeps its values in another file",
    external_link: "is a link to another file",
    external_pipe: "is a link to another file",
    soft_out: "is a link to another file",
    circle: "leads in a circle",
    nowhere: "is a link to nothing",
    virtual: "keeps its values in another file",
    group: "is no array",
    sparse: "has the shape .* and no values",
    sparse_factors: "takes 8,000,000.0 GB of memory",
    huge_chunks: "takes|cannot read|must be",
    references: "references or lists",
    lists: "references or lists",
    not_utf_8: "cannot be read as text|cannot read",
    empty: "'images' in .* is empty",
    empty_names: "'factor_names' in .* is empty",
    records: "is of .*: save plain numbers or text",
    arrays_in_each: "is of .*: save plain numbers or text",
    one_huge_image: "have 10,000 pixels a side at most",
    many_names: r"has no array 'images' \(it has: g0, .*, \.\.\. \(100\)\)",
    names_elsewhere: "is a link to another file",
}


@pytest.mark.parametrize("write", ODD, ids=lambda f: f.__name__)
def test_what_is_not_in_the_file_is_refused(write, tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write(file, tmp_path)
    with pytest.raises(InputError, match=ODD[write]) as caught:
        data.load(str(tmp_path / "a.h5"))
    assert "\n" not in str(caught.value) and "a.h5" in str(caught.value)
    assert not list(tmp_path.glob("cache/*"))


@pytest.mark.slow
def test_a_damaged_heap_of_text_is_not_read_for_ever(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hdf5, "SECONDS", 2.0)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["factors"], file["factor_names"] = IMAGES, np.arange(6), ["a"]
    content = bytearray((tmp_path / "a.h5").read_bytes())
    heap = content.index(b"GCOL")
    content[heap + 16 + 8 : heap + 16 + 16] = b"\0" * 8  # an object of no size
    content[heap + 40 : heap + 48] = b"\0" * 8  # and free space of none
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(InputError, match="cannot read .*a.h5"):
        data.load(str(tmp_path / "a.h5"))


def test_links_within_the_file_are_followed(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["deep/images"], file["deep/b"] = IMAGES, h5py.SoftLink("images")
        file["images"] = h5py.SoftLink("/deep/b")
        file["factors"] = np.arange(6)
    dataset = data.load(str(tmp_path / "a.h5"))
    assert (np.asarray(dataset.arrays)[..., 0] == IMAGES).all() and dataset.sizes == (6,)


@pytest.mark.slow
def test_the_time_of_text_is_that_of_the_processor(tmp_path, monkeypatch):
    """A process that waits for longer than SECONDS, as on a busy machine, is not given up."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["names"] = ["a", "ß"]
    monkeypatch.setattr(hdf5, "SECONDS", 3.0)
    monkeypatch.setattr(hdf5, "READ", "import time\ntime.sleep(4)\n" + hdf5.READ)
    with hdf5.opened(tmp_path / "a.h5") as file:
        assert list(hdf5.whole(file["names"])) == ["a", "ß"]


def test_a_reader_that_is_killed_is_said(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["names"] = ["a"]
    monkeypatch.setattr(hdf5, "READ", "import os\nos.kill(os.getpid(), 9)")
    with (
        hdf5.opened(tmp_path / "a.h5") as file,
        pytest.raises(ValueError, match="HDF5 ended where it read the text of /names"),
    ):
        hdf5.whole(file["names"])
