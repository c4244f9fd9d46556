"""Pictures brought to the size of a data set."""

import numpy as np
from PIL import Image


def lanczos(image: np.ndarray, side: int) -> np.ndarray:
    """[h, w, c] uint8, c 1 or 3 -> [side, side, c] by Pillow's Lanczos filter, in 8 bits."""
    picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    small = np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS))
    return small.reshape(side, side, image.shape[2])
