"""Nets for benchmarks/frontier.py, by a name that says what they are.

    p8-32-64-256       patches 8 x 8 of 32 channels, a convolution 4 x 4 to 64, 256 units
    p4-16-32-64-256    patches 4 x 4 of 16 channels, convolutions to 32 and 64, 256 units
    c-16-16-32-32-256  convolutions alone, to 16, 16, 32 and 32 channels

Convolutions are 4 x 4 of stride 2. Decoders are mirror images, ReLU throughout, kernels begin as
those of dbench's own nets.
"""

import flax.linen as nn

from dbench.nets.conv import Conv, ConvTranspose
from dbench.nets.layers import Dense, Down, Up
from dbench.nets.vaes import NETS


class Candidate(nn.Module):
    """Patches (if `patch` is above 0), then convolutions, then one layer of units."""

    shape: tuple[int, int, int]
    latents: int
    patch: int
    channels: tuple[int, ...]
    units: int

    def setup(self):
        h, w, c = self.shape
        first, *rest = self.channels
        if p := self.patch:
            into = nn.initializers.glorot_uniform(in_axis=(0, 1, 2), out_axis=3)
            out_of = nn.initializers.glorot_uniform(in_axis=2, out_axis=(0, 1, 3))
            begin = Conv(first, kernel_size=(p, p), strides=(p, p), kernel_init=into)
            self.pixels = ConvTranspose(c, kernel_size=(p, p), strides=(p, p), kernel_init=out_of)
        else:
            begin, self.pixels = Down(first, (4, 4)), Up(c)
        self.down = [begin, *(Down(channels, (4, 4)) for channels in rest)]
        self.up = [Up(channels) for channels in self.channels[-2::-1]]
        shrunk = (p or 2) * 2 ** len(rest)
        self.last = (h // shrunk, w // shrunk, self.channels[-1])
        self.hidden = Dense(self.units)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand = [Dense(self.units), Dense(self.last[0] * self.last[1] * self.last[2])]

    def encode(self, images):
        x = images
        for layer in self.down:
            x = nn.relu(layer(x))
        x = nn.relu(self.hidden(x.reshape(len(x), -1)))
        return self.mean(x), self.logvar(x)

    def decode(self, codes):
        x = codes
        for layer in self.expand:
            x = nn.relu(layer(x))
        x = x.reshape(-1, *self.last)
        for up in self.up:
            x = nn.relu(up(x))
        return self.pixels(x)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])


def known(name: str) -> str:
    """`name`, which dbench then knows as a net."""
    if name not in NETS:
        kind, *numbers = name.split("-")
        *channels, units = (int(number) for number in numbers)
        patch = int(kind[1:] or 0)
        NETS[name] = lambda shape, latents: Candidate(shape, latents, patch, tuple(channels), units)
    return name
