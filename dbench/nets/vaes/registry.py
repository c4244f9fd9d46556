"""The nets of a VAE by name. To add one: a file beside this one, and a line in NETS."""

from collections.abc import Callable

import flax.linen as nn

from dbench.errors import InputError
from dbench.nets.vaes.compact import CompactNet
from dbench.nets.vaes.conv import ConvNet
from dbench.nets.vaes.fully_connected import fc, mlp
from dbench.nets.vaes.shallow import ShallowNet
from dbench.nets.vaes.small import PatchNet

NETS: dict[str, Callable[[tuple[int, int, int], int], nn.Module]] = {
    "compact": CompactNet,
    "conv": ConvNet,
    "fc": fc,
    "mlp": mlp,
    "shallow": ShallowNet,
    "small": PatchNet,
}


def build(name: str, shape: tuple[int, int, int], latents: int) -> nn.Module:
    """The net `name` for images of `shape` (h, w, c).

    InputError, with the nets that would do, if it does not take images of that size.
    """
    h, w, _ = shape
    if not _takes(name, h, w):
        others = ", ".join(repr(other) for other in NETS if _takes(other, h, w))
        images = getattr(NETS[name], "images", "other images")
        raise InputError(f"net {name!r} takes {images}, not {h} x {w}: try {others}")
    return NETS[name](shape, latents)


def _takes(name: str, h: int, w: int) -> bool:
    takes = getattr(NETS[name], "takes", None)
    return takes is None or takes(h, w)
