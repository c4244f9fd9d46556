"""A study's runs cut into parts: each of one program, so that it trains as a cohort."""

from dbench.base import Dataset
from dbench.study.plan import by_program
from dbench.study.run import Run

MOST = 50  # runs of a part, where nobody says it


def cut(todo: list[Run], datasets: dict[str, Dataset], most: int = MOST) -> list[list[Run]]:
    """The runs by data set and program, in parts of at most `most` and of like size.

    Parts of one length share what is compiled. No device is needed.
    """
    groups = by_program(todo, datasets).values()
    return [part for some in groups for part in split(some, most)]


def split(some: list[Run], most: int) -> list[list[Run]]:
    """Runs of one program in parts of at most `most` and of like size."""
    length = -(-len(some) // -(-len(some) // most))
    return [some[i : i + length] for i in range(0, len(some), length)]
