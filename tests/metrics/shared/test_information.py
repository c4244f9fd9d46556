import numpy as np
import pytest

from dbench.metrics.shared.information import discretise, entropy, gaps, joint, mutual_information


def test_bins_have_equal_width_and_hold_their_lower_edge():
    codes = np.array([[0.0], [0.99], [1.0], [2.0], [3.99], [4.0]])
    assert discretise(codes, 4)[:, 0].tolist() == [0, 0, 1, 2, 3, 3]


def test_edges_are_float64_for_float32_codes():
    """0.1 k lies on edges; rounded to float32 it falls on either side of float32 edges."""
    lattice = (np.arange(41) / 40 * 2 - 1).astype(np.float32)[:, None]
    wide = lattice.astype(np.float64)
    edges = np.linspace(wide.min(), wide.max(), 21)
    expected = [np.flatnonzero(edges[:-1] <= x)[-1] for x in wide[:, 0]]
    assert discretise(lattice, 20)[:, 0].tolist() == expected


def test_constant_code_is_one_bin():
    assert len(np.unique(discretise(np.full((9, 1), 0.3, np.float32), 20))) == 1


def test_information_by_hand():
    # z agrees with a balanced binary v on 3 of 4 rows: I = H(v) - H(v|z), H(v|z = 1) = 0.
    z, v = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    conditional = 0.75 * (np.log(3) - 2 / 3 * np.log(2))
    assert mutual_information(joint(z, v)) == pytest.approx(np.log(2) - conditional)
    assert mutual_information(joint(v, v)) == pytest.approx(np.log(2))
    assert mutual_information(joint(0 * v, v)) == 0


def test_entropy_comes_from_frequencies():
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert entropy(np.array([3, 1])) == pytest.approx(expected)
    assert entropy(np.array([3, 0, 1])) == pytest.approx(expected)


def test_gap_is_between_the_two_best_over_the_entropy_of_the_factor():
    information = np.array([[0.1, 0.9], [0.6, 0.2], [0.4, 0.3]])
    assert gaps(information, np.array([0.8, 1.2])) == pytest.approx([0.25, 0.5])
