"""Odd .npz files: one sentence each, wherever an .npz is read, and no hang and no memory full."""

import io
import zipfile
import zlib

import ml_dtypes
import numpy as np
import pytest

from dbench import data
from dbench.codes import from_file
from dbench.errors import InputError
from dbench.inputs import npz
from dbench.scoring import score_files

MEAN = np.arange(24.0).reshape(12, 2)
MAGIC = b"\x93NUMPY\x01\x00"


def npy(array=MEAN):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def headed(header: str, content=b""):
    """A .npy of any header."""
    text = header.encode("latin1").ljust(118 - len(MAGIC)) + b"\n"
    return MAGIC + len(text).to_bytes(2, "little") + text + content


def described(shape="(12, 2)", descr="'<f8'", fortran="False"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}"


def patched(offset_local: int, offset_central: int, value: bytes):
    """A zip archive with a field of both headers of its member changed."""

    def make(name):
        raw = bytearray(one(npy())(name))
        raw[offset_local : offset_local + len(value)] = value
        at = raw.index(b"PK\x01\x02") + offset_central
        raw[at : at + len(value)] = value
        return bytes(raw)

    return make


def one(content, times=1):
    def make(name):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for _ in range(times):
                archive.writestr(f"{name}.npy", content)
        return file.getvalue()

    return make


nested = headed("[" * 90)
deep = MAGIC + (9000).to_bytes(2, "little") + b"(" * 8999 + b"\n"
minus = MAGIC + (9000).to_bytes(2, "little") + b"-" * 8998 + b"1\n"
surrogate = np.array([[0xD800], [0x41]], np.uint32).view("<U1")
beyond = np.array([[0x110000], [0x41]], np.uint32).view("<U1")
ODD = {
    "an empty file": lambda name: b"",
    "no zip": lambda name: b"PK no",
    "an empty member": one(b""),
    "an encrypted member": patched(6, 8, b"\x01\x00"),
    "an unknown compression": patched(8, 10, b"\x63\x00"),
    "a compression that is not its own": patched(8, 10, b"\x0c\x00"),
    "a header of brackets": one(nested),
    "a header of 9,000 brackets": one(deep),
    "a header of 9,000 signs": one(minus),
    "a header of nothing": one(MAGIC + b"\x00\x00"),
    "half a header": one(MAGIC + b"\xff\xff{"),
    "no magic": one(b"abcdefgh" * 9),
    "a later version": one(b"\x93NUMPY\x09\x00" + npy()[8:]),
    "a shape below 0": one(headed(described("(-12, 2)"), MEAN.tobytes())),
    "a shape of text": one(headed(described("('a', 2)"))),
    "a shape of 30 digits": one(headed(described("(1" + "0" * 29 + ", 2)"))),
    "a shape that fits nowhere": one(headed(described("(1000000000, 1000000)"))),
    "a dtype of nonsense": one(headed(described(descr="'<q99'"))),
    "records": one(headed(described(descr="[('a', '<f8')]"), MEAN.tobytes())),
    "an array in each entry": one(headed(described(descr="('<f8', (9, 9))"), bytes(12 * 81 * 16))),
    "raw bytes": one(headed(described(descr="'|V8'"), MEAN.tobytes())),
    "too short": one(npy()[:-8]),
    "too long": one(npy() + bytes(8)),
    "one name twice": one(npy(), times=2),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_archive_is_one_sentence_wherever_it_is_read(odd, tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.npz"
    for name, read in (
        ("mean", lambda: from_file.read(path)),
        ("images", lambda: data.load(str(path))),
        ("part", lambda: score_files.read_arrays(path)),
    ):
        path.write_bytes(ODD[odd](name))
        with pytest.raises(InputError, match="a.npz") as caught:
            read()
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000


def test_what_would_fit_no_memory_is_said_before_anything_is_read(tmp_path):
    """A member that is as long as its header says, by what the archive says of it."""
    size = 10**15
    content = headed(described("(1000000000, 125000)"))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mean.npy", content)
    found = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("mean.npy")
        info.file_size = len(content) + size
        assert zlib.crc32(content) == info.CRC
        opened = npz.Archive(archive)
        assert opened.about("mean").nbytes == size
        with pytest.raises(InputError, match="'mean' takes 1,000,000.0 GB of memory, and"):
            opened.read("mean")
    assert path.read_bytes() == found


@pytest.mark.parametrize("labels", [surrogate, beyond])
def test_text_that_is_no_unicode(labels, tmp_path):
    np.savez(tmp_path / "a.npz", mean=MEAN[:2], factors=labels)
    with pytest.raises(InputError, match="a.npz .*no Unicode"):
        from_file.read(tmp_path / "a.npz")


def test_bfloat16_is_not_called_damaged(tmp_path):
    np.savez(tmp_path / "a.npz", mean=MEAN.astype(ml_dtypes.bfloat16), factors=np.arange(12) % 3)
    with pytest.raises(InputError, match=r"a.npz is of \|V2, .*bfloat16 is saved so"):
        from_file.read(tmp_path / "a.npz")


def test_of_many_names_some_are_said(tmp_path):
    np.savez(tmp_path / "a.npz", **{f"m{i}": 1 for i in range(100)})
    for read in (from_file.read, lambda path: data.load(str(path))):
        with pytest.raises(InputError, match=r"it has: m0, m1, .*, \.\.\. \(100\)"):
            read(tmp_path / "a.npz")


def test_names_of_members_that_are_not_utf_8(tmp_path):
    np.savez(tmp_path / "a.npz", mean=MEAN, factors=np.arange(12) % 3, nameless=1)
    content = (tmp_path / "a.npz").read_bytes().replace(b"nameless", b"\xff\xfeme\xe9ess")
    (tmp_path / "a.npz").write_bytes(content)
    assert len(from_file.read(tmp_path / "a.npz").mean) == 12  # nobody asks for that array
    with pytest.raises(InputError, match="a.npz has no array 'images'"):
        data.load(str(tmp_path / "a.npz"))


def test_every_layout_that_numpy_writes_is_read(tmp_path):
    arrays = {
        "fortran": np.asfortranarray(MEAN),
        "big": MEAN.astype(">f4"),
        "text": np.array([["a", "bc"], ["", "é"]]),
        "bytes": np.array([b"a", b"bc"]),
        "truth": MEAN > 3,
        "nothing": np.zeros((0, 3)),
        "one": np.array(5),
        "half": MEAN.astype(np.float16),
    }
    for write in (np.savez, np.savez_compressed):
        write(tmp_path / "a.npz", **arrays)
        with npz.opened(tmp_path / "a.npz") as archive:
            assert archive.names == list(arrays)
            for name, array in arrays.items():
                found = archive.read(name)
                assert found.dtype == array.dtype and found.shape == array.shape
                assert (found == array).all()
