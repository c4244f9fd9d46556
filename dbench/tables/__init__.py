"""Result tables: read, written, made tidy; which way a score is better.

In: a results folder or any file of scores. Out: data frames, a row a run and score.
"""

from dbench.tables.results import load, logs

__all__ = ["load", "logs"]
