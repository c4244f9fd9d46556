import logging
import shutil
import sys

import numpy as np
import pytest

from dbench.data.official import examples, prepared, tfds
from dbench.errors import InputError
from tests.data.writers import prepare, random_images


def features(**more):
    import tensorflow_datasets as tf_sets

    return {
        "image": tf_sets.features.Image(shape=(8, 6, 3)),
        "kind": tf_sets.features.ClassLabel(num_classes=4),
        "place": np.int32,
        "ripe": np.bool_,
        "weight": np.float32,
        "words": tf_sets.features.Text(),
        "box": {"left": np.int64},
    } | more


def fruits(count=30, images=None):
    images = random_images(count, 8, 6, 3) if images is None else images
    return [
        {
            **{"image": image, "kind": i % 3, "place": 10 * (i % 5) - 20, "ripe": i % 2 == 0},
            **{"weight": 0.5, "words": "mine", "box": {"left": i}},
        }
        for i, image in enumerate(images)
    ]


@pytest.fixture
def folder(tmp_path, own_cache):
    splits = {"train": fruits()[:20], "test": fruits()[20:]}
    return prepare(tmp_path / "tfds", "fruit", features(), splits)


@pytest.mark.slow
def test_images_and_whole_numbers_of_all_splits(folder, monkeypatch):
    monkeypatch.setattr(examples, "BLOCK", 7)  # 30 is no multiple of it, nor is 20
    dataset = tfds.load("fruit", folder)
    assert dataset.name == "tfds:fruit" and dataset.shape == (8, 6, 3) and dataset.size == 30
    assert dataset.names == ("kind", "place", "ripe")
    assert [list(values) for values in dataset.values] == [[0, 1, 2], [-20, -10, 0, 10, 20], [0, 1]]
    by_image = {image.tobytes(): i for i, image in enumerate(random_images(30, 8, 6, 3))}
    order = np.array([by_image[image.tobytes()] for image in np.asarray(dataset.arrays)])
    assert sorted(order[:20]) == list(range(20)) and sorted(order) == list(range(30))
    assert (dataset.factors == np.stack([order % 3, order % 5, 1 - order % 2], axis=1)).all()
    assert (order[:20] != np.arange(20)).any()  # TFDS did shuffle


@pytest.mark.slow
def test_is_read_once(folder, monkeypatch):
    once = tfds.load("fruit", folder)
    monkeypatch.setattr(examples, "images", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr(examples, "labels", lambda *_: pytest.fail("read again"))
    again = tfds.load("fruit", folder)
    assert (again.arrays == once.arrays).all() and (again.factors == once.factors).all()


@pytest.mark.slow
def test_a_config_and_the_newest_version(folder):
    (folder / "fruit" / "ripe").mkdir()
    for version in ("1.9.0", "1.10.0"):
        shutil.copytree(folder / "fruit" / "1.0.0", folder / "fruit" / "ripe" / version)
    assert prepared.find("fruit", folder).name == "1.0.0"
    assert prepared.find("fruit/ripe", folder).name == "1.10.0"
    assert tfds.load("fruit/ripe", folder).name == "tfds:fruit/ripe"


@pytest.mark.slow
def test_a_tensor_of_bytes_and_no_factors(tmp_path, own_cache):
    import tensorflow_datasets as tf_sets

    feature = tf_sets.features.Tensor(
        shape=(8, 6, 1), dtype=np.uint8, encoding=tf_sets.features.Encoding.BYTES
    )
    images = random_images(12, 8, 6, 1)
    some = [{"pixels": image} for image in images]
    dataset = tfds.load("plain", prepare(tmp_path, "plain", {"pixels": feature}, {"train": some}))
    assert dataset.factors.shape == (12, 0) and dataset.shape == (8, 6, 1)
    assert {i.tobytes() for i in np.asarray(dataset.arrays)} == {i.tobytes() for i in images}


@pytest.mark.slow
def test_where_it_is_looked_for(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    assert tfds.load("fruit").size == 30
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path))
    assert tfds.load("fruit").size == 30
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DBENCH_DATA", str(folder))
    assert tfds.load("fruit").size == 30


@pytest.mark.parametrize("name", ["apples", "dsprites", "fruit/green", "mnist", "", "../tfds"])
def test_what_is_not_prepared_is_said_at_once(folder, name):
    with pytest.raises(InputError, match=f"^tfds:{name} is not prepared in .*download_and_prepare"):
        tfds.load(name, folder)


def without(*names):
    return {name: feature for name, feature in features().items() if name not in names}


@pytest.mark.slow
def test_data_sets_that_cannot_be_read(tmp_path, own_cache):
    def load(name, features, some, form="array_record"):
        keep = [{key: e[key] for key in features} for e in some]
        return tfds.load(name, prepare(tmp_path, name, features, {"train": keep}, form))

    import tensorflow_datasets as tf_sets

    two = [e | {"left": e["image"], "right": e["image"]} for e in fruits(3)]
    image = tf_sets.features.Image(shape=(8, 6, 3))
    with pytest.raises(InputError, match=r"several features with images \(left, right\)"):
        load("two", {"left": image, "right": image}, two)
    with pytest.raises(InputError, match="has no images"):
        load("none", without("image", "words", "box"), fruits(3))
    loose = {"image": tf_sets.features.Image(shape=(None, None, 3))}
    mixed = [*random_images(2, 8, 6, 3), random_images(6, 8, 3)]
    with pytest.raises(InputError, match=r"an image that is uint8 \[.*images of one shape"):
        load("mixed", loose, [{"image": image} for image in mixed])
    assert not [path for path in own_cache.glob("*images*")]


@pytest.mark.slow
def test_another_file_format_is_named(folder, own_cache):
    path = folder / "fruit" / "1.0.0" / "dataset_info.json"
    path.write_text(path.read_text().replace('"array_record"', '"tfrecord"'))
    with pytest.raises(InputError, match="file format tfrecord, which only TensorFlow reads: prep"):
        tfds.load("fruit", folder)
    path.write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        tfds.load("fruit", folder)
    assert not own_cache.exists()


@pytest.mark.parametrize("part", [None, 0, 0.5, 0.99])
def test_missing_and_cut_files_are_refused(folder, own_cache, part):
    (path,) = (folder / "fruit" / "1.0.0").glob("fruit-test.array_record*")
    data = path.read_bytes()
    if part is None:
        path.unlink()
    else:
        path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(
        InputError, match="cannot read the data set in .*prepare it again"
    ) as caught:
        tfds.load("fruit", folder)
    assert "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.slow
def test_tensorflow_is_not_needed(folder, caplog):
    with caplog.at_level(logging.WARNING):
        tfds.load("fruit", folder)
    assert "tensorflow" not in sys.modules
    assert not caplog.records


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("tensorflow_datasets.core.features.image_feature", "evil"),
        lambda text: text.replace("tensorflow_datasets.core.features.image_feature", r"\u0065vil"),
        lambda text: '{"type": "evil.Image", "content": {}}',
        lambda text: (
            '{"type": "tensorflow_datasets.core.features.features_dict.FeaturesDict", '
            '"content": "{\\"pythonClassName\\": \\"evil.Image\\"}"}'
        ),
    ],
)
def test_a_description_names_no_code(folder, tmp_path, monkeypatch, change):
    (tmp_path / "evil.py").write_text("raise SystemExit('it ran')")
    monkeypatch.syspath_prepend(tmp_path)
    path = folder / "fruit" / "1.0.0" / "features.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match="names the class 'evil.Image', which"):
        tfds.load("fruit", folder)
    assert "evil" not in sys.modules
