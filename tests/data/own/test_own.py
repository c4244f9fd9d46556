"""A user's own data in every form, and one sentence for each thing that may be wrong with it."""

import io
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dbench import data
from dbench.codes import tabled
from dbench.data import cache
from dbench.data.own import source as own_source
from dbench.errors import InputError
from tests.rounding import rounding

GRID = np.indices((2, 3)).reshape(2, -1).T  # [6, 2]
NAMES = ["kind", "x"]


def drawn(channels=1, seed=0):
    """[6, 5, 7, c] uint8."""
    shape = (6, 5, 7, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def encoded(image, form="png"):
    file = io.BytesIO()
    Image.fromarray(image.squeeze()).save(file, form)
    return file.getvalue()


def moving():
    """An animation: three pictures, one after the other, in a .png."""
    file = io.BytesIO()
    first, *rest = (Image.fromarray(np.full((5, 7), level, np.uint8)) for level in (0, 99, 255))
    first.save(file, "png", save_all=True, append_images=rest)
    return file.getvalue()


def write_npz(path, images, factors, names=NAMES):
    arrays = {"images": images, "factors": factors, "factor_names": names}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def write_hdf5(path, images, factors, names=NAMES):
    with h5py.File(path, "w") as file:
        file.create_dataset("images", data=images, chunks=(2, *images.shape[1:]))
        for name, array in (("factors", factors), ("factor_names", names)):
            if array is not None:
                file[name] = array
    return path


def write_parquet(path, images, factors, names=NAMES, nested=False):
    column = [encoded(image) for image in images]
    if nested:
        column = [{"bytes": image, "path": "a.png"} for image in column]
    columns = {} if factors is None else dict(zip(names, factors.T, strict=True))
    pd.DataFrame({"image": column, **columns}).to_parquet(path)
    return path


def write_folder(path, images, factors, names=NAMES):
    path.mkdir()
    for i, image in enumerate(images):
        (path / f"a{2 * i}.png").write_bytes(encoded(image))  # a10 comes after a8
    if factors is not None:
        pd.DataFrame(factors, columns=names).to_csv(path / "factors.csv", index=False)
    return path


WRITERS = {
    "own.npz": write_npz,
    "own.h5": write_hdf5,
    "own.parquet": write_parquet,
    "nested.parquet": lambda *a: write_parquet(*a, nested=True),
    "folder": write_folder,
}


@pytest.fixture(autouse=True)
def blocks_of_two(own_cache, monkeypatch):
    """Six images are three blocks, and none ends the loop early."""
    monkeypatch.setattr(own_source, "BLOCK", 2 * 5 * 7)


def images_of(dataset):
    images = np.asarray(dataset.gather(dataset.arrays, np.arange(dataset.size)))
    assert images.shape == (dataset.size, *dataset.shape) and images.dtype == np.float32
    return images


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", WRITERS)
def test_every_form_gives_the_same(kind, channels, tmp_path):
    images = drawn(channels)
    path = WRITERS[kind](tmp_path / kind, images, GRID)
    dataset = data.load(str(path))
    assert dataset.name == kind.split(".")[0] and dataset.shape == (5, 7, channels)
    np.testing.assert_allclose(images_of(dataset), images / 255, rtol=rounding(3))
    assert (dataset.factors == GRID).all() and dataset.factors.dtype == np.int32
    assert dataset.names == ("kind", "x") and dataset.sizes == (2, 3)
    assert [v.tolist() for v in dataset.values] == [[0, 1], [0, 1, 2]]
    assert isinstance(dataset.arrays, np.memmap)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_a_continuous_factor_in_every_form(kind, tmp_path):
    factors = GRID.astype(float)
    factors[:, 1] = [0.5, -2.0, 0.25, 7.0, 1.0, 0.75]
    names = ["kind", "continuous_x"]
    dataset = data.load(str(WRITERS[kind](tmp_path / kind, drawn(), factors, names)))
    assert dataset.names == ("kind", "x") and dataset.continuous == ("x",)
    assert (dataset.values[1][dataset.factors[:, 1]] == factors[:, 1]).all()
    (tmp_path / "labels").mkdir()
    labels = data.load(str(WRITERS[kind](tmp_path / "labels" / kind, drawn(), factors)))
    assert labels.continuous == () and labels.sha256 != dataset.sha256
    found = tabled.table(dataset, np.zeros((3, 2)), rows=np.array([1, 3, 5]))
    assert found.continuous == ("x",) and found.names == ("kind", "x")
    assert (found.values[:, 1] == [-2.0, 7.0, 0.75]).all()
    assert (found.factors == [[0, 0], [1, 19], [1, 6]]).all()  # 20 bins of 0.45


def test_columns_of_a_parquet_file_that_are_named_as_factors_are_all(tmp_path):
    table = {"image": [encoded(image) for image in drawn()], "factor_a": range(6)}
    table |= {"continuous_b": np.linspace(0, 1, 6), "note": range(6)}
    pd.DataFrame(table).to_parquet(tmp_path / "own.parquet")
    dataset = data.load(str(tmp_path / "own.parquet"))
    assert (dataset.names, dataset.continuous) == (("a", "b"), ("b",))


@pytest.mark.slow
def test_the_same_data_in_another_form_are_the_same(tmp_path):
    found = {data.load(str(w(tmp_path / k, drawn(), GRID))).sha256 for k, w in WRITERS.items()}
    assert len(found) == 1
    other = data.load(str(write_npz(tmp_path / "a.npz", drawn(), GRID[::-1]))).sha256
    assert other not in found


@pytest.mark.parametrize("kind", WRITERS)
def test_without_factors(kind, tmp_path):
    dataset = data.load(str(WRITERS[kind](tmp_path / kind, drawn(), None, None)))
    assert dataset.factors.shape == (6, 0) and dataset.names == dataset.values == ()


PARQUET = "columns factor_* or, without such, columns of numbers or text"


def in_a_folder(path):
    (write_folder(path, drawn(), GRID) / "factors.csv").rename(path / "labels.csv")
    (path / "._labels.csv").touch()


def in_npz(path):
    np.savez(path, images=drawn(), labels=GRID, kinds=GRID)


def in_hdf5(path):
    with h5py.File(path, "w") as file:
        file["images"], file["labels"] = drawn(), GRID


def in_parquet(path):
    """A column of lists, which no factor is."""
    columns = {"image": [encoded(image) for image in drawn()], "labels": list(GRID)}
    pd.DataFrame(columns).to_parquet(path)


@pytest.mark.parametrize(
    "write, name, wanted, has",
    [
        (in_a_folder, "heads", "factors.csv or factors.parquet", "labels.csv"),
        (in_npz, "a.npz", "the array 'factors'", "labels, kinds"),
        (in_hdf5, "a.h5", "the array 'factors'", "labels"),
        (in_parquet, "a.parquet", PARQUET, "labels"),
    ],
)
def test_factors_under_another_name_are_said_once(write, name, wanted, has, tmp_path, capfd):
    write(path := tmp_path / name)
    for _ in range(2):
        assert data.load(str(path)).names == ()
    said = f"{path} has no factors: they are read from {wanted}, and it has {has}\n"
    assert capfd.readouterr().err.count(said) == 1


@pytest.mark.parametrize("factors, names", [(GRID, NAMES), (None, None)])
@pytest.mark.parametrize("kind", WRITERS)
def test_with_factors_or_nothing_beside_images_nothing_is_said(
    kind, factors, names, tmp_path, capfd
):
    data.load(str(WRITERS[kind](tmp_path / kind, drawn(), factors, names)))
    assert "has no factors" not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_is_read_once_and_when_changed_again(kind, tmp_path, own_cache, monkeypatch):
    path = WRITERS[kind](tmp_path / kind, drawn(), GRID)
    data.load(str(path))
    (kept,) = own_cache.iterdir()
    made = kept.stat().st_mtime_ns
    data.load(str(path))
    assert kept.stat().st_mtime_ns == made
    path.rename(tmp_path / f"old_{kind}")
    path = WRITERS[kind](tmp_path / kind, drawn(seed=1), GRID)
    assert (np.asarray(data.load(str(path)).arrays) == drawn(seed=1)).all()


def test_black_is_0_and_white_is_1(tmp_path):
    images = np.repeat(np.array([0, 255], np.uint8), 35).reshape(2, 5, 7)
    found = images_of(data.load(str(write_npz(tmp_path / "a.npz", images, None, None))))
    assert (found[0] == 0).all() and (found[1] == 1).all()


LAYOUTS = {
    "grey": (drawn()[..., 0], drawn()),
    "colour": (drawn(3), drawn(3)),
    "bool": (drawn() > 99, (drawn() > 99) * 255),
    "float64": (drawn() / 255, drawn()),
    "float32, big-endian": ((drawn() / 255).astype(">f4"), drawn()),
    "float16": ((drawn() / 255).astype(np.float16), drawn()),
}


@pytest.mark.parametrize("write", [write_npz, write_hdf5])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_and_types_of_arrays(layout, write, tmp_path):
    given, expected = LAYOUTS[layout]
    path = tmp_path / ("a.npz" if write is write_npz else "a.hdf5")
    found = data.load(str(write(path, given, None, None)))
    assert (np.asarray(found.arrays) == expected).all()


@pytest.mark.parametrize("write", [write_npz, write_hdf5])
def test_values_of_factors_are_the_distinct_ones_in_order(write, tmp_path):
    factors = np.array([[0.5, -3], [0.25, 7], [0.5, 7], [4, 7], [4, -3], [4, 7]])
    path = write(tmp_path / ("a.npz" if write is write_npz else "a.hdf5"), drawn(), factors, None)
    dataset = data.load(str(path))
    assert dataset.factors.tolist() == [[1, 0], [0, 1], [1, 1], [2, 1], [2, 0], [2, 1]]
    assert [v.tolist() for v in dataset.values] == [[0.25, 0.5, 4], [-3, 7]]
    assert dataset.names == ("factor0", "factor1")


def test_labels_are_taken_by_their_order(tmp_path):
    path = write_npz(tmp_path / "a.npz", drawn(), np.array(list("ccabac")), None)
    dataset = data.load(str(path))
    assert dataset.factors.tolist() == [[2], [2], [0], [1], [0], [2]]
    assert dataset.values[0].tolist() == [0, 1, 2]


def test_columns_of_a_parquet(tmp_path):
    table = {"image": [encoded(i) for i in drawn()], "label": list("aabbcc"), "ok": [True] * 6}
    table |= {"score": np.arange(6) / 4, "box": [[1, 2]] * 6}
    pd.DataFrame(table).to_parquet(tmp_path / "a.parquet")
    assert data.load(str(tmp_path / "a.parquet")).names == ("label", "ok", "score")
    pd.DataFrame(table | {"factor_x": range(6)}).to_parquet(tmp_path / "a.parquet")
    assert data.load(str(tmp_path / "a.parquet")).names == ("x",)


def test_a_folder_whose_table_names_its_files(tmp_path):
    path = write_folder(tmp_path / "f", drawn(), None, None)
    names = [f"a{i}.png" for i in (10, 8, 6, 4, 2, 0)]
    table = pd.DataFrame({"factor_x": range(6), "file": names, "label": list("aabbcc")})
    table.to_parquet(path / "factors.parquet")
    dataset = data.load(str(path))
    assert dataset.names == ("x", "label")
    assert dataset.factors.tolist() == [[5, 2], [4, 2], [3, 1], [2, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("mode", "form", "shape"),
    [
        ("1", "png", (5, 7, 1)),
        ("LA", "png", (5, 7, 1)),
        ("P", "png", (5, 7, 3)),
        ("RGBA", "webp", (5, 7, 3)),
        ("RGB", "jpeg", (5, 7, 3)),
        ("L", "bmp", (5, 7, 1)),
    ],
)
def test_kinds_of_pictures(mode, form, shape, tmp_path):
    (tmp_path / "f").mkdir()
    Image.fromarray(drawn(3)[0]).convert(mode).save(tmp_path / "f" / f"a.{form}", form)
    assert data.load(str(tmp_path / "f")).shape == shape


def changed(writer, name, **changes):
    """Writes a data set of this form with something else in it."""

    def write(folder):
        return writer(folder / name, **{"images": drawn(), "factors": GRID, **changes})

    return write


def truncated(writer, name, keep=0.5):
    def write(folder):
        path = writer(folder / name, drawn(), GRID)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        return path

    return write


def spoiled(folder, name="a4.png", content=None, table=None):
    path = write_folder(folder / "f", drawn(), GRID)
    if content is not None:
        (path / name).write_bytes(content)
    if table is not None:
        (path / "factors.csv").write_text(table)
    return path


def bit_flipped(folder):
    """Of the compressed pixels: the checksum at the end of the member tells."""
    path = write_npz(folder / "a.npz", drawn(), GRID)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("images.npy").header_offset
    content[at + 200] ^= 1
    path.write_bytes(content)
    return path


def longer(folder):
    """More pixels than the header of the array says."""
    file = io.BytesIO()
    np.save(file, drawn())
    with zipfile.ZipFile(folder / "a.npz", "w") as archive:
        archive.writestr("images.npy", file.getvalue() + bytes(35))
    return folder / "a.npz"


nan = np.where(drawn() > 200, np.nan, 0.5)
twelve = np.zeros((12, 12, 1), np.uint8)
listed = "file,x\n" + "".join(f"a{2 * i}.png,{i}\n" for i in range(6))
image_16 = Image.fromarray(np.zeros((5, 7), np.uint16))
sheer = np.dstack([drawn(3)[0], np.full((5, 7), 99, np.uint8)])
BAD = {
    "no file": (lambda f: f / "a.npz", "there is no file or folder .*a.npz"),
    "a suffix": (lambda f: (f / "a.txt").write_text("x") and f / "a.txt", "cannot tell what"),
    "no npz": (lambda f: (f / "a.npz").write_bytes(b"x") and f / "a.npz", "cannot read .*a.npz"),
    "half an npz": (truncated(write_npz, "a.npz"), "cannot read .*incomplete"),
    "longer": (longer, "images is longer than its header says"),
    "a bit": (bit_flipped, "cannot read .*CRC"),
    "half a hdf5": (truncated(write_hdf5, "a.h5"), "cannot read .*truncated"),
    "half a parquet": (truncated(write_parquet, "a.parquet"), "cannot read .*a.parquet"),
    "no images": (
        lambda f: np.savez(f / "a.npz", imgs=1) or f / "a.npz",
        r"no array 'images' \(it has: imgs\)",
    ),
    "int64": (changed(write_npz, "a.npz", images=drawn().astype(int)), "is of int64: give uint8"),
    "objects": (
        changed(write_npz, "a.npz", images=np.array([[[None]]])),
        "is of object: give uint8",
    ),
    "int32 hdf5": (changed(write_hdf5, "a.h5", images=drawn().astype("i4")), "is of int32"),
    "two axes": (
        changed(write_npz, "a.npz", images=drawn()[0, ..., 0]),
        r"shape \[5, 7\]: an image",
    ),
    "4 channels": (changed(write_npz, "a.npz", images=drawn(4)), "must have 1 or 3 channels"),
    "channels first": (
        changed(write_npz, "a.npz", images=drawn(3).transpose(0, 3, 1, 2)),
        r"\[6, 3, 5, 7\]: its channels come first .*moveaxis\(images, -3, -1\) does it",
    ),
    "channels first hdf5": (
        changed(write_hdf5, "a.h5", images=drawn(1).transpose(0, 3, 1, 2)),
        r"\[6, 1, 5, 7\]: its channels come first",
    ),
    "no image": (changed(write_npz, "a.npz", images=drawn()[:0]), "there is no image in it"),
    "Fortran": (
        changed(write_npz, "a.npz", images=np.asfortranarray(drawn()[..., 0])),
        "Fortran order",
    ),
    "above 1": (
        changed(write_npz, "a.npz", images=drawn().astype(float)),
        "image 0 of images in .*a.npz goes from .* floats must be in",
    ),
    "one above 1": (
        changed(write_npz, "a.npz", images=np.where(np.arange(6) == 4, 1.1, 0.5)[:, None, None]),
        "image 4 of images in .*a.npz goes from 1.1 to 1.1",
    ),
    "NaN": (changed(write_hdf5, "a.h5", images=nan), "goes from nan"),
    "0 and 1": (
        changed(write_npz, "a.npz", images=drawn() // 128),
        "brighter than 1 of 255: give images of 0 and 1 as bool",
    ),
    "continuous text": (
        changed(write_npz, "a.npz", factors=[["1", "x"]] * 6, names=["a", "continuous_b"]),
        "the factor 'b' of .*a.npz is declared continuous and holds 'x', not numbers",
    ),
    "continuous and not": (
        changed(write_npz, "a.npz", names=["a", "continuous_a"]),
        "a.npz has two factors 'a', one of them continuous",
    ),
    "few factors": (
        changed(write_npz, "a.npz", factors=GRID[:5]),
        r"factors in .* is \[5, 2\]: it must be \[6, factors\]",
    ),
    "NaN factor": (
        changed(write_npz, "a.npz", factors=np.where(GRID == 2, np.nan, 0.0)),
        "the factor 'x' of .*a.npz lacks a value in 2 of 6 rows, the first in row 2: remove",
    ),
    "infinite factor": (
        changed(write_hdf5, "a.h5", factors=np.where(GRID == 2, np.inf, 0.0)),
        "the factor 'x' of .*a.h5 is infinite in row 2",
    ),
    "complex factor": (
        changed(write_npz, "a.npz", factors=GRID * 1j),
        "the factor 'kind' of .* holds complex128: give numbers or text",
    ),
    "pickled factors": (
        changed(write_npz, "a.npz", factors=GRID.astype(object)),
        "the array 'factors' of .*a.npz holds pickled objects, which are never loaded",
    ),
    "names": (changed(write_npz, "a.npz", names=["a"]), "must be a list of 2 strings"),
    "a name twice": (changed(write_hdf5, "a.h5", names=["a", "a"]), "has a name twice: a, a"),
    "no column": (
        lambda f: pd.DataFrame({"a": [1]}).to_parquet(f / "a.parquet") or f / "a.parquet",
        r"needs one column 'image' \(it has: a\)",
    ),
    "no bytes": (
        lambda f: pd.DataFrame({"image": ["a"]}).to_parquet(f / "a.parquet") or f / "a.parquet",
        "the image in row 0 of .* is no encoded image but str",
    ),
    "bytes of nothing": (
        lambda f: pd.DataFrame({"image": [b"a"]}).to_parquet(f / "a.parquet") or f / "a.parquet",
        "cannot read the image in row 0 of .*a.parquet",
    ),
    "no rows": (
        lambda f: (
            pd.DataFrame({"image": [b"a"]})[:0].to_parquet(f / "a.parquet") or f / "a.parquet"
        ),
        "a.parquet has no rows",
    ),
    "a gap": (
        lambda f: (
            pd.DataFrame({"image": [encoded(drawn()[0])] * 2, "x": [1, None]}).to_parquet(
                f / "a.parquet"
            )
            or f / "a.parquet"
        ),
        "the factor 'x' of .*a.parquet lacks a value in 1 of 2 rows",
    ),
    "empty folder": (lambda f: (f / "e").mkdir() or f / "e", "e has no images: there must be .png"),
    "no picture": (
        lambda f: spoiled(f, content=b"x"),
        "cannot read the image .*/f/a4.png .*: it is no whole image",
    ),
    "half a picture": (
        lambda f: spoiled(f, content=encoded(drawn()[2])[:-30]),
        "cannot read the image .*/f/a4.png",
    ),
    "odd size": (
        lambda f: spoiled(f, content=encoded(twelve)),
        "the image .*a4.png is 12 x 12 x 1 and the image .*a0.png is 5 x 7 x 1",
    ),
    "odd mode": (
        lambda f: spoiled(f, content=encoded(drawn(3)[0])),
        "the image .*a4.png is 5 x 7 x 3 and",
    ),
    "a picture of 100 million pixels": (
        lambda f: spoiled(f, content=encoded(np.zeros((10_000, 10_000), np.uint8))),
        "cannot read the image .*/f/a4.png .*decompression bomb",
    ),
    "PostScript": (
        lambda f: spoiled(f, content=encoded(drawn(3)[2], "eps")),
        "cannot read the image .*/f/a4.png",
    ),
    "16 bit": (
        lambda f: [spoiled(f), image_16.save(f / "f" / "a4.png")] and f / "f",
        "a4.png is of mode I;16: save it as 8-bit",
    ),
    "animated": (lambda f: spoiled(f, content=moving()), "a4.png is an animation of 3 pictures"),
    "transparent": (lambda f: spoiled(f, content=encoded(sheer)), "a4.png is transparent"),
    "rows of a table": (
        lambda f: spoiled(f, table="x\n1\n2\n"),
        "factors.csv has 2 rows and there are 6 images",
    ),
    "a file too many": (
        lambda f: spoiled(f, table=listed + "b.png,3\n"),
        "factors.csv names 'b.png', and there is no such image",
    ),
    "a file too few": (
        lambda f: spoiled(f, table=listed.replace("a4.png,2\n", "")),
        "factors.csv has no row for the image 'a4.png'",
    ),
    "a file twice": (
        lambda f: spoiled(f, table=listed + "a4.png,3\n"),
        "factors.csv names 'a4.png' twice",
    ),
    "two tables": (
        lambda f: spoiled(f, "factors.parquet", b"x"),
        "has both factors.csv and factors.parquet",
    ),
    "no table": (lambda f: spoiled(f, table='x\n1,"2\n'), "cannot read .*factors.csv as .csv"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_wrong_is_one_sentence_and_the_cache_is_left_as_it_was(bad, tmp_path, own_cache):
    write, said = BAD[bad]
    data.load(str(write_npz(tmp_path / "good.npz", drawn(seed=2), GRID)))
    before = {p: p.read_bytes() for p in own_cache.iterdir()}
    path = write(tmp_path)
    with pytest.raises(InputError, match=said) as caught:
        data.load(str(path))
    assert "\n" not in str(caught.value)
    assert {p: p.read_bytes() for p in own_cache.iterdir()} == before


def test_a_file_that_moved_is_found_by_its_name(tmp_path):
    (tmp_path / "new").mkdir()
    path = write_npz(tmp_path / "new" / "a.npz", drawn(), GRID)
    for source in (path, path.parent):
        assert data.load(str(tmp_path / "old" / "a.npz"), source).size == 6
    with pytest.raises(InputError, match="there is no file or folder .*old/b.npz"):
        data.load(str(tmp_path / "old" / "b.npz"), path)


def test_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my faces").mkdir()
    assert data.label("my faces/") == data.label("./my faces") == "my_faces"
    assert data.label("a/b.v2.npz") == "b.v2" and data.label("a/.npz/") == "npz"
    assert data.label("mine:draw") == "mine_draw" and data.label("tfds:a/b") == "tfds_a_b"
    assert data.label("dsprites") == "dsprites" and data.label("x/dsprites.npz") == "own_dsprites"
    assert data.resolve("a.npz") == str(tmp_path / "a.npz")
    for name in ("dsprites", "mine:draw", "tfds:a/b", str(tmp_path / "a.npz")):
        assert data.resolve(name) == name
    for name in ("nothing", "dsprite", 3):
        with pytest.raises(InputError, match="unknown data set .*; of your own: a folder"):
            data.check_name(name)


@pytest.mark.slow
def test_a_file_is_never_in_memory_whole(tmp_path, monkeypatch):
    """Of 6 images a block has 2, or as floats fewer."""
    seen = []
    monkeypatch.setattr(cache, "_bar", lambda blocks, rows, label: map_seen(blocks, seen))
    data.load(str(write_npz(tmp_path / "a.npz", drawn() / 255, GRID)))
    assert seen == [1] * 6
    data.load(str(write_hdf5(tmp_path / "a.h5", drawn(), GRID)))
    assert seen[6:] == [2] * 3
    data.load(str(write_folder(tmp_path / "f", drawn(), GRID)))
    assert seen[9:] == [2] * 3


def map_seen(blocks, seen):
    for block in blocks:
        seen.append(len(block))
        yield block


def test_hidden_files_are_no_images(tmp_path):
    path = write_folder(tmp_path / "f", drawn(), GRID)
    (path / "._a0.png").write_bytes(b"x")
    (path / "notes.txt").write_text("x")
    assert data.load(str(path)).size == 6


def test_days_and_labels_that_pandas_takes_for_nothing(tmp_path):
    days = GRID.astype("M8[D]")
    dataset = data.load(str(write_npz(tmp_path / "days.npz", drawn(), days)))
    assert (dataset.factors == GRID).all() and dataset.sizes == (2, 3)
    words = np.array(["NA", "None", "nan"], object)[GRID[:, [1]]]
    path = write_folder(tmp_path / "f", drawn(), words, ["word"])
    assert data.load(str(path)).factors[:, 0].tolist() == GRID[:, 1].tolist()


def test_decimals_of_a_parquet_are_numbers(tmp_path):
    from decimal import Decimal

    table = {"image": [encoded(i) for i in drawn()], "x": [Decimal("0.50"), Decimal(2)] * 3}
    pd.DataFrame(table).to_parquet(tmp_path / "a.parquet")
    dataset = data.load(str(tmp_path / "a.parquet"))
    assert dataset.names == ("x",) and dataset.values[0].tolist() == [0.5, 2]


def test_a_factor_with_one_value_is_said(tmp_path, dbench, refused, monkeypatch):
    """By a study and by evaluate: where it is given with codes, it is refused."""
    from dbench.data.views import coverage

    factors = np.column_stack([GRID, np.full(6, 7)])
    names = ["kind", "x", "alone"]
    dataset = data.load(str(write_npz(tmp_path / "a.npz", drawn(), factors, names)))
    said = "the factor 'alone' has one value in all of a, and so is in no score: leave it out"
    assert coverage.sentences(dataset) == [said]
    assert coverage.sentences(data.load("dsprites_tiny")) == []  # ours: the pages say so
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "flat.py").write_text("def encode(x): return x.reshape(len(x), -1)[:, :2]\n")
    code, _, err = dbench("evaluate", "--encoder", "flat:encode", "--dataset", "a.npz",
                          "--metrics", "mig_sup")  # fmt: skip
    assert code == 0 and f"warning: {said}" in err
    np.savez("codes.npz", mean=np.eye(6)[:, :2], factors=factors, factor_names=names)
    said = refused("evaluate", "--representation", "codes.npz")
    assert "factor 'alone' has the same value in all 6 rows: remove it from the table" in said


def test_a_shape_for_which_the_disk_has_no_room_is_said_before_the_work(tmp_path, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "free")(100)
    monkeypatch.setattr("dbench.data.cache.shutil.disk_usage", lambda path: usage)
    with pytest.raises(InputError, match="takes 0.0 GB and .* has 0.0 GB free"):
        data.load(str(write_npz(tmp_path / "a.npz", drawn(), GRID)))
