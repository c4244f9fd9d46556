"""Layers with the defaults of the TensorFlow 1 layers of the papers; biases start at zero."""

from functools import partial

import flax.linen as nn

from dbench.nets.conv import Conv, ConvTranspose

glorot = nn.initializers.glorot_uniform()
Dense = partial(nn.Dense, kernel_init=glorot)
Down = partial(Conv, strides=(2, 2), kernel_init=glorot)
Up = partial(ConvTranspose, kernel_size=(4, 4), strides=(2, 2), kernel_init=glorot)
