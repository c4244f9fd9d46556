"""Networks of a representation: a Gaussian encoder and a decoder to logits of pixels.

Every net has `encode`: images [b, h, w, c] -> mean [b, d], logvar [b, d], and `decode`: codes
[b, d] -> logits [b, h, w, c]. It is a module, or a function that makes one; the first line of its
docstring is what `dbench list` shows. One that does not take images of every size has
`takes`: (h, w) -> bool, and says by `images` which it takes.
"""

from dbench.nets.vaes.registry import NETS, build

__all__ = ["NETS", "build"]
