"""A study: a gin file to runs, runs to trained and scored models, those to one tidy table.

In: a .gin file. Out: results/STUDY/ with a folder a run and the table of all.
"""
