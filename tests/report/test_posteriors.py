"""Codes over factors: no line is cut, and panels compare."""

import numpy as np

from dbench.report import posteriors
from tests.report.test_maps import PLACES, codes


def test_panels_hold_all_codes_of_a_run():
    """Lines of codes beyond 3 once lay on the edge of their panel."""
    x, y = PLACES.T
    table, latents = codes(np.column_stack([(x - 15.5) / 3, (y - 3.5) / 10]))
    figure = posteriors.picture(posteriors.table(table, latents), latents)
    (axes,) = figure.axes
    assert "codes from -5.5 to 5.5" in axes.get_xlabel().replace("\n", " ")
    lines = [path.vertices for path in axes.collections[2].get_paths()]
    (steep,) = [line for line in lines if np.ptp(line[:, 1]) > 0.5]
    assert np.allclose(np.diff(steep[:, 1]), np.diff(steep[:, 1])[0])  # straight to its ends
    assert steep[:, 1].min() > 0 and steep[:, 1].max() < 1
