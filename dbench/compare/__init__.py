"""Result tables against each other: what differs, and how surely.

In: tables of scores (`dbench.tables`). Out: a `Comparison`, a row a difference.
"""

from dbench.compare.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
