"""A user's function over a data set: what it may return, and a sentence for each mistake."""

import re

import ml_dtypes
import numpy as np
import pytest

from dbench.codes import from_function, time_left
from dbench.data import DATASETS
from dbench.errors import InputError
from tests.rounding import chain, rounding


@pytest.fixture(scope="module")
def data():
    whole = DATASETS["dsprites_tiny"](None)
    return whole._replace(arrays=whole.arrays[:100], factors=whole.factors[:100])


class Tensor:
    """As PyTorch's: NumPy cannot read it before it is detached and on the CPU."""

    def __init__(self, array, steps=()):
        self.value, self.steps = array, steps

    def detach(self):
        return Tensor(self.value, (*self.steps, "detach"))

    def cpu(self):
        return Tensor(self.value, (*self.steps, "cpu"))

    def __array__(self, dtype=None, copy=None):
        if self.steps != ("detach", "cpu"):
            raise TypeError("can't convert a tensor that requires grad")
        return self.value


def codes(images):
    """[b, 3] float32: brightness, and the mean place of bright pixels."""
    at = np.linspace(0, 1, 64, dtype=np.float32)
    image = images[..., 0]
    return np.stack([image.mean((1, 2)), (image.mean(1) @ at), (image.mean(2) @ at)], 1)


@pytest.mark.slow
def test_every_image_once_in_order(data):
    seen = []

    def encode(images):
        assert images.dtype == np.float32 and images.flags.writeable
        seen.append(images.shape)
        images += 0  # a framework may work in place
        return codes(images)

    table = from_function.encode(encode, data, batch=32)
    assert seen == [(32, 64, 64, 1)] * 3 + [(4, 64, 64, 1)]
    images = np.asarray(data.gather(data.arrays, np.arange(100)))
    np.testing.assert_allclose(table.mean, codes(images), rtol=chain(64, 64))
    assert table.logvar is None and table.mean.dtype == np.float32
    assert table.names == ("shape", "scale", "orientation", "posX", "posY")  # not color
    assert (table.factors == data.factors[:, 1:]).all()


@pytest.mark.parametrize(
    "form",
    [
        lambda mean, logvar: (mean, logvar),
        lambda mean, logvar: [mean, logvar],
        lambda mean, logvar: (Tensor(mean), Tensor(logvar)),
        lambda mean, logvar: (mean.tolist(), logvar.tolist()),
    ],
)
@pytest.mark.parametrize("batch", [2, 50])
def test_mean_and_logvar(data, form, batch):
    table = from_function.encode(lambda x: form(codes(x), codes(x) - 1), data, batch=batch)
    np.testing.assert_allclose(table.logvar, table.mean - 1, rtol=0, atol=rounding(1))


def bfloat16(array):
    return array.astype(ml_dtypes.bfloat16)


@pytest.mark.parametrize("form", [Tensor, np.ndarray.tolist, np.float16, bfloat16, np.int8])
def test_codes_of_any_kind(data, form):
    table = from_function.encode(lambda x: form(codes(x) * 100), data, batch=2)  # a list is no pair
    assert table.logvar is None and table.mean.shape == (100, 3)
    assert table.mean.dtype in (np.float32, np.float64)


def test_a_buffer_that_is_filled_again_and_again(data):
    buffer = np.zeros((50, 3))

    def encode(images):
        buffer[:] = codes(images)
        return buffer

    table = from_function.encode(encode, data, batch=50)
    assert (table.mean[:50] != table.mean[50:]).any()


def fail(images):
    raise RuntimeError("mat1 and mat2\n  cannot be multiplied")


def leave(images):
    raise SystemExit(3)


def changing(change):
    """Codes that change after the first batch."""
    calls = []

    def encode(images):
        calls.append(1)
        return change(codes(images)) if len(calls) > 1 else codes(images)

    return encode


class Trap:
    """What raises where it is looked at: `at` is the name of that place."""

    def __init__(self, at, error=SystemExit):
        self.__dict__.update(at=at, error=error)

    def _maybe(self, place):
        if self.at == place:
            raise self.error(f"at {place}")

    def __getattr__(self, name):
        self._maybe(name)
        raise AttributeError(name)

    def __array__(self, dtype=None, copy=None):
        self._maybe("__array__")
        return np.zeros((50, 3))

    def __len__(self):
        self._maybe("__len__")
        return 50


class Text(Exception):
    def __str__(self):
        raise SystemExit("no text")


class Lying:
    @property
    def __class__(self):
        raise SystemExit("no class")


class Tail(tuple):
    def __iter__(self):
        raise SystemExit("no parts")


def boxed(thing):
    box = np.empty(1, object)
    box[0] = thing
    return box


def raising(error):
    def encode(images):
        raise error

    return encode


TRAPS = [
    (lambda x: Trap("detach"), "returned what NumPy cannot read: SystemExit: at detach"),
    (lambda x: Trap("cpu", KeyError), "returned what NumPy cannot read: KeyError: 'at cpu'"),
    (lambda x: Trap("__array__"), "returned what NumPy cannot read: SystemExit: at __array__"),
    (
        lambda x: [Trap("shape"), Trap("shape")],
        "returned what NumPy cannot read: SystemExit: at shape",
    ),
    (lambda x: (Trap("__array__"), 1), "returned what NumPy cannot read: SystemExit: at __arr"),
    (lambda x: Lying(), "returned what NumPy cannot read: SystemExit: no class"),
    (lambda x: Tail((1, 2)), "returned what NumPy cannot read: SystemExit: no parts"),
    (lambda x: boxed(Trap("__array__")), "returned Trap, not real numbers"),
    (raising(Text()), "raised Text: .it cannot be printed."),
    (raising(GeneratorExit()), "raised GeneratorExit"),
    (raising(SystemExit(Lying())), "raised SystemExit: "),
    (raising(type("Own", (BaseException,), {})("mine")), "raised Own: mine"),
]


@pytest.mark.parametrize(("function", "said"), TRAPS)
def test_what_raises_where_it_is_looked_at(data, function, said):
    with pytest.raises(InputError, match=f"^mine:encode, batch 0 .*, {said}") as caught:
        from_function.encode(function, data, batch=50, name="mine:encode")
    assert "\n" not in str(caught.value)


def test_a_function_whose_name_raises(data):
    class Encoder:
        def __getattr__(self, name):
            raise SystemExit(name)

        def __call__(self, images):
            return codes(images)

    with pytest.raises(InputError, match="the encoder raised SystemExit: __name__"):
        from_function.encode(Encoder(), data)
    assert from_function.encode(Encoder(), data, name="mine").mean.shape == (len(data.factors), 3)


def test_a_batch_of_more_images_than_there_are(data):
    table = from_function.encode(codes, data, batch=10**6)
    assert (table.mean == from_function.encode(codes, data, batch=len(data.factors)).mean).all()


MISTAKES = [
    (
        fail,
        "batch 0 .*, raised RuntimeError: mat1 and mat2 cannot be multiplied "
        r"\(test_from_function.py, line",
    ),
    (leave, "raised SystemExit: 3"),
    (lambda x: codes(x)[:-1], r"returned an array of shape \[49, 3\], not \[50, codes\]"),
    (lambda x: codes(x)[:, 0], r"returned an array of shape \[50\], not \[50, codes\]"),
    (lambda x: codes(x)[None], r"shape \[1, 50, 3\]"),
    (lambda x: None, "returned NoneType, not real numbers"),
    (lambda x: codes(x).astype(str), "returned <U.*, not real numbers"),
    (lambda x: codes(x) * 1j, "returned complex.*, not real numbers"),
    (lambda x: [[1.0], [1.0, 2.0], [3.0]], "returned what NumPy cannot read: ValueError"),
    (lambda x: codes(x) * np.nan, "returned codes that are NaN or infinite"),
    (lambda x: (codes(x),) * 3, r"returned a tuple of 3: give codes, or the pair"),
    (lambda x: (codes(x), codes(x)[:, :2]), r"a mean \[50, 3\] and a logvar \[50, 2\]"),
    (changing(lambda z: z[:, :2]), "batch 1 .*, returned 2 codes an image, and batch 0 had 3"),
    (changing(lambda z: (z, z)), "batch 1 .*, returned log variances for some batches"),
    (changing(lambda z: z / 0), "batch 1 .*NaN"),
]


@pytest.mark.parametrize(("function", "said"), MISTAKES)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_mistakes(data, function, said):
    with pytest.raises(InputError, match=f"^mine:encode, .*{said}") as caught:
        from_function.encode(function, data, batch=50, name="mine:encode")
    assert "\n" not in str(caught.value)


def test_some_rows_in_the_order_given(data):
    whole, rows = from_function.encode(codes, data, batch=32), np.array([3, 50, 7, 99, 8])
    some = from_function.encode(codes, data, batch=2, rows=rows)
    assert (some.factors == whole.factors[rows]).all()
    np.testing.assert_allclose(some.mean, whole.mean[rows], rtol=chain(64, 64))


def test_after_the_first_batch_the_table_is_known_and_may_be_refused(data):
    calls, seen = [], []

    def encode(images):
        calls.append(1)
        return codes(images), codes(images)

    def refuse(table):
        seen.append(table)
        raise InputError("no")

    with pytest.raises(InputError, match="^no$"):
        from_function.encode(encode, data, batch=10, first=refuse)
    assert len(calls) == 1
    (blank,) = seen
    assert blank.mean.shape == blank.logvar.shape == (100, 3) and len(blank.factors) == 100
    from_function.encode(codes, data, batch=10, first=seen.append)
    assert seen[1].logvar is None and len(seen) == 2


def test_the_time_left_is_said_without_a_terminal(data, monkeypatch, capsys):
    monkeypatch.setattr(time_left, "LINE_EVERY", -1.0)
    from_function.encode(codes, data, batch=25, name="mine:encode")
    *lines, last = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and re.fullmatch(r"mine:encode: 100 images, [\d,]+ images/s", last)
    for count, line in zip((25, 50, 75, 100), lines, strict=True):
        assert re.fullmatch(rf"mine:encode: {count} of 100 images, \d\d:\d\d left", line)
    monkeypatch.setattr(time_left, "LINE_EVERY", 1000.0)
    from_function.encode(codes, data, batch=25, name="mine:encode")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_ctrl_c_passes(data):
    def stop(images):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        from_function.encode(stop, data)
