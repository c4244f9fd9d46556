"""Networks: encoders and decoders (`vaes`), generators and discriminators (`gans`), convolutions.

In: the shape of an image and the number of latents. Out: flax modules.
"""

from dbench.nets.gans import GAN_NETS
from dbench.nets.vaes import NETS

__all__ = ["GAN_NETS", "NETS"]
