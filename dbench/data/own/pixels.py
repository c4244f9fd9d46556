"""Images as a user has them, to uint8 [rows, h, w, c] of 1 or 3 channels."""

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from dbench import bounds
from dbench.errors import InputError

CHANNELS = (1, 3)
# Pillow reads more: of PostScript it starts another program.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "JPEG2000")
# What is drawn in colour or grey with 8 bits a channel; palettes and transparency are resolved.
GREY, COLOUR = ("1", "L", "LA"), ("RGB", "RGBA", "P")


def layout(image: tuple[int, ...], said: str) -> tuple[int, int, int]:
    """(h, w, c) of images [h, w] or [h, w, c]; `said` is whose shape it is, and what it is."""
    if len(image) not in (2, 3):
        raise InputError(f"{said}: an image must be [h, w] or [h, w, c]")
    h, w, c = image if len(image) == 3 else (*image, 1)
    if c not in CHANNELS and h in CHANNELS:
        raise InputError(
            f"{said}: its channels come first and must come last, [h, w, c]; "
            "numpy.moveaxis(images, -3, -1) does it"
        )
    if c not in CHANNELS:
        raise InputError(f"{said}: an image must have 1 or 3 channels, [h, w, c]")
    if 0 in image:
        raise InputError(f"{said}: there is no image in it")
    if max(h, w) > bounds.SIDE:
        raise InputError(f"{said}: images have {bounds.SIDE:,} pixels a side at most")
    return h, w, c


def to_uint8(block: np.ndarray, where: str, start: int = 0) -> np.ndarray:
    """Images [rows, h, w] or [rows, h, w, c] as uint8 [rows, h, w, c]; `start` numbers the first.

    uint8 is taken as it is, bool as 0 and 255, and floats in [0, 1] in steps of 1/255.
    """
    if block.dtype.kind == "f":
        flat = block.reshape(len(block), int(np.prod(block.shape[1:])))
        wrong = np.flatnonzero(~((flat >= 0) & (flat <= 1)).all(axis=1))  # NaN is wrong too
        if len(wrong):
            image = flat[wrong[0]]
            raise InputError(
                f"image {start + wrong[0]} of {where} goes from {image.min():.4g} to "
                f"{image.max():.4g}: floats must be in [0, 1], or give uint8 (0 to 255)"
            )
        block = np.rint(block * block.dtype.type(255)).astype(np.uint8)
    elif block.dtype.kind == "b":
        block = block.astype(np.uint8) * np.uint8(255)
    elif block.dtype != np.uint8:
        raise InputError(
            f"{where} is of {block.dtype}: give uint8 (0 to 255), bool, or floats in [0, 1]"
        )
    return block[..., None] if block.ndim == 3 else block


def bright(blocks: Iterable[np.ndarray], where: str) -> Iterator[np.ndarray]:
    """The blocks; an InputError after the last one if all of them are black to the eye."""
    most = 0
    for block in blocks:
        most = max(most, int(block.max()))
        yield block
    if most <= 1:
        raise InputError(
            f"no pixel of {where} is brighter than {most} of 255: give images of 0 and 1 as bool "
            "or float"
        )


@contextmanager
def _no_bomb() -> Iterator[None]:
    """A few bytes may be a picture of gigabytes: Pillow only warns of one of half as many."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def decode(data: Path | bytes, where: str) -> np.ndarray:
    """One encoded image, [h, w, c] uint8; an InputError says if it cannot be read."""
    try:
        source = data if isinstance(data, Path) else io.BytesIO(data)
        with _no_bomb(), Image.open(source, formats=FORMATS) as image:
            mode, frames = image.mode, getattr(image, "n_frames", 1)
            if frames > 1:
                raise InputError(f"{where} is an animation of {frames} pictures: save it as one")
            if mode not in (*GREY, *COLOUR):
                raise InputError(f"{where} is of mode {mode}: save it as 8-bit grey or RGB")
            if mode in ("LA", "RGBA") or "transparency" in image.info:
                alpha = np.asarray(image.convert("RGBA"))[..., 3]
                if alpha.min() < 255:
                    raise InputError(f"{where} is transparent in places: save it without alpha")
            pixels = np.asarray(image.convert("L" if mode in GREY else "RGB"))
    except InputError:
        raise
    except Exception as error:  # of a damaged file Pillow raises anything
        why = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"cannot read {where} ({why}): it is no whole image") from error
    return pixels[..., None] if pixels.ndim == 2 else pixels


def alike(pixels: np.ndarray, shape: tuple[int, int, int], where: str, first: str) -> np.ndarray:
    """`pixels` if they are of this shape, that of the image `first`."""
    if pixels.shape != shape:
        here, there = (" x ".join(map(str, s)) for s in (pixels.shape, shape))
        raise InputError(f"{where} is {here} and {first} is {there}: all images must be alike")
    return pixels
