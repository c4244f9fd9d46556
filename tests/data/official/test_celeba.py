import numpy as np
import pytest
from PIL import Image

from dbench.data.official import celeba
from dbench.errors import InputError
from tests.data.writers import random_images, write_celeba


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_celeba(tmp_path, monkeypatch, **changes)


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_the_middle_reduced_in_the_order_of_the_names(write, form):
    dataset = celeba.load(write(form=form))
    for row, photograph in enumerate(random_images(5, 218, 178, 3)):
        middle = Image.fromarray(photograph[35:183, 15:163])
        small = middle.resize((64, 64), Image.Resampling.LANCZOS)
        assert (dataset.arrays[row] == np.asarray(small)).all()


def test_there_are_no_factors(write):
    dataset = celeba.load(write())
    assert dataset.names == dataset.values == dataset.sizes == ()
    assert dataset.factors.shape == (5, 0) and dataset.size == 5


def test_what_stands_for_the_folder(write, tmp_path):
    folder = write(form="folder")
    for source in (folder, tmp_path, folder / "000003.jpg"):
        assert celeba.load(source).size == 5


SMALL = random_images(218, 177, 3)
WRONG = {
    "one too few": ({"000003": None}, "has 4 files .jpg, not 5"),
    "one too many": ({"000006": random_images(218, 178, 3)}, "has 6 files .jpg, not 5"),
    "another size": ({"000003": SMALL}, r"000003.jpg is uint8 \[218, 177, 3\], not uint8 \[218,"),
    "grey": ({"000003": SMALL[:, :, 0]}, r"000003.jpg is uint8 \[218, 177\], not"),
    "no picture": ({"000003": b"no picture"}, "cannot read .*000003.jpg"),
}


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_other_files_are_refused(write, own_cache, changes, said, form):
    path = write(form=form, **changes)
    with pytest.raises(InputError, match=said) as caught:
        celeba.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_archive_is_refused(write, own_cache, part):
    path = write()
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match="incomplete, damaged or not the official img_align_cele"):
        celeba.load(path)
    assert not list(own_cache.glob("*"))


def test_other_bytes_than_the_published_ones_are_refused(write, own_cache):
    write()
    path = write(known=False, **{"000002": 255 - random_images(218, 178, 3)})
    with pytest.raises(InputError, match="is not the official img_align_celeba.zip .*sha256"):
        celeba.load(path)
    assert not list(own_cache.glob("*"))
