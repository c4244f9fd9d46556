"""A table of codes to scores and their files; scores of a model itself; UDR over any runs.

In: a `Table` or a trained run. Out: `Score`s, and scores.csv, .npz, .json. registry.py has the list
of scores of a model itself.
"""
