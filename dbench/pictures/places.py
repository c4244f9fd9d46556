"""Where in the image: the factors of position of a data set, and its places as cells of a map."""

import itertools

import numpy as np

CELLS = 16  # of a map at most, either way: a sample of 5,000 images has 20 in each of 256


def position(factors: tuple[str, ...]) -> tuple[int, int] | None:
    """The factors of position, by their names: posX and posY, x and y."""
    for i, j in itertools.permutations(range(len(factors)), 2):
        one, two = factors[i].lower(), factors[j].lower()
        if one[:-1] == two[:-1] and one[-1:] + two[-1:] == "xy":
            return i, j
    return None


def cells(column: np.ndarray) -> np.ndarray:
    """Values of a factor of position as cells, several taken together where they are many."""
    return column // -(-(int(column.max()) + 1) // CELLS)
