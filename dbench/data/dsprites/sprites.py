"""The sprites of dSprites, drawn exactly: polygons filled row by row, straight into packed bits.

The rule was fitted to images that DeepMind published and gives every pixel of the clean ones.
u points right, v down; the centre of pixel (row r, column c) is (c + 1/2, r + 1/2).

    centre  u0 = 16 + 32 ix / 31, v0 = 16 + 32 iy / 31
    vertex  u = u0 + 9.6 s (p cos a + q sin a), v = v0 + 9.6 s (q cos a - p sin a),
            s = 1/2 + is / 10, a = 2 pi io / 39, rounded to 1/256 pixel
    fill    even-odd at pixel centres; a centre on a left or bottom edge is in, on a right or
            top edge out (as OpenGL does it without anti-aliasing)
"""

import numpy as np

SIDE = 64  # pixels, height and width of an image
_SUB = 256  # vertices are rounded to this many steps a pixel
_MASKS = np.array([2 ** (SIDE - c) - 1 for c in range(SIDE + 1)], np.uint64)  # columns >= c


def _outlines() -> tuple[np.ndarray, ...]:
    """Outlines of the square, the ellipse and the heart: [v, 2] of (p right, q down)."""
    t = 2 * np.pi * np.arange(100) / 100
    ellipse = np.stack([1.33 * np.cos(t), np.sin(t) / 1.33], axis=1)
    t = 2 * np.pi * np.arange(150) / 150
    up = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    heart = np.stack([np.sin(t) ** 3, -up / 14.5 - 0.15], axis=1)
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return square, ellipse, heart


OUTLINES = _outlines()  # by index of the factor "shape"


def draw(shape: int, scale: int, orientation: int, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """One sprite at every position of a grid, all arguments being factor indices.

    xs [x] and ys [y] are indices of posX and posY. Returns packed images [x, y, 512] uint8:
    64 rows of 8 bytes, most significant bit first (as `numpy.packbits`).
    """
    size, angle = 9.6 * (0.5 + 0.1 * scale), 2 * np.pi * orientation / 39
    p, q = size * OUTLINES[shape].T
    u = p * np.cos(angle) + q * np.sin(angle)
    v = q * np.cos(angle) - p * np.sin(angle)
    us = (16 + 32 * np.asarray(xs) / 31)[:, None] + u  # [x, v]
    vs = (16 + 32 * np.asarray(ys) / 31)[:, None] + v  # [y, v]
    return fill(np.floor(_SUB * us + 0.5), np.floor(_SUB * vs + 0.5))


def fill(us: np.ndarray, vs: np.ndarray) -> np.ndarray:
    """Even-odd fill of one polygon at x horizontal and y vertical positions.

    us [x, v], vs [y, v]: corners in 1/256 pixel (whole numbers in float64), within the image.
    Returns packed images [x, y, 512] uint8.

    A row of an image is one 64-bit word: the exclusive or, over the edges that cross the row,
    of "all columns from the crossing on". Which edges cross a row depends on vs alone.
    """
    y, edge, row = _crossings(vs)
    after = (edge + 1) % vs.shape[1]
    rise = vs[y, after] - vs[y, edge]  # [e], never 0
    run = us[:, after] - us[:, edge]  # [x, e]
    # The first centre at or right of the crossing. Both terms of the fraction are exact, and
    # a quotient that is no whole number is too far from one (> 2^-22) for rounding to matter.
    over = (us[:, edge] - _SUB // 2) * rise + (_SUB * row + _SUB // 2 - vs[y, edge]) * run
    column = np.ceil(over / (_SUB * rise)).astype(np.intp)  # [x, e]
    word = y * SIDE + row
    starts = np.flatnonzero(np.diff(word, prepend=-1))
    images = np.zeros((len(us), len(vs) * SIDE), ">u8")  # big-endian: column 0 is the top bit
    images[:, word[starts]] = np.bitwise_xor.reduceat(_MASKS[column], starts, axis=1)
    return images.view(np.uint8).reshape(len(us), len(vs), SIDE * SIDE // 8)


def _crossings(vs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which edges cross which rows: (y, edge, row), each [e], sorted by (y, row).

    An edge crosses row r if top < 256 r + 128 <= bottom, so that a centre on a bottom edge is
    in, one on a top edge out, and a level edge crosses nothing.
    """
    ends = np.roll(vs, -1, axis=1)
    first = (np.minimum(vs, ends) + _SUB // 2).astype(np.intp).ravel() // _SUB
    stop = (np.maximum(vs, ends) + _SUB // 2).astype(np.intp).ravel() // _SUB
    count = stop - first
    which = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(which)) - np.repeat(np.cumsum(count) - count - first, count)
    y, edge = np.divmod(which, vs.shape[1])
    order = np.argsort(y * SIDE + row, kind="stable")
    return y[order], edge[order], row[order]
