"""What a user gives that is no data set: named columns, data frames, Python functions.

In: files and names. Out: arrays and functions, or one sentence on what is wrong.
"""
