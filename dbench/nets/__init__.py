"""Networks: encoders and decoders (`vaes`), generators and discriminators (`gans`), convolutions.

In: the shape of an image and the number of latents. Out: flax modules.
"""
