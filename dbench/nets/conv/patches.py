"""Convolutions whose kernel is as large as their stride: blocks of pixels times the kernel."""

from dbench.nets.conv.products import product


def down(x, kernel, strides):
    (b, h, w, c), (s, t) = x.shape, strides
    blocks = x.reshape(b, h // s, s, w // t, t * c).swapaxes(2, 3)
    return product(blocks.reshape(b, h // s, w // t, s * t * c), kernel)


def up(x, kernel, strides):
    (b, h, w, _), (s, t), o = x.shape, strides, kernel.shape[3]
    kernel = kernel[::-1, ::-1].transpose(2, 0, 1, 3)  # [c, s, t, o]
    blocks = product(x, kernel).reshape(b, h, w, s, t * o)
    return blocks.swapaxes(2, 3).reshape(b, h * s, w * t, o)
