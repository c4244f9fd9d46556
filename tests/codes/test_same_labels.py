"""The same factors score alike, whatever holds them: a file of codes, one's own data, Python."""

import sys

import h5py
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dbench import data
from dbench.base import Table
from dbench.codes import from_file
from dbench.errors import InputError
from dbench.metrics import mig_histogram

pytestmark = pytest.mark.slow

ROWS = 120
# Values of a factor as text and, where a type other than text can hold them, as they are.
VALUES = {
    "words for nothing": (["None", "NA", "null", "nan"], None),
    "leading zeros": (["1", "01", "2"], None),
    "numbers as text": (["10", "9", "2"], [10, 9, 2]),
    "whole floats": (["1.0", "3.0", "-2.0"], [1.0, 3.0, -2.0]),
    "large floats": (["1e+20", "1e+25", "-3e+22", "7.0"], [1e20, 1e25, -3e22, 7.0]),
    "uint64": (
        ["18446744073709551615", "18446744073709551614", "7"],
        np.array([2**64 - 1, 2**64 - 2, 7], np.uint64),
    ),
    "beyond uint64": (["100000000000000000001", "100000000000000000002", "7"], None),
    "beyond float64": (["1e400", "2e400", "7"], None),
    "hexadecimal": (["0x10", "16", "0x1F"], None),
    "signs and points": (["+1", "1.0", "2"], None),
    "truth": (["True", "False"], [True, False]),
    "truth in text": (["true", "True", "0"], None),
    "days": (["2024-02-29", "2023-12-31", "2024-03-01"], None),
    "spaces": (["a", " a ", "b"], None),
    "quotes": (['"a"', "a", "=a"], None),
}
DISTINCT = {"signs and points": 2, "spaces": 2}


def codes():
    """Which value each row has, and codes [n, 3] that know it in part."""
    rng = np.random.default_rng(0)
    return rng.integers(10, size=ROWS), rng.normal(size=(ROWS, 3))


def partition(column):
    """Rows by value, the values in order."""
    return np.unique(np.asarray(column), return_inverse=True)[1].tolist()


def files_of(folder, name):
    """The same codes and factor in every file that evaluate takes."""
    text, plain = VALUES[name]
    which, mean = codes()
    which = which % len(text)
    frame = pd.DataFrame({f"mean_{j}": mean[:, j] for j in range(3)})
    kinds = {"text": np.array(text, object)[which]}
    if plain is not None:
        kinds["plain"] = np.array(plain)[which]
    for kind, values in kinds.items():
        frame["factor_x"] = values
        frame.to_csv(folder / f"{kind}.csv", index=False)
        frame.to_parquet(folder / f"{kind}.parquet")
        np.savez(folder / f"{kind}.npz", mean=mean, factors=values.astype(np.asarray(
            text if kind == "text" else plain).dtype), factor_names=["x"])  # fmt: skip
        yield folder / f"{kind}.csv"
        yield folder / f"{kind}.parquet"
        yield folder / f"{kind}.npz"


@pytest.mark.parametrize("name", VALUES)
def test_a_factor_scores_alike_in_every_file_and_from_python(name, tmp_path):
    text, plain = VALUES[name]
    which, mean = codes()
    which = which % len(text)
    found = {path.name: from_file.read(path) for path in files_of(tmp_path, name)}
    python = {"list": np.array(text, object)[which].tolist(), "text": np.array(text)[which]}
    python["frame"] = pd.DataFrame({"x": np.array(text, object)[which]})
    python["category"] = pd.DataFrame({"x": pd.Categorical(np.array(text, object)[which])})
    if plain is not None:
        python["plain"] = np.array(plain)[which]
    scores = {kind: mig_histogram(t.mean, t.factors).value for kind, t in found.items()}
    scores |= {kind: mig_histogram(mean, x).value for kind, x in python.items()}
    assert len(set(scores.values())) == 1, scores
    sets = {tuple(partition(table.factors[:, 0])) for table in found.values()}
    assert len(sets) == 1
    assert len(np.unique(next(iter(sets)))) == DISTINCT.get(name, len(text))


def own_of(folder, name):
    """The same factor beside pictures, in every form of one's own data."""
    text, plain = VALUES[name]
    which = np.arange(12) % len(text)
    images = np.random.default_rng(1).integers(0, 256, (12, 8, 8, 1), np.uint8)
    (folder / "pictures").mkdir()
    for i, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(folder / "pictures" / f"{i}.png")
    encoded = [(folder / "pictures" / f"{i}.png").read_bytes() for i in range(12)]
    for kind, values in (("text", text), ("plain", plain)):
        if values is None:
            continue
        column = np.array(values, object if kind == "text" else None)[which]
        frame = pd.DataFrame({"x": column})
        frame.to_csv(folder / "pictures" / "factors.csv", index=False)
        yield folder / "pictures"
        frame.assign(image=encoded).to_parquet(folder / f"{kind}.parquet")
        yield folder / f"{kind}.parquet"
        np.savez(folder / f"{kind}.npz", images=images, factors=np.array(values)[which],
                 factor_names=["x"])  # fmt: skip
        yield folder / f"{kind}.npz"
        with h5py.File(folder / f"{kind}.h5", "w") as file:
            file["images"], file["factors"], file["factor_names"] = images, column, ["x"]
        yield folder / f"{kind}.h5"


@pytest.mark.parametrize("name", VALUES)
def test_a_factor_of_ones_own_data_is_the_same_in_every_form(name, tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "own").mkdir()
    found = [data.load(str(path)) for path in own_of(tmp_path / "own", name)]
    assert len({tuple(d.factors[:, 0].tolist()) for d in found}) == 1
    assert len({d.sha256 for d in found}) == 1
    assert found[0].sizes == (DISTINCT.get(name, len(VALUES[name][0])),)


def test_a_function_takes_the_same_values(tmp_path, monkeypatch):
    """Of a factor that it draws by: all but two ways to write one number."""
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for i, (name, (text, plain)) in enumerate(VALUES.items()):
        for kind, values in (("text", text), ("plain", plain)):
            if values is None:
                continue
            module = f"drawn_{kind}_{i}"
            (tmp_path / f"{module}.py").write_text(
                f"import numpy as np\nFACTORS = {{'x': {np.asarray(values, object).tolist()!r}}}\n"
                "def draw(f): return np.full((8, 8), (1 + FACTORS['x'].index(f['x'])) / 9)\n"
            )
            if name in DISTINCT:
                with pytest.raises(InputError, match="'x' in FACTORS of .* has a value twice"):
                    data.load(f"{module}:draw")
            else:
                assert data.load(f"{module}:draw").sizes == (len(values),)
            sys.modules.pop(module, None)


@pytest.mark.parametrize("missing", ["", None, np.nan])
@pytest.mark.parametrize("others", [["a", "b"], [1, 2], [0.0, 2.0]], ids=str)
def test_a_missing_value_is_called_missing_everywhere(missing, others, tmp_path):
    if missing == "" and others != ["a", "b"]:
        return
    column = np.array([*others, missing] * 4, object)
    frame = pd.DataFrame({"mean_0": np.arange(12.0), "mean_1": np.arange(12.0) % 5})
    frame["factor_x"] = column if others == ["a", "b"] else column.astype(float)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    said = "the factor 'x' lacks a value in 4 of 12 rows, the first in row 2: .* missing values"
    for path in (tmp_path / "a.csv", tmp_path / "a.parquet"):
        with pytest.raises(InputError, match=said):
            from_file.read(path)
    mean = frame[["mean_0", "mean_1"]].to_numpy()
    for given in (column, column.tolist(), frame[["factor_x"]]):
        with pytest.raises(InputError, match=said):
            mig_histogram(mean, given, names=["x"])


def test_bytes_of_npz_and_hdf5_are_text(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    labels, mean = np.array([b"red", b"blue"] * 6), np.arange(24.0).reshape(12, 2)
    np.savez(tmp_path / "c.npz", mean=mean, factors=labels, factor_names=np.array([b"x"]))
    table = from_file.read(tmp_path / "c.npz")
    assert table.factors[:2, 0].tolist() == [1, 0] and table.names == ("x",)
    images = np.full((12, 8, 8), 99, np.uint8)
    np.savez(tmp_path / "i.npz", images=images, factors=labels, factor_names=np.array([b"x"]))
    with h5py.File(tmp_path / "i.h5", "w") as file:
        file["images"], file["factors"], file["factor_names"] = images, labels, np.array([b"x"])
    for name in ("i.npz", "i.h5"):
        dataset = data.load(str(tmp_path / name))
        assert dataset.names == ("x",) and dataset.factors[:2, 0].tolist() == [1, 0]


def test_a_table_given_to_a_metric_takes_labels_too():
    import jax

    from dbench.base import Table

    which, mean = codes()
    key = jax.random.key(0)
    expected = mig_histogram(Table(mean, which[:, None] % 3), key).value
    for factors in (which % 3 * 1.0, np.array(["c", "d", "e"])[which % 3], which.astype("O") % 3):
        assert mig_histogram(Table(mean, factors[:, None]), key).value == expected


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_codes_of_float16_overflow_nowhere(tmp_path):
    which, mean = codes()
    half = mean.astype(np.float16)
    np.savez(tmp_path / "a.npz", mean=half, logvar=half, factors=which % 3)
    table = from_file.read(tmp_path / "a.npz")
    assert table.mean.dtype == table.logvar.dtype == np.float32
    once = mig_histogram(half, which % 3).value
    assert once == mig_histogram(half.astype(np.float64), which % 3).value
    assert once == mig_histogram(table.mean, table.factors).value


@pytest.mark.parametrize("own", [ml_dtypes.bfloat16, jnp.bfloat16, ml_dtypes.float8_e4m3fn])
def test_codes_of_small_floats_are_taken_exactly(own):
    which, mean = codes()
    small = mean.astype(own)
    wide = mig_histogram(small.astype(np.float32), which % 3).value
    assert wide == mig_histogram(small, which % 3).value
    if own is not ml_dtypes.float8_e4m3fn:
        assert wide == mig_histogram(Table(small, which[:, None] % 3), jax.random.key(0)).value
        assert wide == mig_histogram(jnp.asarray(small), which % 3).value
