"""Sheets of `dbench data show NAME` made small enough for a page.

    python docs/images/data/reduce.py NAME.png ...      # writes docs/images/data/NAME.png

At most 60 KB each: fewer colours first, then fewer pixels. Of a sheet that is still too large
(noise does not compress) the upper rows are kept.
"""

import io
import sys
from pathlib import Path

from PIL import Image

LIMIT = 60_000
FOLDER = Path(__file__).parent


def packed(sheet: Image.Image, colors: int) -> bytes:
    """The sheet as a .png of few colours."""
    file = io.BytesIO()
    sheet.quantize(colors, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()


def reduced(sheet: Image.Image) -> bytes:
    """The sheet as a .png of at most LIMIT bytes."""
    width, height = sheet.size
    for shown in (1.0, 0.6, 0.4, 0.2):  # of its height
        part = sheet.crop((0, 0, width, int(height * shown)))
        for scale in (1.0, 0.75, 0.5):
            size = (int(part.width * scale), int(part.height * scale))
            small = part.resize(size, Image.Resampling.LANCZOS) if scale < 1 else part
            for colors in (128, 64, 32, 16):
                found = packed(small, colors)
                if len(found) <= LIMIT:
                    return found
    raise SystemExit("too large whatever is done")


for path in map(Path, sys.argv[1:]):
    (FOLDER / path.name).write_bytes(reduced(Image.open(path).convert("RGB")))
