"""Operations and bytes are counted as one would by hand."""

import jax
import jax.numpy as jnp
import pytest

from dbench import data
from dbench.cost import arithmetic
from dbench.training import programs


def trace(function, *shapes):
    like = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]
    return jax.make_jaxpr(function)(*like).jaxpr


def test_a_product_of_matrices():
    assert arithmetic.operations(trace(jnp.matmul, (3, 5), (5, 7))) == 2 * 3 * 5 * 7


def test_a_loop_is_counted_as_often_as_it_goes_round():
    def loop(x):
        return jax.lax.scan(lambda y, _: (y @ y, ()), x, length=4)[0]

    assert arithmetic.operations(trace(loop, (3, 3))) == 4 * 2 * 3**3


def test_of_a_condition_the_longer_way():
    def either(x):
        return jax.lax.cond(x.sum() > 0, lambda y: y @ y @ y, lambda y: y @ y, x)

    assert arithmetic.operations(trace(either, (3, 3))) == 2 * 2 * 3**3


def test_pixels_that_are_spread_out_are_not_multiplied_by_the_zeros_between():
    """A transposed convolution has the products of the one that it turns around."""
    numbers = ("NHWC", "HWIO", "NHWC")

    def down(x, kernel):
        return jax.lax.conv_general_dilated(x, kernel, (2, 2), "SAME", dimension_numbers=numbers)

    def up(x, kernel):
        return jax.lax.conv_transpose(x, kernel, (2, 2), "SAME", dimension_numbers=numbers)

    one = arithmetic.operations(trace(down, (1, 8, 8, 3), (4, 4, 3, 5)))
    assert one == 2 * 4 * 4 * 4 * 4 * 3 * 5
    assert arithmetic.operations(trace(up, (1, 4, 4, 5), (4, 4, 5, 3))) == one


def test_bytes_that_are_alive_at_once():
    """a and b are there until they are added; then b alone would not be."""

    def function(x):
        a, b = x + 1, x + 2
        c = a * b
        return c + 1

    assert arithmetic.peak(trace(function, (10,))) == 3 * 40


def by_hand(model):
    """The conv net of Locatello et al. 2019, one channel, batch 64: thrice the products of a pass,
    less the gradient of the images."""
    down = [(32, 16, 1, 32), (16, 16, 32, 32), (8, 4, 32, 64), (4, 4, 64, 64)]
    encoder = [side**2 * taps * c * o for side, taps, c, o in down] + [1024 * 256, 256 * 20]
    up = [(8, 64, 64), (16, 64, 32), (32, 32, 32), (64, 32, 1)]
    decoder = [10 * 256, 256 * 1024, *(side**2 * 4 * c * o for side, c, o in up)]
    return 2 * (3 * sum(encoder) + 3 * sum(decoder) - encoder[0]), 2 * sum(encoder)


@pytest.fixture(scope="module")
def tiny():
    return data.load("dsprites_tiny")


def count(tiny, model):
    program = programs.program(tiny, model, {"net": "conv"})
    return arithmetic.arithmetic(program, tiny)


@pytest.mark.slow
def test_an_update_of_a_whole_model(tiny):
    found = count(tiny, "beta_vae")
    update, encode = by_hand("beta_vae")
    assert found.update == pytest.approx(64 * update, rel=0.01)
    assert found.encode == pytest.approx(encode, rel=0.01)
    assert found.state == 3 * found.params + 8  # and two counts of updates
    # 90 MB is what a compiled update takes on a CPU, by `steps.footprint`.
    assert 0.5 < found.live / 89.7e6 < 1.5


def test_a_model_that_is_made_at_once_has_no_updates(tiny):
    found = arithmetic.arithmetic(programs.program(tiny, "pca", {}), tiny)
    assert found.update == 0 and found.encode > 0
