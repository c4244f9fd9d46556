"""Surfaces as a viewer sees them, drawn into samples: triangles, the nearest wins.

A surface is a grid of points [r, c, 3], each four neighbours of which are two triangles; the first
and the last column are the same points. It is seen from outside alone: where r goes down, c to
the right.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def normals(p, albedo, out):
    """Outward unit normals of a surface, by differences of neighbours, times its albedo.

    p [r, c, 3], albedo [r, c], out [r, c, 3].
    """
    rows, columns, _ = p.shape
    for r in range(rows):
        above, below = max(r - 1, 0), min(r + 1, rows - 1)
        for c in range(columns):
            left = c - 1 if c > 0 else columns - 2
            right = c + 1 if c < columns - 1 else 1
            xd, xa = p[below, c, 0] - p[above, c, 0], p[r, right, 0] - p[r, left, 0]
            yd, ya = p[below, c, 1] - p[above, c, 1], p[r, right, 1] - p[r, left, 1]
            zd, za = p[below, c, 2] - p[above, c, 2], p[r, right, 2] - p[r, left, 2]
            x, y, z = yd * za - zd * ya, zd * xa - xd * za, xd * ya - yd * xa
            length = np.sqrt(x * x + y * y + z * z)
            tone = albedo[r, c]
            out[r, c, 0] = x / length * tone
            out[r, c, 1] = y / length * tone
            out[r, c, 2] = z / length * tone


@njit(nogil=True, cache=True)
def placed(points, camera, shift):
    """Points [v, 3] as a camera [3, 3] sees them, moved by shift [3]: [v, 3]."""
    out = np.empty((len(points), 3))
    for v in range(len(points)):
        x, y, z = points[v, 0], points[v, 1], points[v, 2]
        for k in range(3):
            out[v, k] = x * camera[0, k] + y * camera[1, k] + z * camera[2, k] + shift[k]
    return out


@njit(nogil=True, cache=True)
def draw(points, paint, depth, out):
    """Draws a surface: points [r, c, 3], paint [r, c, p], into depth [s, s] and out [s, s, p].

    A point is (u right, v down, w to the viewer) in samples; sample (i, j) is at u = j + 1/2,
    v = i + 1/2. Paint is linear within a triangle.
    """
    rows, columns, _ = points.shape
    for r in range(rows - 1):
        for c in range(columns - 1):
            here, right, below, across = (r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)
            if 2 * c < columns - 1:  # diagonals as in a mirror, as the surfaces are
                _triangle(points, paint, depth, out, here, below, across)
                _triangle(points, paint, depth, out, here, across, right)
            else:
                _triangle(points, paint, depth, out, here, below, right)
                _triangle(points, paint, depth, out, right, below, across)


@njit(nogil=True, cache=True)
def _triangle(points, paint, depth, out, a, b, c):
    # Only + - * / are used, so that all machines agree.
    ua, va, wa = points[a][0], points[a][1], points[a][2]
    ub, vb, wb = points[b][0], points[b][1], points[b][2]
    uc, vc, wc = points[c][0], points[c][1], points[c][2]
    area = (vb - va) * (uc - ua) - (ub - ua) * (vc - va)
    if area <= 0:
        return
    last = len(depth) - 1
    top, bottom = max(0, _first(min(va, vb, vc))), min(last, _first(max(va, vb, vc)) - 1)
    left, right = max(0, _first(min(ua, ub, uc))), min(last, _first(max(ua, ub, uc)) - 1)
    for i in range(top, bottom + 1):
        v = i + 0.5
        for j in range(left, right + 1):
            u = j + 0.5
            at_b = (v - va) * (uc - ua) - (u - ua) * (vc - va)  # twice an area, as `area` is
            at_c = (vb - va) * (u - ua) - (ub - ua) * (v - va)
            at_a = area - at_b - at_c
            if at_a < 0 or at_b < 0 or at_c < 0:
                continue
            w = (at_a * wa + at_b * wb + at_c * wc) / area
            if w > depth[i, j]:
                depth[i, j] = w
                for k in range(out.shape[2]):
                    mixed = at_a * paint[a][k] + at_b * paint[b][k] + at_c * paint[c][k]
                    out[i, j, k] = mixed / area


@njit(nogil=True, cache=True)
def _first(x):
    """The first sample at or after x."""
    return int(np.ceil(x - 0.5))


@njit(nogil=True, cache=True)
def means(fine, depth, side):
    """Sums of what was drawn over squares of side x side samples, and the count, by side^2.

    fine [s, s, p], drawn where depth [s, s] is not -inf -> [p, s / side, s / side] and
    [s / side, s / side].
    """
    pixels, planes = len(fine) // side, fine.shape[2]
    out, drawn = np.zeros((planes, pixels, pixels)), np.zeros((pixels, pixels))
    for i in range(pixels * side):
        for j in range(pixels * side):
            if depth[i, j] > -np.inf:
                drawn[i // side, j // side] += 1
                for k in range(planes):
                    out[k, i // side, j // side] += fine[i, j, k]
    return out / side**2, drawn / side**2
