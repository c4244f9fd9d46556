"""The report: one HTML page of one or more studies, that opens with no network.

In: results folders. Out: report.html, its figures as .png and .svg and their data as .csv.
"""

from dbench import extras

with extras.said():
    from dbench.report.assemble import write

del extras

__all__ = ["write"]
