"""Tables that tests of metrics share."""

from pathlib import Path

import numpy as np
import pytest

from dbench.base import Table

GOLDEN = Path(__file__).parents[1] / "golden"


def pytest_collection_modifyitems(items):
    """Small tables make most scores warn; tests of the warnings catch them themselves."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings("ignore::dbench.metrics.ScoreWarning"))


@pytest.fixture(scope="session")
def golden():
    """name -> Table of a fixed representation; scores.json has what other packages make of it."""

    def load(name: str) -> Table:
        with np.load(GOLDEN / f"{name}.npz") as z:
            return Table(z["mean"], z["factors"].astype(int), z.get("logvar"))

    return load


@pytest.fixture
def factors():
    """[216, 3], the full grid of three factors with six values."""
    return np.stack(np.meshgrid(range(6), range(6), range(6), indexing="ij"), -1).reshape(-1, 3)
