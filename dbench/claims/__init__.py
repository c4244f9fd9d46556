"""What papers claim, held against runs of here: reproduced, or not, and how surely.

A claim says that one number is above another: a score of one method above that of another, a score
above a limit, the capacity at which a factor is coded above that of another. Each stands in
papers.py as a line of data; sides.py has the kinds of numbers, evidence.py where they are read,
judge.py what a verdict means.
"""

from dbench.claims.evidence import Evidence, places
from dbench.claims.judge import COLUMNS, VERDICTS, table
from dbench.claims.papers import CLAIMS, PAPERS

__all__ = ["CLAIMS", "COLUMNS", "PAPERS", "VERDICTS", "Evidence", "places", "table"]
