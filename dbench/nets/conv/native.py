"""XLA's own strided and transposed convolutions."""

from jax import lax

LAYOUT = ("NHWC", "HWIO", "NHWC")


def down(x, kernel, strides):
    return lax.conv_general_dilated(x, kernel, strides, "SAME", dimension_numbers=LAYOUT)


def up(x, kernel, strides):
    return lax.conv_transpose(x, kernel, strides, "SAME", dimension_numbers=LAYOUT)
