"""What a user gives: named columns, data frames, Python functions, .npz and HDF5 files of others.

In: files and names. Out: arrays and functions, or one sentence on what is wrong.
"""
