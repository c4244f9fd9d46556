"""Files of codes that any program wrote: scores or one sentence."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.fuzz.attempt import attempt
from tests.fuzz.values import cells, damaged, scalars, text

pytestmark = pytest.mark.slow

FACTORS = np.stack(np.meshgrid(range(4), range(5), indexing="ij"), -1).reshape(-1, 2)
GOOD = {"mean": FACTORS * [1.0, 0.5], "factors": FACTORS}
FRAME = pd.DataFrame(
    {f"mean_{j}": GOOD["mean"][:, j] for j in range(2)}
    | {f"factor_{j}": FACTORS[:, j] for j in range(2)}
)
CSV = FRAME.to_csv(index=False).encode()
dtypes = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(endianness="="),
    arrays.unsigned_integer_dtypes(endianness="="),
    arrays.floating_dtypes(endianness="="),
    arrays.complex_number_dtypes(endianness="="),
    arrays.unicode_string_dtypes(endianness="=", max_len=3),
    arrays.byte_string_dtypes(max_len=3),
    arrays.datetime64_dtypes(endianness="="),
)
shapes = st.one_of(
    st.just((20, 2)), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=20)
)


def scored(name: str, content: bytes, *options: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return attempt(
            Path(folder),
            *("evaluate", "--representation", path, "--metrics", "mig_histogram,modularity"),
            *options,
        )


def npz_of(parts: dict) -> bytes:
    file = io.BytesIO()
    np.savez(file, **parts)
    return file.getvalue()


def test_what_is_right_is_scored():
    parquet = io.BytesIO()
    FRAME.to_parquet(parquet)
    assert scored("codes.npz", npz_of(GOOD)) == 0
    assert scored("codes.csv", CSV) == 0
    assert scored("codes.parquet", parquet.getvalue()) == 0


@given(st.sampled_from(["mean", "factors", "logvar", "factor_names"]), st.data())
def test_npz_of_any_array(name, data):
    odd = data.draw(arrays.arrays(data.draw(dtypes), data.draw(shapes)))
    scored("codes.npz", npz_of(GOOD | {name: odd}))


@given(damaged(npz_of(GOOD)))
def test_npz_that_is_damaged(content):
    scored("codes.npz", content)


@given(st.lists(st.tuples(st.integers(0, 79), cells), max_size=4), st.booleans())
def test_csv_of_any_cells(changes, headed):
    frame = FRAME.astype(str)
    for at, cell in changes:
        frame.iat[at % 20, at // 20] = cell
    scored("codes.csv", frame.to_csv(index=False, header=headed).encode("utf-8", "replace"))


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_csv_of_any_text(content, encoding):
    scored("codes.csv", content.encode(encoding, "replace"))


kinds = st.sampled_from([st.integers(-(2**63), 2**63 - 1), st.floats(), text, st.booleans()])
column = st.one_of(kinds, st.just(scalars)).flatmap(
    lambda kind: st.lists(st.one_of(kind, st.none()), min_size=20, max_size=20)
)


@given(column, st.sampled_from(["mean_1", "factor_1", "x"]))
def test_parquet_of_any_column(column, name):
    frame = FRAME.assign(**{name: column})
    file = io.BytesIO()
    try:
        frame.to_parquet(file)
    except (pa.ArrowException, ValueError, OverflowError, UnicodeError):
        return  # no file can have such a column
    scored("codes.parquet", file.getvalue())


@given(st.sampled_from(["--codes", "--factors", "--logvars", "--continuous"]), text)
def test_columns_of_any_name(option, value):
    if "\x00" not in value:
        scored("codes.csv", CSV, option, value)
