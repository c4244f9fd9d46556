"""Strided convolutions that are fast on a CPU too: a file a kind, layers.py chooses.

In: images [b, h, w, c] and kernels as in flax.linen. Out: the same numbers as flax's own layers.
"""

from dbench.nets.conv.layers import Conv, ConvTranspose, shapes_alone

__all__ = ["Conv", "ConvTranspose", "shapes_alone"]
