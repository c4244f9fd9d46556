"""Tables that tests of metrics share."""

from pathlib import Path

import jax
import numpy as np
import pytest

from dbench.base import Table

GOLDEN = Path(__file__).parents[1] / "golden"


def pytest_collection_modifyitems(items):
    """Small tables make most scores warn; tests of the warnings catch them themselves."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
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


@pytest.fixture
def pair():
    """[8, 2], the full grid of a factor u with four values and a factor v with two."""
    return np.indices((4, 2)).reshape(2, -1).T


def spread_over_stderr(metric, table: Table, keys: int = 30, **options) -> float:
    """Spread of a score over keys, as a share of the standard error that it reports.

    Of 30 keys it is known to 13 %, of 20 to 16 %, 1 / sqrt(2 (keys - 1)).
    """
    scores = [metric(table, jax.random.key(i), **options) for i in range(keys)]
    spread = np.std([score.value for score in scores], ddof=1)
    return float(spread / np.mean([score.stderr for score in scores]))


def entropy(*shares: float) -> float:
    """In nats, of shares that sum to 1."""
    assert sum(shares) == pytest.approx(1)
    return -sum(p * np.log(p) for p in shares)
